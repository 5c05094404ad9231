pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

// State as a shape, drawn on a square of 60. The word stands beside it; the colour only repeats it.
Item {
    id: mark

    required property string kind
    property int here: 0
    property int all: 0
    property int size: Theme.mark
    property color ground: Theme.page
    readonly property var look: looks[kind] ?? looks["none"]

    readonly property string disc: "M0 30A30 30 0 1 1 60 30A30 30 0 1 1 0 30Z"
    readonly property string ring: "M2.5 30A27.5 27.5 0 1 1 57.5 30A27.5 27.5 0 1 1 2.5 30Z"
    readonly property string square: "M13 2.5H47A10.5 10.5 0 0 1 57.5 13V47A10.5 10.5 0 0 1 47 57.5H13A10.5 10.5 0 0 1 2.5 47V13A10.5 10.5 0 0 1 13 2.5Z"
    readonly property var looks: ({
            "none": {},
            "done": { body: disc, fill: Theme.success, line: "M16.5 31.5L26 40.5L43.5 20", lineInk: Theme.successInk, lineWidth: 5.5 },
            "refused": { body: "M17.6 0H42.4L60 17.6V42.4L42.4 60H17.6L0 42.4V17.6Z", fill: Theme.error, line: "M20.5 20.5L39.5 39.5M39.5 20.5L20.5 39.5", lineInk: Theme.errorInk, lineWidth: 6 },
            "running": { body: ring, edge: Theme.rule, edgeWidth: 3 },
            "put_back": { body: "M30 4L58 56H2Z", fill: Theme.warning, edge: Theme.warningInk, edgeWidth: 2.5, glyph: "M27 23H33V40H27ZM26.2 47.5A3.8 3.8 0 1 1 33.8 47.5A3.8 3.8 0 1 1 26.2 47.5Z", glyphInk: Theme.warningInk },
            "part": { body: ring, edge: Theme.ink, edgeWidth: 3.5, glyph: sector(), glyphInk: Theme.ink },
            "later": { body: square, edge: Theme.ink, edgeWidth: 4.5, line: "M30 16.5V31L41.5 39.5", lineInk: Theme.ink, lineWidth: 5 },
            "seen": { body: ring, edge: Theme.ink, edgeWidth: 3.5, glyph: "M23 30A7 7 0 1 1 37 30A7 7 0 1 1 23 30Z", glyphInk: Theme.ink },
            "undone": { body: ring, edge: Theme.ink, edgeWidth: 3.5, line: Theme.rightToLeft ? "M33.5 16L42.5 25L33.5 34M42.5 25H26A9 9 0 0 0 26 43H35" : "M26.5 16L17.5 25L26.5 34M17.5 25H34A9 9 0 0 1 34 43H25", lineInk: Theme.ink, lineWidth: 5 },
            "staff": { body: square, fill: Theme.ink, edge: Theme.ink, edgeWidth: 4.5, glyph: "M20.5 21.5A9.5 9.5 0 1 1 39.5 21.5A9.5 9.5 0 1 1 20.5 21.5ZM11.5 50C12.5 40 19 34 30 34S47.5 40 48.5 50Z", glyphInk: ground },
            "now": { body: "M30 4L58 56H2Z", fill: Theme.error, edge: Theme.error, edgeWidth: 2.5, glyph: "M27 23H33V40H27ZM26.2 47.5A3.8 3.8 0 1 1 33.8 47.5A3.8 3.8 0 1 1 26.2 47.5Z", glyphInk: Theme.errorInk },
            "today": { body: "M30 2.5L57.5 30L30 57.5L2.5 30Z", fill: Theme.warning, edge: Theme.warningInk, edgeWidth: 3, glyph: "M27 15H33V34H27ZM26.2 42A3.8 3.8 0 1 1 33.8 42A3.8 3.8 0 1 1 26.2 42Z", glyphInk: Theme.warningInk },
            "soon": { body: ring, edge: Theme.ink, edgeWidth: 3.5, glyph: "M27 26H33V45H27ZM26.2 18A3.8 3.8 0 1 1 33.8 18A3.8 3.8 0 1 1 26.2 18Z", glyphInk: Theme.ink },
            "hold": { body: square, fill: Theme.warning, edge: Theme.warningInk, edgeWidth: 3, glyph: "M20 14H40V46L30 40L20 46Z", glyphInk: Theme.warningInk }
        })

    function sector(): string {
        const share = all > 0 ? Math.min(here / all, 0.9999) : 0.3333;
        const turn = 2 * Math.PI * share;
        return `M30 30V3A27 27 0 ${share > 0.5 ? 1 : 0} 1 ${30 + 27 * Math.sin(turn)} ${30 - 27 * Math.cos(turn)}Z`;
    }

    implicitWidth: size
    implicitHeight: size
    Accessible.ignored: true

    Shape {
        preferredRendererType: Shape.CurveRenderer
        width: 60
        height: 60
        scale: mark.size / 60
        transformOrigin: Item.TopLeft

        ShapePath {
            fillColor: mark.look.fill ?? "transparent"
            strokeColor: mark.look.edge ?? "transparent"
            strokeWidth: mark.look.edgeWidth ?? -1
            joinStyle: ShapePath.MiterJoin
            PathSvg { path: mark.look.body ?? "" }
        }
        ShapePath {
            fillColor: mark.look.glyphInk ?? "transparent"
            strokeWidth: -1
            PathSvg { path: mark.look.glyph ?? "" }
        }
        ShapePath {
            fillColor: "transparent"
            strokeColor: mark.look.lineInk ?? "transparent"
            strokeWidth: mark.look.lineWidth ?? -1
            capStyle: ShapePath.FlatCap
            joinStyle: ShapePath.MiterJoin
            PathSvg { path: mark.look.line ?? "" }
        }
    }

    Shape {
        preferredRendererType: Shape.CurveRenderer
        visible: mark.kind === "running"
        width: 60
        height: 60
        scale: mark.size / 60
        transformOrigin: Item.TopLeft

        ShapePath {
            id: arc

            property real turned: 0

            fillColor: "transparent"
            strokeColor: Theme.ink
            strokeWidth: 7
            capStyle: ShapePath.FlatCap
            PathAngleArc {
                centerX: 30
                centerY: 30
                radiusX: 26.5
                radiusY: 26.5
                startAngle: arc.turned - 90
                sweepAngle: 120
            }
            NumberAnimation on turned {
                running: mark.kind === "running" && mark.visible && !Theme.still
                loops: Animation.Infinite
                from: 0
                to: 360
                duration: Theme.turn
            }
        }
    }
}
