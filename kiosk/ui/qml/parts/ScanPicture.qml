import QtQuick
import Look

// Where a list will be: a book on its way to the scanner, and what the empty list says.
Column {
    id: picture

    required property string text

    spacing: 4 * Theme.u

    BookPicture {
        anchors.horizontalCenter: parent.horizontalCenter
        unit: Theme.drawing
    }
    Words {
        objectName: "empty"
        width: parent.width
        text: picture.text
        color: Theme.soft
        font.pixelSize: Theme.row_title
        horizontalAlignment: Text.AlignHCenter
    }
}
