import QtQuick
import Look
import "../parts"

// Where to hold the card.
TwoPane {
    id: screen

    CardPicture {
        anchors.centerIn: parent
        unit: Theme.drawing
        scale: Math.min(1, parent.width / implicitWidth, parent.height / implicitHeight)
    }
}
