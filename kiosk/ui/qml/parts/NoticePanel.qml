import QtQuick
import Kiosk
import Look

// What was said about the last thing that happened. A new one slides in, also where it says the same again.
Rectangle {
    id: panel

    required property Bridge kiosk
    readonly property int serial: kiosk.noticeSerial
    readonly property bool pictured: kiosk.noticePicture !== "" && Theme.text_scale < 1.5

    visible: kiosk.noticeText !== ""
    implicitHeight: visible ? Math.max(told.height, mark.height - 2 * Theme.u) + 2.4 * Theme.u : 0
    radius: Theme.corner
    color: Theme.ground_of(kiosk.noticeTone)
    border.width: Theme.outline_units > 0 ? Theme.hairline : 0
    border.color: Theme.ink_of(kiosk.noticeTone)
    transform: Translate { id: place }
    Accessible.role: Accessible.AlertMessage
    Accessible.name: kiosk.noticeText
    onSerialChanged: slide.restart()

    NumberAnimation {
        id: slide

        target: place
        property: "x"
        from: 3 * Theme.u
        to: 0
        duration: Theme.motion_ms
        easing.type: Easing.OutQuad
    }
    Sign {
        id: mark

        anchors.left: parent.left
        anchors.leftMargin: 2 * Theme.u
        anchors.verticalCenter: parent.verticalCenter
        name: panel.pictured ? panel.kiosk.noticePicture : Theme.sign_of(panel.kiosk.noticeTone)
        tint: Theme.ink_of(panel.kiosk.noticeTone)
        size: panel.pictured ? 12 * Theme.u : 4 * Theme.u
    }
    EvenWords {
        id: told

        anchors.left: mark.right
        anchors.leftMargin: 2 * Theme.u
        anchors.verticalCenter: parent.verticalCenter
        room: panel.width - mark.width - 6 * Theme.u
        said: panel.kiosk.noticeText
        leading: Theme.tight
        Accessible.ignored: true
    }
}
