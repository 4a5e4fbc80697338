pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts

// The bench beside the demo's station: cards to tap, books to scan, plugs to pull. Each says a command of the console.
Window {
    id: bench

    required property var cards // {name, what}
    required property var books // {number, title, author}

    signal said(string command)

    title: "Bench"
    color: "#2B3138"
    visible: true

    component Heading: Label {
        color: "#B9C2CB"
        font.pixelSize: 13
        font.bold: true
        topPadding: 10
    }
    component Thing: AbstractButton {
        id: thing

        property string second
        property bool on: true

        implicitHeight: 44
        Accessible.name: text
        background: Rectangle {
            radius: 6
            color: thing.down ? "#52606D" : thing.hovered ? "#434C56" : "#39414A"
            border.color: thing.visualFocus ? "#FFB86B" : thing.on ? "#4A5560" : "#F5A59E"
        }
        contentItem: Column {
            leftPadding: 10
            rightPadding: 10
            spacing: 1

            Label {
                width: thing.width - 20
                text: thing.text
                color: "#F4F1EA"
                font.pixelSize: 15
                horizontalAlignment: Text.AlignLeft
                elide: Text.ElideRight
                textFormat: Text.PlainText
            }
            Label {
                width: thing.width - 20
                visible: text !== ""
                text: thing.second
                color: "#B9C2CB"
                font.pixelSize: 12
                horizontalAlignment: Text.AlignLeft
                elide: Text.ElideRight
                textFormat: Text.PlainText
            }
        }
    }
    component Plug: Thing {
        required property string turnOff
        required property string turnOn
        required property string name

        text: name
        second: on ? "works — press to take away" : "away — press to give back"
        onClicked: {
            bench.said(on ? turnOff : turnOn)
            on = !on
        }
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: 14
        spacing: 8

        Heading { text: "CARDS · press to hold one to the reader"; topPadding: 0 }
        ScrollView {
            id: cardScroll

            Layout.fillWidth: true
            Layout.preferredHeight: bench.height * 0.38
            contentWidth: availableWidth
            clip: true

            Grid {
                columns: 2
                spacing: 6

                Repeater {
                    model: bench.cards

                    Thing {
                        required property var modelData

                        width: (cardScroll.availableWidth - 6 - 10) / 2
                        text: modelData.name
                        second: modelData.what
                        onClicked: bench.said("tap " + modelData.name)
                    }
                }
            }
        }
        Heading { text: "BOOKS · press to scan one" }
        ListView {
            Layout.fillWidth: true
            Layout.fillHeight: true
            clip: true
            spacing: 6
            model: bench.books
            ScrollBar.vertical: ScrollBar {}

            delegate: Thing {
                required property var modelData

                width: ListView.view.width - 10
                text: modelData.number + " · " + modelData.title
                second: modelData.author
                onClicked: bench.said("scan " + modelData.number)
            }
        }
        Heading { text: "THINGS THAT FAIL" }
        GridLayout {
            Layout.fillWidth: true
            columns: 2
            columnSpacing: 6
            rowSpacing: 6
            uniformCellWidths: true

            Plug { Layout.fillWidth: true; name: "Scanner"; turnOff: "unplug scanner"; turnOn: "plug scanner" }
            Plug { Layout.fillWidth: true; name: "Card reader"; turnOff: "unplug nfc"; turnOn: "plug nfc" }
            Plug { Layout.fillWidth: true; name: "Catalogue"; turnOff: "centre down"; turnOn: "centre up" }
            Thing {
                Layout.fillWidth: true
                text: "Power cut"
                second: "kills the station, starts it again"
                onClicked: bench.said("kill")
            }
        }
    }
}
