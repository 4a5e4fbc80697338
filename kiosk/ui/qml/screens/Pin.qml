import QtQuick
import "../parts"

// The PIN: dots left, keys right.
TwoPane {
    id: screen

    extra: PinDots { kiosk: screen.kiosk }

    Keypad {
        anchors.centerIn: parent
        kiosk: screen.kiosk
        room: parent.height
    }
}
