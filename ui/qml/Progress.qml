pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

// One segment an item in the order of the rows; over twelve, one bar. The words above carry the count.
Item {
    id: progress

    required property QtObject segments
    readonly property int count: cells.count
    readonly property bool whole: count > 12
    readonly property int gap: Theme.mm(2)

    implicitHeight: count === 0 ? 0 : Theme.largeText ? Theme.mm(12) : Theme.mm(9)
    Accessible.ignored: true

    Row {
        anchors.fill: parent
        spacing: progress.whole ? 0 : progress.gap

        Repeater {
            id: cells
            model: progress.segments
            delegate: Rectangle {
                id: cell

                required property int index
                required property string mark
                readonly property bool filled: mark === "done" || mark === "refused"
                readonly property real step: (progress.width + (progress.whole ? 0 : progress.gap)) / progress.count

                width: Math.round((index + 1) * step) - Math.round(index * step) - (progress.whole ? 0 : progress.gap)
                height: progress.height
                radius: progress.whole ? 0 : Theme.softRadius
                color: mark === "done" ? Theme.success : mark === "refused" ? Theme.error : Theme.surface
                border.width: filled ? 0 : progress.whole ? 1 : Math.round(Theme.border * (Theme.highContrast ? 1 : 1.5))
                border.color: Theme.control
                Behavior on color {
                    ColorAnimation { duration: Theme.fill }
                }

                Item {
                    anchors.fill: parent
                    anchors.margins: cell.border.width
                    visible: cell.mark === "running"
                    clip: true
                    Rectangle {
                        id: block
                        property real shift: Theme.rightToLeft ? 1 : 0
                        width: Math.round(parent.width * 0.43)
                        height: parent.height
                        x: Math.round((parent.width - width) * shift)
                        color: Theme.control
                        SequentialAnimation on shift {
                            running: cell.mark === "running" && !Theme.still
                            loops: Animation.Infinite
                            NumberAnimation { from: 0; to: 1; duration: Theme.turn }
                            NumberAnimation { from: 1; to: 0; duration: Theme.turn }
                        }
                    }
                }

                Shape {
                    preferredRendererType: Shape.CurveRenderer
                    visible: cell.filled && !progress.whole
                    anchors.centerIn: parent
                    width: 24
                    height: 24
                    scale: Theme.pxPerMm / 4
                    ShapePath {
                        fillColor: "transparent"
                        strokeColor: cell.mark === "refused" ? Theme.errorInk : Theme.successInk
                        strokeWidth: 4
                        capStyle: ShapePath.FlatCap
                        joinStyle: ShapePath.MiterJoin
                        PathSvg { path: cell.mark === "refused" ? "M4.5 4.5L19.5 19.5M19.5 4.5L4.5 19.5" : "M3 12.5L9.5 19L21 5" }
                    }
                }
            }
        }
    }
}
