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
    property bool bare: false // a word among words: no outline
    readonly property bool loud: weight === "primary" && enabled
    readonly property bool quiet: weight === "quiet" || !enabled
    readonly property color drawn: loud ? Theme.on_primary : !enabled ? Theme.soft : quiet ? Theme.ink : Theme.primary

    objectName: arg === "" ? press : press + ":" + arg
    implicitHeight: Math.max(Theme.action, contentItem.implicitHeight + 2 * Theme.u)
    implicitWidth: Math.max(Theme.target, contentItem.implicitWidth + leftPadding + rightPadding)
    horizontalPadding: upright ? 0.8 * Theme.u : 1.4 * Theme.u
    verticalPadding: 0.6 * Theme.u
    opacity: enabled ? 1 : Theme.faint
    font.pixelSize: upright ? Theme.caption : Theme.button
    Accessible.name: text
    Accessible.role: Accessible.Button
    onClicked: kiosk.press(press, arg)

    background: Rectangle {
        radius: Theme.corner
        color: button.loud ? Theme.primary : button.quiet ? "transparent" : Theme.card
        border.width: button.bare || button.loud ? 0 : Theme.hairline
        border.color: button.quiet ? Theme.line : Theme.outline

        Rectangle {
            anchors.fill: parent
            radius: Theme.corner
            color: button.drawn
            opacity: button.down ? 0.16 : 0
        }
        FocusRing { around: parent; visible: button.visualFocus }
    }

    contentItem: Item {
        implicitWidth: button.upright ? Math.max(mark.width, word.natural) : word.beside + word.natural
        implicitHeight: inner.implicitHeight

        TextMetrics {
            id: metrics

            font: word.font
            text: button.text
        }
        Grid {
            id: inner

            anchors.centerIn: parent
            columns: mark.visible && !button.upright ? 2 : 1
            rowSpacing: 0.3 * Theme.u
            columnSpacing: Theme.u
            horizontalItemAlignment: Grid.AlignHCenter
            verticalItemAlignment: Grid.AlignVCenter

            Sign {
                id: mark

                name: button.sign
                tint: button.drawn
                size: button.upright ? Theme.row_title : 1.15 * button.font.pixelSize
            }
            Words {
                id: word

                readonly property real beside: mark.visible && !button.upright ? mark.width + inner.columnSpacing : 0
                readonly property real natural: Math.ceil(metrics.advanceWidth) + 1

                width: Math.min(natural, button.availableWidth - beside)
                text: button.text
                color: button.drawn
                font.pixelSize: button.font.pixelSize
                font.bold: button.font.bold
                leading: Theme.tight
                wrapMode: Text.WordWrap
                horizontalAlignment: beside > 0 ? Text.AlignLeft : Text.AlignHCenter
                Accessible.ignored: true
            }
        }
    }
}
