pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import Kiosk
import Look

// The live list, newest first; the others stand still while one drops in.
ListView {
    id: list

    required property Bridge kiosk

    objectName: "list"
    model: kiosk.rows
    spacing: Theme.gap
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    interactive: contentHeight > height
    reuseItems: false
    cacheBuffer: 0 // made at once or not at all: a row that leaves while it is made in the background warns
    Accessible.role: Accessible.List
    Accessible.name: kiosk.sentence
    onCountChanged: positionViewAtBeginning()

    delegate: RowCard {
        kiosk: list.kiosk
        width: ListView.view.width - (list.interactive ? 2 * Theme.u : 0)
    }
    add: Transition {
        NumberAnimation { property: "y"; from: -10 * Theme.u; duration: Theme.drop_ms; easing.type: Easing.OutQuad }
    }
    ScrollBar.vertical: ScrollBar {
        parent: list
        anchors.top: list.top
        anchors.bottom: list.bottom
        anchors.right: list.right
        padding: 0
        policy: list.interactive ? ScrollBar.AlwaysOn : ScrollBar.AlwaysOff
        interactive: false
        width: 0.8 * Theme.u
        contentItem: Rectangle { radius: width / 2; color: Theme.outline }
        Accessible.ignored: true
    }
}
