pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import Look
import "parts"
import "screens"

// The window: header, one screen, foot; over them the question 'still there' and the sleep.
Window {
    id: root

    required property Bridge kiosk
    readonly property var screens: ({
        "welcome": welcome, "card": card, "pin": pin, "borrow": borrow, "return": back,
        "item": found, "books": books, "message": message, "done": done, "sorry": sorry
    })

    color: Theme.paper
    title: kiosk.stationName

    Component { id: welcome; Welcome { kiosk: root.kiosk } }
    Component { id: card; Card { kiosk: root.kiosk } }
    Component { id: pin; Pin { kiosk: root.kiosk } }
    Component { id: borrow; Borrow { kiosk: root.kiosk } }
    Component { id: back; Return { kiosk: root.kiosk } }
    Component { id: found; Found { kiosk: root.kiosk } }
    Component { id: books; Books { kiosk: root.kiosk } }
    Component { id: message; Message { kiosk: root.kiosk } }
    Component { id: done; Done { kiosk: root.kiosk } }
    Component { id: sorry; Sorry { kiosk: root.kiosk } }

    Binding { target: Theme; property: "width"; value: root.width }
    Binding { target: Theme; property: "height"; value: root.height }
    Binding { target: Theme; property: "dense"; value: root.kiosk.language.startsWith("zh") }

    Item {
        id: page

        anchors.fill: parent
        visible: !root.kiosk.blank
        enabled: root.kiosk.stillTotal === 0
        LayoutMirroring.enabled: Qt.locale(root.kiosk.language).textDirection === Qt.RightToLeft
        LayoutMirroring.childrenInherit: true

        Loader {
            id: loader

            anchors.top: header.bottom
            anchors.bottom: parent.bottom
            anchors.bottomMargin: Theme.foot
            x: Theme.margin
            width: parent.width - 2 * Theme.margin
            focus: true
            sourceComponent: root.screens[root.kiosk.screen] ?? null
            onLoaded: slide.restart()

            NumberAnimation {
                id: slide

                target: loader
                property: "x"
                from: Theme.margin + 4 * Theme.u
                to: Theme.margin
                duration: Theme.motion_ms
                easing.type: Easing.OutQuad
            }
        }
        Header {
            id: header

            anchors.top: parent.top
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.leftMargin: Theme.margin
            anchors.rightMargin: Theme.margin - 1.4 * Theme.u
            height: Theme.header
            kiosk: root.kiosk
        }
        OfflineLine {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.bottom: parent.bottom
            kiosk: root.kiosk
        }
    }
    StillThere {
        anchors.fill: parent
        kiosk: root.kiosk
    }
    BlankCover {
        anchors.fill: parent
        kiosk: root.kiosk
    }
}
