import QtQuick
import Kiosk

// The screen sleeps. The touch that wakes it is swallowed before it gets here (kiosk.ui.window.TouchFilter).
Rectangle {
    required property Bridge kiosk

    objectName: "blank"
    visible: kiosk.blank
    color: "black"
    Accessible.role: Accessible.StaticText
    Accessible.name: kiosk.sentence
}
