pragma ComponentBehavior: Bound
import QtQuick
import Look
import "../parts"

// The receipt on the screen.
TwoPane {
    id: screen

    signed: true
    extra: Repeater {
        model: screen.kiosk.details

        EvenWords {
            required property string line

            objectName: "line"
            anchors.left: parent?.left
            room: parent?.width ?? 0
            said: line
            font.pixelSize: Theme.row_title
        }
    }

    BookList {
        id: list

        anchors.fill: parent
        kiosk: screen.kiosk
    }
    Shelf {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        visible: list.count === 0
        unit: 1.35 * Theme.u
    }
}
