pragma ComponentBehavior: Bound
import QtQuick
import Look
import "../parts"

// News that ends a visit or stops it at the door: why, and what the reader can do now.
TwoPane {
    id: screen

    Rectangle {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        height: Math.max(24 * Theme.u, lines.height + 7 * Theme.u)
        radius: Theme.corner
        color: Theme.ground_of(screen.kiosk.tone)
        border.width: Theme.outline_units > 0 ? Theme.hairline : 0
        border.color: Theme.ink_of(screen.kiosk.tone)

        Sign {
            id: mark

            anchors.left: parent.left
            anchors.leftMargin: 4 * Theme.u
            anchors.verticalCenter: parent.verticalCenter
            name: Theme.sign_of(screen.kiosk.tone)
            tint: Theme.ink_of(screen.kiosk.tone)
            size: 11 * Theme.u
        }
        Column {
            id: lines

            anchors.left: mark.right
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.margins: 4 * Theme.u
            spacing: 2.4 * Theme.u

            Repeater {
                model: screen.kiosk.details

                EvenWords {
                    required property string line

                    objectName: "line"
                    anchors.left: parent?.left
                    room: lines.width
                    said: line
                    font.pixelSize: Theme.button
                }
            }
        }
    }
}
