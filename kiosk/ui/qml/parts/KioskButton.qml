import QtQuick
import QtQuick.Controls.Basic
import Kiosk
import Look

// A button as every screen has it: sign, word, weight. It tells the bridge and does nothing else.
Button {
    id: button

    required property Bridge kiosk
    required property string press
    property string arg: ""
    property string weight: "secondary"
    property string sign: ""
    property bool upright: false // sign above the word
    readonly property bool loud: weight === "primary"
    readonly property color drawn: loud ? Theme.on_primary : weight === "quiet" ? Theme.ink : Theme.primary

    objectName: arg === "" ? press : press + ":" + arg
    implicitHeight: Theme.action
    implicitWidth: Math.max(Theme.target, contentItem.implicitWidth + leftPadding + rightPadding)
    horizontalPadding: upright ? Theme.u : 2.4 * Theme.u
    verticalPadding: 0.6 * Theme.u
    opacity: enabled ? 1 : 0.45
    font.pixelSize: upright ? Theme.caption : Theme.button
    Accessible.name: text
    Accessible.role: Accessible.Button
    onClicked: kiosk.press(press, arg)

    background: Rectangle {
        radius: Theme.corner
        color: button.loud ? Theme.primary : button.weight === "quiet" ? "transparent" : Theme.card
        border.width: button.weight === "quiet" ? 0 : Theme.hairline
        border.color: button.loud ? Theme.primary : Theme.outline

        Rectangle {
            anchors.fill: parent
            radius: Theme.corner
            color: button.drawn
            opacity: button.down ? 0.16 : 0
        }
        FocusRing { around: parent; visible: button.visualFocus }
    }

    contentItem: Item {
        implicitWidth: inner.implicitWidth
        implicitHeight: inner.implicitHeight

        Grid {
            id: inner

            anchors.centerIn: parent
            columns: button.upright ? 1 : 2
            rowSpacing: 0.2 * Theme.u
            columnSpacing: 1.2 * Theme.u
            horizontalItemAlignment: Grid.AlignHCenter
            verticalItemAlignment: Grid.AlignVCenter

            Sign {
                id: mark

                name: button.sign
                tint: button.drawn
                size: button.upright ? Theme.row_title : 1.15 * button.font.pixelSize
            }
            Words {
                readonly property real beside: mark.visible && !button.upright ? mark.width + inner.columnSpacing : 0

                width: Math.min(Math.ceil(implicitWidth), button.availableWidth - beside)
                text: button.text
                color: button.drawn
                font: button.font
                leading: Theme.tight
                horizontalAlignment: beside > 0 ? Text.AlignLeft : Text.AlignHCenter
                Accessible.ignored: true
            }
        }
    }
}
