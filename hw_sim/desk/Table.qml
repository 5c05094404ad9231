pragma ComponentBehavior: Bound
import QtQuick
import HwSim.Desk

// The shelf above, the pad below. A book keeps its place on the shelf while it is on the pad.
Item {
    id: table

    required property Desk desk

    readonly property int count: desk.shelf.length
    readonly property int lines: best()
    readonly property int columns: Math.max(1, Math.ceil(count / lines))
    readonly property int gap: 14
    readonly property int inset: 14
    readonly property int between: 46
    readonly property real bookWidth: Math.floor(Math.max(20, Math.min(widest(lines), 124)))
    readonly property real bookHeight: Math.floor(bookWidth / 0.72)
    readonly property real lineHeight: bookHeight + 12
    readonly property rect plate: Qt.rect(0, lines * lineHeight + between, width, height - lines * lineHeight - between)
    readonly property real step: desk.seats > 1 ? Math.min(bookWidth + gap, (width - 2 * inset - bookWidth) / (desk.seats - 1)) : 0

    // how wide a book can be when the shelf has so many lines
    function widest(lines: int): real {
        const columns = Math.max(1, Math.ceil(count / lines));
        const tallest = (height - between - 2 * inset - lines * 12) / (lines + 1);
        return Math.min(tallest * 0.72, (width - gap * (columns - 1)) / columns);
    }
    // another line only where it makes the books much larger: on the pad they have one
    function best(): int {
        let most = 1;
        for (let lines = 2; lines <= 5; ++lines)
            if (widest(lines) > 1.25 * widest(most))
                most = lines;
        return most;
    }

    onWidthChanged: resized.restart()
    onHeightChanged: resized.restart()

    // books follow the window at once, and glide only when a hand moves them
    Timer {
        id: resized
        interval: 300
        running: true
    }

    // the shelf
    Repeater {
        model: table.lines
        Rectangle {
            required property int index
            y: (index + 1) * table.lineHeight - 10
            width: table.width
            height: 1
            color: Theme.rule
        }
    }
    Repeater {
        model: table.desk.shelf
        Rectangle {
            required property int index
            required property Book modelData
            visible: modelData.seat >= 0
            x: (index % table.columns) * (table.bookWidth + table.gap)
            y: Math.floor(index / table.columns) * table.lineHeight
            width: table.bookWidth
            height: table.bookHeight
            color: "transparent"
            border.width: 1
            border.color: Theme.faint

            Words {
                readonly property int absent: parent.modelData.parts.length - parent.modelData.laid.length
                anchors.fill: parent
                anchors.margins: 8
                visible: absent > 0
                text: absent + " of " + parent.modelData.parts.length + " parts still here"
                font.pixelSize: Theme.small
                color: Theme.ink2
                wrapMode: Text.WordWrap
            }
        }
    }
    Words {
        visible: table.count === 0
        text: "There are no books in this scenario."
        color: Theme.ink2
    }

    // the pad
    Item {
        y: table.plate.y - table.between
        width: table.width
        height: table.between

        Sticker {
            id: sticker
            letter: "A"
            anchors.verticalCenter: parent.verticalCenter
        }
        Words {
            id: name
            anchors.left: sticker.right
            anchors.leftMargin: 8
            anchors.verticalCenter: parent.verticalCenter
            text: "Pad"
            font.pixelSize: Theme.heading
            font.weight: Font.DemiBold
            Accessible.role: Accessible.Heading
            Accessible.name: text
        }
        Words {
            objectName: "pad-count"
            anchors.left: name.right
            anchors.leftMargin: 12
            anchors.baseline: name.baseline
            text: {
                const tags = table.desk.tagsOnPad;
                return tags === 0 ? "nothing on it" : tags === 1 ? "1 tag" : tags + " tags";
            }
            color: Theme.ink2
        }
        Row {
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            spacing: 8

            DeskButton {
                objectName: "lay-all"
                text: "Lay all"
                spoken: "Lay all books on the pad"
                enabled: table.count > 0
                onClicked: table.desk.layAll()
            }
            DeskButton {
                objectName: "lift-all"
                text: "Lift all"
                spoken: "Lift all books off the pad"
                enabled: table.desk.tagsOnPad > 0
                onClicked: table.desk.liftAll()
            }
        }
    }
    Rectangle {
        objectName: "pad"
        x: table.plate.x
        y: table.plate.y
        width: table.plate.width
        height: table.plate.height
        radius: 14
        color: Theme.surface
        border.width: 1.5
        border.color: Theme.border
        Accessible.role: Accessible.Grouping
        Accessible.name: "The pad"

        Rectangle {
            anchors.fill: parent
            anchors.margins: 6
            radius: 9
            color: "transparent"
            border.width: 1
            border.color: Theme.faint
        }
        Words {
            anchors.centerIn: parent
            visible: table.desk.seats === 0
            text: "Drag a book here, or click it."
            color: Theme.ink2
        }
    }

    Repeater {
        model: table.desk.shelf
        BookItem {
            required property int index
            required property Book modelData
            desk: table.desk
            book: modelData
            pad: table.plate
            moves: !resized.running
            width: table.bookWidth
            height: table.bookHeight
            homeX: book.seat < 0 ? (index % table.columns) * (table.bookWidth + table.gap) : table.inset + 2 + book.seat * table.step
            homeY: book.seat < 0 ? Math.floor(index / table.columns) * table.lineHeight : table.plate.y + (table.plate.height - table.bookHeight) / 2
        }
    }
}
