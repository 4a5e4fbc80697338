import QtQuick
import Kiosk
import Look

// Who is served, the one sentence, and what belongs to it.
Column {
    id: lead

    required property Bridge kiosk
    property real size: Theme.sentence
    property bool signed: false // how the sentence is meant, also by its sign
    default property alias more: extra.data

    spacing: 1.7 * Theme.u

    Column {
        visible: lead.kiosk.counts !== ""
        width: parent.width
        spacing: 0.3 * Theme.u

        Words {
            visible: text !== ""
            width: parent.width
            text: lead.kiosk.patronName
            font.pixelSize: Theme.button
            font.bold: true
            leading: Theme.tight
        }
        Words {
            objectName: "counts"
            width: parent.width
            text: lead.kiosk.counts
            color: Theme.soft
            leading: Theme.tight
        }
    }
    Sign {
        visible: lead.signed
        name: Theme.sign_of(lead.kiosk.tone)
        tint: Theme.ink_of(lead.kiosk.tone)
        size: 6 * Theme.u
    }
    EvenWords {
        objectName: "sentence"
        anchors.left: parent?.left
        room: lead.width
        said: lead.kiosk.sentence
        font.pixelSize: lead.size
        font.bold: true
        leading: Theme.tight
        Accessible.role: Accessible.Heading
    }
    EvenWords {
        objectName: "detail"
        anchors.left: parent?.left
        visible: said !== ""
        room: lead.width
        said: lead.kiosk.detail
        color: Theme.soft
    }
    Waiting { kiosk: lead.kiosk }
    Column {
        id: extra

        width: parent.width
        spacing: 2 * Theme.u
    }
    NoticePanel {
        objectName: "notice"
        kiosk: lead.kiosk
        width: parent.width
    }
}
