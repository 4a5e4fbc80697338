pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import Look

// Every language by its own name; the one in use is underlined.
Row {
    id: languages

    required property Bridge kiosk

    spacing: Theme.gap
    Accessible.role: Accessible.Grouping
    Accessible.name: kiosk.languageWord

    Repeater {
        model: languages.kiosk.languages

        KioskButton {
            id: choice

            required property string key
            required property string label
            required property bool chosen

            kiosk: languages.kiosk
            press: "language"
            arg: key
            text: label
            weight: "quiet"
            bare: true
            checked: chosen
            font.pixelSize: Theme.body
            font.bold: chosen
            implicitHeight: Theme.target
            Accessible.name: languages.kiosk.languageWord + ": " + label

            Rectangle {
                visible: choice.chosen
                anchors.horizontalCenter: parent.horizontalCenter
                anchors.bottom: parent.bottom
                anchors.bottomMargin: 0.9 * Theme.u
                width: choice.availableWidth
                height: 0.35 * Theme.u
                color: Theme.primary
            }
        }
    }
}
