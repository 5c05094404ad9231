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
    // The most that a page holds: what is longer than that goes on on the next, where it is this part of it.
    property int room: 0
    property int part: 0
    readonly property int before: marked ? sign.size + Theme.mm(3) : 0
    readonly property int pad: Theme.mm(1.8)

    // Large words that a button leaves too little beside it have it below them.
    readonly property real beside: width - before - acts.width - Theme.mm(3)
    readonly property bool below: Theme.largeText && acts.width > 0 && (acts.width > 0.4 * width || title.linesIn(title.face, beside) > 2 || all.linesIn(all.face, beside) === 99)
    readonly property int foot: below ? acts.height + pad : 0
    readonly property int wide: below || acts.width === 0 ? width - before : beside
    readonly property int heading: Math.min(title.linesIn(title.face, wide), title.lines) * title.face.line
    // What is said of it in as many parts as it needs, and from which part on what a technician reads of an alarm, or what an item needs.
    // What can be pressed below stands under the last words.
    readonly property list<string> pieces: {
        const goesOn = !marked && rest.text !== "";
        const lines = all.linesIn(all.face, wide);
        if (room <= 0 || over.beside || lines <= fitting(all, heading + (goesOn ? 0 : foot)))
            return [all.text];
        return all.pieces(all.face, wide, Math.min(fitting(all, heading), goesOn ? lines : lines - 1), Math.max(1, fitting(all, foot)));
    }
    readonly property list<string> morePieces: {
        const said = pieces[pieces.length - 1];
        const used = (pieces.length > 1 ? 0 : heading) + (over.beside || said === "" ? 0 : all.linesOf(all.measured(all.face, said), all.breadth(" ", all.face), wide) * all.face.line);
        const lines = rest.linesIn(rest.face, wide);
        if (marked || room <= 0 || rest.text === "" || lines <= fitting(rest, used + foot))
            return [rest.text];
        return rest.pieces(rest.face, wide, Math.min(fitting(rest, used), lines - 1), Math.max(1, fitting(rest, foot)));
    }
    readonly property int parts: pieces.length + morePieces.length - 1
    readonly property bool begins: part === 0
    readonly property bool ends: part >= parts - 1
    readonly property bool shows: ends || !below

    function fitting(say: Say, high: int): int {
        return Math.max(0, Math.floor((room - 2 * pad - high) / say.face.line));
    }
    // What it needs to stand on one page, but for what may lose its end.
    readonly property int whole: 2 * pad + Math.max(heading + (over.beside || all.text === "" ? 0 : all.linesIn(all.face, wide) * all.face.line) + foot, acts.height)

    implicitHeight: Math.max(words.height + (ends ? foot : 0), shows ? acts.height : 0, marked ? sign.height : 0) + 2 * pad
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

    // What is measured to tell how much of it stands here.
    Say {
        id: all
        visible: false
        text: row.marked && row.at !== "" ? `${row.stateWord} ${row.at}` : row.stateWord
        face: Theme.panel
        spoken: false
    }
    Say {
        id: rest
        visible: false
        text: row.more
        face: Theme.panelSmall
        spoken: false
    }

    Column {
        id: words
        anchors.left: parent.left
        anchors.leftMargin: row.before
        y: row.pad
        width: row.wide

        Item {
            id: first
            width: parent.width
            height: (row.begins ? title.height : 0) + (over.beside ? 0 : over.height)
            Say {
                id: title
                visible: row.begins
                anchors.left: parent.left
                width: Math.min(parent.width, naturalWidth)
                text: row.marked || row.at === "" ? row.title : `${row.at}  ${row.title}`
                face: Theme.panelStrong
                spoken: false
                lines: Theme.largeText ? 4 : 3
            }
            Say {
                id: over
                readonly property bool beside: !row.marked && title.naturalWidth + Theme.mm(4) + all.naturalWidth <= words.width
                anchors.left: beside ? title.right : parent.left
                anchors.leftMargin: beside ? Theme.mm(4) : 0
                anchors.right: parent.right
                y: beside || !row.begins ? 0 : title.height
                text: row.pieces[row.part] ?? ""
                face: Theme.panel
                spoken: false
            }
        }
        Say {
            readonly property int fitting: Math.floor((row.room - row.foot - 2 * row.pad - first.height) / face.line)
            // Of an alarm it is a technician's, and loses its end where the page is full.
            visible: !row.marked || row.ends && (row.room === 0 || fitting > 0)
            width: parent.width
            text: row.morePieces[row.part - row.pieces.length + 1] ?? ""
            face: Theme.panelSmall
            ink: Theme.ink2
            lines: row.marked && row.room > 0 ? Math.max(1, fitting) : 0
            shortens: row.marked
            spoken: false
        }
    }

    Column {
        id: acts
        anchors.right: parent.right
        visible: row.shows
        y: row.below ? words.y + words.height + row.pad : row.pad
        spacing: Theme.mm(2)
        Repeater {
            model: row.actions
            delegate: Button {
                screen: row.screen
                tellsWhy: row?.screen.bannerName === ""
                anchors.right: parent?.right
                readonly property int narrow: Math.round(row.width * 0.48)
                width: Math.min(naturalWidth + Theme.mm(2), breaks(narrow) ? row.width : narrow)
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
