pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// Caption, then the buttons, filled one first: side by side, or one under the other.
Column {
    id: bar

    required property ScreenView screen
    // The body draws them itself.
    property bool hidden: false
    property bool upright: false
    property bool big: false
    property bool low: false
    // No room for more than the buttons themselves.
    property bool terse: false
    readonly property int count: buttons.count
    // Three in a row, unless a word is too long for a third of it.
    readonly property bool broken: {
        const across = Theme.compact && count === 4 ? 4 : 3;
        const third = Math.floor((width - (across - 1) * grid.spacing) / across);
        let found = false;
        for (let n = 0; n < buttons.count; n++)
            found = ((buttons.itemAt(n) as Button)?.breaks(third) ?? false) || found;
        return found;
    }
    readonly property bool abreast: !upright && !big && (count === 3 || Theme.compact && count === 4) && !broken
    readonly property bool stacked: abreast && !Theme.compact
    readonly property int columns: upright || big ? 1 : abreast ? count : 2

    spacing: Theme.mm(Theme.compact ? 3 : 4)
    visible: !hidden && (count > 0 || screen.caption !== "")
    height: visible ? implicitHeight : 0

    Say {
        width: parent.width
        visible: text !== "" && !bar.terse
        text: bar.screen.caption
        face: bar.screen.staff ? Theme.small : Theme.compact ? Theme.smallStrong : Theme.label
        ink: bar.screen.staff ? Theme.ink2 : Theme.ink
        balanced: true
        lines: Theme.compact ? 3 : 2
    }

    Grid {
        id: grid
        width: parent.width
        columns: bar.columns
        spacing: bar.big ? Theme.mm(6) : bar.terse && Theme.largeText && bar.upright ? Theme.step : Theme.compact ? Theme.mm(3.5) : Theme.gutter

        Repeater {
            id: buttons
            model: bar.hidden ? null : bar.screen.actions
            delegate: Button {
                required property int index
                readonly property bool huge: bar.big && index === 0

                screen: bar.screen
                width: Math.floor((grid.width - (bar.columns - 1) * grid.spacing) / bar.columns)
                height: huge ? Theme.mm(bar.low ? 36 : 44) : (bar.terse || Theme.compact) && bar.upright ? implicitHeight : grid.tallest
                stacked: bar.stacked
                padding: Theme.mm(Theme.compact && !bar.upright && !bar.big ? 2 : 4)
                iconless: !huge && Theme.compact && Theme.largeText
                face: huge ? Theme.bigLabel : possible ? Theme.label : Theme.body
                iconSize: huge ? Theme.mm(14) : Theme.mm(11)
                iconGap: huge ? Theme.mm(6) : Theme.mm(5)
                least: bar.stacked ? Theme.mm(39) : Theme.compact || bar.terse && bar.upright ? Theme.target : Theme.mm(bar.low ? 25 : 28)
            }
        }

        readonly property int tallest: {
            let most = 0;
            for (let n = 0; n < buttons.count; n++) {
                const button = buttons.itemAt(n) as Button;
                if (button)
                    most = Math.max(most, button.implicitHeight);
            }
            return most;
        }
    }
}
