import QtQuick
import "../parts"

// What came back, and for each item what to do with it.
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
