pragma ComponentBehavior: Bound
import QtQuick

// A card with a bar code, or one with a chip that pays, drawn on 240 x 150.
Rectangle {
    id: card

    readonly property color printing: Theme.highContrast ? Theme.drawLine : Theme.green

    property bool pays: false

    width: 240
    height: 152
    radius: 14
    color: Theme.drawPale
    antialiasing: true
    border.width: Theme.highContrast ? 3 : 0
    border.color: Theme.drawLine

    Rectangle { visible: !card.pays; x: 21; y: 22; width: 98; height: 9; color: card.printing; antialiasing: true }
    Rectangle { visible: !card.pays; x: 21; y: 43; width: 62; height: 9; color: card.printing; antialiasing: true }
    Rectangle { visible: card.pays; x: 24; y: 44; width: 46; height: 36; radius: 7; color: card.printing; antialiasing: true }
    Row {
        visible: card.pays
        x: 24
        y: 104
        spacing: 14
        Repeater {
            model: 4
            delegate: Rectangle { width: 34; height: 9; color: card.printing; antialiasing: true }
        }
    }
    BarCode { visible: !card.pays; x: 21; y: 85; width: 197.6; height: 47; ink: card.printing }
}
