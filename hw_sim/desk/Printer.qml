pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import HwSim.Desk

// The receipt comes up out of the slot, dot by dot; what was torn off lies below it.
Item {
    id: printer

    required property Desk desk
    readonly property Sheet sheet: desk.hanging as Sheet
    readonly property bool hangs: sheet !== null && sheet.rows > 0
    readonly property bool hasPile: desk.pile.length > 0

    signal look(Sheet sheet)

    Sticker {
        id: sticker
        letter: "C"
        anchors.verticalCenter: tear.verticalCenter
    }
    Words {
        anchors.left: sticker.right
        anchors.leftMargin: 8
        anchors.verticalCenter: tear.verticalCenter
        text: "Receipt"
        font.pixelSize: Theme.heading
        font.weight: Font.DemiBold
        Accessible.role: Accessible.Heading
        Accessible.name: text
    }
    DeskButton {
        id: tear
        objectName: "tear"
        anchors.right: parent.right
        text: "Tear off"
        spoken: "Tear off the receipt"
        filled: true
        enabled: printer.hangs
        onClicked: printer.desk.tear()
    }

    Flickable {
        id: roll
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: tear.bottom
        anchors.topMargin: 10
        anchors.bottom: slot.top
        clip: true
        contentHeight: Math.max(height, strip.height)
        contentY: contentHeight - height
        boundsBehavior: Flickable.StopAtBounds
        ScrollBar.vertical: Bar {}
        onContentHeightChanged: contentY = contentHeight - height
        onHeightChanged: contentY = contentHeight - height

        Rectangle {
            id: strip
            anchors.horizontalCenter: parent.horizontalCenter
            y: roll.contentHeight - height
            width: roll.width - 28
            height: paper.height + (printer.hangs ? 8 : 0)
            color: "#FFFFFF"
            border.width: 1
            border.color: Theme.faint
            visible: printer.hangs

            PaperView {
                id: paper
                objectName: "paper"
                x: 10
                y: 8
                width: parent.width - 20
                height: implicitHeight
                sheet: printer.sheet
                Accessible.role: Accessible.Graphic
                Accessible.name: printer.hangs ? "The receipt that hangs out, " + printer.sheet.rows + " rows of dots" : "No receipt"
            }
            TapHandler {
                onTapped: printer.look(printer.sheet)
            }
            HoverHandler {
                cursorShape: Qt.PointingHandCursor
            }
        }
    }
    Words {
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.verticalCenter: roll.verticalCenter
        visible: !printer.hangs
        text: printer.desk.hasPrinter ? (printer.hasPile ? "No paper hangs out." : "Nothing is printed yet.") : "There is no printer here."
        color: Theme.ink2
    }
    Rectangle {
        id: slot
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: pile.top
        anchors.bottomMargin: printer.hasPile ? 12 : 0
        height: 10
        radius: 5
        color: Theme.ink
    }

    Item {
        id: pile
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        height: printer.hasPile ? 78 : 0
        visible: printer.hasPile
        clip: true

        ListView {
            anchors.fill: parent
            orientation: ListView.Horizontal
            spacing: 10
            model: printer.desk.pile
            boundsBehavior: Flickable.StopAtBounds

            delegate: Item {
                id: torn
                required property int index
                required property Sheet modelData

                objectName: "torn-" + index
                width: 62
                height: ListView.view.height
                activeFocusOnTab: true
                Accessible.role: Accessible.Button
                Accessible.name: index === 0 ? "Look at the receipt torn off last" : "Look at torn receipt " + (index + 1)
                Accessible.onPressAction: printer.look(modelData)
                Keys.onReturnPressed: printer.look(modelData)
                Keys.onSpacePressed: printer.look(modelData)

                Rectangle {
                    id: slip
                    x: 4
                    y: 4
                    width: 54
                    height: Math.min(torn.height - 4, small.implicitHeight + 6)
                    color: "#FFFFFF"
                    border.width: 1
                    border.color: Theme.rule
                    clip: true

                    PaperView {
                        id: small
                        x: 3
                        y: 3
                        width: parent.width - 6
                        height: implicitHeight
                        sheet: torn.modelData
                        Accessible.ignored: true
                    }
                }
                Ring {
                    anchors.fill: slip
                    radius: 3
                    shown: torn.activeFocus
                }
                TapHandler {
                    onTapped: printer.look(torn.modelData)
                }
                HoverHandler {
                    cursorShape: Qt.PointingHandCursor
                }
            }
        }
    }
}
