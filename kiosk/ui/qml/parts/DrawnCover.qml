import QtQuick
import Look

// A cover for a title that has no picture: cloth and stamping by the title's hash, so that no row looks broken.
Rectangle {
    id: bound

    required property string title
    required property string author
    required property int cover
    property string initial: ""
    property bool large: false
    readonly property color stamping: Theme.stamping_of(bound.cover)

    implicitWidth: height * 0.7
    radius: Math.max(2, width * 0.04)
    color: Theme.cloth_of(bound.cover)
    border.width: Theme.outline_units > 0 ? Theme.hairline : 0
    border.color: Theme.outline
    Accessible.ignored: true

    Rectangle { // the hinge of the binding
        x: parent.width * 0.07
        width: Math.max(1, parent.width * 0.025)
        height: parent.height
        color: Theme.hinge
    }
    Rectangle {
        id: frame

        anchors.fill: parent
        anchors.margins: parent.width * 0.1
        anchors.leftMargin: parent.width * 0.18
        color: "transparent"
        border.color: bound.stamping
        border.width: Math.max(1, parent.width * 0.012)
        radius: 1
    }
    Text {
        visible: !bound.large
        anchors.centerIn: frame
        text: bound.initial
        textFormat: Text.PlainText
        color: bound.stamping
        font.bold: true
        font.pixelSize: Math.max(1, frame.width * 0.62)
    }
    Column {
        visible: bound.large
        anchors.fill: frame
        anchors.margins: frame.width * 0.1
        spacing: frame.width * 0.07

        Words {
            width: parent.width
            text: bound.title
            color: bound.stamping
            font.bold: true
            font.pixelSize: frame.width * 0.115
            leading: Theme.tight
            maximumLineCount: 7
            elide: Text.ElideRight
        }
        Rectangle {
            width: frame.width * 0.24
            height: frame.width * 0.02
            color: bound.stamping
        }
        Words {
            width: parent.width
            text: bound.author
            color: bound.stamping
            font.pixelSize: frame.width * 0.085
            maximumLineCount: 2
            elide: Text.ElideRight
        }
    }
}
