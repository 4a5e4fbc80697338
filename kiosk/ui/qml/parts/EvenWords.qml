pragma ComponentBehavior: Bound
import QtQuick

// A sentence broken as a printer would: a number stays with its word, a Chinese clause stays whole where a line can
// hold it, and no single word is left over for the last line. It is as narrow as it can be without one line more.
Words {
    id: even

    required property string said
    required property real room // px in width
    readonly property var numbers: /(\d) (?=[A-Za-z])/g
    readonly property var characters: /([\u3400-\u9fff\d])(?=[\u3400-\u9fff\d])/g

    readonly property string bound: said.replace(numbers, "$1\u00a0").replace(characters, "$1\u2060")

    text: widest.whole ? bound : said
    Accessible.name: said
    width: tight.fits ? tight.width : loose.fits ? loose.width : looser.fits ? looser.width : room

    component Trial: Text {
        property real letters: 0 // by how much the lines may differ
        readonly property bool whole: contentWidth <= width
        readonly property bool fits: whole && lineCount === widest.lineCount

        visible: false
        width: Math.min(even.room, natural.advanceWidth / Math.max(1, widest.lineCount) + letters * even.font.pixelSize)
        text: even.bound
        font: even.font
        textFormat: even.textFormat
        wrapMode: Text.WordWrap
        Accessible.ignored: true
    }

    TextMetrics {
        id: natural

        font: even.font
        text: even.bound
    }
    Trial { id: widest; width: even.room }
    Trial { id: tight; letters: 0.3 }
    Trial { id: loose; letters: 1.2 }
    Trial { id: looser; letters: 2.4 }
}
