import QtQuick
import QtQuick.Controls.Basic
import Kiosk
import Look

// One of the large ways in on the welcome screen.
Button {
    id: way

    required property Bridge kiosk
    required property string press
    required property string label
    required property string weight
    required property bool usable
    required property string sign
    readonly property bool loud: weight === "primary"
    readonly property bool low: weight === "quiet" // sign and word on one line
    readonly property color drawn: loud ? Theme.on_primary : Theme.ink

    objectName: press
    text: label
    enabled: usable
    opacity: enabled ? 1 : 0.45
    Accessible.name: label
    Accessible.role: Accessible.Button
    onClicked: kiosk.press(press, "")

    background: Rectangle {
        radius: Theme.corner
        color: way.loud ? Theme.primary : Theme.card
        border.width: Theme.hairline
        border.color: way.loud ? Theme.primary : Theme.outline

        Rectangle {
            anchors.fill: parent
            radius: Theme.corner
            color: way.drawn
            opacity: way.down ? 0.14 : 0
        }
        FocusRing { around: parent; visible: way.visualFocus }
    }
    contentItem: Item {
        Sign {
            id: mark

            anchors.left: parent.left
            anchors.leftMargin: 2 * Theme.u
            y: way.low ? (parent.height - height) / 2 : 2 * Theme.u
            name: way.sign
            tint: way.loud ? Theme.on_primary : Theme.primary
            size: way.low ? 5 * Theme.u : Math.min(15 * Theme.u, 0.5 * way.height)
        }
        Words {
            anchors.left: way.low ? mark.right : parent.left
            anchors.right: parent.right
            anchors.leftMargin: 2 * Theme.u
            y: way.low ? (parent.height - height) / 2 : parent.height - height - 2 * Theme.u
            text: way.text
            color: way.drawn
            font.pixelSize: way.low ? Theme.row_title : Theme.sentence
            font.bold: true
            leading: Theme.tight
            Accessible.ignored: true
        }
    }
}
