pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk
import Look

// The screen's buttons: quiet ones first, the primary bottom right. In it the ring of a screen that closes by itself.
GridLayout {
    id: bar

    required property Bridge kiosk
    readonly property int others: buttons.count - 1

    columns: Theme.portrait ? Math.max(1, buttons.count) : 2
    columnSpacing: Theme.gap
    rowSpacing: Theme.gap
    uniformCellWidths: true

    Repeater {
        id: buttons

        model: bar.kiosk.buttons

        KioskButton {
            id: action

            required property string label
            required property bool usable

            required press
            required weight
            required sign
            kiosk: bar.kiosk
            text: label
            enabled: usable
            rightPadding: ring.visible ? ring.width + 2 * Theme.u : horizontalPadding
            Layout.fillWidth: true
            Layout.preferredHeight: Theme.action
            Layout.maximumWidth: bar.others === 0 && weight !== "primary" ? bar.width / 2 : -1
            Layout.columnSpan: weight === "primary" && bar.others % 2 === 0 && !Theme.portrait ? 2 : 1

            CountdownRing {
                id: ring

                anchors.right: parent.right
                anchors.rightMargin: 1.5 * Theme.u
                anchors.verticalCenter: parent.verticalCenter
                width: 0.66 * Theme.action
                height: width
                visible: total_s > 0 && action.loud
                left_s: bar.kiosk.closingLeft
                total_s: bar.kiosk.closingTotal
                tint: Theme.on_primary
                ink: Theme.on_primary
                track: Qt.alpha(Theme.on_primary, 0.3)
            }
        }
    }
}
