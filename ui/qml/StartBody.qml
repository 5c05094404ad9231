pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// Attract: the drawing with the machine's parts named, choices, languages.
Item {
    id: body

    required property ScreenView screen
    required property bool portrait
    required property rect field
    required property int headFoot
    readonly property StartView view: screen.start

    readonly property int choiceX: portrait ? Theme.margin : field.width + Theme.margin
    readonly property int choiceY: portrait ? field.height + Theme.mm(14) : Theme.mm(24)
    readonly property int choiceWidth: width - choiceX - Theme.margin

    Item {
        id: stage
        readonly property real zoom: Math.min(body.field.width - 2 * Theme.margin, Theme.mm(238)) / 952
        readonly property int foot: body.field.height - labels.height - Theme.mm(portrait_ ? 20 : 6) - Theme.mm(8)
        readonly property bool portrait_: body.portrait
        x: Theme.margin
        y: foot - 384 * zoom
        width: 952 * zoom
        height: 384 * zoom
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true
        visible: y > body.headFoot

        StartDrawing {
            scale: stage.zoom
            transformOrigin: Item.TopLeft
        }
    }

    Item {
        id: labels
        readonly property list<int> starts: [40, 640]
        readonly property list<int> widths: [580, 312]
        x: stage.x
        y: stage.foot + Theme.mm(8)
        width: stage.width
        height: Theme.mm(26)
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true

        Repeater {
            model: body.view.parts
            delegate: Item {
                id: part
                required property int index
                required property string letter
                required property string label
                x: Math.round((labels.starts[index] ?? 0) * stage.zoom)
                width: Math.round((labels.widths[index] ?? 0) * stage.zoom)
                height: labels.height

                Sticker {
                    id: sticker
                    letter: part.letter
                    ink: Theme.onField
                }
                Say {
                    anchors.left: sticker.right
                    anchors.leftMargin: Theme.mm(4.5)
                    anchors.right: parent.right
                    y: Math.round((sticker.height - face.line) / 2)
                    text: part.label
                    ink: Theme.onField
                    face: Theme.body
                    lines: 2
                }
            }
        }
    }

    Grid {
        id: choices
        anchors.left: parent.left
        anchors.leftMargin: body.choiceX
        y: body.choiceY
        width: body.choiceWidth
        columns: body.portrait && !(Theme.largeText && choiceRepeater.count < 3) ? 2 : 1
        spacing: Theme.gutter
        layoutDirection: Theme.rightToLeft ? Qt.RightToLeft : Qt.LeftToRight

        Repeater {
            id: choiceRepeater
            model: body.view.choices
            delegate: Button {
                required property int index
                screen: body.screen
                leading: true
                lines: 1
                least: Theme.mm(29)
                padding: Theme.mm(8)
                iconGap: Theme.mm(8)
                width: Math.floor((choices.width - (choices.columns - 1) * choices.spacing) / choices.columns)
            }
        }
    }

    Row {
        id: languagesTitle
        anchors.left: languages.left
        y: choices.y + choices.height + Theme.mm(13)
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
        anchors.left: parent.left
        anchors.leftMargin: body.choiceX
        y: languagesTitle.y + languagesTitle.height + Theme.mm(4)
        width: body.choiceWidth
    }
}
