import QtQuick
import Kiosk
import Look

// A password: the sentence with its dots above, the keyboard below over the whole width.
FocusScope {
    id: page

    required property Bridge kiosk

    focus: true

    Lead {
        id: lead

        anchors.left: parent.left
        anchors.top: parent.top
        width: parent.width
        spacing: Theme.u
        kiosk: page.kiosk

        PinDots { kiosk: page.kiosk }
    }
    Keyboard {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        kiosk: page.kiosk
        room: parent.height - lead.height - 2 * Theme.u
    }
}
