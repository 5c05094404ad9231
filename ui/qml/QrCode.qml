pragma ComponentBehavior: Bound
import QtQuick

// Dark cells on white with their quiet zone of four, in every theme: telephones read nothing else.
Rectangle {
    id: code

    required property int cells
    required property list<var> runs
    required property string spoken
    property int side: Theme.mm(56)
    readonly property int cell: cells > 0 ? Math.floor(side / (cells + 8)) : 0

    width: cell * (cells + 8)
    height: width
    color: "#FFFFFF"
    visible: cells > 0
    Accessible.role: Accessible.Graphic
    Accessible.name: spoken

    Repeater {
        model: code.runs
        delegate: Rectangle {
            required property var modelData
            x: (modelData[0] + 4) * code.cell
            y: (modelData[1] + 4) * code.cell
            width: modelData[2] * code.cell
            height: code.cell
            color: "#000000"
        }
    }
}
