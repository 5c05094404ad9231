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
    readonly property bool field: screen.ground !== "page"
    readonly property color ground: screen.ground === "green" ? Theme.green : screen.ground === "ink" ? Theme.inkField : Theme.page
    readonly property bool fielded: field || kind === "start"
    readonly property bool poster: kind === "end" || kind === "closed"
    readonly property bool paned: !portrait && !poster && kind !== "start"
    readonly property int fieldWidth: portrait ? width : Math.round(width * 0.585)
    readonly property int foot: height - assist.height
    // Landscape: the left four columns of twelve carry the words and the actions.
    readonly property int column: Math.floor((width - 2 * Theme.margin - 11 * Theme.gutter) / 12)
    readonly property int headWidth: paned ? 4 * column + 3 * Theme.gutter : kind === "start" && !portrait ? fieldWidth - 2 * Theme.margin : poster && !portrait ? Math.round(width * 0.46) - 2 * Theme.margin : width - 2 * Theme.margin
    readonly property int headTop: banner.visible ? banner.y + banner.height + Theme.mm(6) : titleTop
    readonly property int titleTop: {
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
    readonly property int headFoot: lead.y + lead.height
    readonly property int actionsTop: actions.visible ? actions.y : foot
    readonly property rect head: Qt.rect(Theme.margin, headFoot + (kind === "rows" ? lead.height > 0 ? Theme.mm(8) : portrait ? Theme.mm(7) : Theme.mm(5) : Theme.mm(5)), headWidth, actionsTop - headFoot - Theme.mm(10))
    readonly property rect pane: paned ? Qt.rect(Theme.margin + 4 * (column + Theme.gutter) + Theme.gutter, banner.visible ? banner.y + banner.height : Theme.mm(24), width - (Theme.margin + 4 * (column + Theme.gutter) + Theme.gutter), foot - (banner.visible ? banner.y + banner.height : Theme.mm(24)) - Theme.mm(6)) : Qt.rect(0, head.y, width, actionsTop - head.y - Theme.mm(6))

    focus: true
    LayoutMirroring.enabled: screen.rightToLeft
    LayoutMirroring.childrenInherit: true

    Binding { target: Theme; property: "pxPerMm"; value: root.pxPerMm }
    Binding { target: Theme; property: "highContrast"; value: root.screen.highContrast }
    Binding { target: Theme; property: "largeText"; value: root.screen.largeText }
    Binding { target: Theme; property: "rightToLeft"; value: root.screen.rightToLeft }
    Binding { target: Theme; property: "still"; value: root.still || root.screen.reducedMotion }

    // The control of an id that can be reached now.
    function control(under: Item, id: string): Pressable {
        if (!under.visible)
            return null;
        const self = under as Pressable;
        if (self && self.actionId === id)
            return self;
        for (const child of under.children) {
            const found = control(child, id);
            if (found)
                return found;
        }
        return null;
    }

    function move(by: int) {
        const order = screen.focusOrder;
        const start = order.indexOf(screen.focused);
        for (let n = 1; n <= order.length; n++) {
            const place = start < 0 ? (by > 0 ? n - 1 : order.length - n) : (start + by * n + order.length * n) % order.length;
            if (control(root, order[place])) {
                screen.pointAt(order[place]);
                return;
            }
        }
    }

    Keys.onPressed: event => {
        screen.touch();
        const onward = root.screen.rightToLeft ? Qt.Key_Left : Qt.Key_Right;
        const back = root.screen.rightToLeft ? Qt.Key_Right : Qt.Key_Left;
        switch (event.key) {
        case onward:
        case Qt.Key_Down:
        case Qt.Key_Tab:
            root.move(1);
            break;
        case back:
        case Qt.Key_Up:
        case Qt.Key_Backtab:
            root.move(-1);
            break;
        case Qt.Key_Return:
        case Qt.Key_Enter:
        case Qt.Key_Space:
        case Qt.Key_Select:
            if (!event.isAutoRepeat)
                root.control(root, root.screen.focused)?.activate();
            break;
        default:
            return;
        }
        event.accepted = true;
    }

    Connections {
        target: root.screen
        function onReplaced() {
            title.dropped = 0;
            if (!Theme.still)
                appear.restart();
        }
        function onChanged() {
            title.dropped = 0;
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
        color: root.ground
    }

    Item {
        id: content
        anchors.fill: parent

        TopLine {
            id: top
            anchors.left: parent.left
            anchors.leftMargin: Theme.margin
            y: Theme.mm(root.portrait ? 11 : 8)
            width: (root.kind === "start" && !root.portrait ? root.fieldWidth : parent.width) - 2 * Theme.margin
            place: root.screen.place
            corner: root.screen.corner
            ink: root.fielded ? Theme.fieldInk : Theme.ink
            ink2: root.fielded ? Theme.fieldInk : Theme.ink2
        }

        Banner {
            id: banner
            anchors.left: parent.left
            y: top.y + top.height + Theme.mm(4)
            width: root.kind === "start" && !root.portrait ? root.fieldWidth : parent.width
            name: root.screen.bannerName
            words: root.screen.bannerWords
        }

        Say {
            id: title
            readonly property list<Face> steps: [Theme.poster, Theme.display, Theme.headline, Theme.title]
            readonly property int step: root.poster ? root.portrait ? 0 : 1 : root.kind === "start" ? 2 : root.kind === "rows" || root.kind === "countdown" ? root.portrait ? 1 : 2 : 3
            property int dropped: 0
            anchors.left: parent.left
            anchors.leftMargin: Theme.margin
            y: root.headTop
            width: root.headWidth
            text: root.screen.title
            face: steps[Math.min(3, step + dropped)]
            ink: root.fielded ? Theme.fieldInk : Theme.ink
            onLineCountChanged: if (lineCount > 3 && step + dropped < 3)
                Qt.callLater(() => title.dropped += 1)
            Accessible.role: Accessible.Heading
        }

        Say {
            id: lead
            anchors.left: parent.left
            anchors.leftMargin: Theme.margin
            y: title.y + title.height + (text === "" ? 0 : Theme.mm(root.kind === "rows" ? 2 : 6))
            width: root.headWidth
            text: root.screen.lead
            face: root.kind === "rows" || root.kind === "entry" ? Theme.body : Theme.lead
            ink: root.fielded ? Theme.fieldInk : Theme.ink
        }

        // Read after the title, drawn beneath it: the start screen's field is part of the body.
        Loader {
            z: -1
            anchors.fill: parent
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
                case "message":
                case "choice":
                    return messageBody;
                default:
                    return null;
                }
            }
        }

        ActionBar {
            id: actions
            screen: root.screen
            upright: !root.portrait
            big: root.kind === "countdown"
            anchors.left: parent.left
            anchors.leftMargin: Theme.margin
            width: root.headWidth
            y: footnote.visible ? footnote.y - Theme.mm(16.5) - height : root.foot - Theme.mm(root.portrait ? 15 : 10) - height
        }

        Say {
            id: footnote
            visible: root.kind === "countdown" && text !== ""
            anchors.left: parent.left
            anchors.leftMargin: Theme.margin
            y: root.foot - Theme.mm(root.portrait ? 21 : 8) - height
            width: root.headWidth
            text: root.screen.countdown.footnote
            ink: Theme.ink2
            align: Text.AlignHCenter
        }
    }

    AssistBar {
        id: assist
        screen: root.screen
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        height_: Theme.mm(root.portrait ? 34 : 28)
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
            head: root.head
            pane: root.pane
        }
    }
    Component {
        id: rowsBody
        RowsBody {
            screen: root.screen
            portrait: root.portrait
            head: root.head
            pane: root.pane
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
        id: messageBody
        MessageBody {
            screen: root.screen
            portrait: root.portrait
            pane: root.pane
        }
    }
}
