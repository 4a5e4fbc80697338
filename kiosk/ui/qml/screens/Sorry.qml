import QtQuick
import Look
import "../parts"

// Out of order: calm, and where to go instead.
TwoPane {
    id: screen

    size: Theme.hero

    Shelf {
        anchors.centerIn: parent
        width: Math.min(parent.width, 62 * Theme.u)
        unit: 1.2 * Theme.u
        outlined: true
    }
}
