pragma ComponentBehavior: Bound
import QtQuick

// A card with a bar code, drawn on 240 x 150.
Rectangle {
    id: card

    readonly property color printing: Theme.highContrast ? Theme.drawLine : Theme.green
    readonly property list<int> bars: [0, 3, 8, 3, 19, 7, 31, 4, 38, 3, 44, 7, 59, 4, 67, 3, 79, 4, 89, 3, 95, 4, 102, 3, 115, 5, 125, 3, 133, 5, 142, 3, 150, 6, 164, 6, 178, 3, 186, 4, 194, 3, 201, 4]

    width: 240
    height: 152
    radius: 14
    color: Theme.drawPale
    antialiasing: true
    border.width: Theme.highContrast ? 3 : 0
    border.color: Theme.drawLine

    Rectangle { x: 21; y: 22; width: 98; height: 9; color: card.printing; antialiasing: true }
    Rectangle { x: 21; y: 43; width: 62; height: 9; color: card.printing; antialiasing: true }
    Repeater {
        model: card.bars.length / 2
        delegate: Rectangle {
            required property int index
            x: 21 + card.bars[2 * index] * 0.95
            y: 85
            width: card.bars[2 * index + 1]
            height: 47
            color: card.printing
            antialiasing: true
        }
    }
}
