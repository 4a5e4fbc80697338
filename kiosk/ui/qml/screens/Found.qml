import QtQuick
import Look
import "../parts"

// The item that was scanned: what it is, and what makes sense to do.
TwoPane {
    id: screen

    signed: screen.kiosk.itemTitle !== ""

    Rectangle { // the place of a cover that is looked up
        anchors.centerIn: parent
        visible: screen.kiosk.itemTitle === ""
        height: Math.min(48 * Theme.u, parent.height)
        width: 0.7 * height
        radius: Theme.corner
        color: "transparent"
        border.width: Math.max(1, 0.35 * Theme.u)
        border.color: Theme.line
    }
    Rectangle {
        anchors.fill: parent
        visible: screen.kiosk.itemTitle !== ""
        radius: Theme.corner
        color: Theme.card
        border.width: Theme.hairline
        border.color: Theme.line

        Column {
            anchors.centerIn: parent
            width: parent.width - 8 * Theme.u
            spacing: 2 * Theme.u

            DrawnCover {
                anchors.horizontalCenter: parent.horizontalCenter
                height: Math.min((Theme.portrait ? 56 : 40) * Theme.u, screen.height - 24 * Theme.u)
                width: 0.7 * height
                large: true
                title: screen.kiosk.itemTitle
                author: screen.kiosk.itemAuthor
                cover: screen.kiosk.itemCover
            }
            Words {
                objectName: "title"
                width: parent.width
                text: screen.kiosk.itemTitle
                font.pixelSize: Theme.row_title
                font.bold: true
                leading: Theme.tight
                maximumLineCount: 2
                elide: Text.ElideRight
                horizontalAlignment: Text.AlignHCenter
            }
            Words {
                objectName: "author"
                width: parent.width
                visible: text !== ""
                text: screen.kiosk.itemAuthor
                color: Theme.soft
                maximumLineCount: 1
                elide: Text.ElideRight
                horizontalAlignment: Text.AlignHCenter
            }
        }
    }
}
