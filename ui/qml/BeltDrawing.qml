pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes
import Ims.Views

// The belt from above, true to scale along its length: one scale for reader, last choice, diverts and items. Never mirrored.
Item {
    id: board

    required property BeltView view
    // What gives way to words where there is no room for both: nothing, the scale, the captions too, what a bin has round its number,
    // at last all of it.
    // What captions say stands in the lists and the state.
    property int rank: 0
    readonly property bool compact: rank > 1

    readonly property int leadIn: 300
    readonly property int boxHigh: boxAt(rank)
    readonly property int strip: stripAt(rank)
    readonly property int beltHigh: beltAt(rank)
    readonly property int beltTop: boxHigh + strip
    readonly property int lowTop: beltTop + beltHigh + strip
    readonly property int scaleTop: lowTop + boxHigh + Theme.mm(2)
    readonly property int endWide: ending ? Theme.mm(Theme.largeText ? 70 : 56) : 0
    readonly property real scale_: (width - endWide) / (view.lengthMm + leadIn)
    property bool ending: false
    property int boxWide: Theme.mm(58)
    property int firstBox: width

    property int firstLow: width
    readonly property int saidHigh: said.height + Theme.mm(1)

    implicitHeight: highAt(rank)
    height: implicitHeight

    function boxAt(rank: int): int {
        return Theme.mm(4) + (rank > 2 ? Theme.lead.line : 2 * Theme.panelSmall.line + (rank > 1 ? 0 : Theme.lead.line));
    }

    function stripAt(rank: int): int {
        return rank > 1 ? Theme.mm(5) : Math.max(Theme.mm(9), Theme.panelSmall.line + Theme.mm(1));
    }

    function beltAt(rank: int): int {
        return Theme.mm(rank > 1 ? 12 : 16);
    }

    function highAt(rank: int): int {
        return rank > 3 ? 0 : 2 * boxAt(rank) + 2 * stripAt(rank) + beltAt(rank) + (rank > 0 ? 0 : Theme.mm(2) + Theme.mm(3) + Theme.panelSmall.line);
    }

    function at(mm: real): real {
        return (mm + leadIn) * scale_;
    }

    // As wide as the nearest two on one side leave room for.
    function share() {
        const seen = { left: [], right: [] };
        let last = false;
        for (let n = 0; n < bins.count; n++) {
            const bin = bins.itemAt(n) as BeltBin;
            if (!bin)
                return;
            if (bin.side === "end")
                last = true;
            else
                seen[bin.side].push(bin.divert);
        }
        ending = last;
        let least = Theme.mm(58);
        for (const side of ["left", "right"]) {
            const sorted = seen[side].sort((a, b) => a - b);
            for (let n = 1; n < sorted.length; n++)
                least = Math.min(least, (sorted[n] - sorted[n - 1]) * scale_ - Theme.mm(2));
        }
        boxWide = Math.max(Theme.mm(14), Math.floor(least));
        const before = side => seen[side].length > 0 ? at(Math.min(...seen[side])) - boxWide / 2 - Theme.mm(4) : width;
        firstBox = Math.min(before("left"), width);
        firstLow = Math.min(before("right"), width);
    }

    onWidthChanged: Qt.callLater(share)
    onScale_Changed: Qt.callLater(share)

    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true

    Legend {
        view: board.view
        visible: !board.compact && implicitWidth <= board.firstBox
        width: board.firstBox
        high: board.boxHigh
    }

    // The belt and what stands on it
    Rectangle {
        id: belt
        y: board.beltTop
        width: board.at(board.view.lengthMm)
        height: board.beltHigh
        color: Theme.drawBelt
        border.width: Theme.hairline * 2
        border.color: Theme.ink2
    }
    Rectangle {
        x: board.at(board.view.readerFrom)
        y: belt.y - Theme.mm(2)
        width: board.at(board.view.readerTo) - x
        height: belt.height + 2 * Theme.mm(2)
        radius: Theme.softRadius
        color: Theme.highContrast ? "transparent" : "#221A1A1A"
        border.width: Theme.border
        border.color: Theme.ink
    }
    Shape {
        y: belt.y
        width: belt.width
        height: belt.height
        preferredRendererType: Shape.CurveRenderer
        ShapePath {
            strokeColor: Theme.ink2
            strokeWidth: 2
            fillColor: "transparent"
            PathSvg {
                path: {
                    const high = belt.height / 2;
                    const step = Theme.mm(10);
                    const tip = Theme.mm(1.4);
                    let drawn = "";
                    for (let x = step / 2; x < belt.width - tip; x += step)
                        drawn += `M${x} ${high - tip}L${x + tip} ${high}L${x} ${high + tip}`;
                    return drawn;
                }
            }
        }
    }

    component Line: Rectangle {
        y: belt.y - Theme.mm(3)
        width: Math.max(2, Theme.border)
        height: belt.height + 2 * Theme.mm(3)
        color: Theme.ink
    }

    Line {
        id: induct
        x: board.at(0) - width / 2
    }
    Say {
        x: induct.x - (naturalWidth / 2 < induct.x ? naturalWidth / 2 : induct.x)
        y: belt.y + belt.height + Theme.mm(3)
        width: naturalWidth
        text: !board.compact && board.view.language !== "" ? board.view.caption("induct") : ""
        face: Theme.panelSmall
    }
    Say {
        id: reader
        x: (board.at(board.view.readerFrom) + board.at(board.view.readerTo) - width) / 2
        y: belt.y - Theme.mm(2) - height
        width: naturalWidth
        text: !board.compact && board.view.language !== "" ? board.view.caption("reader") : ""
        face: Theme.panelSmall
    }
    Column {
        x: board.at(board.view.decisionMm)
        y: belt.y - Theme.mm(3)
        spacing: Theme.mm(1)
        Repeater {
            model: Math.floor((belt.height + 2 * Theme.mm(3)) / Theme.mm(2))
            Rectangle {
                width: Math.max(2, Theme.border)
                height: Theme.mm(1)
                color: Theme.ink
            }
        }
    }
    Say {
        visible: x > reader.x + reader.width + Theme.mm(3)
        x: board.at(board.view.decisionMm) - width - Theme.mm(1.5)
        y: belt.y - Theme.mm(1) - height
        width: naturalWidth
        text: !board.compact && board.view.language !== "" ? board.view.caption("decision") : ""
        face: Theme.panelSmall
    }

    Say {
        id: said
        visible: height <= board.boxHigh && linesIn(face, width) < 99
        y: board.lowTop + board.boxHigh - height
        width: board.firstLow
        text: board.view.language !== "" ? board.view.caption("e_stop") : ""
        face: Theme.panelSmall
        ink: Theme.ink2
    }

    Repeater {
        id: bins
        model: board.view.bins
        onCountChanged: Qt.callLater(board.share)
        delegate: BeltBin {
            id: bin
            atEnd: side === "end"
            x: atEnd ? board.width - width : Math.round(board.at(divert) - width / 2)
            y: atEnd ? Math.round(belt.y + (belt.height - height) / 2) : side === "left" ? 0 : board.lowTop
            width: atEnd ? board.endWide : board.boxWide
            height: board.boxHigh
            chute: atEnd ? 0 : board.strip
            compact: board.compact
            onDivertChanged: Qt.callLater(board.share)
            onSideChanged: Qt.callLater(board.share)
        }
    }

    Repeater {
        model: board.view.items
        delegate: BeltThing {
            id: thing
            required property int front
            required property int long
            readonly property real tail: board.at(Math.max(-board.leadIn, front - long))
            x: tail
            y: belt.y + Math.round((belt.height - height) / 2)
            width: Math.max(Theme.mm(7), long * board.scale_)
            height: Theme.mm(board.compact ? 9 : 11)
            // Straight from where one snapshot saw it to where the next does.
            Behavior on x {
                enabled: !Theme.still
                NumberAnimation {
                    duration: board.view.stepMs
                }
            }
        }
    }

    // The scale
    Rectangle {
        visible: board.rank === 0
        x: board.at(0)
        y: board.scaleTop
        width: belt.width - x
        height: 2
        color: Theme.ink2
    }
    Repeater {
        model: board.rank > 0 ? 0 : Math.floor(board.view.lengthMm / 1000) + 1
        delegate: Item {
            id: tick
            required property int index
            x: board.at(index * 1000)
            y: board.scaleTop
            Rectangle {
                width: 2
                height: Theme.mm(tick.index % 2 === 0 ? 2.5 : 1.5)
                color: Theme.ink2
            }
            Say {
                readonly property bool shown: tick.index % 2 === 0
                visible: shown
                x: -width / 2
                y: Theme.mm(2.5)
                width: naturalWidth
                text: shown && board.view.language !== "" ? board.view.metres(tick.index) : ""
                face: Theme.panelSmall
                ink: Theme.ink2
                spoken: false
            }
        }
    }
}
