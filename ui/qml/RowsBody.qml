pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// Progress, guide, and the rows in pages. A row keeps its place; a page never cuts one in two.
Item {
    id: body

    required property ScreenView screen
    required property bool portrait
    required property rect head
    required property int headWidth
    required property rect pane
    // Whether it is a part of an account, with the ways to the others under it.
    property bool account: false
    readonly property RowsView view: screen.rows

    // Room for the list without what paging itself takes, so that laying out never depends on its own result.
    // Beside the words of a low screen, or among large ones.
    readonly property bool slim: !portrait && pane.width < Theme.mm(Theme.largeText ? 220 : 180)
    readonly property int listHead: portrait ? Math.max(guide.y + guide.height, pane.y) + (guide.height > 0 || progress.height > 0 ? Theme.mm(10) : Theme.mm(6)) : pane.y
    readonly property int furnished: furniture.count > 0 && !Theme.compact ? furniture.height + Theme.mm(8) : 0
    // Where the furniture leaves no room for one row, the badges of the rows tell the place.
    property bool unfurnished: false
    readonly property int tabbed: tabs.height > 0 ? tabs.height + Theme.mm(portrait ? 6 : Theme.compact ? 3 : 4) : 0
    readonly property int listTop: listHead + tabbed + (unfurnished ? 0 : furnished)
    readonly property int room: pane.y + pane.height - listHead - tabbed - (view.codeCells > 0 ? codeHigh + Theme.mm(8) : 0)
    readonly property int codeHigh: Math.max(code.height, codeSaid.height)
    readonly property int pagerGap: Theme.mm(portrait ? 6 : Theme.compact && Theme.largeText ? 3 : 4)
    // A narrow list leaves no room for more than the words.
    readonly property bool lean: Theme.compact || Theme.low && Theme.largeText
    readonly property int pagerHeight: stacked ? turnHeight + pages.face.line + Theme.step : lean && !brief ? Math.max(turnHeight, 2 * pages.face.line) : turnHeight
    readonly property int turnHeight: lean ? Theme.mm(16) : Theme.mm(Theme.largeText ? 22 : 25)
    // Beside a narrow list there is no room for both: which rows these are then stands above the way on.
    readonly property bool stacked: listWidth < (lean ? most.leastWidth(2, 10000) + beside : Theme.mm(Theme.largeText ? 220 : 160))
    readonly property real turnWidth: Math.max(mostTurn.naturalWidth, leastTurn.naturalWidth)
    readonly property real beside: Theme.gutter + turnWidth + 2 * Theme.mm(4)
    readonly property bool brief: lean && most.naturalWidth + beside <= listWidth
    readonly property int listWidth: pane.width - (portrait ? Theme.margin : Theme.paneInset) - Theme.margin
    property int padding: Theme.mm(5)
    property list<int> breaks: [0]
    property bool refused: false

    // What an upright screen's title has to leave them: the tallest row, and what turns the pages.
    property int leastList: 0
    readonly property int leastHigh: progress.height + guide.height + tabbed + Theme.mm(16) + leastList
    readonly property int headHeight: guide.height + progress.height + Theme.mm(5) + (progress.height > 0 && guide.height > 0 ? Theme.mm(6) : 0)

    // A narrow screen names it beneath the guide when words are large.
    readonly property bool aside: Theme.compact && Theme.largeText
    readonly property int warning: aside ? 0 : Theme.label.line + (portrait ? 0 : Theme.mm(3))
    readonly property bool coded: view.codeCells > 0 && !(aside && account)

    readonly property bool paged: breaks.length > 1
    // The line about a refused row elsewhere keeps its place on every page, unless the page of that row needs it.
    property bool roomy: true
    readonly property string elsewhereWords: paged && refused && view.serial > 0 ? missing(first, last) : ""
    readonly property int warned: paged && refused && (roomy || elsewhereWords !== "") ? warning : 0
    // Where the longest page ends: what turns the pages stands under it, on every page.
    property int pagesFoot: 0
    property int turned: 0
    readonly property int page: Math.min(turned, breaks.length - 1)
    readonly property int first: breaks[page]
    readonly property int last: page + 1 < breaks.length ? breaks[page + 1] - 1 : rows.count - 1

    // Later and once, so that rows which are measured anew all at once never chase each other.
    onRoomChanged: Qt.callLater(lay)
    onFurnishedChanged: Qt.callLater(lay)
    Component.onCompleted: lay()

    // Spacious if everything fits so, else down to the least a target allows; then pages.
    function lay() {
        const heights = [];
        const groups = [];
        let sum = 0;
        let refusals = 0;
        let most = 0;
        let plain = 0;
        for (let n = 0; n < rows.count; n++) {
            const row = rows.itemAt(n) as ItemRow;
            if (!row)
                return;
            heights.push(row.contentHeight);
            groups.push(row.group);
            sum += row.contentHeight + (heads(n, groups) ? row.headingHeight : 0);
            most = Math.max(most, row.contentHeight + row.headingHeight);
            if (row.mark === "refused")
                refusals += 1;
            else
                plain = Math.max(plain, row.contentHeight + row.headingHeight);
        }
        let any = refusals > 0;
        // A line that names a refused row stands over all but that row's own page.
        const over = refusals > 1 ? most : Math.max(plain, most - warning);
        const steps = [Theme.mm(5), Theme.mm(4), Theme.largeText ? Theme.mm(Theme.compact ? 3 : 4) : portrait ? Theme.mm(3.5) : Theme.mm(1.5)];
        let pager = pagerGap + pagerHeight + (any ? warning : 0);
        let left = room - furnished;
        let fitting = steps.find(p => sum + 2 * p * heights.length <= left);
        const crowded = furnished > 0 && (slim && Theme.largeText || fitting === undefined && most + 2 * steps[2] + pager > left);
        if (crowded) {
            left = room;
            fitting = steps.find(p => sum + 2 * p * heights.length <= left);
        }
        const starts = [0];
        // Where the tallest of those that it stands over leaves no room for it, the mark in the progress still says that one was refused.
        if (fitting === undefined && any && over + 2 * steps[2] + pager > left) {
            any = false;
            pager -= warning;
        }
        // The tallest has the page to itself, and less round it where even that is not enough.
        const tight = Math.max(Theme.mm(1), Math.min(steps[2], Math.floor((left - pager - (any ? over : most)) / 2)));
        if (fitting === undefined) {
            const least = left - pager;
            let used = 0;
            for (let n = 0; n < heights.length; n++) {
                const bare = heights[n] + 2 * tight;
                const heading = (rows.itemAt(n) as ItemRow).headingHeight;
                const high = bare + (used === 0 || heads(n, groups) ? heading : 0);
                if (used > 0 && used + high > least) {
                    starts.push(n);
                    used = bare + heading;
                } else {
                    used += high;
                }
            }
        }
        unfurnished = crowded;
        padding = fitting ?? tight;
        refused = any;
        leastList = Math.min(sum + 2 * steps[2] * heights.length, most + 2 * steps[2] + pagerGap + pagerHeight);
        roomy = !any || most + 2 * padding + pager <= left;
        pagesFoot = heights.length > 0 ? longest(starts, heights, groups) : 0;
        breaks = starts;
    }

    // How far down the longest page reaches from where the first line of a page may stand.
    function longest(starts: var, heights: var, groups: var): int {
        let most = 0;
        for (let page = 0; page < starts.length; page++) {
            const [first, next] = [starts[page], starts[page + 1] ?? heights.length];
            let high = refused && (roomy || missing(first, next - 1) !== "") ? warning : 0;
            for (let n = first; n < next; n++)
                high += heights[n] + 2 * padding + (n === first || heads(n, groups) ? (rows.itemAt(n) as ItemRow).headingHeight : 0);
            most = Math.max(most, high);
        }
        return most;
    }

    // Whether a group begins with this row; each page says its group again.
    function heads(n: int, groups: var): bool {
        return n === 0 || groups[n] !== groups[n - 1];
    }

    // A refused row that stands on another page.
    function missing(first: int, last: int): string {
        for (let n = 0; n < rows.count; n++) {
            const row = rows.itemAt(n) as ItemRow;
            if (row && row.mark === "refused" && (n < first || n > last))
                return view.elsewhere(row.title, row.stateWord);
        }
        return "";
    }

    function turn() {
        turned = page + 1 < breaks.length ? page + 1 : 0;
    }

    // The page turns to where the keys are.
    function follow() {
        const row = screen.focusedRow;
        if (row >= 0)
            turned = Math.max(0, breaks.filter(start => start <= row).length - 1);
    }

    onBreaksChanged: follow()

    Connections {
        target: body.screen
        function onReplaced() {
            body.turned = 0;
        }
        function onFocusChanged() {
            body.follow();
        }
    }

    Progress {
        id: progress
        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        y: body.head.y
        width: body.headWidth
        segments: body.view.segments
    }

    Column {
        id: guide
        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        y: progress.y + progress.height + (progress.height > 0 && height > 0 ? Theme.mm(6) : 0)
        width: body.headWidth

        Say {
            width: parent.width
            text: body.view.guide
            balanced: true
            ink: Theme.largeText ? Theme.ink : Theme.ink2
            lines: Theme.compact ? 6 : 3
        }
    }

    Furniture {
        id: furniture
        places: body.view.places
        hidden: body.unfurnished || Theme.compact
        high: Theme.mm(body.portrait ? 58 : 42)
        anchors.left: parent.left
        anchors.leftMargin: empty.anchors.leftMargin
        y: body.listHead
        width: empty.width
    }

    Flow {
        id: tabs
        readonly property int columns: body.slim && Theme.largeText ? 2 : Math.max(1, tabRepeater.count)
        anchors.left: parent.left
        anchors.leftMargin: empty.anchors.leftMargin
        y: body.listHead
        width: empty.width
        spacing: Theme.step
        Repeater {
            id: tabRepeater
            model: body.view.tabs
            delegate: Button {
                required property int index
                screen: body.screen
                choosable: true
                // Of an odd number the last takes a whole row.
                readonly property bool alone: tabRepeater.count % tabs.columns > 0 && index === tabRepeater.count - 1
                width: alone ? tabs.width : Math.floor((tabs.width - (tabs.columns - 1) * tabs.spacing) / tabs.columns)
                height: Theme.compact && Theme.largeText ? Theme.lesserTarget : Theme.mm(Theme.largeText && !body.slim ? 32 : 22)
                padding: Theme.mm(2)
                face: selected ? Theme.stateWord : Theme.stateDetail
                iconSize: Theme.mm(7)
                iconGap: Theme.mm(2.5)
                lines: 2
            }
        }
    }

    Say {
        id: elsewhere
        // Where its place is taken, the mark in the progress still says that there is one.
        visible: body.paged && body.refused && (!body.aside || guide.y + guide.height + Theme.mm(2) + face.line <= body.head.y + body.head.height + (Theme.compact ? 0 : Theme.mm(9)))
        anchors.left: parent.left
        anchors.leftMargin: body.aside ? Theme.margin : empty.anchors.leftMargin
        y: body.aside ? guide.y + guide.height + Theme.mm(2) : body.portrait && furniture.count === 0 ? guide.y + guide.height : body.listTop
        width: body.aside ? body.headWidth : empty.width
        text: visible ? body.elsewhereWords : ""
        face: Theme.label
        ink: Theme.error
        lines: 1
        shortens: true
    }

    Say {
        id: empty
        visible: rows.count === 0
        anchors.left: parent.left
        anchors.leftMargin: body.portrait ? Theme.margin : body.pane.x + Theme.paneInset
        y: body.listTop
        width: body.listWidth
        text: rows.count === 0 ? body.view.empty : ""
        face: Theme.lead
        balanced: true
    }

    TaskDrawing {
        kind: rows.count === 0 ? body.view.drawing : "none"
        anchors.left: parent.left
        anchors.leftMargin: empty.anchors.leftMargin
        y: empty.y + empty.height
        width: empty.width
        height: body.pane.y + body.pane.height - y
    }

    Column {
        id: list
        anchors.left: parent.left
        anchors.leftMargin: body.portrait ? 0 : body.pane.x
        y: body.listTop + body.warned
        width: body.pane.width

        Repeater {
            id: rows
            model: body.view.rows
            onCountChanged: Qt.callLater(body.lay)
            delegate: ItemRow {
                required property int index
                readonly property ItemRow above: index > 0 ? rows.itemAt(index - 1) as ItemRow : null
                readonly property ItemRow below: rows.count > index + 1 ? rows.itemAt(index + 1) as ItemRow : null
                screen: body.screen
                width: list.width
                height: implicitHeight
                inset: body.portrait ? Theme.margin : Theme.paneInset
                endInset: Theme.margin
                padding: body.padding
                onContentHeightChanged: Qt.callLater(body.lay)
                onMarkChanged: Qt.callLater(body.lay)
                visible: index >= body.first && index <= body.last
                headed: group !== "" && (index === body.first || above !== null && above.group !== group)
                ruled: index < body.last && !(below !== null && (below.banded || below.headed))
                NumberAnimation on opacity {
                    from: Theme.still ? 1 : 0
                    to: 1
                    duration: Theme.change
                }
            }
        }
    }

    QrCode {
        id: code
        cells: body.coded ? body.view.codeCells : 0
        runs: body.coded ? body.view.codeRuns : []
        spoken: body.view.codeSpoken
        anchors.left: parent.left
        anchors.leftMargin: empty.anchors.leftMargin
        y: body.pane.y + body.pane.height - body.codeHigh
    }

    Say {
        id: codeSaid
        visible: body.view.codeCells > 0
        anchors.left: code.right
        anchors.leftMargin: code.visible ? Theme.mm(8) : 0
        y: code.y + Math.round((body.codeHigh - height) / 2)
        width: empty.width - (code.visible ? code.width + Theme.mm(8) : 0)
        text: body.view.codeWords
        balanced: true
        lines: 8
        spoken: false
    }

    // The most that these two can have to say, so that where they stand does not hang on the page.
    Say {
        id: most
        visible: false
        text: body.view.serial > 0 ? body.view.pageLabel(rows.count, rows.count) : ""
        face: Theme.small
    }
    Say {
        id: mostTurn
        visible: false
        text: body.view.serial > 0 ? body.view.turnLabel(true) : ""
        face: Theme.label
    }
    Say {
        id: leastTurn
        visible: false
        text: body.view.serial > 0 ? body.view.turnLabel(false) : ""
        face: Theme.label
    }

    Item {
        visible: body.paged
        anchors.left: parent.left
        anchors.leftMargin: body.portrait ? Theme.margin : body.pane.x + Theme.paneInset
        y: body.listTop + body.pagesFoot + body.pagerGap
        width: body.listWidth
        height: body.pagerHeight

        Say {
            id: pages
            anchors.left: parent.left
            width: parent.width - (body.stacked ? 0 : more.width + Theme.gutter)
            y: body.stacked ? 0 : Math.round((parent.height - height) / 2)
            text: body.paged && body.view.serial > 0 ? body.view.pageLabel(body.first + 1, body.last + 1) : ""
            face: body.lean ? Theme.small : Theme.body
            lines: body.stacked ? 1 : 2
        }
        Button {
            id: more
            screen: body.screen
            actionId: "page.next"
            anchors.right: parent.right
            width: body.turnWidth + 2 * padding + (body.lean ? 0 : iconSize + iconGap + Theme.mm(10))
            y: body.stacked ? parent.height - height : Math.round((parent.height - height) / 2)
            height: body.turnHeight
            label: body.paged && body.view.serial > 0 ? body.view.turnLabel(body.page + 1 < body.breaks.length) : ""
            spoken: label
            spokenReason: ""
            selected: false
            weight: "secondary"
            reason: ""
            busy: false
            icon: body.lean ? "" : body.page + 1 < body.breaks.length ? "arrow_forward" : "arrow_upward"
            iconLast: true
            lines: 1
            padding: Theme.mm(body.lean ? 4 : 6)
            onActivated: body.turn()
        }
    }
}
