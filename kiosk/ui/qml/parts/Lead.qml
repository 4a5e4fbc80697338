import QtQuick
import Kiosk
import Look

// Who is served, the one sentence, and what belongs to it.
Column {
    id: lead

    required property Bridge kiosk
    property real size: Theme.sentence
    default property alias more: extra.data

    spacing: 2 * Theme.u

    Column {
        visible: lead.kiosk.counts !== ""
        width: parent.width

        Words {
            visible: text !== ""
            width: parent.width
            text: lead.kiosk.patronName
            font.pixelSize: Theme.row_title
            font.bold: true
        }
        Words {
            objectName: "counts"
            width: parent.width
            text: lead.kiosk.counts
            color: Theme.soft
        }
    }
    Words {
        objectName: "sentence"
        width: parent.width
        text: lead.kiosk.sentence
        font.pixelSize: lead.size
        font.bold: true
        leading: Theme.tight
        Accessible.role: Accessible.Heading
    }
    Words {
        objectName: "detail"
        visible: text !== ""
        width: parent.width
        text: lead.kiosk.detail
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
