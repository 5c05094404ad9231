pragma ComponentBehavior: Bound
import QtQuick

// Books onto the plate, a card to the reader; where the plate does not work, what is held to the reader alone; or a book
// into a hatch, and paper beside it. Pictures the world: never mirrored. Drawn on 952 x 386.
Item {
    id: drawing

    required property string kind
    readonly property bool books: kind === "pad"
    readonly property bool barcode: kind === "barcode"
    readonly property bool hatch: kind === "inlet"
    // Something reads cards; else the number of one is typed.
    property bool reads: true
    // A second part of the machine stands there.
    property bool paired: true
    property real fall: 0

    width: 952
    height: 386
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true
    Accessible.ignored: true

    // 4 s once, then 30 s rest.
    SequentialAnimation on fall {
        running: drawing.visible && !Theme.still
        loops: Animation.Infinite
        NumberAnimation { from: 0; to: 1; duration: 1600; easing.type: Easing.InOutQuad }
        PauseAnimation { duration: 1200 }
        NumberAnimation { from: 1; to: 0; duration: 1200; easing.type: Easing.InOutQuad }
        PauseAnimation { duration: 30000 }
    }

    Spine {
        visible: drawing.books
        x: 112
        y: 16 + 76 * drawing.fall
        width: 330
        height: 58
        rotation: -6 * (1 - drawing.fall)
        cloth: Theme.drawPale
        bands: [24, 10, 295, 10]
        lineX: 108
        lineWidth: 120
    }
    Spine { visible: drawing.books; x: 104; y: 158; width: 352; height: 70; cloth: Theme.drawClay; bands: [40, 6, 54, 6, 292, 6, 306, 6]; lineX: 134; lineWidth: 90 }
    Spine { visible: drawing.books; x: 118; y: 230; width: 330; height: 54; cloth: Theme.drawPaper; bands: [20, 22]; lineX: 120; lineWidth: 110 }
    Spine { visible: drawing.books; x: 92; y: 286; width: 376; height: 66; cloth: Theme.drawMid; bands: [26, 8, 342, 8]; lineX: 130; lineWidth: 150 }
    // A book goes down into the hatch.
    Item {
        visible: drawing.hatch
        x: 40
        y: -16
        width: 480
        height: 232
        clip: true
        Rectangle {
            x: 150
            y: 4 + 120 * drawing.fall
            width: 180
            height: 216
            radius: 6
            color: Theme.drawClay
            border.width: Theme.highContrast ? 3 : 0
            border.color: Theme.drawLine
            Rectangle { x: 14; width: 8; height: parent.height; color: Theme.highContrast ? Theme.drawLine : Theme.green }
            Rectangle { x: 52; y: 36; width: 98; height: 10; radius: 5; color: Theme.highContrast ? Theme.drawLine : Theme.drawPaper }
            Rectangle { x: 52; y: 60; width: 62; height: 10; radius: 5; color: Theme.highContrast ? Theme.drawLine : Theme.drawPaper }
        }
    }
    Rectangle {
        visible: drawing.hatch
        x: 40; y: 204; width: 480; height: 178; radius: 14
        color: Theme.drawPaper
        border.width: Theme.highContrast ? 3 : 0
        border.color: Theme.drawLine
        Rectangle { x: 110; y: 12; width: 260; height: 14; radius: 7; color: Theme.drawLine }
        Rectangle { x: 176; y: 96; width: 128; height: 10; radius: 5; color: Theme.drawLine; opacity: 0.5 }
    }
    // Paper that comes out beside it.
    Rectangle {
        visible: drawing.hatch && drawing.paired
        x: 694; y: 178; width: 152; height: 150
        color: Theme.highContrast ? "transparent" : Theme.drawPale
        border.width: Theme.highContrast ? 3 : 0
        border.color: Theme.drawLine
        Repeater {
            model: 4
            delegate: Rectangle {
                required property int index
                x: 20; y: 24 + 26 * index; width: index === 3 ? 64 : 112; height: 8; radius: 4
                color: Theme.highContrast ? Theme.drawLine : Theme.green
            }
        }
    }
    Rectangle {
        visible: !drawing.hatch
        x: 40; y: 354; width: 480; height: 26; radius: 8
        // A plate that does not work is an outline.
        color: drawing.books ? Theme.drawPaper : "transparent"
        border.width: Theme.highContrast || !drawing.books ? 3 : 0
        border.color: Theme.highContrast ? Theme.drawLine : Theme.drawPaper
        Rectangle { x: 208; y: 11; width: 64; height: 4; radius: 2; color: drawing.books || Theme.highContrast ? Theme.drawLine : Theme.drawPaper }
    }

    // The number of a card, on keys.
    Grid {
        visible: !drawing.reads && !drawing.barcode && !drawing.hatch
        x: 660
        y: 40
        columns: 3
        spacing: 14
        Repeater {
            model: 12
            delegate: Rectangle {
                required property int index
                width: 64; height: 44; radius: 8
                color: Theme.highContrast ? "transparent" : index === 9 ? "transparent" : Theme.drawPale
                border.width: Theme.highContrast && index !== 9 ? 3 : 0
                border.color: Theme.drawLine
                Rectangle {
                    anchors.centerIn: parent
                    visible: parent.index !== 9
                    width: 12; height: 12; radius: 6
                    color: Theme.drawLine
                }
            }
        }
    }
    CardDrawing {
        visible: drawing.reads && !drawing.barcode && !drawing.hatch
        x: 647
        y: 48 + 70 * drawing.fall
        rotation: -4 * (1 - drawing.fall)
    }
    // The back of a book, with its bar code.
    Rectangle {
        visible: drawing.barcode
        x: 660
        y: -4 + 100 * drawing.fall
        width: 210
        height: 190
        radius: 6
        rotation: -4 * (1 - drawing.fall)
        color: Theme.drawClay
        antialiasing: true
        border.width: Theme.highContrast ? 3 : 0
        border.color: Theme.drawLine
        Rectangle { x: 184; width: 8; height: parent.height; color: Theme.highContrast ? Theme.drawLine : Theme.green; antialiasing: true }
        Rectangle {
            x: 22; y: 86; width: 142; height: 84; radius: 4
            color: Theme.highContrast ? "transparent" : Theme.drawPaper
            border.width: Theme.highContrast ? 3 : 0
            border.color: Theme.drawLine
            antialiasing: true
            BarCode { x: 16; y: 16; width: 112; height: 52; ink: Theme.highContrast ? Theme.drawLine : Theme.green }
        }
    }
    Rectangle {
        visible: !drawing.hatch || drawing.paired
        x: 640; y: 302; width: 260; height: 92; radius: 14
        // A reader that does not work is an outline.
        color: drawing.reads ? Theme.drawPaper : "transparent"
        border.width: Theme.highContrast || !drawing.reads ? 3 : 0
        border.color: Theme.highContrast ? Theme.drawLine : Theme.drawPaper
        Rectangle { x: 36; y: 26; width: 188; height: 10; radius: 5; color: drawing.reads || Theme.highContrast ? Theme.drawLine : Theme.drawPaper }
    }
    Rectangle { visible: !drawing.hatch || drawing.paired; x: 636; y: 384; width: 268; height: 14; color: Theme.green }

    Icon { visible: drawing.books; x: 246; y: 80; name: "arrow_downward"; ink: Theme.fieldInk; size: 64; opacity: 1 - drawing.fall }
    Icon { visible: drawing.hatch; x: 368; y: 96; name: "arrow_downward"; ink: Theme.fieldInk; size: 64; opacity: 1 - drawing.fall }
    Icon { visible: !drawing.hatch && (drawing.reads || drawing.barcode); x: 738; y: 212; name: "arrow_downward"; ink: Theme.fieldInk; size: 64; opacity: 1 - drawing.fall }
    Rectangle { width: 952; y: 380; height: 4; color: Theme.fieldInk }
}
