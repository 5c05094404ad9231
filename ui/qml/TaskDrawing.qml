pragma ComponentBehavior: Bound
import QtQuick

// What the hands do now, on the page: a card to the reader B, books onto the pad A, books off it; a card to the
// terminal, fingers on its keys.
// Pictures the world: never mirrored. Drawn on 820 x 540; the words beside it say the same.
Item {
    id: drawing

    required property string kind
    readonly property bool card: kind === "card"
    readonly property bool lift: kind === "lift"
    readonly property bool keys: kind === "terminal-keys"
    readonly property bool terminal: kind === "terminal" || keys
    readonly property bool books: !card && !terminal
    readonly property real zoom: Math.min(width / 820, height / 540, Theme.mm(238) / 820)

    // 0 in the hand, 1 in its place.
    property real fall: 0

    visible: kind !== "none" && zoom > 0.55
    Accessible.ignored: true

    // 4 s once, then 30 s rest.
    SequentialAnimation on fall {
        running: drawing.visible && !drawing.lift && !drawing.keys && !Theme.still
        loops: Animation.Infinite
        NumberAnimation { from: 0; to: 1; duration: 1600; easing.type: Easing.InOutQuad }
        PauseAnimation { duration: 1200 }
        NumberAnimation { from: 1; to: 0; duration: 1200; easing.type: Easing.InOutQuad }
        PauseAnimation { duration: 30000 }
    }
    // Up and away, and not back again.
    NumberAnimation on fall {
        running: drawing.visible && drawing.lift && !Theme.still
        from: 1
        to: 0
        duration: 1600
        easing.type: Easing.InOutQuad
    }

    Item {
        id: picture
        width: 820
        height: 540
        x: Math.round((drawing.width - width * drawing.zoom) / 2)
        y: Math.round((drawing.height - height * drawing.zoom) / 2)
        scale: drawing.zoom
        transformOrigin: Item.TopLeft
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true

        Item {
            visible: drawing.card
            CardDrawing {
                x: 290
                y: 84 + 105 * drawing.fall
                transformOrigin: Item.Top
                scale: 1.3
                rotation: -4 * (1 - drawing.fall)
            }
            Icon { x: 370; y: 298; name: "arrow_downward"; ink: Theme.ink; size: 80; opacity: 1 - drawing.fall }
            Rectangle {
                x: 240; y: 388; width: 340; height: 90; radius: 16
                color: Theme.drawMachine
                border.width: Theme.highContrast ? 3 : 0
                border.color: Theme.drawLine
                Rectangle { x: 48; y: 30; width: 244; height: 12; radius: 6; color: Theme.highContrast ? Theme.drawLine : Theme.page }
            }
        }

        Item {
            visible: drawing.terminal
            Rectangle {
                x: 270; y: 66; width: 236; height: 370; radius: 22
                color: Theme.drawMachine
                border.width: Theme.highContrast ? 3 : 0
                border.color: Theme.drawLine
                Rectangle {
                    x: 24; y: 26; width: 188; height: 92; radius: 8
                    color: Theme.drawPale
                    border.width: Theme.highContrast ? 3 : 0
                    border.color: Theme.drawLine
                    // The sum, or a place for each digit.
                    Rectangle { visible: !drawing.keys; x: 46; y: 38; width: 96; height: 16; radius: 8; color: Theme.drawLine }
                    Row {
                        visible: drawing.keys
                        x: 38
                        y: 36
                        spacing: 14
                        Repeater {
                            model: 4
                            delegate: Rectangle { width: 18; height: 18; radius: 9; color: Theme.drawLine }
                        }
                    }
                }
                Grid {
                    x: 32
                    y: 144
                    columns: 3
                    spacing: 14
                    Repeater {
                        model: 12
                        delegate: Rectangle {
                            width: 48; height: 38; radius: 9
                            color: drawing.keys ? Theme.drawPaper : Theme.drawMid
                            border.width: Theme.highContrast ? 3 : 0
                            border.color: Theme.drawLine
                        }
                    }
                }
            }
            CardDrawing {
                visible: !drawing.keys
                pays: true
                x: 590 - 130 * drawing.fall
                y: 80
                transformOrigin: Item.Left
                scale: 0.86
                rotation: 6 * (1 - drawing.fall)
            }
            // Not the arrow that turns with the writing: it points at the terminal.
            Icon { visible: !drawing.keys; x: 516; y: 116; name: "arrow_upward"; rotation: -90; ink: Theme.ink; size: 72; opacity: 1 - drawing.fall }
        }

        Item {
            visible: drawing.books
            Rectangle {
                x: 150; y: 402; width: 520; height: 34; radius: 10
                color: Theme.drawMachine
                border.width: Theme.highContrast ? 3 : 0
                border.color: Theme.drawLine
                Rectangle { x: 222; y: 15; width: 76; height: 4; radius: 2; color: Theme.highContrast ? Theme.drawLine : Theme.page }
            }
            Icon {
                x: 370
                y: drawing.lift ? 308 : 130
                name: drawing.lift ? "arrow_upward" : "arrow_downward"
                ink: Theme.ink
                size: 80
                opacity: 1 - drawing.fall
            }
            Item {
                x: 202
                y: drawing.lift ? 210 * drawing.fall : 210
                width: 416
                height: 190
                transformOrigin: Item.Bottom
                rotation: drawing.lift ? -4 * (1 - drawing.fall) : 0
                Spine { x: 12; y: 42; width: 392; height: 74; cloth: Theme.drawClay; bands: [44, 7, 60, 7, 326, 7, 342, 7]; lineX: 150; lineWidth: 100 }
                Spine { x: 0; y: 118; width: 416; height: 72; cloth: Theme.drawMid; bands: [28, 9, 379, 9]; lineX: 144; lineWidth: 166 }
            }
            Spine {
                visible: !drawing.lift
                x: 224
                y: 34 + 152 * drawing.fall
                width: 366
                height: 64
                rotation: -6 * (1 - drawing.fall)
                cloth: Theme.drawPale
                bands: [26, 11, 328, 11]
                lineX: 120
                lineWidth: 132
            }
        }

        Rectangle { x: -picture.x / drawing.zoom; width: drawing.width / drawing.zoom; y: 436; height: 4; color: Theme.drawLine }
        // The part of the reader below the table is not there.
        Rectangle { visible: drawing.card; x: 234; y: 440; width: 352; height: 42; color: Theme.page }
    }

    // Not scaled: its ring stays smooth. A terminal bears its maker's marks, and none of ours.
    Sticker {
        visible: !drawing.terminal
        anchors.horizontalCenter: parent.horizontalCenter
        y: Math.round(picture.y + 466 * drawing.zoom)
        size: Theme.mm(16)
        letter: drawing.card ? "B" : "A"
        ink: Theme.ink
        Accessible.ignored: true
    }
}
