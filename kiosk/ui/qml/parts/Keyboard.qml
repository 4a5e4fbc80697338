pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk
import Look

// Letters, digits and what passwords hold besides. Ten keys in a row as on a typewriter; where ten do not fit, seven in
// the order of the alphabet. Under them the screen's other buttons.
ColumnLayout {
    id: board

    required property Bridge kiosk
    required property real room // px in height
    readonly property bool wide: width >= 10 * Theme.target + 9 * Theme.gap
    readonly property string order: wide ? "1234567890qwertyuiopasdfghjkl-zxcvbnm._@" : "1234567890abcdefghijklmnopqrstuvwxyz-._@"
    readonly property int rows: Math.ceil(order.length / keys.columns) + 1
    readonly property real side: Math.max(Theme.target, Math.min(11 * Theme.u, (room - (rows - 1) * spacing) / rows))

    spacing: Theme.gap
    LayoutMirroring.enabled: false // a keyboard runs the same way in every script
    LayoutMirroring.childrenInherit: true

    component Key: KioskButton {
        kiosk: board.kiosk
        font.pixelSize: upright ? Theme.caption : Theme.row_title
        horizontalPadding: Theme.u
        Layout.fillWidth: true
        Layout.preferredHeight: board.side
    }

    GridLayout {
        id: keys

        columns: board.wide ? 10 : 7
        columnSpacing: Theme.gap
        rowSpacing: Theme.gap
        uniformCellWidths: true
        Layout.fillWidth: true

        Repeater {
            model: board.order.split("")

            Key {
                required property string modelData
                readonly property bool digit: modelData >= "0" && modelData <= "9"

                press: digit ? "digit" : "letter"
                arg: board.kiosk.pinKeys === "capital" ? modelData.toUpperCase() : modelData
                text: arg
                enabled: !board.kiosk.pinBusy
            }
        }
    }
    RowLayout {
        spacing: Theme.gap
        Layout.fillWidth: true

        Repeater {
            model: board.kiosk.buttons

            Key {
                required property string label
                required property bool usable

                required press
                required weight
                required sign
                text: label
                enabled: usable
                upright: !board.wide
            }
        }
        Key {
            press: "erase"
            text: board.kiosk.eraseWord
            sign: "erase"
            upright: !board.wide
            enabled: board.kiosk.eraseUsable
        }
        Key {
            press: "ok"
            text: board.kiosk.okWord
            weight: "primary"
            enabled: board.kiosk.okUsable
        }
    }
}
