import QtQuick
import QtQuick.Controls.Basic
import Kiosk
import Look

// Chooses a row. What is checked is the bridge's to say: a tap only asks.
CheckBox {
    id: box

    required property Bridge kiosk
    required property int key
    required property string title

    objectName: "select:" + key
    implicitWidth: Theme.target
    implicitHeight: Math.max(Theme.target, Theme.action)
    Accessible.name: kiosk.selectWord + ", " + title
    Accessible.role: Accessible.CheckBox
    nextCheckState: () => checkState
    onClicked: kiosk.press("select", String(key))

    indicator: Rectangle {
        anchors.centerIn: parent
        width: 4.4 * Theme.u
        height: width
        radius: 0.6 * Theme.corner
        color: box.checked ? Theme.primary : Theme.card
        border.width: Math.max(2, 0.3 * Theme.u)
        border.color: box.checked ? Theme.primary : Theme.outline

        Sign {
            anchors.centerIn: parent
            visible: box.checked
            name: "check"
            tint: Theme.on_primary
            size: 0.8 * parent.width
        }
        FocusRing { around: parent; visible: box.visualFocus }
    }
}
