pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import Look

// What is awaited, drawn only where it takes long: three dots that fill once.
Row {
    id: waiting

    required property Bridge kiosk
    readonly property bool awaited: kiosk.waiting !== ""
    property bool drawn: false

    visible: awaited && drawn
    spacing: 1.2 * Theme.u
    onAwaitedChanged: drawn = false
    Accessible.role: Accessible.Indicator
    Accessible.name: kiosk.waiting

    Timer {
        running: waiting.awaited
        interval: Theme.wait_ms
        onTriggered: waiting.drawn = true
    }
    Repeater {
        model: 3

        Rectangle {
            id: dot

            required property int index

            anchors.verticalCenter: parent.verticalCenter
            width: 1.4 * Theme.u
            height: width
            radius: width / 2
            color: waiting.visible || Theme.motion_ms === 0 ? Theme.primary : Theme.line
            Behavior on color {
                SequentialAnimation {
                    PauseAnimation { duration: 3 * dot.index * Theme.motion_ms }
                    ColorAnimation { duration: 3 * Theme.motion_ms }
                }
            }
        }
    }
    Words {
        visible: waiting.kiosk.waiting !== waiting.kiosk.sentence
        leftPadding: Theme.u
        text: waiting.kiosk.waiting
        color: Theme.soft
        Accessible.ignored: true
    }
}
