pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk
import Look

// The screen's buttons: quiet ones first, the primary bottom right. Beside it the ring of a screen that closes by itself.
RowLayout {
    id: bar

    required property Bridge kiosk
    readonly property int others: buttons.count - 1

    spacing: 2 * Theme.u

    CountdownRing {
        left_s: bar.kiosk.closingLeft
        total_s: bar.kiosk.closingTotal
        visible: total_s > 0
        Layout.preferredWidth: Theme.target
        Layout.preferredHeight: Theme.target
        Layout.alignment: Qt.AlignBottom
        Layout.bottomMargin: (Theme.action - Theme.target) / 2
    }
    GridLayout {
        columns: Theme.portrait ? Math.max(1, buttons.count) : 2
        columnSpacing: Theme.gap
        rowSpacing: Theme.gap
        uniformCellWidths: true
        Layout.fillWidth: true

        Repeater {
            id: buttons

            model: bar.kiosk.buttons

            KioskButton {
                required property string label
                required property bool usable

                required press
                required weight
                required sign
                kiosk: bar.kiosk
                text: label
                enabled: usable
                Layout.fillWidth: true
                Layout.preferredHeight: Theme.action
                Layout.maximumWidth: bar.others === 0 && weight !== "primary" ? bar.width / 2 : -1
                Layout.columnSpan: weight === "primary" && bar.others % 2 === 0 && !Theme.portrait ? 2 : 1
            }
        }
    }
}
