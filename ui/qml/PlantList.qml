pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// A heading over rows in pages: a page never cuts a row in two, and no bar scrolls.
Item {
    id: list

    required property ScreenView screen
    required property string name
    required property QtObject rows
    required property string heading
    required property string empty
    property bool marked: false
    readonly property BeltView view: screen.belt
    readonly property int count: lines.count
    readonly property int start: line.y + line.height
    readonly property int turnHeight: Theme.mm(Theme.largeText ? 17 : 12)

    property list<int> breaks: [0]
    property int turned: 0
    readonly property bool paged: breaks.length > 1
    readonly property int page: Math.min(turned, breaks.length - 1)
    readonly property int first: breaks[page]
    readonly property int last: page + 1 < breaks.length ? Math.max(first, breaks[page + 1] - 1) : count - 1
    // Which part of a row that is longer than a page.
    readonly property int part: breaks.slice(0, page).filter(start => start === first).length
    // The room that the longest row needs to stand on one page.
    property int most: 0

    onHeightChanged: Qt.callLater(lay)
    Component.onCompleted: lay()

    function lay() {
        const heights = [];
        const pieces = [];
        let longest = 0;
        for (let n = 0; n < lines.count; n++) {
            const row = lines.itemAt(n) as PlantRow;
            if (!row)
                return;
            heights.push(row.parts > 1 ? height : row.implicitHeight);
            pieces.push(row.parts);
            longest = Math.max(longest, row.whole);
        }
        const room = height - start;
        const starts = [0];
        if (heights.reduce((sum, high) => sum + high, 0) > room) {
            let used = 0;
            for (let n = 0; n < heights.length; n++) {
                if (used > 0 && used + heights[n] > room) {
                    starts.push(n);
                    used = 0;
                }
                for (let piece = 1; piece < pieces[n]; piece++)
                    starts.push(n);
                used += heights[n];
            }
        }
        most = start + longest;
        breaks = starts;
    }

    Connections {
        target: list.screen
        function onReplaced() {
            list.turned = 0;
        }
    }

    Say {
        id: title
        anchors.left: parent.left
        width: parent.width - (list.paged ? more.width + Theme.mm(3) + (pages.fits ? pages.width + Theme.mm(3) : 0) : 0)
        y: list.turnHeight - height - Theme.mm(1)
        text: list.count === 0 && list.marked ? list.empty : list.heading
        face: Theme.smallStrong
        lines: 1
        shortens: true
    }
    Say {
        id: pages
        readonly property bool fits: title.naturalWidth + width + more.width + 2 * Theme.mm(3) <= list.width
        visible: list.paged && fits
        anchors.right: more.left
        anchors.rightMargin: Theme.mm(3)
        y: Math.round((list.turnHeight - height) / 2)
        width: naturalWidth
        text: list.paged && list.view.language !== "" ? list.view.pageLabel(list.first + 1, list.last + 1, list.count) : ""
        face: Theme.panelSmall
        ink: Theme.ink2
        lines: 1
    }
    Rectangle {
        id: line
        y: list.turnHeight + Theme.mm(1)
        width: parent.width
        height: Theme.border
        color: Theme.ink
    }
    Say {
        visible: list.count === 0 && !list.marked
        y: list.start + Theme.mm(3)
        width: parent.width
        text: visible ? list.empty : ""
        face: Theme.panel
        ink: Theme.ink2
    }

    Column {
        id: column
        y: list.start
        width: parent.width

        Repeater {
            id: lines
            model: list.rows
            onCountChanged: Qt.callLater(list.lay)
            delegate: PlantRow {
                required property int index
                screen: list.screen
                marked: list.marked
                room: list.height - list.start
                part: index === list.first ? list.part : 0
                width: column.width
                visible: index >= list.first && index <= list.last
                ruled: index < list.last
                onImplicitHeightChanged: Qt.callLater(list.lay)
                onPartsChanged: Qt.callLater(list.lay)
                onWholeChanged: Qt.callLater(list.lay)
            }
        }
    }

    Button {
        id: more
        visible: list.paged
        screen: list.screen
        actionId: `page.${list.name}`
        anchors.right: parent.right
        y: 0
        width: naturalWidth + Theme.mm(3)
        height: list.turnHeight
        least: list.turnHeight
        label: list.paged && list.view.language !== "" ? list.view.turnLabel(list.page + 1 < list.breaks.length) : ""
        spoken: label
        spokenReason: ""
        selected: false
        weight: "secondary"
        reason: ""
        busy: false
        icon: list.page + 1 < list.breaks.length ? "arrow_forward" : "arrow_upward"
        iconLast: true
        iconSize: Theme.mm(7)
        iconGap: Theme.mm(2)
        face: Theme.panelStrong
        lines: 1
        onActivated: list.turned = list.page + 1 < list.breaks.length ? list.page + 1 : 0
    }
}
