pragma ComponentBehavior: Bound
import QtQuick
import HwSim.Desk

// One item: click or Enter lays and lifts it, the mouse drags it. A set shows its parts, each on its own too.
Item {
    id: item

    required property Desk desk
    required property Book book
    required property rect pad
    property real homeX
    property real homeY
    property bool moves: true

    readonly property bool lies: book.seat >= 0
    readonly property bool isSet: book.parts.length > 1
    readonly property bool dragged: drag.active
    readonly property bool settled: !dragged && !back.running && x === homeX && y === homeY

    objectName: "book-" + book.item
    x: homeX
    y: homeY
    z: dragged ? 1000 : book.seat + 1
    activeFocusOnTab: true
    Accessible.role: Accessible.CheckBox
    Accessible.name: {
        const where = !lies ? "on the shelf" : !isSet || book.laid.length === book.parts.length ? "on the pad" : book.laid.length + " of " + book.parts.length + " parts on the pad";
        return book.title + (book.author ? ", " + book.author : "") + ", " + where;
    }
    Accessible.checkable: true
    Accessible.checked: lies
    Accessible.onPressAction: desk.toggle(book.item)
    Accessible.onToggleAction: desk.toggle(book.item)
    Keys.onReturnPressed: desk.toggle(book.item)
    Keys.onEnterPressed: desk.toggle(book.item)
    Keys.onSpacePressed: desk.toggle(book.item)

    Behavior on x {
        enabled: item.moves
        NumberAnimation {
            duration: Theme.quick
        }
    }
    Behavior on y {
        enabled: item.moves
        NumberAnimation {
            duration: Theme.quick
        }
    }

    Item {
        id: mover
        width: item.width
        height: item.height

        // the other parts of a set, behind
        Repeater {
            model: item.isSet ? 2 : 0
            Rectangle {
                required property int index
                x: (2 - index) * 3
                y: (2 - index) * 3
                width: mover.width
                height: mover.height
                color: Theme.surface
                border.width: 1
                border.color: Theme.rule
            }
        }
        Cover {
            anchors.fill: parent
            title: item.book.title
            author: item.book.author
            tone: item.book.cover
            motif: item.isSet ? -1 : item.book.place % 7
        }
        // an edge, where books overlap on the pad
        Rectangle {
            visible: item.lies
            x: -1
            width: 1
            height: parent.height
            color: Theme.surface
        }
        // a ribbon: somebody has borrowed it
        Rectangle {
            visible: item.book.lent
            anchors.right: parent.right
            anchors.rightMargin: Math.round(parent.width * 0.1)
            y: -11
            width: 10
            height: 19
            color: Theme.primary
            border.width: 1
            border.color: Theme.page
        }
        Row {
            visible: item.isSet
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 6
            anchors.horizontalCenter: parent.horizontalCenter
            spacing: 3

            Repeater {
                model: item.isSet ? item.book.parts : []
                Rectangle {
                    id: chip
                    required property int modelData
                    readonly property bool laid: item.book.laid.indexOf(modelData) >= 0

                    objectName: "part-" + item.book.item + "-" + modelData
                    width: Math.min(24, (item.width - 12) / item.book.parts.length - 3)
                    height: width
                    radius: width / 2
                    color: laid ? Theme.ink : Theme.page
                    border.width: 1.5
                    border.color: Theme.ink
                    Accessible.role: Accessible.CheckBox
                    Accessible.name: "Part " + modelData + " of " + item.book.title + (laid ? ", on the pad" : ", not on the pad")
                    Accessible.checkable: true
                    Accessible.checked: laid
                    Accessible.onPressAction: item.desk.togglePart(item.book.item, modelData)

                    Words {
                        anchors.centerIn: parent
                        text: chip.modelData
                        font.pixelSize: Math.min(Theme.small, chip.width * 0.6)
                        font.weight: Font.DemiBold
                        color: chip.laid ? Theme.page : Theme.ink
                        Accessible.ignored: true
                    }
                    TapHandler {
                        gesturePolicy: TapHandler.ReleaseWithinBounds
                        onTapped: item.desk.togglePart(item.book.item, chip.modelData)
                    }
                }
            }
        }
        Ring {
            radius: 4
            shown: item.activeFocus || hover.hovered
            border.width: item.activeFocus ? 2 : 1
            border.color: item.activeFocus ? Theme.focus : Theme.rule
        }
        HoverHandler {
            id: hover
            cursorShape: Qt.PointingHandCursor
        }
        TapHandler {
            onTapped: item.desk.toggle(item.book.item)
        }
        DragHandler {
            id: drag
            target: mover
            onActiveChanged: if (!active)
                item.dropped()
        }
        ParallelAnimation {
            id: back
            NumberAnimation {
                target: mover
                properties: "x,y"
                to: 0
                duration: Theme.quick
            }
        }
    }

    function dropped() {
        const over = item.x + mover.x + width / 2;
        const down = item.y + mover.y + height / 2;
        const inside = over > pad.x && over < pad.x + pad.width && down > pad.y && down < pad.y + pad.height;
        if (inside && !lies)
            desk.lay(book.item);
        else if (!inside && lies)
            desk.lift(book.item);
        back.restart();
    }
}
