pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import Look

// As many dots as digits were typed, on a line as long as the longest PIN.
Item {
    id: field

    required property Bridge kiosk

    implicitWidth: kiosk.pinLongest * 4 * Theme.u
    implicitHeight: 6 * Theme.u
    Accessible.role: Accessible.Indicator
    Accessible.name: kiosk.pinLength

    Row {
        anchors.left: parent.left
        anchors.verticalCenter: parent.verticalCenter
        spacing: 2 * Theme.u

        Repeater {
            model: field.kiosk.pinLength

            Rectangle {
                width: 2 * Theme.u
                height: width
                radius: width / 2
                color: Theme.ink
            }
        }
    }
    Sign {
        visible: field.kiosk.tone === "stop"
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        name: Theme.sign_of(field.kiosk.tone)
        tint: Theme.ink_of(field.kiosk.tone)
        size: 4 * Theme.u
    }
    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: 0.35 * Theme.u
        color: field.kiosk.tone === "stop" ? Theme.stop : Theme.primary
    }
}
