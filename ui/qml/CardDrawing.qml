pragma ComponentBehavior: Bound
import QtQuick

// A card with a bar code, drawn on 240 x 150.
Rectangle {
    id: card

    readonly property color printing: Theme.highContrast ? Theme.drawLine : Theme.green

    width: 240
    height: 152
    radius: 14
    color: Theme.drawPale
    antialiasing: true
    border.width: Theme.highContrast ? 3 : 0
    border.color: Theme.drawLine

    Rectangle { x: 21; y: 22; width: 98; height: 9; color: card.printing; antialiasing: true }
    Rectangle { x: 21; y: 43; width: 62; height: 9; color: card.printing; antialiasing: true }
    BarCode { x: 21; y: 85; width: 197.6; height: 47; ink: card.printing }
}
