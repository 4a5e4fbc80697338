pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import Kiosk
import Look

// One of the large ways in on the welcome screen: what it is called, and what to hold where instead of touching it.
Button {
    id: way

    required property Bridge kiosk
    required property string press
    required property string label
    required property string weight
    required property bool usable
    required property string sign
    readonly property bool loud: weight === "primary" && enabled
    readonly property color drawn: loud ? Theme.on_primary : enabled ? Theme.ink : Theme.soft
    readonly property color tint: loud ? Theme.on_primary : enabled ? Theme.primary : Theme.soft
    readonly property real unit: Math.min((height - 5 * Theme.u) / 30, 0.52 * width / 56, 1.2 * Theme.u)
    readonly property var pictures: ({ "borrow": card, "return": book })

    objectName: press
    text: label
    enabled: usable
    opacity: enabled ? 1 : Theme.faint
    padding: 3 * Theme.u
    Accessible.name: label
    Accessible.role: Accessible.Button
    onClicked: kiosk.press(press, "")

    Component { id: card; CardPicture { unit: way.unit; tint: way.tint; mark: way.loud ? Theme.primary : Theme.card } }
    Component { id: book; BookPicture { unit: way.unit; tint: way.tint } }

    background: Rectangle {
        radius: Theme.corner
        color: way.loud ? Theme.primary : way.enabled ? Theme.card : "transparent"
        border.width: way.loud ? 0 : Theme.hairline
        border.color: way.enabled ? Theme.outline : Theme.line

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
            anchors.verticalCenter: parent.verticalCenter
            name: way.sign
            tint: way.tint
            size: 5 * Theme.u
        }
        Words {
            anchors.left: mark.right
            anchors.leftMargin: 2 * Theme.u
            anchors.right: picture.left
            anchors.verticalCenter: parent.verticalCenter
            text: way.text
            color: way.drawn
            font.pixelSize: picture.width > 0 ? Theme.sentence : Theme.row_title
            font.bold: true
            leading: Theme.tight
            wrapMode: Text.WordWrap
            Accessible.ignored: true
        }
        Loader {
            id: picture

            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            sourceComponent: way.pictures[way.press] ?? null
        }
    }
}
