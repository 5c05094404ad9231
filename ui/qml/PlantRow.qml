pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// One alarm, one exception, one step: what, why, and what to do; its actions at the end.
Item {
    id: row

    required property ScreenView screen
    required property string rowId
    required property string mark
    required property string at
    required property string title
    required property string stateWord
    required property string more
    required property string spoken
    required property QtObject actions
    property bool marked: false
    property bool ruled: true
    // The most that a page holds: what is longer than that loses its end, and is told whole.
    property int room: 0
    readonly property int before: marked ? sign.size + Theme.mm(3) : 0
    readonly property int pad: Theme.mm(1.8)

    // Large words that a button leaves too little beside it have it below them.
    readonly property real beside: width - before - acts.width - Theme.mm(3)
    readonly property bool below: Theme.largeText && acts.width > 0 && (acts.width > 0.4 * width || title.linesIn(title.face, beside) > 2 || over.linesIn(over.face, beside) === 99)
    readonly property int foot: below ? acts.height + pad : 0
    readonly property int least: title.height + foot + 2 * pad

    implicitHeight: Math.max(words.height + foot, acts.height, marked ? sign.height : 0) + 2 * pad
    height: implicitHeight
    Accessible.role: Accessible.StaticText
    Accessible.name: spoken

    Mark {
        id: sign
        visible: row.marked
        kind: row.mark
        size: Theme.mm(Theme.largeText ? 14 : 11)
        anchors.left: parent.left
        y: row.pad + Theme.mm(0.5)
    }

    Column {
        id: words
        anchors.left: parent.left
        anchors.leftMargin: row.before
        y: row.pad
        width: row.below || acts.width === 0 ? row.width - row.before : row.beside

        Item {
            id: first
            width: parent.width
            height: title.height + (over.beside ? 0 : over.height)
            Say {
                id: title
                anchors.left: parent.left
                width: Math.min(parent.width, naturalWidth)
                text: row.marked || row.at === "" ? row.title : `${row.at}  ${row.title}`
                face: Theme.panelStrong
                spoken: false
                lines: Theme.largeText ? 4 : 3
            }
            Say {
                id: over
                readonly property bool beside: !row.marked && title.naturalWidth + Theme.mm(4) + naturalWidth <= words.width
                anchors.left: beside ? title.right : parent.left
                anchors.leftMargin: beside ? Theme.mm(4) : 0
                anchors.right: parent.right
                y: beside ? 0 : title.height
                text: row.marked && row.at !== "" ? `${row.stateWord} ${row.at}` : row.stateWord
                face: Theme.panel
                spoken: false
                lines: row.room > 0 ? Math.max(1, Math.floor((row.room - row.least) / face.line)) : 0
            }
        }
        Say {
            readonly property int fitting: Math.floor((row.room - row.foot - 2 * row.pad - first.height) / face.line)
            visible: row.room === 0 || fitting > 0
            width: parent.width
            text: row.more
            face: Theme.panelSmall
            ink: Theme.ink2
            lines: row.room > 0 ? Math.max(1, fitting) : 0
            shortens: true
            spoken: false
        }
    }

    Column {
        id: acts
        anchors.right: parent.right
        y: row.below ? words.y + words.height + row.pad : row.pad
        spacing: Theme.mm(2)
        Repeater {
            model: row.actions
            delegate: Button {
                screen: row.screen
                tellsWhy: row?.screen.bannerName === ""
                anchors.right: parent?.right
                width: Math.min(naturalWidth + Theme.mm(2), Math.round(row.width * 0.48))
                least: Theme.mm(Theme.largeText ? 16 : 12)
                height: implicitHeight
                padding: Theme.mm(2.5)
                inset: Theme.mm(2)
                face: possible ? Theme.panelStrong : Theme.panel
                whyFace: Theme.panelSmall
                lines: 3
            }
        }
    }

    Rectangle {
        visible: row.ruled
        anchors.bottom: parent.bottom
        width: parent.width
        height: Theme.hairline
        color: Theme.rule
    }
}
