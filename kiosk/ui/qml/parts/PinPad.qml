import QtQuick

// A PIN of digits: dots left, keys right.
TwoPane {
    id: pad

    extra: PinDots { kiosk: pad.kiosk }

    Keypad {
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        kiosk: pad.kiosk
        room: parent.height
        breadth: parent.width
    }
}
