import QtQuick
import QtQuick.Shapes
import Look

// Points to where the real reader sits.
Item {
    id: arrow

    required property string side
    property color tint: Theme.primary

    width: 12 * Theme.u
    height: 12 * Theme.u
    rotation: Theme.turns[side]
    Accessible.ignored: true

    Shape {
        anchors.fill: parent
        ShapePath {
            strokeColor: arrow.tint
            strokeWidth: 1.3 * Theme.u
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin
            startX: Theme.u
            startY: 6 * Theme.u
            PathLine { x: 10.6 * Theme.u; y: 6 * Theme.u }
            PathMove { x: 6.6 * Theme.u; y: 2 * Theme.u }
            PathLine { x: 10.6 * Theme.u; y: 6 * Theme.u }
            PathLine { x: 6.6 * Theme.u; y: 10 * Theme.u }
        }
    }
}
