import QtQuick
import Kiosk
import Look

// Landscape: sentence and actions left (5/12), the rest right (7/12). Portrait: sentence, the rest, actions below.
FocusScope {
    id: panes

    required property Bridge kiosk
    property alias size: lead.size
    property alias signed: lead.signed
    property alias extra: lead.more
    default property alias content: pane.data
    readonly property real column: Theme.portrait ? width : (width - Theme.margin) * 5 / 12

    focus: true

    Lead {
        id: lead

        anchors.left: parent.left
        anchors.top: parent.top
        anchors.topMargin: 1.5 * Theme.u
        width: panes.column
        kiosk: panes.kiosk
    }
    Item {
        id: pane

        anchors.right: parent.right
        anchors.left: Theme.portrait ? parent.left : undefined
        anchors.top: Theme.portrait ? lead.bottom : parent.top
        anchors.topMargin: Theme.portrait ? 4 * Theme.u : 1.5 * Theme.u
        anchors.bottom: Theme.portrait ? bar.top : parent.bottom
        anchors.bottomMargin: Theme.portrait ? 4 * Theme.u : 0
        width: Theme.portrait ? panes.width : panes.width - panes.column - Theme.margin
    }
    ActionBar {
        id: bar

        anchors.left: parent.left
        anchors.bottom: parent.bottom
        width: panes.column
        kiosk: panes.kiosk
    }
}
