pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// A sorting plant for whoever runs it: state first, the belt to scale, then alarms, exceptions and what can be done.
Item {
    id: body

    required property ScreenView screen
    required property bool portrait
    required property int headTop
    required property int foot
    readonly property BeltView view: screen.belt
    // Why nothing can be done is said once, over all of it.
    readonly property bool old: screen.bannerName !== ""

    readonly property int gap: Theme.mm(3)
    readonly property int inner: width - 2 * edge
    readonly property int edge: Theme.mm(portrait ? 8 : 12)
    readonly property int boardTop: head.y + head.height + gap
    readonly property int listTop: board.y + board.height + gap + note.under
    readonly property int room: foot - gap - listTop

    // What gives way, one after the other: of the drawing, then the words over the buttons. These must have their room, the
    // longest alarm has a page of its own where it can, else it goes on on the next.
    readonly property var steps: !Theme.largeText ? [[0, false], [1, false], [1, true], [2, true], [3, true], [4, true]] : note.inBox ? [[2, false], [2, true], [4, true]] : [[2, false], [3, false], [3, true], [4, true]]
    readonly property var step: {
        const last = steps[steps.length - 1];
        const most = !Theme.largeText ? 1 : note.inBox ? 2 : 3;
        const fits = ([rank, bare]) => {
            const left = roomAt(rank);
            const buttons = acts.height + (bare ? 0 : alarms.start + control.spacing);
            const rows = portrait ? buttons + alarms.most + exceptions.most + 2 * gap : Math.max(alarms.most, exceptions.most);
            return buttons <= left && (rows <= left || rank >= most && (bare || !portrait));
        };
        return steps.find(fits) ?? last;
    }

    function roomAt(rank: int): int {
        return foot - gap - boardTop - board.highAt(rank) - gap - note.underAt(rank);
    }

    // --- the state, and what the day came to ---------------------------------------------------------

    Item {
        id: head
        anchors.left: parent.left
        anchors.leftMargin: body.edge
        y: body.headTop
        width: body.inner
        height: Math.max(words.height, !facts.shown ? 0 : facts.stacked ? words.height + facts.height + body.gap : facts.height)

        StateSign {
            id: sign
            kind: body.view.sign
            size: Theme.mm(Theme.largeText ? 25 : 20)
            anchors.left: parent.left
            y: Theme.mm(1)
        }

        Column {
            id: words
            anchors.left: sign.right
            anchors.leftMargin: Theme.mm(6)
            width: parent.width - sign.width - Theme.mm(6) - (facts.stacked || !facts.shown ? 0 : facts.width + Theme.gutter)

            Item {
                width: parent.width
                height: Math.max(state.y + state.height, besides.y + besides.height)
                Say {
                    id: state
                    width: Math.min(parent.width, naturalWidth)
                    anchors.left: parent.left
                    y: Theme.rightToLeft ? Theme.mm(1.5) : 0
                    text: body.view.state
                    face: Theme.title
                    Accessible.role: Accessible.Heading
                }
                Column {
                    id: besides
                    readonly property int from: state.naturalWidth + Theme.mm(6)
                    readonly property bool beside: facts.besideIn(parent.width) && (why.text === "" || facts.besideHigh(parent.width) <= facts.belowHigh(parent.width))
                    anchors.left: parent.left
                    anchors.leftMargin: beside ? from : 0
                    anchors.right: parent.right
                    y: beside ? Math.max(0, Math.round((state.height - height) / 2)) : state.y + state.height
                    Say {
                        id: why
                        width: parent.width
                        height: text === "" ? 0 : implicitHeight
                        // Why it stands is an alarm's word too, so it gives way to what became of the last command.
                        text: note.inHead ? body.view.notice : body.view.why
                        face: Theme.panelStrong
                    }
                    Say {
                        id: inlet
                        width: parent.width
                        // Of a belt that stands nobody asks why nothing is let in: one thing at a time.
                        height: why.text === "" ? implicitHeight : 0
                        text: why.text === "" ? body.view.inlet : ""
                        face: Theme.panel
                        lines: 4
                    }
                    Say {
                        id: pace
                        width: parent.width
                        // The number is a technician's, and gives way to what must be done now.
                        visible: !(Theme.largeText && why.text !== "")
                        text: body.view.pace
                        face: Theme.panelSmall
                        ink: Theme.ink2
                        lines: 1
                    }
                }
            }
        }

        Row {
            id: facts
            // What the day came to gives way to what must be done now.
            readonly property bool shown: !Theme.largeText && (body.portrait || why.text === "" || !stacked && high(less) <= Math.max(high(whole), Theme.mm(37)))
            readonly property int whole: head.width - sign.width - Theme.mm(6)
            readonly property int less: whole - width - Theme.gutter
            visible: shown

            // How high the words would be on that width, without asking how they stand.
            function besideIn(wide: int): bool {
                return besides.from + Math.max(pace.naturalWidth, Math.min(Math.max(inlet.naturalWidth, why.naturalWidth), Theme.mm(Theme.largeText ? 120 : 80))) <= wide;
            }
            function besideHigh(wide: int): int {
                return why.linesIn(why.face, wide - besides.from) * why.face.line + (pace.visible ? pace.face.line : 0);
            }
            function belowHigh(wide: int): int {
                return state.linesIn(state.face, wide) * state.face.line + besideHigh(wide + besides.from);
            }
            function high(wide: int): int {
                return Math.min(belowHigh(wide), besideIn(wide) ? besideHigh(wide) : 100000);
            }

            readonly property bool stacked: body.portrait || width > body.inner * 0.66
            anchors.right: parent.right
            y: stacked ? words.height + body.gap : 0
            spacing: Theme.mm(5)

            Repeater {
                model: body.view.facts
                delegate: Column {
                    id: fact
                    required property string label
                    required property string value
                    Accessible.role: Accessible.StaticText
                    Accessible.name: `${value} ${label}`
                    Say {
                        anchors.right: parent.right
                        width: naturalWidth
                        text: fact.value
                        face: Theme.subtitle
                        spoken: false
                    }
                    Say {
                        anchors.right: parent.right
                        width: naturalWidth
                        text: fact.label
                        face: Theme.panelSmall
                        ink: Theme.ink2
                        spoken: false
                    }
                }
            }
        }
    }

    BeltDrawing {
        id: board
        view: body.view
        x: body.edge
        y: body.boardTop
        width: body.inner
        rank: body.step[0]
        visible: rank < 4
    }

    // What became of the last command or scan: beside the reader, where nothing is sorted yet.
    Rectangle {
        id: note
        readonly property int spotWide: board.compact ? board.firstBox : board.firstLow
        // Where it does not fit there, over the lists; in large text they need their room, so it is said with the state.
        readonly property bool apart: apartAt(board.rank)
        readonly property bool inHead: Theme.largeText && body.view.notice !== "" && !apartAt(2)
        // Then what stands beside it cannot be lower.
        readonly property bool inBox: visible && apartAt(2) && !apartAt(3)
        readonly property int under: underAt(board.rank)

        function highIn(wide: int): int {
            return said.linesIn(said.face, wide - 2 * Theme.mm(3)) * said.face.line + 2 * Theme.mm(2);
        }
        function apartAt(rank: int): bool {
            return rank > 3 ? false : rank > 1 ? highIn(board.firstBox) <= board.boxAt(rank) : highIn(board.firstLow) <= board.boxAt(rank) - board.saidHigh - Theme.mm(3);
        }
        function underAt(rank: int): int {
            return visible && !inHead && !apartAt(rank) ? highIn(body.inner) + body.gap : 0;
        }

        x: inHead ? head.x + words.x + besides.x - Theme.mm(3) : body.edge
        y: inHead ? head.y + besides.y - Theme.mm(1) : !apart ? board.y + board.height + body.gap : board.compact ? board.y : board.y + board.lowTop + board.boxHigh - board.saidHigh - height
        z: inHead ? -1 : 0
        width: inHead ? besides.width + Theme.mm(3) : apart ? spotWide : body.inner
        height: inHead ? why.height + 2 * Theme.mm(1) : said.height + 2 * Theme.mm(2)
        visible: body.view.notice !== ""
        color: Theme.warningBand
        border.width: Theme.highContrast ? 4 : 1
        border.color: Theme.warningLine
        LayoutMirroring.enabled: false
        Say {
            id: said
            x: Theme.mm(3)
            y: Theme.mm(2)
            width: parent.width - 2 * Theme.mm(3)
            visible: !note.inHead
            text: body.view.notice
            face: Theme.panelStrong
        }
    }

    // --- what a person must do, and can do -----------------------------------------------------------

    readonly property int controlWidth: portrait ? inner : Theme.mm(Theme.largeText ? 160 : 104)
    readonly property int listWidth: portrait ? inner : inner - controlWidth - 2 * Theme.mm(8)
    readonly property int alarmWidth: portrait ? inner : Math.round(listWidth * (view.alarmCount > 0 ? Theme.largeText ? 0.5 : 0.44 : 0.24))
    readonly property int shared: room - control.height - 2 * gap
    readonly property int share: portrait ? Math.max(Math.round(shared / 2), Math.min(alarms.most, shared - exceptions.most)) : room

    PlantList {
        id: alarms
        screen: body.screen
        name: "alarms"
        rows: body.view.alarms
        heading: body.view.alarmWords
        empty: body.view.language !== "" ? body.view.caption("alarms.none") : ""
        marked: true
        anchors.left: parent.left
        anchors.leftMargin: body.edge
        y: body.listTop
        width: body.alarmWidth
        height: body.share
    }

    PlantList {
        id: exceptions
        screen: body.screen
        name: "exceptions"
        rows: body.view.exceptions
        heading: body.view.exceptionWords
        empty: body.view.language !== "" ? body.view.caption("exceptions.none") : ""
        anchors.left: parent.left
        anchors.leftMargin: body.edge + (body.portrait ? 0 : body.alarmWidth + Theme.mm(8))
        y: body.listTop + (body.portrait ? body.share + body.gap : 0)
        width: body.portrait ? body.inner : body.listWidth - body.alarmWidth
        height: body.portrait ? body.shared - body.share : body.room
    }

    Column {
        id: control
        anchors.right: parent.right
        anchors.rightMargin: body.edge
        y: body.portrait ? body.foot - body.gap - height : body.listTop
        width: body.controlWidth
        spacing: Theme.mm(3.5)

        Item {
            visible: !body.step[1]
            width: parent.width
            height: alarms.start
            Say {
                width: parent.width
                y: alarms.turnHeight - height - Theme.mm(1)
                text: body.view.language !== "" ? body.view.caption("control") : ""
                face: Theme.smallStrong
            }
            Rectangle {
                y: parent.height - height
                width: parent.width
                height: Theme.border
                color: Theme.ink
            }
        }
        // What cannot be done says why on a whole line; what can stands two and two where they are many.
        Flow {
            id: acts
            readonly property bool halves: buttons.count > 2
            readonly property int half: Math.floor((width - spacing) / 2)
            width: parent.width
            spacing: Theme.mm(3)

            Repeater {
                id: buttons
                model: body.screen.actions
                delegate: Button {
                    readonly property bool small: acts.halves && weight !== "primary" && (possible || body.old) && !breaks(acts.half)
                    screen: body.screen
                    tellsWhy: !body.old
                    iconless: small && breaks(acts.half - iconSize - iconGap)
                    width: small ? acts.half : acts.width
                    height: implicitHeight
                    face: acts.halves ? possible ? Theme.panelStrong : Theme.panel : possible ? Theme.smallStrong : Theme.small
                    whyFace: Theme.panel
                    iconSize: Theme.mm(7)
                    iconGap: Theme.mm(2)
                    padding: Theme.mm(1.5)
                    inset: Theme.mm(acts.halves ? 1.5 : 3)
                    least: Theme.mm(weight === "primary" || !acts.halves ? 20 : 15)
                    lines: 3
                }
            }
        }
    }
}
