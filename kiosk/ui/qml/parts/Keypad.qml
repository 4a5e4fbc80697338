pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk
import Look

// Digits as on a telephone, erase left and OK right of the nought.
GridLayout {
    id: pad

    required property Bridge kiosk
    required property real room // px in height
    required property real breadth // px in width
    readonly property real side: Math.max(Theme.target, Math.min(15 * Theme.u, (room - 3 * rowSpacing) / 4))

    columns: 3
    columnSpacing: Theme.gap
    rowSpacing: Theme.gap
    LayoutMirroring.enabled: false // numbers run the same way in every script

    component Key: KioskButton {
        kiosk: pad.kiosk
        font.pixelSize: Theme.sentence
        Layout.preferredWidth: Math.min((pad.breadth - 2 * pad.columnSpacing) / 3, 1.7 * pad.side)
        Layout.preferredHeight: pad.side
    }

    Repeater {
        model: ["1", "2", "3", "4", "5", "6", "7", "8", "9"]

        Key {
            required property string modelData

            press: "digit"
            arg: modelData
            text: modelData
            enabled: !pad.kiosk.pinBusy
        }
    }
    Key {
        press: "erase"
        text: pad.kiosk.eraseWord
        sign: "erase"
        upright: true
        weight: "quiet"
        enabled: pad.kiosk.eraseUsable
        font.pixelSize: Theme.body
    }
    Key {
        press: "digit"
        arg: "0"
        text: "0"
        enabled: !pad.kiosk.pinBusy
    }
    Key {
        press: "ok"
        text: pad.kiosk.okWord
        weight: "primary"
        enabled: pad.kiosk.okUsable
        font.pixelSize: Theme.sentence
    }
}
