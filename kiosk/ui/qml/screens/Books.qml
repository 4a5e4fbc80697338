import QtQuick
import Look
import "../parts"

// What the reader has at home.
TwoPane {
    id: screen

    BookList {
        id: list

        anchors.fill: parent
        kiosk: screen.kiosk
    }
    Column {
        anchors.centerIn: parent
        width: parent.width
        spacing: 3 * Theme.u
        visible: list.count === 0

        Shelf {
            anchors.horizontalCenter: parent.horizontalCenter
            width: 46 * Theme.u
            outlined: true
        }
        Words {
            objectName: "empty"
            width: parent.width
            visible: screen.kiosk.waiting === ""
            text: screen.kiosk.empty
            color: Theme.soft
            font.pixelSize: Theme.row_title
            horizontalAlignment: Text.AlignHCenter
        }
    }
}
