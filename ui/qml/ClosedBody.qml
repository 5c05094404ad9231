pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes
import Ims.Views

// Out of order: the nearest other machine with its arrow, all languages at once, since when, the staff code.
Item {
    id: body

    required property ScreenView screen
    required property bool portrait
    required property int headFoot
    readonly property ClosedView view: screen.closed
    readonly property bool tight: Theme.largeText
    readonly property bool known: view.nearest !== ""
    // A low screen: the arrow beside the words, the sentences two by two under both.
    readonly property bool low: !portrait && height < Theme.mm(320) && width < Theme.mm(400)
    readonly property int inset: Theme.mm(low ? 8 : 14)
    readonly property int startX: portrait ? Theme.margin : Math.round(width * (tight ? 0.5 : 0.46))

    Rectangle {
        id: card
        visible: body.known
        anchors.left: parent.left
        anchors.leftMargin: body.startX
        y: body.portrait ? body.headFoot + Theme.mm(body.tight ? 12 : 20) : Theme.mm(Theme.compact ? 16 : body.low ? 20 : 26)
        width: body.width - body.startX - Theme.margin
        height: visible ? where.y + where.height + Theme.mm(Theme.compact ? 4 : body.low ? 6 : 15) : 0
        radius: Theme.mm(5)
        color: Theme.page
        border.width: Theme.highContrast ? Theme.border : 0
        border.color: Theme.control

        Say {
            id: small
            anchors.left: parent.left
            anchors.leftMargin: body.inset
            y: Theme.mm(Theme.compact ? 3 : body.low ? 5 : 13)
            width: parent.width - 2 * body.inset
            text: body.view.nearestLabel
        }
        Say {
            id: machine
            anchors.left: small.left
            y: small.y + small.height
            width: small.width
            text: body.view.nearest
            face: body.low ? Theme.leadStrong : Theme.display
            lines: 2
        }
        // Pictures the world: never mirrored.
        Shape {
            preferredRendererType: Shape.CurveRenderer
            id: arrow
            visible: body.view.direction !== "none"
            x: body.inset
            y: machine.y + machine.height + Theme.mm(body.low ? 2 : body.tight ? 6 : 10)
            width: parent.width - 2 * body.inset
            height: visible ? Theme.mm(body.low ? Theme.compact && body.tight ? 14 : 20 : body.tight ? 34 : 46) : 0
            readonly property real tip: width - Theme.mm(20)
            transform: Scale {
                origin.x: arrow.width / 2
                xScale: body.view.direction === "left" ? -1 : 1
            }
            ShapePath {
                fillColor: "transparent"
                strokeColor: Theme.ink
                strokeWidth: Theme.mm(4.5)
                capStyle: ShapePath.FlatCap
                joinStyle: ShapePath.MiterJoin
                startX: Theme.mm(7.5)
                startY: arrow.height / 2
                PathLine { x: arrow.tip + Theme.mm(14); y: arrow.height / 2 }
            }
            ShapePath {
                fillColor: "transparent"
                strokeColor: Theme.ink
                strokeWidth: Theme.mm(4.5)
                capStyle: ShapePath.FlatCap
                joinStyle: ShapePath.MiterJoin
                startX: arrow.tip - Theme.mm(5)
                startY: Theme.mm(2)
                PathLine { x: arrow.tip + Theme.mm(16.5); y: arrow.height / 2 }
                PathLine { x: arrow.tip - Theme.mm(5); y: arrow.height - Theme.mm(2) }
            }
            ShapePath {
                fillColor: Theme.ink
                strokeWidth: -1
                PathAngleArc {
                    centerX: Theme.mm(7.5)
                    centerY: arrow.height / 2
                    radiusX: Theme.mm(5.5)
                    radiusY: Theme.mm(5.5)
                    startAngle: 0
                    sweepAngle: 360
                }
            }
        }
        Column {
            id: where
            anchors.left: small.left
            y: arrow.y + arrow.height + Theme.mm(body.low ? 2 : body.tight ? 6 : 10)
            width: small.width
            Say {
                width: parent.width
                text: body.view.distance
                face: Theme.leadStrong
            }
            Say {
                width: parent.width
                text: body.view.landmark
                face: Theme.lead
            }
        }
    }

    Item {
        id: sentences
        readonly property int columns: body.low ? 2 : 1
        readonly property int wide: Math.floor((width - (columns - 1) * Theme.gutter) / columns)
        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        y: body.low ? Math.max(card.y + card.height, body.headFoot) + Theme.mm(Theme.compact ? 3 : 5) : body.portrait && body.known ? card.y + card.height + Theme.mm(body.tight ? 10 : 15) : body.headFoot + Theme.mm(body.tight ? body.screen.stripped ? 4 : 8 : 15)
        width: body.portrait || body.low ? body.width - 2 * Theme.margin : body.startX - 2 * Theme.margin
        readonly property int rowSpacing: Theme.mm(Theme.compact && body.tight || body.tight && body.screen.stripped && !body.portrait ? 1 : body.low || body.tight ? 3 : 6)

        Repeater {
            id: sentenceRepeater
            model: body.view.sentences
            delegate: Say {
                required property string words
                required property bool rightToLeft
                required property int index
                readonly property Item above: index < sentences.columns ? null : sentenceRepeater.itemAt(index - sentences.columns)
                readonly property int start: index % sentences.columns * (sentences.wide + Theme.gutter)
                width: sentences.wide
                x: Theme.rightToLeft ? sentences.width - start - width : start
                y: above === null ? 0 : above.y + above.height + sentences.rowSpacing
                text: words
                balanced: true
                ink: Theme.fieldInk
                align: rightToLeft !== Theme.rightToLeft ? Text.AlignRight : Text.AlignLeft
            }
        }
    }

    Say {
        id: since
        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Theme.mm(Theme.compact ? 7 : 13.5)
        width: naturalWidth
        text: body.view.since
        face: Theme.small
        ink: Theme.fieldInk
    }
    Say {
        id: code
        readonly property bool above: since.naturalWidth + naturalWidth + door.width + Theme.mm(door.width > 0 ? 16 : 8) > parent.width - 2 * Theme.margin
        readonly property int beside: parent.width - Theme.margin - door.width - (door.width > 0 ? Theme.mm(8) : 0) - width
        readonly property int start: above ? Theme.margin : beside
        x: Theme.rightToLeft ? parent.width - start - width : start
        y: since.y - (above ? height : 0)
        width: naturalWidth
        text: body.view.code
        face: Theme.small
        ink: Theme.fieldInk
    }
    Row {
        id: door
        anchors.right: parent.right
        anchors.rightMargin: Theme.margin
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Theme.mm(Theme.compact ? 2 : 8.5)
        Repeater {
            model: body.view.wayIn
            delegate: Quiet {
                required property int index
                screen: body.screen
                paper: Theme.inkField
                greenAround: true
                rest: Theme.fieldInk
            }
        }
    }
}
