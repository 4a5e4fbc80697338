import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Kiosk
import Look

// A decision: go on, or the screen clears. A touch anywhere means 'yes'.
AbstractButton {
    id: still

    required property Bridge kiosk

    objectName: "stay"
    visible: kiosk.stillTotal > 0
    text: kiosk.stayWord
    focus: visible
    Accessible.role: Accessible.Button
    Accessible.name: kiosk.stillSentence + " " + kiosk.stayWord
    onClicked: kiosk.press("stay", "")
    onVisibleChanged: if (visible) forceActiveFocus()

    background: Rectangle { color: Theme.scrim }
    contentItem: Item {
        Rectangle {
            anchors.centerIn: parent
            width: Math.min(parent.width - 2 * Theme.margin, 74 * Theme.u)
            height: box.implicitHeight + 10 * Theme.u
            radius: 2 * Theme.corner
            color: Theme.card
            border.width: Theme.outline_units > 0 ? Theme.hairline : 0
            border.color: Theme.outline

            ColumnLayout {
                id: box

                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.margins: 5 * Theme.u
                spacing: 3 * Theme.u

                CountdownRing {
                    left_s: still.kiosk.stillLeft
                    total_s: still.kiosk.stillTotal
                    thick: 0.9 * Theme.u
                    Layout.preferredWidth: 18 * Theme.u
                    Layout.preferredHeight: 18 * Theme.u
                    Layout.alignment: Qt.AlignHCenter
                }
                Words {
                    text: still.kiosk.stillSentence
                    font.pixelSize: Theme.hero
                    font.bold: true
                    leading: Theme.tight
                    horizontalAlignment: Text.AlignHCenter
                    Layout.fillWidth: true
                }
                Words {
                    objectName: "stillDetail"
                    text: still.kiosk.stillDetail
                    color: Theme.soft
                    horizontalAlignment: Text.AlignHCenter
                    Layout.fillWidth: true
                }
                Rectangle {
                    radius: Theme.corner
                    color: Theme.primary
                    Layout.fillWidth: true
                    Layout.preferredHeight: 11 * Theme.u

                    Words {
                        anchors.centerIn: parent
                        text: still.text
                        color: Theme.on_primary
                        font.pixelSize: Theme.sentence
                        leading: 1
                        Accessible.ignored: true
                    }
                    FocusRing { around: parent; visible: still.visualFocus }
                }
            }
        }
    }
}
