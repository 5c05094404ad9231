pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// The parts of an account, the one that stands on the screen filled and ticked.
Grid {
    id: tabs

    required property ScreenView screen

    columns: Theme.largeText && width < Theme.mm(300) ? 2 : Math.max(1, names.count)
    spacing: Theme.step
    visible: names.count > 0
    height: visible ? implicitHeight : 0

    Repeater {
        id: names
        model: tabs.screen.tabs
        delegate: Button {
            required property int index

            screen: tabs.screen
            choosable: true
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
