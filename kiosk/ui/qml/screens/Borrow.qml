import QtQuick
import "../parts"

// The live list of what is borrowed is the hero.
TwoPane {
    id: screen

    BookList {
        id: list

        anchors.fill: parent
        kiosk: screen.kiosk
    }
    ScanPicture {
        anchors.centerIn: parent
        width: parent.width
        visible: list.count === 0
        text: screen.kiosk.empty
    }
}
