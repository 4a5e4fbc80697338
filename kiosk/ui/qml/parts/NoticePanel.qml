import QtQuick
import QtQuick.Layouts
import Kiosk
import Look

// What was said about the last thing that happened. A new one slides in, also where it says the same again.
Rectangle {
    id: panel

    required property Bridge kiosk
    readonly property int serial: kiosk.noticeSerial

    visible: kiosk.noticeText !== ""
    implicitHeight: visible ? line.implicitHeight + 3 * Theme.u : 0
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
    RowLayout {
        id: line

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.margins: 2 * Theme.u
        spacing: 2 * Theme.u

        Image {
            visible: panel.kiosk.noticePicture !== "" && Theme.text_scale < 1.5
            source: visible ? "image://icon/" + panel.kiosk.noticePicture + "/" + Theme.ink_of(panel.kiosk.noticeTone).toString().slice(1) : ""
            sourceSize: Qt.size(12 * Theme.u, 12 * Theme.u)
            Layout.preferredWidth: 12 * Theme.u
            Layout.preferredHeight: 12 * Theme.u
            fillMode: Image.PreserveAspectFit
            Accessible.ignored: true
        }
        Sign {
            visible: panel.kiosk.noticePicture === ""
            name: Theme.sign_of(panel.kiosk.noticeTone)
            tint: Theme.ink_of(panel.kiosk.noticeTone)
            size: 4 * Theme.u
            Layout.alignment: Qt.AlignTop
        }
        Words {
            text: panel.kiosk.noticeText
            Layout.fillWidth: true
            Accessible.ignored: true
        }
    }
}
