import QtQuick
import Look

// Text as readers see it: never marked up, because titles come from catalogues.
Text {
    property real leading: Theme.leading
    // Quotes and dots are as wide as a character only beside Chinese ones.
    readonly property int narrow: /[\u2e80-\u9fff]/.test(text) ? 0 : 1

    color: Theme.ink
    font.pixelSize: Theme.body
    font.features: { "tnum": 1, "pwid": narrow }
    textFormat: Text.PlainText
    wrapMode: Text.Wrap
    horizontalAlignment: Text.AlignLeft
    lineHeightMode: Text.FixedHeight
    lineHeight: Math.round(font.pixelSize * leading)
    Accessible.role: Accessible.StaticText
    Accessible.name: text
    Accessible.ignored: text === ""
}
