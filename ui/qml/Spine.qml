pragma ComponentBehavior: Bound
import QtQuick

// The spine of one lying book: bands and a title line in the ground's colour.
Rectangle {
    id: spine

    required property color cloth
    property color ground: Theme.green
    property list<int> bands: []
    property int lineX: 0
    property int lineWidth: 0

    color: cloth
    radius: 6
    antialiasing: true
    border.width: Theme.highContrast ? 3 : 0
    border.color: Theme.drawLine

    Repeater {
        model: spine.bands.length / 2
        delegate: Rectangle {
            required property int index
            x: spine.bands[2 * index]
            width: spine.bands[2 * index + 1]
            height: spine.height
            color: Theme.highContrast ? Theme.drawLine : spine.ground
            antialiasing: true
        }
    }
    Rectangle {
        x: spine.lineX
        width: spine.lineWidth
        y: Math.round((spine.height - height) / 2)
        height: 8
        color: Theme.highContrast ? Theme.drawLine : spine.ground
        antialiasing: true
    }
}
