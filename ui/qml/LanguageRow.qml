pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// Languages by their own names in their own script; the chosen one is filled and ticked.
Grid {
    id: languages

    required property ScreenView screen
    required property QtObject choices
    property bool wide: false
    property bool low: false

    // Few languages share the whole row.
    columns: wide ? 1 : Math.max(1, Math.min(names.count, width >= Theme.mm(200) ? (Theme.largeText ? 3 : 5) : Theme.largeText ? 2 : 3))
    spacing: columns > 2 ? Theme.step : Theme.gutter

    Repeater {
        id: names
        model: languages.choices
        delegate: Button {
            id: choice

            required property int index

            screen: languages.screen
            choosable: !languages.wide
            width: Math.floor((languages.width - (languages.columns - 1) * languages.spacing) / languages.columns)
            height: Theme.largeText ? Theme.mm(languages.low ? 25 : 34) : Theme.mm(27)
            padding: Theme.mm(1)
            face: languages.wide ? Theme.label : selected ? Theme.stateWord : Theme.stateDetail
            lines: 1
            textShift: selected ? Theme.mm(3) : 0

            Icon {
                visible: choice.selected
                name: "check"
                ink: choice.ink
                size: Theme.mm(6.5)
                anchors.horizontalCenter: parent.horizontalCenter
                y: Math.round(parent.height * 0.5 - Theme.stateWord.line * 0.5 - size * 0.85)
            }
        }
    }
}
