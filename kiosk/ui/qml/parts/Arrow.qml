import QtQuick
import QtQuick.Shapes
import Look

// Points to where the real reader sits.
Item {
    id: arrow

    required property string side
    property color tint: Theme.primary
    property real unit: Theme.u

    width: 12 * unit
    height: 12 * unit
    rotation: Theme.turns[side]
    Accessible.ignored: true

    Shape {
        anchors.fill: parent
        ShapePath {
            strokeColor: arrow.tint
            strokeWidth: 1.3 * arrow.unit
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin
            startX: arrow.unit
            startY: 6 * arrow.unit
            PathLine { x: 10.6 * arrow.unit; y: 6 * arrow.unit }
            PathMove { x: 6.6 * arrow.unit; y: 2 * arrow.unit }
            PathLine { x: 10.6 * arrow.unit; y: 6 * arrow.unit }
            PathLine { x: 6.6 * arrow.unit; y: 10 * arrow.unit }
        }
    }
}
