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
    readonly property int startX: portrait ? Theme.margin : pane.x + Theme.mm(10)
    readonly property int room: pane.x + pane.width - startX - Theme.margin
    // Beside the title the first line stands on the title's own.
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
        spacing: Theme.mm(6)
        Repeater {
            model: body.view.lines
            delegate: Say {
                required property string words
                width: parent.width
                text: words
                balanced: true
                face: Theme.lead
            }
        }
    }

    TaskDrawing {
        kind: body.view.drawing
        anchors.left: parent.left
        anchors.leftMargin: body.startX
        y: sentences.y + sentences.height + Theme.mm(10)
        width: body.room
        height: body.pane.y + body.pane.height - y
    }

    LanguageRow {
        screen: body.screen
        choices: body.view.choices
        wide: body.view.wide
        anchors.left: parent.left
        anchors.leftMargin: body.startX
        y: body.head
        width: body.room
    }
}
