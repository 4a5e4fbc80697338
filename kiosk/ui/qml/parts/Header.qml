pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk
import Look

// The same on every screen: where we are, and the languages.
RowLayout {
    id: header

    required property Bridge kiosk

    spacing: 1.4 * Theme.u

    Row {
        spacing: 0.5 * Theme.u
        Layout.alignment: Qt.AlignVCenter

        Repeater { // three spines: the mark of a library without a logo of its own
            model: [3.4, 2.6, 3.0]

            Rectangle {
                required property real modelData
                required property int index

                anchors.bottom: parent.bottom
                width: 0.9 * Theme.u
                height: modelData * Theme.u
                radius: 0.15 * Theme.u
                color: index === 1 ? Theme.focus : Theme.primary
            }
        }
    }
    Words {
        objectName: "stationName"
        text: header.kiosk.stationName
        color: Theme.soft
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        Layout.fillWidth: true
    }
    LanguageSwitch { kiosk: header.kiosk }
}
