import QtQuick
import Look

// Shown around what the keyboard is on.
Rectangle {
    required property Item around

    anchors.fill: around
    anchors.margins: -2 * Theme.ring
    radius: Theme.corner + 2 * Theme.ring
    color: "transparent"
    border.width: Theme.ring
    border.color: Theme.focus
}
