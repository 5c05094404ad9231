pragma ComponentBehavior: Bound
import QtQuick

// Where returned things go: the real furniture from the front, left to right as it stands, never mirrored.
// Lit when something belongs there, with as many spines (four at most) and the count in words.
Item {
    id: furniture

    required property QtObject places
    required property int high
    readonly property int count: cells.count
    readonly property int boxHeight: Math.round(high * 0.56)
    // Each as wide as its name's longest word needs, and the same share of the rest.
    property list<int> widths: []
    property int tallest: 0

    implicitHeight: count === 0 ? 0 : high + Theme.mm(4) + tallest
    property bool hidden: false
    visible: count > 0 && !hidden

    onWidthChanged: share()

    function share() {
        const needs = [];
        for (let n = 0; n < cells.count; n++)
            needs.push((cells.itemAt(n) as Cell)?.need ?? 0);
        const spare = width - (needs.length - 1) * Theme.gutter - needs.reduce((sum, need) => sum + need, 0);
        widths = needs.map(need => Math.max(0, need + Math.floor(spare / needs.length)));
    }

    function measure() {
        let most = 0;
        for (let n = 0; n < cells.count; n++)
            most = Math.max(most, cells.itemAt(n)?.implicitHeight ?? 0);
        tallest = most;
    }

    component Cell: Item {
        property int need: 0
    }

    Item {
        anchors.fill: parent
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true

        Repeater {
            id: cells
            model: furniture.places
            delegate: Cell {
                id: cell

                required property int index
                required property string kind
                required property string number
                required property string called
                required property int count
                required property string countWords
                required property string spoken
                readonly property bool lit: count > 0
                readonly property bool shelf: kind === "shelf"

                need: name.leastWidth(3, 1000)
                onNeedChanged: furniture.share()
                Component.onDestruction: Qt.callLater(furniture.share)
                x: furniture.widths.slice(0, index).reduce((sum, wide) => sum + wide + Theme.gutter, 0)
                width: furniture.widths[index] ?? 0
                height: furniture.height
                implicitHeight: words.height
                onImplicitHeightChanged: furniture.measure()
                Accessible.role: Accessible.StaticText
                Accessible.name: spoken

                Rectangle {
                    id: body
                    anchors.horizontalCenter: parent.horizontalCenter
                    width: Math.min(parent.width, Math.round(furniture.high * (cell.shelf ? 0.65 : 0.54)))
                    height: cell.shelf ? furniture.high : furniture.boxHeight
                    y: furniture.high - height
                    radius: Theme.softRadius
                    color: cell.lit && !cell.shelf ? Theme.primary : "transparent"
                    border.width: cell.lit && cell.shelf ? Theme.mm(3.5) : cell.lit ? 0 : Theme.border
                    border.color: cell.lit ? Theme.primary : Theme.control

                    // The board that things stand on.
                    Rectangle {
                        id: board
                        visible: cell.shelf
                        width: parent.width
                        height: cell.lit ? Theme.mm(3) : Theme.border
                        y: Math.round(parent.height * 0.6)
                        color: body.border.color
                    }
                    Say {
                        anchors.centerIn: parent
                        width: naturalWidth
                        text: cell.number
                        face: furniture.boxHeight < Theme.display.line ? Theme.title : Theme.display
                        ink: cell.lit ? Theme.primaryInk : Theme.ink2
                        lines: 1
                        spoken: false
                    }
                    Icon {
                        anchors.centerIn: parent
                        name: cell.kind === "staff" ? "support_agent" : ""
                        ink: cell.lit ? Theme.primaryInk : Theme.ink2
                        size: Math.round(furniture.boxHeight * 0.5)
                    }
                    Icon {
                        anchors.horizontalCenter: parent.horizontalCenter
                        y: Theme.mm(5)
                        name: cell.shelf && cell.lit ? "arrow_downward" : ""
                        ink: Theme.primary
                        size: Math.round(furniture.high * 0.17)
                    }
                }
                Row {
                    anchors.horizontalCenter: parent.horizontalCenter
                    y: (cell.shelf ? body.y + board.y : body.y - Theme.mm(1)) - height
                    height: Math.round(furniture.high * (cell.shelf ? 0.28 : 0.26))
                    spacing: Theme.mm(2)
                    Repeater {
                        model: Math.min(cell.count, 4)
                        delegate: Rectangle {
                            required property int index
                            width: Math.round(furniture.high * 0.085)
                            height: Math.round(parent.height * [0.86, 0.64, 1, 0.75][index])
                            y: parent.height - height
                            radius: 2
                            color: Theme.primary
                        }
                    }
                }
                Column {
                    id: words
                    y: furniture.high + Theme.mm(4)
                    width: parent.width
                    Say {
                        width: parent.width
                        height: face.line
                        text: cell.countWords
                        face: Theme.stateWord
                        align: Text.AlignHCenter
                        lines: 1
                        spoken: false
                    }
                    Say {
                        id: name
                        width: parent.width
                        text: cell.called
                        face: Theme.stateDetail
                        ink: cell.lit ? Theme.ink : Theme.ink2
                        align: Text.AlignHCenter
                        balanced: true
                        lines: 3
                        spoken: false
                    }
                }
            }
        }
    }
}
