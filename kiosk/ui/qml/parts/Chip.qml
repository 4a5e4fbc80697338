import QtQuick
import Look

// A state: sign, word and colour say the same thing.
Rectangle {
    id: chip

    required property string tone
    required property string text
    property real limit: 1000
    readonly property bool bare: tone === "plain" || tone === "wait"

    readonly property real around: mark.width + 3.2 * Theme.u // what is not word

    implicitWidth: word.width + around
    implicitHeight: word.height + 1.1 * Theme.u
    radius: Math.min(height / 2, 2.4 * Theme.u)
    color: bare ? "transparent" : Theme.ground_of(tone)
    border.width: Theme.outline_units > 0 && !bare ? Theme.hairline : 0
    border.color: Theme.ink_of(tone)

    Sign {
        id: mark

        anchors.left: parent.left
        anchors.leftMargin: chip.bare ? 0 : 1.1 * Theme.u
        anchors.verticalCenter: parent.verticalCenter
        name: Theme.sign_of(chip.tone)
        tint: Theme.ink_of(chip.tone)
        size: 1.15 * Theme.body
    }
    EvenWords {
        id: word

        anchors.left: mark.right
        anchors.leftMargin: 0.9 * Theme.u
        anchors.verticalCenter: parent.verticalCenter
        room: chip.limit - chip.around
        said: chip.text
        color: Theme.ink_of(chip.tone)
        font.bold: !chip.bare
        leading: Theme.tight
    }
}
