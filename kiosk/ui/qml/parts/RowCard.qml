import QtQuick
import QtQuick.Layouts
import Kiosk
import Look

// One line of a list: cover, title, what became of it, what to do, and its button.
Rectangle {
    id: row

    required property Bridge kiosk
    required property int key
    required property string title
    required property string author
    required property string media
    required property int cover
    required property string initial
    required property string tone
    required property string said
    required property string hint
    required property string action
    required property string actionLabel
    required property string actionSign
    required property bool actionUsable
    required property bool selectable
    required property bool selected

    objectName: "row:" + key
    implicitHeight: line.implicitHeight + 3 * Theme.u
    radius: Theme.corner
    color: Theme.card
    border.width: selected ? Theme.ring : Theme.hairline
    border.color: selected ? Theme.primary : Theme.line
    Accessible.role: Accessible.ListItem
    Accessible.name: [title, author, said, hint].filter(part => part !== "").join(". ")

    RowLayout {
        id: line

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.leftMargin: 1.5 * Theme.u
        anchors.rightMargin: 1.5 * Theme.u
        spacing: 2 * Theme.u

        DrawnCover {
            title: row.title
            author: row.author
            cover: row.cover
            initial: row.initial
            Layout.preferredHeight: 11.4 * Theme.u
            Layout.preferredWidth: 8 * Theme.u
            Layout.alignment: Qt.AlignTop
        }
        ColumnLayout {
            id: words

            spacing: 0.4 * Theme.u
            Layout.fillWidth: true
            Layout.minimumWidth: 0
            Layout.preferredWidth: 1

            Words {
                objectName: "title"
                text: row.title
                font.pixelSize: Theme.row_title
                font.bold: true
                leading: Theme.tight
                maximumLineCount: 2
                elide: Text.ElideRight
                Layout.fillWidth: true
            }
            Words {
                objectName: "author"
                visible: text !== ""
                text: row.author
                color: Theme.soft
                font.pixelSize: 1.1 * Theme.caption
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
                Layout.fillWidth: true
            }
            Chip {
                tone: row.tone
                text: row.said
                limit: words.width
                Layout.topMargin: 0.4 * Theme.u
            }
            Words {
                visible: text !== ""
                text: row.hint
                leading: Theme.tight
                Layout.fillWidth: true
            }
        }
        SelectBox {
            visible: row.selectable
            kiosk: row.kiosk
            key: row.key
            checked: row.selected
            title: row.title
        }
        KioskButton {
            visible: row.action !== ""
            kiosk: row.kiosk
            press: row.action
            arg: row.key
            text: row.actionLabel
            sign: row.actionSign
            enabled: row.actionUsable
            upright: true
            Accessible.name: row.actionLabel + ", " + row.title
            Layout.minimumWidth: 10 * Theme.u
        }
    }
}
