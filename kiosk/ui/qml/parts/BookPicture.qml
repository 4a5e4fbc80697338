pragma ComponentBehavior: Bound
import QtQuick
import Look

// A book, its label to the front, on its way to the scanner.
Item {
    id: picture

    property real unit: Theme.u
    property color tint: Theme.primary
    readonly property string side: Theme.scan_side

    implicitWidth: 42 * unit
    implicitHeight: 30 * unit
    Accessible.ignored: true

    Rectangle {
        id: book

        anchors.centerIn: parent
        anchors.horizontalCenterOffset: picture.side === "left" ? 8 * picture.unit : -8 * picture.unit
        width: 22 * picture.unit
        height: 29 * picture.unit
        radius: 1.2 * picture.unit
        color: picture.tint

        Rectangle { // the hinge of the binding
            x: 2 * picture.unit
            width: 0.5 * picture.unit
            height: parent.height
            color: Theme.hinge
        }
        Rectangle {
            anchors.horizontalCenter: parent.horizontalCenter
            anchors.horizontalCenterOffset: 1.2 * picture.unit
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 4 * picture.unit
            width: 14.6 * picture.unit
            height: 8.4 * picture.unit
            radius: 0.7 * picture.unit
            color: Theme.label

            Row {
                anchors.centerIn: parent
                height: 5.2 * picture.unit
                spacing: 0.32 * picture.unit

                Repeater {
                    model: [3, 1, 2, 1, 1, 3, 1, 2, 2, 1, 3, 1, 1, 2, 3]

                    Rectangle {
                        required property int modelData

                        width: modelData * 0.27 * picture.unit
                        height: 5.2 * picture.unit
                        color: Theme.bars
                    }
                }
            }
        }
    }
    Arrow {
        side: picture.side
        tint: picture.tint
        unit: picture.unit
        anchors.verticalCenter: book.verticalCenter
        anchors.verticalCenterOffset: picture.side === "below" ? 6 * picture.unit : 0
        anchors.horizontalCenter: book.horizontalCenter
        anchors.horizontalCenterOffset: (picture.side === "left" ? -21 : 21) * picture.unit
    }
}
