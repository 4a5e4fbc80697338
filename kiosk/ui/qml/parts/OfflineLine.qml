import QtQuick
import Kiosk
import Look

// Always the same place: the foot of the page, whose margin it fills. Nothing moves when it comes.
Rectangle {
    id: foot

    required property Bridge kiosk

    visible: kiosk.offline
    height: Theme.foot_line
    color: Theme.told_ground
    Accessible.role: Accessible.StaticText
    Accessible.name: kiosk.offlineText

    Rectangle {
        width: parent.width
        height: Theme.hairline
        color: Theme.told
    }
    Sign {
        id: cloud

        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        name: "offline"
        tint: Theme.told
        size: 3 * Theme.u
    }
    Words {
        objectName: "offline"
        anchors.left: cloud.right
        anchors.leftMargin: 1.2 * Theme.u
        anchors.right: parent.right
        anchors.rightMargin: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        text: foot.kiosk.offlineText
        color: Theme.told
        font.pixelSize: Math.min(Theme.body, 2.6 * Theme.u)
        leading: 1
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        Accessible.ignored: true
    }
}
