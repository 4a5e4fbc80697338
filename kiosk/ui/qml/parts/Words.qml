import QtQuick
import Look

// Text as readers see it: never marked up, because titles come from catalogues.
Text {
    property real leading: Theme.leading

    color: Theme.ink
    font.pixelSize: Theme.body
    font.features: { "tnum": 1 }
    textFormat: Text.PlainText
    wrapMode: Text.Wrap
    lineHeightMode: Text.FixedHeight
    lineHeight: Math.round(font.pixelSize * leading)
    Accessible.role: Accessible.StaticText
    Accessible.name: text
    Accessible.ignored: text === ""
}
