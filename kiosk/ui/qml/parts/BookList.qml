pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import Kiosk
import Look

// The live list, newest first: one drops in, the others give way and stand still.
// A column, not a ListView: a list is short, and a ListView leaves a ghost where a row moves out of its view.
Flickable {
    id: list

    required property Bridge kiosk
    readonly property int count: rows.count

    objectName: "list"
    clip: true
    contentHeight: column.height
    boundsBehavior: Flickable.StopAtBounds
    interactive: contentHeight > height
    Accessible.role: Accessible.List
    Accessible.name: kiosk.sentence
    onCountChanged: contentY = 0

    Column {
        id: column

        width: list.width - (list.interactive ? 2 * Theme.u : 0)
        spacing: Theme.gap
        add: Transition {
            NumberAnimation { property: "y"; from: -10 * Theme.u; duration: Theme.drop_ms; easing.type: Easing.OutQuad }
        }
        move: Transition {
            NumberAnimation { property: "y"; duration: Theme.drop_ms; easing.type: Easing.OutQuad }
        }

        Repeater {
            id: rows

            model: list.kiosk.rows

            RowCard {
                kiosk: list.kiosk
                width: column.width
            }
        }
    }
    ScrollBar.vertical: ScrollBar {
        parent: list
        anchors.top: list.top
        anchors.bottom: list.bottom
        anchors.right: list.right
        padding: 0
        z: 2
        policy: list.interactive ? ScrollBar.AlwaysOn : ScrollBar.AlwaysOff
        interactive: false
        width: 0.7 * Theme.u
        contentItem: Rectangle { radius: width / 2; color: Theme.outline }
        Accessible.ignored: true
    }
    Rectangle { // there is more below
        visible: list.interactive && !list.atYEnd
        y: list.contentY + list.height - height
        width: column.width
        height: 5 * Theme.u
        z: 1
        gradient: Gradient {
            GradientStop { position: 0; color: Qt.alpha(Theme.paper, 0) }
            GradientStop { position: 1; color: Theme.paper }
        }
    }
}
