pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// A few sentences, or a set of equal choices in place of them.
Item {
    id: body

    required property ScreenView screen
    required property bool portrait
    required property rect pane
    readonly property MessageView view: screen.message
    readonly property int startX: portrait ? Theme.margin : pane.x + Theme.mm(10)
    readonly property int room: pane.x + pane.width - startX - Theme.margin

    Mark {
        id: sign
        kind: body.view.mark
        visible: kind !== "none"
        size: Theme.mm(30)
        anchors.left: parent.left
        anchors.leftMargin: body.startX
        y: body.pane.y + Theme.mm(10)
    }

    Column {
        anchors.left: parent.left
        anchors.leftMargin: body.startX
        y: body.pane.y + (sign.visible ? sign.height + Theme.mm(20) : Theme.mm(10))
        width: body.room
        spacing: Theme.mm(6)
        Repeater {
            model: body.view.lines
            delegate: Say {
                required property string words
                width: parent.width
                text: words
                face: Theme.lead
            }
        }
    }

    LanguageRow {
        screen: body.screen
        choices: body.view.choices
        anchors.left: parent.left
        anchors.leftMargin: body.startX
        y: body.pane.y + Theme.mm(10)
        width: body.room
    }
}
