pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// The parts of an account, the one that stands on the screen filled and ticked. Why some cannot be had is said
// once, beneath those.
Item {
    id: tabs

    required property ScreenView screen

    property int widest: 0
    property string reason: ""
    // The first and the last that cannot be had.
    property Item first: null
    property Item last: null
    visible: names.count > 0
    height: visible ? grid.implicitHeight + why.implicitHeight : 0

    function measure() {
        let most = 0;
        const reasons = [];
        const dashed = [];
        for (let n = 0; n < names.count; n++) {
            const tab = names.itemAt(n) as Button;
            most = Math.max(most, tab?.naturalWidth ?? 0);
            if (tab === null || tab.possible)
                continue;
            dashed.push(tab);
            if (!reasons.includes(tab.reason))
                reasons.push(tab.reason);
        }
        widest = most;
        reason = reasons.join("\n");
        first = dashed[0] ?? null;
        last = dashed[dashed.length - 1] ?? null;
    }

    Grid {
        id: grid
        // In one row, or two by two where a name is too long for that.
        readonly property bool single: Math.floor((width - (names.count - 1) * spacing) / Math.max(1, names.count)) >= tabs.widest
        columns: single ? Math.max(1, names.count) : 2
        spacing: Theme.step
        width: tabs.width

        Repeater {
            id: names
            model: tabs.screen.tabs
            onItemRemoved: Qt.callLater(tabs.measure)
            delegate: Button {
                required property int index

                screen: tabs.screen
                choosable: true
                tellsWhy: false
                onNaturalWidthChanged: Qt.callLater(tabs.measure)
                onReasonChanged: Qt.callLater(tabs.measure)
                Component.onCompleted: Qt.callLater(tabs.measure)
                width: Math.floor((grid.width - (grid.columns - 1) * grid.spacing) / grid.columns)
                height: Theme.compact ? Theme.target : Theme.low ? Math.max(Theme.lesserTarget, implicitHeight) : Theme.mm(Theme.largeText ? 22 : 21)
                least: Theme.mm(12)
                inset: Theme.mm(2)
                padding: Theme.mm(1)
                iconSize: Theme.mm(8)
                iconGap: Theme.mm(3)
                face: selected ? Theme.stateWord : Theme.stateDetail
                lines: 1
                iconless: !selected && Theme.compact && Theme.largeText
            }
        }
    }

    Say {
        id: why
        readonly property Item from: grid.single ? tabs.first : null
        readonly property Item to: grid.single ? tabs.last : null
        x: from !== null && to !== null ? Math.min(from.x, to.x) : 0
        y: grid.implicitHeight
        width: from !== null && to !== null ? Math.abs(to.x - from.x) + from.width : tabs.width
        text: tabs.reason
        ink: Theme.ink2
        align: Text.AlignHCenter
        // each of them says it
        spoken: false
    }
}
