pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// One renderer of screens: ground, top line, title, body by kind, actions, assist bar.
FocusScope {
    id: root

    required property ScreenView screen
    property real pxPerMm: 4
    property bool still: false

    readonly property bool portrait: height > width
    readonly property string kind: screen.kind
    readonly property bool dark: kind === "dark"
    readonly property bool field: screen.ground !== "page"
    readonly property color ground: screen.ground === "green" ? Theme.green : screen.ground === "ink" ? Theme.inkField : Theme.page
    readonly property bool fielded: field || kind === "start"
    // Staff's picture of a whole plant takes all of the page, with its own heading and actions.
    readonly property bool plant: kind === "belt"
    readonly property bool poster: kind === "end" || kind === "closed"
    // Five languages at once, all of them large.
    readonly property bool crowded: kind === "closed" && (Theme.largeText || low)
    // A screen of 15 or 19 inch on its side.
    readonly property bool low: !portrait && height < Theme.mm(320) && width < Theme.mm(400)
    readonly property bool compact: !portrait && !plant && height < pxPerMm * 250
    // Large words of a list leave no room for the actions beside it: they stand under both.
    readonly property bool footed: compact && Theme.largeText && (kind === "rows" || kind === "message" && banner.visible && actions.count > 2)
    // Over a list in large words on its side, a banner takes the place of the line that says whose machine it is.
    readonly property bool topless: !portrait && !screen.staff && Theme.largeText && kind === "rows" && screen.bannerName !== ""
    readonly property bool paned: !portrait && !poster && kind !== "start"
    readonly property int fieldWidth: portrait ? width : Math.round(width * (compact ? 0.46 : low ? 0.52 : 0.585))
    readonly property int foot: height - assist.height - strip.height
    // Landscape: the left columns of twelve carry the words and the actions, on a wide screen four, five when they
    // are large; on a narrow one as many as a line of words needs.
    readonly property int column: Math.floor((width - 2 * Theme.margin - 11 * Theme.gutter) / 12)
    readonly property int columns: {
        const least = Theme.mm(footed && kind === "rows" && screen.lead === "" ? 80 : compact ? 112 : Theme.largeText ? 150 : 130);
        let count = 4;
        while (count < 7 && count * (column + Theme.gutter) - Theme.gutter < least)
            count += 1;
        return count;
    }
    readonly property int paneX: Theme.margin + columns * (column + Theme.gutter) + Theme.gutter
    readonly property int underTop: top.y + top.height + Theme.mm(screen.staff ? 7 : 3)
    readonly property int paneTop: banner.visible ? banner.y + banner.height + Theme.mm(plant ? 2 : 3) : compact ? underTop : Theme.mm(plant ? 19 : screen.staff ? 28 : 24)
    readonly property int headWidth: paned ? columns * (column + Theme.gutter) - Theme.gutter : kind === "start" && !portrait ? fieldWidth - 2 * Theme.margin : poster && !portrait ? Math.round(width * (crowded ? 0.5 : 0.46)) - 2 * Theme.margin : width - 2 * Theme.margin
    readonly property int headTop: banner.visible ? banner.y + banner.height + Theme.mm(compact ? 3 : 6) : titleTop
    readonly property int titleTop: {
        if (compact)
            return underTop;
        if (screen.staff)
            return Theme.mm(portrait ? 39 : 30);
        if (!portrait)
            return Theme.mm(poster ? 26 : 25);
        switch (kind) {
        case "start":
            return Theme.mm(34);
        case "rows":
            return Theme.mm(30);
        case "end":
            return Theme.mm(44);
        case "closed":
            return Theme.mm(42.5);
        case "countdown":
            return Theme.mm(37.5);
        default:
            return Theme.mm(36);
        }
    }
    // What the body needs under title and lead in the same column, and the room that there is.
    readonly property int under: body.item?.headHeight ?? 0 // qmllint disable missing-property
    readonly property int headRoom: kind === "start" ? (body.item?.headLimit ?? 100000) - headTop : paned ? actionsTop - headTop - under - Theme.mm(6) : kind === "rows" ? actionsTop - headTop - (body.item?.leastHigh ?? 0) - Theme.mm(14) : 100000 // qmllint disable missing-property
    readonly property int leadGap: screen.lead === "" ? 0 : Theme.mm(kind === "rows" ? compact ? 1 : 2 : compact ? 4 : 6)
    // The largest title, then the largest lead, with which everything fits: no more than three lines, no
    // broken word.
    readonly property list<Face> heading: {
        const leads = kind === "rows" || kind === "entry" || crowded && !portrait ? [Theme.body] : [Theme.lead, Theme.body];
        const faces = title.steps.slice(title.step);
        for (const most of [3, 6]) {
            for (const face of leads) {
                const high = screen.lead === "" ? 0 : leadGap + lead.linesIn(face, headWidth) * face.line;
                for (const one of faces) {
                    const lines = title.linesIn(one, headWidth);
                    if (lines <= most && lines * one.line + high <= headRoom)
                        return [one, face];
                }
            }
        }
        return [Theme.lead, Theme.body];
    }
    readonly property int headFoot: lead.y + lead.height
    readonly property int buttonsTop: actions.visible ? actions.y : foot
    readonly property bool tabbed: tabs.visible
    readonly property int actionsTop: (portrait || footed) && tabbed ? tabs.y : buttonsTop
    readonly property rect head: Qt.rect(Theme.margin, headFoot + (kind === "rows" ? lead.height > 0 ? Theme.mm(compact ? 4 : 8) : portrait ? Theme.mm(7) : Theme.mm(5) : Theme.mm(5)), headWidth, actionsTop - headFoot - Theme.mm(10))
    // The parts of an account stand under the list that they lead away from, before the actions: so they are read, and so
    // the keys come to them.
    readonly property int paneFoot: tabbed ? tabs.y : footed ? buttonsTop : foot
    readonly property rect pane: paned ? Qt.rect(paneX, paneTop, width - paneX, paneFoot - paneTop - Theme.mm(compact ? 3 : 6)) : Qt.rect(0, head.y, width, actionsTop - head.y - Theme.mm(6))

    focus: true
    LayoutMirroring.enabled: screen.rightToLeft
    LayoutMirroring.childrenInherit: true

    Binding { target: Theme; property: "pxPerMm"; value: root.pxPerMm }
    Binding { target: Theme; property: "highContrast"; value: root.screen.highContrast }
    Binding { target: Theme; property: "largeText"; value: root.screen.largeText }
    Binding { target: Theme; property: "rightToLeft"; value: root.screen.rightToLeft }
    Binding { target: Theme; property: "still"; value: root.still || root.screen.reducedMotion }
    Binding { target: Theme; property: "compact"; value: root.compact }
    Binding { target: Theme; property: "low"; value: root.low }

    // The station leads the keys: what they point at comes back with the screen.
    Keys.onPressed: event => {
        if (dark)
            screen.touch();
        event.accepted = screen.key(event.key, event.isAutoRepeat);
    }

    Connections {
        target: root.screen
        function onReplaced() {
            if (!Theme.still)
                appear.restart();
        }
    }

    NumberAnimation {
        id: appear
        target: content
        property: "opacity"
        from: 0
        to: 1
        duration: 120
    }

    PointHandler {
        onActiveChanged: if (active) {
            root.screen.pointAt("");
            root.screen.touch();
        }
    }

    Rectangle {
        anchors.fill: parent
        color: root.dark ? "black" : root.ground
    }

    Item {
        id: content
        anchors.fill: parent

        Rectangle {
            visible: root.screen.staff
            width: parent.width
            height: Theme.mm(root.plant ? 17 : root.portrait ? 28 : root.compact ? Theme.largeText ? 20 : 17 : 23)
            color: Theme.inkField
            Rectangle {
                visible: Theme.highContrast
                anchors.bottom: parent.bottom
                width: parent.width
                height: Theme.border
                color: Theme.ink
            }
        }

        TopLine {
            id: top
            visible: !root.topless
            anchors.left: parent.left
            anchors.leftMargin: Theme.margin
            y: root.plant ? Math.round((Theme.mm(17) - height) / 2) : Theme.mm(root.portrait ? 11 : root.compact ? 4 : 8)
            width: (root.kind === "start" && !root.portrait ? root.fieldWidth : parent.width) - 2 * Theme.margin
            place: root.screen.place
            corner: root.screen.corner
            ink: root.fielded || root.screen.staff ? Theme.fieldInk : Theme.ink
            ink2: root.fielded || root.screen.staff ? Theme.fieldInk : Theme.ink2
        }

        Banner {
            id: banner
            anchors.left: parent.left
            y: root.plant ? Theme.mm(17) : root.topless ? 0 : top.y + top.height + Theme.mm(root.compact ? 2 : 4)
            width: root.kind === "start" && !root.portrait ? root.fieldWidth : parent.width
            slim: root.plant
            name: root.screen.bannerName
            words: root.screen.bannerWords
        }

        Say {
            id: title
            objectName: "title"
            readonly property int step: root.screen.staff || Theme.largeText && banner.visible && root.kind === "rows" ? 3 : root.crowded ? root.portrait ? 1 : 3 : root.poster ? root.portrait ? 0 : 1 : root.kind === "start" ? 2 : root.kind === "rows" || root.kind === "countdown" ? root.portrait ? 1 : 2 : 3
            readonly property list<Face> steps: [Theme.poster, Theme.display, Theme.headline, Theme.title, Theme.subtitle, Theme.lead]
            anchors.left: parent.left
            anchors.leftMargin: Theme.margin
            y: root.headTop
            width: root.headWidth
            text: root.plant ? "" : root.screen.title
            face: root.heading[0]
            balanced: true
            ink: root.fielded ? Theme.fieldInk : Theme.ink
            Accessible.role: Accessible.Heading
        }

        Say {
            id: lead
            anchors.left: parent.left
            anchors.leftMargin: Theme.margin
            y: title.y + title.height + root.leadGap
            width: root.headWidth
            text: root.screen.lead
            face: root.heading[1]
            balanced: true
            ink: root.fielded ? Theme.fieldInk : Theme.ink
        }

        // Read after the title, drawn beneath it: the start screen's field is part of the body.
        Loader {
            id: body
            z: -1
            anchors.fill: parent
            // a poster goes down to the foot, and the strip stands there
            anchors.bottomMargin: root.poster && root.screen.stripped ? root.height - root.foot : 0
            sourceComponent: {
                switch (root.kind) {
                case "start":
                    return startBody;
                case "entry":
                    return entryBody;
                case "rows":
                    return rowsBody;
                case "countdown":
                    return countdownBody;
                case "end":
                    return endBody;
                case "closed":
                    return closedBody;
                case "belt":
                    return beltBody;
                case "message":
                case "choice":
                    return messageBody;
                default:
                    return null;
                }
            }
        }

        TabRow {
            id: tabs
            screen: root.screen
            anchors.left: parent.left
            anchors.leftMargin: root.portrait || root.footed ? Theme.margin : root.paneX + Theme.paneInset
            width: root.portrait ? root.headWidth : root.footed ? root.width - 2 * Theme.margin : root.width - root.paneX - Theme.paneInset - Theme.margin
            y: (root.portrait ? root.buttonsTop - Theme.mm(8) : root.footed ? root.buttonsTop - Theme.mm(3) : root.foot - Theme.mm(root.compact ? 4 : 10)) - height
        }

        ActionBar {
            id: actions
            screen: root.screen
            hidden: root.plant
            upright: !root.portrait && !root.footed
            big: root.kind === "countdown"
            low: !root.portrait && (Theme.largeText || root.low)
            terse: root.compact && banner.visible || Theme.largeText && (root.compact || banner.visible && low && count > 2 || root.kind === "rows" && (root.screen.staff || banner.visible || root.screen.stripped || low && count > 2))
            anchors.left: parent.left
            anchors.leftMargin: Theme.margin
            width: root.footed ? root.width - 2 * Theme.margin : root.headWidth
            y: footnote.visible ? footnote.y - Theme.mm(root.portrait ? 16.5 : root.compact ? 4 : 8) - height : root.foot - Theme.mm(root.compact ? 5 : !root.portrait ? 10 : root.screen.stripped ? 8 : 15) - height
        }

        Say {
            id: footnote
            visible: root.kind === "countdown" && text !== ""
            anchors.left: parent.left
            anchors.leftMargin: Theme.margin
            y: root.foot - Theme.mm(root.portrait ? 21 : 8) - height
            width: root.headWidth
            text: root.screen.countdown.footnote
            balanced: true
            ink: Theme.ink2
            align: Text.AlignHCenter
        }
    }

    SpeechStrip {
        id: strip
        screen: root.screen
        height_: Theme.mm(root.portrait ? Theme.largeText ? 26 : 32 : root.compact ? 24.5 : 25)
        wide: !root.portrait
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: assist.top
    }

    AssistBar {
        id: assist
        screen: root.screen
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        slim: root.plant && !(root.portrait && Theme.largeText)
        height_: Theme.mm(slim ? 14 : root.portrait ? 34 : root.compact ? 22 : 28)
    }

    Component {
        id: startBody
        StartBody {
            screen: root.screen
            portrait: root.portrait
            fieldWidth: root.fieldWidth
            foot: root.foot
            headFoot: root.headFoot
        }
    }
    Component {
        id: entryBody
        EntryBody {
            screen: root.screen
            portrait: root.portrait
            headWidth: root.headWidth
            head: root.head
            pane: root.pane
        }
    }
    Component {
        id: rowsBody
        RowsBody {
            screen: root.screen
            portrait: root.portrait
            headWidth: root.headWidth
            head: root.head
            pane: root.pane
            account: root.tabbed
        }
    }
    Component {
        id: countdownBody
        CountdownBody {
            screen: root.screen
            pane: root.pane
        }
    }
    Component {
        id: endBody
        EndBody {
            screen: root.screen
            portrait: root.portrait
            headFoot: root.headFoot
        }
    }
    Component {
        id: closedBody
        ClosedBody {
            screen: root.screen
            portrait: root.portrait
            headFoot: root.headFoot
        }
    }
    Component {
        id: beltBody
        BeltBody {
            screen: root.screen
            portrait: root.portrait
            headTop: root.paneTop
            foot: root.foot
        }
    }
    Component {
        id: messageBody
        MessageBody {
            screen: root.screen
            portrait: root.portrait
            headTop: root.headTop
            pane: root.pane
        }
    }
}
