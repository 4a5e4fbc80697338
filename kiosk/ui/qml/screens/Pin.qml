import QtQuick
import "../parts"

// The PIN: dots left, keys right.
TwoPane {
    id: screen

    extra: PinDots { kiosk: screen.kiosk }

    Keypad {
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        kiosk: screen.kiosk
        room: parent.height
        breadth: parent.width
    }
}
