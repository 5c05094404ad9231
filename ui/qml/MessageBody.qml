pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// A few sentences and what the hands do, or a set of equal choices in place of them.
Item {
    id: body

    required property ScreenView screen
    required property bool portrait
    required property int headTop
    required property rect pane
    readonly property MessageView view: screen.message
    readonly property int startX: portrait ? Theme.margin : pane.x + Theme.paneInset
    readonly property int below: pane.y + pane.height - head
    readonly property int room: pane.x + pane.width - startX - Theme.margin
    // Beside the title the first line stands on the title's own.
    // Many sentences stand closer and smaller, so that all of them are seen.
    property bool many: false
    readonly property int head: portrait ? pane.y + Theme.mm(10) : headTop + Math.round((Theme.title.line - Theme.lead.line) / 2 + 0.388 * (Theme.title.px - Theme.lead.px))

    Mark {
        id: sign
        kind: body.view.mark
        visible: kind !== "none"
        anchors.left: parent.left
        anchors.leftMargin: body.startX
        y: body.head + Math.round((Theme.lead.line - size) / 2)
    }

    Column {
        id: sentences
        readonly property int indent: sign.visible ? sign.size + Theme.mm(7) : 0
        anchors.left: parent.left
        anchors.leftMargin: body.startX + indent
        y: body.head
        width: body.room - indent
        spacing: Theme.mm(body.many ? 4 : 6)
        readonly property int room: body.pane.y + body.pane.height - y
        onRoomChanged: Qt.callLater(measure)
        onWidthChanged: Qt.callLater(measure)

        function measure() {
            let high = 0;
            for (let n = 0; n < lines.count; n++)
                high += ((lines.itemAt(n) as Say)?.linesIn(Theme.lead, width) ?? 0) * Theme.lead.line + Theme.mm(6);
            body.many = high > room;
        }

        Repeater {
            id: lines
            model: body.view.lines
            delegate: Say {
                required property string words
                width: parent.width
                text: words
                balanced: true
                face: body.many ? Theme.body : Theme.lead
                onTextChanged: Qt.callLater(sentences.measure)
                Component.onCompleted: Qt.callLater(sentences.measure)
            }
        }
    }

    TaskDrawing {
        kind: body.view.drawing
        anchors.left: parent.left
        anchors.leftMargin: body.startX
        y: sentences.y + sentences.height + Theme.mm(Theme.compact ? 4 : 10)
        width: body.room
        height: body.pane.y + body.pane.height - y
    }

    LanguageRow {
        screen: body.screen
        choices: body.view.choices
        wide: body.view.wide
        high: Math.min(Theme.mm(Theme.largeText ? 34 : 27), Math.floor((body.below - (rows_ - 1) * spacing) / Math.max(1, rows_)))
        anchors.left: parent.left
        anchors.leftMargin: body.startX
        y: body.head
        width: body.room
    }
}
