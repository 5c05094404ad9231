pragma ComponentBehavior: Bound
import QtQuick

// Bars as on a card or a book; no number in them.
Item {
    id: code

    required property color ink
    readonly property list<int> bars: [0, 3, 8, 3, 19, 7, 31, 4, 38, 3, 44, 7, 59, 4, 67, 3, 79, 4, 89, 3, 95, 4, 102, 3, 115, 5, 125, 3, 133, 5, 142, 3, 150, 6, 164, 6, 178, 3, 186, 4, 194, 3, 201, 4]

    Repeater {
        model: code.bars.length / 2
        delegate: Rectangle {
            required property int index
            x: code.bars[2 * index] * code.width / 208
            width: code.bars[2 * index + 1] * Math.min(1, code.width / 190)
            height: code.height
            color: code.ink
            antialiasing: true
        }
    }
}
