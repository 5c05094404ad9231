pragma ComponentBehavior: Bound
import QtQuick

// As many spines as loans, eight at most, and the card. Drawn on 952 wide; the ground line is its foot.
Item {
    id: drawing

    required property int spines

    readonly property list<int> lefts: [10, 44, 24, 64, 50, 34, 20, 56]
    readonly property list<int> widths: [470, 404, 440, 376, 394, 420, 448, 388]
    readonly property list<int> heights: [86, 64, 88, 70, 60, 78, 66, 72]
    readonly property int count: Math.min(spines, 8)
    readonly property int stackHeight: {
        let high = 0;
        for (let n = 0; n < count; n++)
            high += heights[n] + 2;
        return high;
    }

    function bandsOf(n: int): list<int> {
        const w = widths[n];
        switch (n % 6) {
        case 0:
            return [34, 9, w - 42, 9];
        case 1:
            return [24, 26];
        case 2:
            return [48, 7, 64, 7, w - 70, 7, w - 54, 7];
        case 3:
            return [30, 11, w - 40, 11];
        case 4:
            return [w - 58, 26];
        default:
            return [26, 9, 44, 9, w - 52, 9, w - 34, 9];
        }
    }

    width: 952
    height: Math.max(stackHeight, 212) + 4
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true
    Accessible.ignored: true

    Repeater {
        model: drawing.count
        delegate: Spine {
            required property int index
            readonly property int below: {
                let high = 0;
                for (let n = 0; n <= index; n++)
                    high += drawing.heights[n] + 2;
                return high;
            }
            x: drawing.lefts[index]
            y: drawing.height - 4 - below
            width: drawing.widths[index]
            height: drawing.heights[index]
            cloth: [Theme.drawMid, Theme.drawPaper, Theme.drawClay, Theme.drawPale, Theme.drawPaper, Theme.drawMid][index % 6]
            bands: drawing.bandsOf(index)
            lineX: Math.round(width * (index % 2 ? 0.34 : 0.35))
            lineWidth: [170, 140, 110, 140, 170, 130][index % 6]
        }
    }
    CardDrawing {
        x: 600
        y: drawing.height - 4 - 212
        scale: 1.375
        transformOrigin: Item.TopLeft
    }
    Rectangle {
        width: parent.width
        y: parent.height - 4
        height: 4
        color: Theme.drawPaper
    }
}
