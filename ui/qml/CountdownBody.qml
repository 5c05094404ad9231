import QtQuick
import QtQuick.Shapes
import Ims.Views

// A number, and a ring that empties clockwise from twelve, one step a second. Never mirrored.
Item {
    id: body

    required property ScreenView screen
    required property rect pane
    readonly property CountdownView view: screen.countdown
    readonly property int size: Math.min(Theme.mm(124), pane.height - Theme.mm(16))
    readonly property int thick: Theme.mm(6)

    Item {
        anchors.left: parent.left
        anchors.leftMargin: Math.round(body.pane.x + (body.pane.width - width) / 2)
        y: Math.round(body.pane.y + (body.pane.height - height) / 2)
        width: body.size
        height: body.size
        Accessible.role: Accessible.StaticText
        Accessible.name: String(body.view.left)

        Shape {
            preferredRendererType: Shape.CurveRenderer
            anchors.fill: parent
            ShapePath {
                fillColor: "transparent"
                strokeColor: Theme.rule
                strokeWidth: Theme.mm(0.75)
                PathAngleArc {
                    centerX: body.size / 2
                    centerY: body.size / 2
                    radiusX: (body.size - body.thick) / 2
                    radiusY: radiusX
                    startAngle: 0
                    sweepAngle: 360
                }
            }
            ShapePath {
                fillColor: "transparent"
                strokeColor: Theme.primary
                strokeWidth: body.view.left > 0 ? body.thick : -1
                capStyle: ShapePath.FlatCap
                PathAngleArc {
                    readonly property real spent: 360 * (1 - body.view.left / Math.max(1, body.view.of))
                    centerX: body.size / 2
                    centerY: body.size / 2
                    radiusX: (body.size - body.thick) / 2
                    radiusY: radiusX
                    startAngle: spent - 90
                    sweepAngle: 360 - spent
                }
            }
        }
        Say {
            anchors.horizontalCenter: parent.horizontalCenter
            anchors.horizontalCenterOffset: face.outdent
            anchors.verticalCenter: parent.verticalCenter
            width: naturalWidth
            text: String(body.view.left)
            face: Theme.countdown
            spoken: false
        }
    }
}
