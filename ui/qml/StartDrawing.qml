pragma ComponentBehavior: Bound
import QtQuick

// Books onto the plate, a card to the reader. Pictures the world: never mirrored. Drawn on 952 x 386.
Item {
    id: drawing

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
    Spine { x: 104; y: 158; width: 352; height: 70; cloth: Theme.drawClay; bands: [40, 6, 54, 6, 292, 6, 306, 6]; lineX: 134; lineWidth: 90 }
    Spine { x: 118; y: 230; width: 330; height: 54; cloth: Theme.drawPaper; bands: [20, 22]; lineX: 120; lineWidth: 110 }
    Spine { x: 92; y: 286; width: 376; height: 66; cloth: Theme.drawMid; bands: [26, 8, 342, 8]; lineX: 130; lineWidth: 150 }
    Rectangle {
        x: 40; y: 354; width: 480; height: 26; radius: 8
        color: Theme.drawPaper
        border.width: Theme.highContrast ? 3 : 0
        border.color: Theme.drawLine
        Rectangle { x: 208; y: 11; width: 64; height: 4; radius: 2; color: Theme.drawLine }
    }

    CardDrawing {
        x: 647
        y: 48 + 70 * drawing.fall
        rotation: -4 * (1 - drawing.fall)
    }
    Rectangle {
        x: 640; y: 302; width: 260; height: 92; radius: 14
        color: Theme.drawPaper
        border.width: Theme.highContrast ? 3 : 0
        border.color: Theme.drawLine
        Rectangle { x: 36; y: 26; width: 188; height: 10; radius: 5; color: Theme.drawLine }
    }
    Rectangle { x: 636; y: 384; width: 268; height: 14; color: Theme.green }

    Icon { x: 246; y: 80; name: "arrow_downward"; ink: Theme.fieldInk; size: 64; opacity: 1 - drawing.fall }
    Icon { x: 738; y: 212; name: "arrow_downward"; ink: Theme.fieldInk; size: 64; opacity: 1 - drawing.fall }
    Rectangle { width: 952; y: 380; height: 4; color: Theme.fieldInk }
}
