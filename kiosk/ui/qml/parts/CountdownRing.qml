import QtQuick
import QtQuick.Shapes
import Look

// Seconds left, as a ring that grows shorter.
Item {
    id: ring

    required property int left_s
    required property int total_s
    property real thick: 0.6 * Theme.u
    property color tint: Theme.primary
    property color track: Theme.line
    property color ink: Theme.ink

    Accessible.role: Accessible.Indicator
    Accessible.name: left_s

    Shape {
        anchors.fill: parent
        ShapePath {
            strokeColor: ring.track
            strokeWidth: ring.thick
            fillColor: "transparent"
            PathAngleArc {
                centerX: ring.width / 2
                centerY: ring.height / 2
                radiusX: ring.width / 2 - ring.thick
                radiusY: ring.height / 2 - ring.thick
                startAngle: 0
                sweepAngle: 360
            }
        }
        ShapePath {
            strokeColor: ring.tint
            strokeWidth: ring.thick
            capStyle: ShapePath.RoundCap
            fillColor: "transparent"
            PathAngleArc {
                centerX: ring.width / 2
                centerY: ring.height / 2
                radiusX: ring.width / 2 - ring.thick
                radiusY: ring.height / 2 - ring.thick
                startAngle: -90
                sweepAngle: -360 * ring.left_s / Math.max(1, ring.total_s)
            }
        }
    }
    Words {
        anchors.centerIn: parent
        text: ring.left_s
        color: ring.ink
        font.pixelSize: 0.36 * ring.height
        leading: 1
        Accessible.ignored: true
    }
}
