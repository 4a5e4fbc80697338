pragma ComponentBehavior: Bound
import QtQuick
import Look

// A library card on its way to the reader.
Item {
    id: picture

    property real unit: Theme.u
    property color tint: Theme.primary
    property color mark: Theme.on_primary
    readonly property string side: Theme.card_side

    implicitWidth: 56 * unit
    implicitHeight: (side === "below" ? 44 : 30) * unit
    Accessible.ignored: true

    Rectangle {
        id: card

        anchors.centerIn: parent
        anchors.horizontalCenterOffset: picture.side === "right" ? -8 * picture.unit : picture.side === "left" ? 8 * picture.unit : 0
        anchors.verticalCenterOffset: picture.side === "below" ? -8 * picture.unit : 0
        width: 36 * picture.unit
        height: 23 * picture.unit
        radius: 2 * picture.unit
        rotation: -5
        antialiasing: true
        color: picture.tint

        Row {
            x: 3 * picture.unit
            y: 3 * picture.unit
            spacing: 0.7 * picture.unit

            Repeater {
                model: [4.6, 3.6, 4.1]

                Rectangle {
                    required property real modelData

                    anchors.bottom: parent?.bottom
                    width: 1.2 * picture.unit
                    height: modelData * picture.unit
                    color: picture.mark
                    antialiasing: true
                }
            }
        }
        Column {
            x: 3 * picture.unit
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 3 * picture.unit
            spacing: picture.unit

            Repeater {
                model: [14, 9]

                Rectangle {
                    required property real modelData

                    width: modelData * picture.unit
                    height: 1.1 * picture.unit
                    radius: height / 2
                    opacity: 0.75
                    antialiasing: true
                    color: picture.mark
                }
            }
        }
        Waves {
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.rightMargin: 2 * picture.unit
            tint: picture.mark
            unit: picture.unit
        }
    }
    Arrow {
        side: picture.side
        tint: picture.tint
        unit: picture.unit
        anchors.centerIn: card
        anchors.horizontalCenterOffset: picture.side === "right" ? 28 * picture.unit : picture.side === "left" ? -28 * picture.unit : 0
        anchors.verticalCenterOffset: picture.side === "below" ? 21 * picture.unit : 0
    }
}
