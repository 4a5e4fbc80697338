pragma ComponentBehavior: Bound
import QtQuick
import Look

// A library card on its way to the reader.
Item {
    id: picture

    implicitWidth: 56 * Theme.u
    implicitHeight: 40 * Theme.u
    Accessible.ignored: true

    Rectangle {
        id: card

        anchors.centerIn: parent
        anchors.horizontalCenterOffset: Theme.card_side === "right" ? -7 * Theme.u : Theme.card_side === "left" ? 7 * Theme.u : 0
        anchors.verticalCenterOffset: Theme.card_side === "below" ? -7 * Theme.u : 0
        width: 36 * Theme.u
        height: 23 * Theme.u
        radius: 2 * Theme.u
        rotation: -5
        antialiasing: true
        color: Theme.primary

        Row {
            x: 3 * Theme.u
            y: 3 * Theme.u
            spacing: 0.7 * Theme.u

            Repeater {
                model: [4.6, 3.6, 4.1]

                Rectangle {
                    required property real modelData

                    anchors.bottom: parent?.bottom
                    width: 1.2 * Theme.u
                    height: modelData * Theme.u
                    color: Theme.on_primary
                    antialiasing: true
                }
            }
        }
        Column {
            x: 3 * Theme.u
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 3 * Theme.u
            spacing: Theme.u

            Repeater {
                model: [14, 9]

                Rectangle {
                    required property real modelData

                    width: modelData * Theme.u
                    height: 1.1 * Theme.u
                    radius: height / 2
                    opacity: 0.75
                    antialiasing: true
                    color: Theme.on_primary
                }
            }
        }
        Waves {
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.rightMargin: 2 * Theme.u
            tint: Theme.on_primary
        }
    }
    Arrow {
        side: Theme.card_side
        anchors.centerIn: card
        anchors.horizontalCenterOffset: Theme.card_side === "right" ? 27 * Theme.u : Theme.card_side === "left" ? -27 * Theme.u : 0
        anchors.verticalCenterOffset: Theme.card_side === "below" ? 20 * Theme.u : 0
    }
}
