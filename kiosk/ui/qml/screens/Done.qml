pragma ComponentBehavior: Bound
import QtQuick
import Look
import "../parts"

// The receipt on the screen.
TwoPane {
    id: screen

    extra: Repeater {
        model: screen.kiosk.details

        Words {
            required property string line

            objectName: "line"
            width: parent?.width ?? 0
            text: line
            font.pixelSize: Theme.row_title
        }
    }

    BookList {
        id: list

        anchors.fill: parent
        kiosk: screen.kiosk
    }
    Shelf {
        anchors.centerIn: parent
        visible: list.count === 0
        width: Math.min(parent.width, 62 * Theme.u)
        unit: 1.2 * Theme.u
    }
}
