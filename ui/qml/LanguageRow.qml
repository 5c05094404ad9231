pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// Languages by their own names in their own script; the chosen one is filled and ticked.
Grid {
    id: languages

    required property ScreenView screen
    required property QtObject choices
    property bool wide: false

    property int high: Theme.mm(Theme.largeText ? 34 : 27)
    readonly property int count: names.count
    // As many side by side as their names leave room for; five, three or two, so that rows are about equally full.
    property int widest: 0
    // One of them stands now: they are alternatives, not ways on.
    property bool chosen: false
    readonly property int rows_: Math.ceil(count / Math.max(1, columns))
    columns: wide ? 1 : [count, 3, 2].find(n => n > 0 && Math.floor((width - (n - 1) * Theme.step) / n) >= widest) ?? 1
    spacing: columns > 2 ? Theme.step : Theme.gutter

    function measure() {
        let most = 0;
        let any = false;
        for (let n = 0; n < names.count; n++) {
            const one = names.itemAt(n) as Button;
            most = Math.max(most, one?.naturalWidth ?? 0);
            any = any || (one?.selected ?? false);
        }
        widest = most;
        chosen = any;
    }

    Repeater {
        id: names
        model: languages.choices
        delegate: Button {
            id: choice

            required property int index

            screen: languages.screen
            choosable: languages.chosen
            width: Math.floor((languages.width - (languages.columns - 1) * languages.spacing) / languages.columns)
            height: languages.high
            onNaturalWidthChanged: Qt.callLater(languages.measure)
            onSelectedChanged: Qt.callLater(languages.measure)
            Component.onCompleted: {
                // Said at once: whoever reads the window between this and the measuring hears what it is.
                languages.chosen = languages.chosen || selected;
                Qt.callLater(languages.measure);
            }
            padding: Theme.mm(1)
            face: languages.wide ? Theme.label : selected ? Theme.stateWord : Theme.stateDetail
            lines: 1
            // Over the name, or beside it where that is too low for both.
            readonly property bool low: height < Theme.stateWord.line + Theme.mm(13)
            textShift: selected && !low ? Theme.mm(3) : 0

            Icon {
                visible: choice.selected
                name: "check"
                ink: choice.ink
                size: Theme.mm(6.5)
                x: choice.low ? Theme.rightToLeft ? parent.width - width - Theme.mm(4) : Theme.mm(4) : Math.round((parent.width - width) / 2)
                y: Math.round(choice.low ? (parent.height - size) * 0.5 : parent.height * 0.5 - Theme.stateWord.line * 0.5 - size * 0.85)
            }
        }
    }
}
