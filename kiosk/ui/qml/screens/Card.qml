import QtQuick
import "../parts"

// Where to hold the card.
TwoPane {
    id: screen

    CardPicture {
        anchors.centerIn: parent
        scale: Math.min(1, parent.width / implicitWidth, parent.height / implicitHeight)
    }
}
