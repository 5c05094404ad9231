pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// Progress, guide, and the rows in pages. A row keeps its place; a page never cuts one in two.
Item {
    id: body

    required property ScreenView screen
    required property bool portrait
    required property rect head
    required property rect pane
    readonly property RowsView view: screen.rows

    readonly property int listTop: portrait ? Math.max(guide.y + guide.height, pane.y) + Theme.mm(guide.height || progress.height ? 10 : 6) : pane.y
    readonly property int listFoot: pane.y + pane.height
    readonly property int room: listFoot - listTop
    readonly property int pagerHeight: Theme.mm(25) + Theme.mm(7)
    // Spacious if everything fits so, else down to the least a target allows.
    readonly property list<int> paddings: [Theme.mm(5), Theme.mm(4), portrait ? Theme.mm(3.5) : Theme.mm(1.5)]
    readonly property int textHeight: {
        let sum = 0;
        for (let n = 0; n < rows.count; n++) {
            const row = rows.itemAt(n) as ItemRow;
            if (row)
                sum += row.implicitHeight - 2 * row.padding;
        }
        return sum;
    }
    readonly property int padding: {
        for (const p of paddings)
            if (textHeight + 2 * p * rows.count <= room)
                return p;
        return Theme.largeText ? paddings[1] : paddings[2];
    }
    // The first row of each page.
    readonly property list<int> breaks: {
        const starts = [0];
        if (textHeight + 2 * padding * rows.count <= room)
            return starts;
        let used = 0;
        for (let n = 0; n < rows.count; n++) {
            const row = rows.itemAt(n) as ItemRow;
            const high = row ? row.implicitHeight : 0;
            if (used > 0 && used + high > room - pagerHeight) {
                starts.push(n);
                used = 0;
            }
            used += high;
        }
        return starts;
    }
    property int turned: 0
    readonly property int page: Math.min(turned, breaks.length - 1)
    readonly property int first: breaks[page]
    readonly property int last: page + 1 < breaks.length ? breaks[page + 1] - 1 : rows.count - 1
    readonly property string refusedElsewhere: {
        for (let n = 0; n < rows.count; n++) {
            const row = rows.itemAt(n) as ItemRow;
            if (row && row.mark === "refused" && (n < first || n > last))
                return view.elsewhere(row.title);
        }
        return "";
    }

    function turn() {
        turned = page + 1 < breaks.length ? page + 1 : 0;
    }

    Connections {
        target: body.screen
        function onReplaced() {
            body.turned = 0;
        }
    }

    Progress {
        id: progress
        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        y: body.head.y
        width: body.head.width
        segments: body.view.segments
    }

    Column {
        id: guide
        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        y: progress.y + progress.height + (progress.height > 0 && height > 0 ? Theme.mm(6) : 0)
        width: body.head.width

        Say {
            width: parent.width
            text: body.view.guide
            ink: Theme.largeText ? Theme.ink : Theme.ink2
            lines: 3
        }
        Say {
            visible: text !== ""
            width: parent.width
            text: body.refusedElsewhere
            face: Theme.label
            ink: Theme.error
            lines: 2
        }
    }

    Say {
        visible: rows.count === 0
        anchors.left: parent.left
        anchors.leftMargin: body.portrait ? Theme.margin : body.pane.x + Theme.mm(10)
        y: body.listTop
        width: body.pane.width - (body.portrait ? 2 * Theme.margin : Theme.mm(10) + Theme.margin)
        text: rows.count === 0 ? body.view.empty : ""
        face: Theme.lead
    }

    Column {
        id: list
        anchors.left: parent.left
        anchors.leftMargin: body.portrait ? 0 : body.pane.x
        y: body.listTop
        width: body.pane.width

        Repeater {
            id: rows
            model: body.view.rows
            delegate: ItemRow {
                required property int index
                readonly property ItemRow below: rows.count > index + 1 ? rows.itemAt(index + 1) as ItemRow : null
                screen: body.screen
                width: list.width
                height: implicitHeight
                inset: body.portrait ? Theme.margin : Theme.mm(10)
                endInset: Theme.margin
                padding: body.padding
                visible: index >= body.first && index <= body.last
                ruled: index < body.last && !(below !== null && below.banded)
                opacity: 1
                NumberAnimation on opacity {
                    from: Theme.still ? 1 : 0
                    to: 1
                    duration: Theme.change
                }
            }
        }
    }

    Item {
        visible: body.breaks.length > 1
        anchors.left: parent.left
        anchors.leftMargin: body.portrait ? Theme.margin : body.pane.x + Theme.mm(10)
        y: list.y + list.height + Theme.mm(6)
        width: body.pane.width - Theme.margin - (body.portrait ? Theme.margin : Theme.mm(10))
        height: Theme.mm(25)

        Say {
            anchors.left: parent.left
            anchors.right: more.left
            anchors.rightMargin: Theme.gutter
            anchors.verticalCenter: parent.verticalCenter
            text: body.breaks.length > 1 ? body.view.pageLabel(body.first + 1, body.last + 1) : ""
            lines: 2
        }
        Button {
            id: more
            screen: body.screen
            actionId: "page.next"
            anchors.right: parent.right
            width: naturalWidth + Theme.mm(10)
            height: parent.height
            label: body.breaks.length > 1 ? body.view.turnLabel(body.page + 1 < body.breaks.length) : ""
            spoken: label
            icon: body.page + 1 < body.breaks.length ? "arrow_forward" : "arrow_upward"
            iconLast: true
            lines: 1
            padding: Theme.mm(6)
            onActivated: body.turn()
        }
    }
}
