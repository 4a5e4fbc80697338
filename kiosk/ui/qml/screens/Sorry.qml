import QtQuick
import Look
import "../parts"

// Out of order: calm, and where to go instead.
TwoPane {
    id: screen

    size: Theme.hero
    signed: true

    Shelf {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        unit: 1.35 * Theme.u
        outlined: true
    }
}
