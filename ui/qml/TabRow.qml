pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// The parts of an account, the one that stands on the screen filled and ticked.
Grid {
    id: tabs

    required property ScreenView screen

    // In one row, or two by two where a name is too long for that.
    property int widest: 0
    columns: Math.floor((width - (names.count - 1) * spacing) / Math.max(1, names.count)) >= widest ? Math.max(1, names.count) : 2
    spacing: Theme.step
    visible: names.count > 0
    height: visible ? implicitHeight : 0

    function measure() {
        let most = 0;
        for (let n = 0; n < names.count; n++)
            most = Math.max(most, (names.itemAt(n) as Button)?.naturalWidth ?? 0);
        widest = most;
    }

    Repeater {
        id: names
        model: tabs.screen.tabs
        delegate: Button {
            required property int index

            screen: tabs.screen
            choosable: true
            onNaturalWidthChanged: Qt.callLater(tabs.measure)
            Component.onCompleted: Qt.callLater(tabs.measure)
            width: Math.floor((tabs.width - (tabs.columns - 1) * tabs.spacing) / tabs.columns)
            height: Theme.largeText ? Theme.mm(22) : Theme.mm(21)
            padding: Theme.mm(1)
            iconSize: Theme.mm(8)
            iconGap: Theme.mm(3)
            face: selected ? Theme.stateWord : Theme.stateDetail
            lines: 1
        }
    }
}
