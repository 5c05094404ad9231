pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// Remember your things: spines for loans, facts, where the receipt comes out.
Item {
    id: body

    required property ScreenView screen
    required property bool portrait
    required property int headFoot
    readonly property EndView view: screen.end
    readonly property int startX: portrait ? Theme.margin : Math.round(width * 0.46)
    readonly property int room: width - startX - Theme.margin
    // Facts two by two need a second row, and the drawing gives way.
    readonly property bool doubled: factRepeater.count > 3 || factRepeater.count > 2 && Theme.largeText
    readonly property int ground: portrait ? height - Theme.mm(doubled ? 235 : 175.5) : Math.round(height * (doubled ? 0.28 : Theme.compact ? Theme.largeText ? 0.38 : 0.46 : 0.56))

    EndDrawing {
        id: drawing
        readonly property real zoom: Math.min(body.room / 952, (body.ground - (body.portrait ? body.headFoot : Theme.mm(24))) / height)
        x: Theme.rightToLeft ? body.width - body.startX - width * zoom : body.startX
        y: body.ground - height * zoom
        spines: body.view.spines
        scale: zoom
        transformOrigin: Item.TopLeft
        visible: body.view.spines > 0 && zoom > 0.3
    }

    Grid {
        id: facts
        columns: body.doubled ? 2 : Math.max(1, factRepeater.count)
        rowSpacing: Theme.mm(6)
        anchors.left: parent.left
        anchors.leftMargin: body.startX
        y: body.ground + Theme.mm(body.portrait ? 19.5 : Theme.compact ? 8 : 16)
        columnSpacing: Theme.gutter

        Repeater {
            id: factRepeater
            model: body.view.facts
            delegate: Column {
                id: fact
                required property string label
                required property string value
                width: Math.floor((body.room - (facts.columns - 1) * Theme.gutter) / facts.columns)
                Say {
                    width: parent.width
                    text: fact.label
                    ink: Theme.fieldInk
                    face: linesIn(Theme.body, width) > 3 ? Theme.small : Theme.body
                    lines: 3
                }
                TextMetrics {
                    id: natural
                    text: fact.value
                    font.family: Theme.family
                    font.pixelSize: Theme.title.px
                }
                Say {
                    width: parent.width
                    text: fact.value
                    ink: Theme.fieldInk
                    face: natural.advanceWidth <= fact.width ? Theme.title : linesIn(Theme.lead, width) > 2 ? Theme.body : Theme.lead
                    lines: 2
                }
            }
        }
    }

    Rectangle {
        id: line
        visible: body.view.receipt !== ""
        anchors.left: parent.left
        anchors.leftMargin: body.startX
        y: facts.y + facts.height + Theme.mm(body.portrait ? 24.5 : Theme.compact ? 8 : 14)
        width: body.room
        height: Theme.mm(0.5)
        color: Theme.highContrast ? Theme.drawLine : Theme.drawMid
    }

    Row {
        visible: line.visible
        anchors.left: line.left
        y: line.y + Theme.mm(body.portrait ? 12.5 : Theme.compact ? 6 : 9)
        spacing: Theme.mm(6.5)
        Sticker {
            id: sticker
            letter: body.view.receiptLetter
            size: Theme.mm(16)
            ink: Theme.fieldInk
        }
        Say {
            width: body.room - sticker.width - Theme.mm(30)
            anchors.verticalCenter: parent.verticalCenter
            text: body.view.receipt
            face: Theme.lead
            ink: Theme.fieldInk
        }
    }
    Icon {
        visible: line.visible
        anchors.right: parent.right
        anchors.rightMargin: Theme.margin
        y: line.y + Theme.mm(body.portrait ? 11.5 : Theme.compact ? 5 : 8)
        name: "arrow_downward"
        ink: Theme.fieldInk
        size: Theme.mm(18)
    }

    Say {
        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Theme.mm(Theme.compact ? 10 : 15.5)
        width: (body.portrait ? parent.width : body.startX) - 2 * Theme.margin
        text: body.view.footnote
        ink: Theme.fieldInk
    }
}
