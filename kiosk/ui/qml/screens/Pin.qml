pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../parts"

// The PIN, on digits or on letters.
Loader {
    id: screen

    required property Bridge kiosk

    focus: true
    sourceComponent: kiosk.pinKeys === "digits" ? digits : letters

    Component { id: digits; PinPad { kiosk: screen.kiosk } }
    Component { id: letters; PinBoard { kiosk: screen.kiosk } }
}
