import QtQuick
import Look

// A line icon in one colour. It never stands alone: a word says the same.
Image {
    id: sign

    required property string name
    property color tint: Theme.ink
    property real size: Theme.row_title

    width: size
    height: size
    visible: name !== ""
    source: name === "" ? "" : "image://icon/" + name + "/" + tint.toString().slice(1)
    sourceSize: Qt.size(Math.round(size), Math.round(size))
    fillMode: Image.PreserveAspectFit
    Accessible.ignored: true
}
