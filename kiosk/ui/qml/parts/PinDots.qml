pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import Look

// As many dots as were typed, on a line as long as the longest PIN; where that is too long, they move together.
Item {
    id: field

    required property Bridge kiosk

    readonly property real step: width / Math.max(1, kiosk.pinLongest)

    width: Math.min(parent?.width ?? 0, kiosk.pinLongest * 4 * Theme.u)
    implicitHeight: 6 * Theme.u
    Accessible.role: Accessible.Indicator
    Accessible.name: kiosk.pinLength

    Row {
        anchors.left: parent.left
        anchors.verticalCenter: parent.verticalCenter
        spacing: field.step / 2

        Repeater {
            model: field.kiosk.pinLength

            Rectangle {
                width: field.step / 2
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
