pragma ComponentBehavior: Bound
import QtQuick
import Look

// A book whose label is on its way to the scanner; under it what the empty list says.
Item {
    id: picture

    required property string text

    implicitHeight: column.implicitHeight

    Column {
        id: column

        anchors.centerIn: parent
        width: parent.width
        spacing: 3 * Theme.u

        Item {
            anchors.horizontalCenter: parent.horizontalCenter
            width: 40 * Theme.u
            height: 33 * Theme.u

            Rectangle {
                id: book

                anchors.centerIn: parent
                anchors.horizontalCenterOffset: Theme.scan_side === "right" ? -6 * Theme.u : Theme.scan_side === "left" ? 6 * Theme.u : -8 * Theme.u
                width: 23 * Theme.u
                height: 32 * Theme.u
                radius: 0.8 * Theme.u
                color: "transparent"
                border.width: Math.max(1, 0.35 * Theme.u)
                border.color: Theme.outline

                Rectangle {
                    x: 2 * Theme.u
                    width: Math.max(1, 0.3 * Theme.u)
                    height: parent.height
                    color: Theme.line
                }
                Rectangle {
                    anchors.horizontalCenter: parent.horizontalCenter
                    anchors.bottom: parent.bottom
                    anchors.bottomMargin: 4 * Theme.u
                    width: 14 * Theme.u
                    height: 8 * Theme.u
                    radius: 0.5 * Theme.u
                    color: Theme.card
                    border.width: Theme.hairline
                    border.color: Theme.outline

                    Row {
                        anchors.centerIn: parent
                        height: 5 * Theme.u
                        spacing: 0.32 * Theme.u

                        Repeater {
                            model: [3, 1, 2, 1, 1, 3, 1, 2, 2, 1, 3, 1, 1, 2, 3]

                            Rectangle {
                                required property int modelData

                                width: modelData * 0.26 * Theme.u
                                height: 5 * Theme.u
                                color: Theme.ink
                            }
                        }
                    }
                }
            }
            Arrow {
                side: Theme.scan_side
                anchors.left: Theme.scan_side === "left" ? undefined : book.right
                anchors.right: Theme.scan_side === "left" ? book.left : undefined
                anchors.margins: 2 * Theme.u
                anchors.bottom: book.bottom
                anchors.bottomMargin: 2 * Theme.u
            }
        }
        Words {
            objectName: "empty"
            width: parent.width
            text: picture.text
            color: Theme.soft
            font.pixelSize: Theme.row_title
            horizontalAlignment: Text.AlignHCenter
        }
    }
}
