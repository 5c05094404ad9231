pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// Attract: the drawing with the machine's parts named, choices, languages.
Item {
    id: body

    required property ScreenView screen
    required property bool portrait
    required property int fieldWidth
    required property int headFoot
    readonly property StartView view: screen.start

    required property int foot

    // The title ends above the parts of the machine.
    readonly property int headLimit: stage.foot
    readonly property int block: choices.height + languagesGap + languagesHead + languages.height
    // A screen of 15 or 19 inch on its side.
    readonly property bool low: !portrait && fieldWidth < Theme.mm(200)
    readonly property int languagesGap: Theme.mm(choices.tight ? 5 : low ? 6 : 13)
    // The language row is lower where the screen is.
    readonly property int languagesRoom: portrait ? 100000 : foot - 2 * Theme.mm(8) - choices.height - languagesGap - languagesHead
    // Languages say by themselves what they are, where there is no room for a heading.
    readonly property bool headless: !portrait && foot - 2 * Theme.mm(8) - choices.height - languagesGap - Theme.small.line - Theme.mm(4) < languages.rows_ * (Theme.target + Theme.step)
    readonly property int languagesHead: headless ? 0 : Theme.small.line + Theme.mm(4)
    readonly property int fieldHeight: portrait ? foot - block - Theme.mm(14) - Theme.mm(Theme.largeText ? 14 : 25) : foot
    readonly property int choiceX: portrait ? Theme.margin : fieldWidth + Theme.margin
    readonly property int choiceY: portrait ? fieldHeight + Theme.mm(14) : Math.max(Theme.mm(8), Math.round((foot - block) / 2))
    readonly property int choiceWidth: width - choiceX - Theme.margin

    Rectangle {
        anchors.left: parent.left
        width: body.fieldWidth
        height: body.fieldHeight
        color: Theme.green
        border.width: Theme.highContrast ? 1 : 0
        border.color: Theme.drawLine
    }

    Item {
        id: stage
        readonly property int foot: body.fieldHeight - labels.height - Theme.mm(body.portrait ? 20 : 6) - Theme.mm(8)
        readonly property real zoom: Math.min((body.fieldWidth - 2 * Theme.margin) / 952, Theme.mm(238) / 952, (foot - body.headFoot - Theme.mm(13)) / 384)
        x: Theme.rightToLeft ? parent.width - Theme.margin - width : Theme.margin
        y: foot - 384 * zoom
        width: body.fieldWidth - 2 * Theme.margin
        height: 384 * zoom
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true
        // The words stay when there is no room for the drawing.
        readonly property real shown: Math.max(zoom, 0.5)
        visible: zoom > 0.4

        StartDrawing {
            kind: body.view.drawing
            reads: body.view.reads
            paired: partRepeater.count > 1
            scale: stage.zoom
            transformOrigin: Item.TopLeft
        }
    }

    component Labelled: Item {
        property int least: 0
        property int wished: 0
        property int high: 0
    }

    Item {
        id: labels
        readonly property list<int> starts: [Math.round(40 * stage.shown), Math.round(640 * stage.shown)]
        x: stage.x
        y: stage.foot + Theme.mm(8)
        width: stage.width
        // One under the other where they do not fit beside one another in two lines each. That hangs on no length that
        // hangs on their height: the room that they leave the drawing over them.
        readonly property bool piled: {
            let sum = 0;
            for (let n = 0; n < partRepeater.count; n++)
                sum += (partRepeater.itemAt(n) as Labelled)?.least ?? 0;
            return sum > width;
        }
        // In one line each that has the room under its part of the machine, where that leaves room for all.
        readonly property bool roomy: {
            let sum = starts[0];
            for (let n = 0; n < partRepeater.count; n++)
                sum += (partRepeater.itemAt(n) as Labelled)?.wished ?? 0;
            return sum <= width;
        }
        readonly property int one: 2 * Theme.body.line + Theme.mm(3)
        height: piled ? pile(partRepeater.count) : one

        // What this and those after it take beside one another.
        function rest(index: int): int {
            let wide = 0;
            for (let n = index; n < partRepeater.count; n++)
                wide += partRepeater.itemAt(n)?.width ?? 0;
            return wide;
        }

        // How high the first so many stand, one under the other.
        function pile(count: int): int {
            let high = 0;
            for (let n = 0; n < count; n++)
                high += (partRepeater.itemAt(n) as Labelled)?.high ?? 0;
            return high;
        }
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true

        Repeater {
            id: partRepeater
            model: body.view.parts
            delegate: Labelled {
                id: part
                required property int index
                required property string letter
                required property string label
                // Under its part of the machine, further to the left if two lines need it.
                readonly property int lead: sticker.width + Theme.mm(4.5)
                readonly property int room: (labels.starts[index + 1] ?? labels.width) - (labels.starts[index] ?? 0) - lead
                readonly property int natural: said.leastWidth(1, labels.width)
                least: lead + said.leastWidth(2, labels.width)
                wished: natural <= room ? lead + natural : least
                // A narrow screen has no room to spare.
                high: Theme.compact ? Math.max(Theme.mm(14), Math.min(3, said.linesIn(said.face, labels.width - lead)) * said.face.line + Theme.mm(2)) : labels.one
                readonly property Labelled before: index > 0 ? partRepeater.itemAt(index - 1) as Labelled : null
                readonly property int from: before === null ? 0 : before.x + before.width
                x: labels.piled ? 0 : Math.min(Math.max(labels.starts[index] ?? 0, from), labels.width - labels.rest(index))
                y: labels.piled ? labels.pile(index) : 0
                width: labels.piled ? labels.width : labels.roomy ? wished : least
                height: labels.piled ? high : labels.one

                Sticker {
                    id: sticker
                    letter: part.letter
                    ink: Theme.fieldInk
                }
                Say {
                    id: said
                    anchors.left: sticker.right
                    anchors.leftMargin: Theme.mm(4.5)
                    anchors.right: parent.right
                    y: Math.round((sticker.height - face.line) / 2)
                    text: part.label
                    ink: Theme.fieldInk
                    face: Theme.body
                    lines: Theme.compact ? 3 : 2
                }
            }
        }
    }

    Flow {
        id: choices
        // Two side by side, unless a word is too long for that.
        readonly property int paired: Math.floor((width - spacing) / 2)
        readonly property bool broken: {
            let found = false;
            for (let n = 0; n < choiceRepeater.count; n++)
                found = ((choiceRepeater.itemAt(n) as Button)?.breaks(paired) ?? false) || found;
            return found;
        }
        readonly property int columns: body.portrait && !broken && choiceRepeater.count > (Theme.largeText ? 2 : 1) ? 2 : 1
        anchors.left: parent.left
        anchors.leftMargin: body.choiceX
        y: body.choiceY
        width: body.choiceWidth
        readonly property bool tight: !body.portrait && Theme.largeText && choiceRepeater.count > 3
        spacing: tight ? Theme.step : body.low ? Theme.mm(3) : Theme.gutter

        readonly property int tallest: {
            let most = 0;
            for (let n = 0; n < choiceRepeater.count; n++)
                most = Math.max(most, choiceRepeater.itemAt(n)?.implicitHeight ?? 0);
            return most;
        }

        Repeater {
            id: choiceRepeater
            model: body.view.choices
            delegate: Button {
                required property int index
                screen: body.screen
                leading: true
                lines: Theme.largeText ? 2 : 1
                height: choices.columns > 1 ? choices.tallest : implicitHeight
                least: Theme.mm(Theme.compact ? 20 : choices.tight ? 22 : body.low ? 24 : 29)
                padding: Theme.mm(Theme.compact ? 5 : 8)
                iconGap: Theme.mm(8)
                iconless: Theme.compact && Theme.largeText
                // Of an odd number the first takes a whole row.
                readonly property bool alone: choiceRepeater.count % choices.columns > 0 && index === 0
                width: alone ? choices.width : Math.floor((choices.width - (choices.columns - 1) * choices.spacing) / choices.columns)
            }
        }
    }

    Row {
        id: languagesTitle
        visible: !body.headless
        anchors.left: languages.left
        y: choices.y + choices.height + body.languagesGap
        spacing: Theme.mm(4)
        Icon {
            name: "language"
            ink: Theme.ink2
            size: Theme.mm(9)
            anchors.verticalCenter: parent.verticalCenter
        }
        Say {
            text: body.view.languagesLabel
            width: naturalWidth
            face: Theme.small
            ink: Theme.ink2
            lines: 1
        }
    }

    LanguageRow {
        id: languages
        screen: body.screen
        choices: body.view.languages
        high: Math.max(Theme.target, Math.min(Theme.mm(Theme.largeText ? 34 : 27), Math.floor((body.languagesRoom - (rows_ - 1) * spacing) / Math.max(1, rows_))))
        anchors.left: parent.left
        anchors.leftMargin: body.choiceX
        y: languagesTitle.y + body.languagesHead
        width: body.choiceWidth
    }
}
