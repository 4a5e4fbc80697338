pragma ComponentBehavior: Bound
import QtQuick
import Look
import "../parts"

// News that ends a visit or stops it at the door: why, and what the reader can do now.
TwoPane {
    id: screen

    Rectangle {
        anchors.fill: parent
        radius: Theme.corner
        color: Theme.ground_of(screen.kiosk.tone)
        border.width: Theme.outline_units > 0 ? Theme.hairline : 0
        border.color: Theme.ink_of(screen.kiosk.tone)

        Column {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.margins: 5 * Theme.u
            spacing: 3 * Theme.u

            Sign {
                name: Theme.sign_of(screen.kiosk.tone)
                tint: Theme.ink_of(screen.kiosk.tone)
                size: 14 * Theme.u / Theme.text_scale
            }
            Repeater {
                model: screen.kiosk.details

                Words {
                    required property string line

                    objectName: "line"
                    width: parent?.width ?? 0
                    text: line
                    font.pixelSize: Theme.row_title
                }
            }
        }
    }
}
