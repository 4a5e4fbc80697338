pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes
import Look

// The three arcs of a card that is read without touching.
Shape {
    id: waves

    required property color tint
    property real unit: Theme.u

    width: 9 * unit
    height: 12 * unit
    Accessible.ignored: true

    component Wave: ShapePath {
        id: wave

        required property real reach

        strokeColor: waves.tint
        strokeWidth: 0.9 * waves.unit
        fillColor: "transparent"
        capStyle: ShapePath.RoundCap
        PathAngleArc {
            centerX: 0
            centerY: 6 * waves.unit
            radiusX: wave.reach * waves.unit
            radiusY: wave.reach * waves.unit
            startAngle: -38
            sweepAngle: 76
        }
    }

    Wave { reach: 2.6 }
    Wave { reach: 5 }
    Wave { reach: 7.4 }
}
