pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes
import Look

// The three arcs of a card that is read without touching.
Shape {
    id: waves

    required property color tint
    readonly property real thick: 0.9 * Theme.u

    width: 9 * Theme.u
    height: 12 * Theme.u
    Accessible.ignored: true

    component Wave: ShapePath {
        id: wave

        required property real reach

        strokeColor: waves.tint
        strokeWidth: waves.thick
        fillColor: "transparent"
        capStyle: ShapePath.RoundCap
        PathAngleArc {
            centerX: 0
            centerY: 6 * Theme.u
            radiusX: wave.reach * Theme.u
            radiusY: wave.reach * Theme.u
            startAngle: -38
            sweepAngle: 76
        }
    }

    Wave { reach: 2.6 }
    Wave { reach: 5 }
    Wave { reach: 7.4 }
}
