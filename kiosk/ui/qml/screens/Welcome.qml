pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk
import Look
import "../parts"

// What the station is for, in one sentence, and the ways in.
FocusScope {
    id: welcome

    required property Bridge kiosk
    readonly property real room: Theme.portrait ? ways.y - 6 * Theme.u : height // for sentence and shelf
    readonly property real column: Theme.portrait ? width : (width - Theme.margin) * 5 / 12

    focus: true

    Lead {
        id: lead

        anchors.left: parent.left
        anchors.top: parent.top
        anchors.topMargin: 2 * Theme.u
        width: welcome.column
        kiosk: welcome.kiosk
        size: Theme.hero
    }
    Shelf {
        anchors.left: parent.left
        anchors.bottom: Theme.portrait ? ways.top : parent.bottom
        anchors.bottomMargin: Theme.portrait ? 6 * Theme.u : 0
        width: welcome.column
        unit: Math.min(Theme.portrait ? 1.35 * Theme.u : Theme.u, (welcome.room - lead.height - 6 * Theme.u) / 26)
        visible: unit > 0.35 * Theme.u
    }
    ColumnLayout {
        id: ways

        anchors.right: parent.right
        anchors.bottom: parent.bottom
        width: Theme.portrait ? welcome.width : welcome.width - welcome.column - Theme.margin
        height: Theme.portrait ? 0.45 * welcome.height : welcome.height - 1.5 * Theme.u
        spacing: 2 * Theme.gap

        Repeater {
            model: welcome.kiosk.buttons

            WayIn {
                kiosk: welcome.kiosk
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredHeight: Theme.action
                Layout.maximumHeight: weight === "quiet" ? Theme.action + 3 * Theme.u : -1
            }
        }
    }
}
