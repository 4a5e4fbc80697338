pragma ComponentBehavior: Bound
import QtQuick
import Look

// A shelf of spines; drawn in outline where it is empty. Printed matter without a picture file.
Item {
    id: shelf

    property bool outlined: false
    property real unit: Theme.u
    readonly property var heights: [20, 24, 22, 17, 25, 21, 23, 18, 22, 25, 19, 23, 21, 24, 18, 20]
    readonly property var widths: [4.2, 3, 5, 3.4, 4.4, 2.6, 5.4, 3.2, 4, 3, 4.8, 3.6, 2.8, 5.2, 3.4, 4]
    property int count: Math.max(1, Math.min(heights.length, Math.floor(width / (4.35 * unit))))

    implicitHeight: 26 * unit
    Accessible.ignored: true

    Row {
        anchors.bottom: board.top
        anchors.left: parent.left
        anchors.leftMargin: 2 * shelf.unit
        spacing: 0.35 * shelf.unit

        Repeater {
            model: shelf.count

            Rectangle {
                id: spine

                required property int index
                readonly property color stamping: shelf.outlined ? Theme.line : Theme.stamping_of(index)

                anchors.bottom: parent?.bottom
                width: shelf.widths[index] * shelf.unit
                height: shelf.heights[index] * shelf.unit
                radius: 0.3 * shelf.unit
                color: shelf.outlined ? "transparent" : Theme.cloth_of(index)
                border.width: shelf.outlined || Theme.outline_units > 0 ? Math.max(1, 0.25 * shelf.unit) : 0
                border.color: Theme.line

                Rectangle {
                    y: parent.height * 0.12
                    width: parent.width
                    height: 0.3 * shelf.unit
                    color: spine.stamping
                }
                Rectangle {
                    y: parent.height * 0.12 + 0.8 * shelf.unit
                    width: parent.width
                    height: 0.3 * shelf.unit
                    color: spine.stamping
                }
                Rectangle {
                    anchors.horizontalCenter: parent.horizontalCenter
                    y: parent.height * (0.3 + 0.06 * (spine.index % 3))
                    width: 0.34 * parent.width
                    height: parent.height * (0.26 + 0.05 * (spine.index % 4))
                    radius: 0.2 * shelf.unit
                    color: spine.stamping
                    opacity: spine.index % 3 === 1 ? 0 : 0.85
                }
            }
        }
    }
    Rectangle {
        id: board

        anchors.bottom: parent.bottom
        width: parent.width
        height: 0.7 * shelf.unit
        color: shelf.outlined ? Theme.line : Theme.ink
    }
}
