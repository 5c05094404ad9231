pragma ComponentBehavior: Bound
import QtQuick
import HwSim.Desk

// A borrower's card: click, Enter, or drag it to the reader.
Item {
    id: item

    required property Desk desk
    required property Card card
    required property int index
    required property Item reader

    signal held

    function hold() {
        desk.hold(card.card);
        held();
    }

    objectName: "card-" + index
    z: drag.active ? 1000 : 0
    activeFocusOnTab: true
    Accessible.role: Accessible.Button
    Accessible.name: "Hold the card of " + card.name + " to the reader, PIN " + card.pin + (card.noted ? ", " + card.noted : "")
    Accessible.onPressAction: hold()
    Keys.onReturnPressed: hold()
    Keys.onEnterPressed: hold()
    Keys.onSpacePressed: hold()

    Rectangle {
        id: face
        width: item.width
        height: item.height
        radius: 9
        color: item.index % 2 ? Theme.clay : Theme.mint
        border.width: tap.pressed ? 1.5 : 0
        border.color: Theme.ink

        Words {
            id: name
            x: 12
            y: 8
            width: parent.width - 24 - (note.visible ? note.width + 8 : 0)
            text: item.card.name
            font.weight: Font.DemiBold
            elide: Text.ElideRight
            Accessible.ignored: true
        }
        Words {
            id: note
            visible: text !== ""
            anchors.right: parent.right
            anchors.rightMargin: 12
            anchors.baseline: name.baseline
            text: item.card.noted
            font.pixelSize: Theme.small
            font.weight: Font.DemiBold
            color: Theme.error
            Accessible.ignored: true
        }
        Words {
            x: 12
            anchors.top: name.bottom
            text: item.card.card
            Accessible.ignored: true
        }
        // a drawing of a barcode, not one
        Row {
            x: 12
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 11
            spacing: 2
            Repeater {
                model: item.card.card.length
                Row {
                    id: digit
                    required property int index
                    readonly property int value: item.card.card.charCodeAt(index) % 10
                    spacing: 2
                    Rectangle {
                        width: 1 + digit.value % 3
                        height: 20
                        color: Theme.ink
                    }
                    Rectangle {
                        width: 1 + digit.value % 2
                        height: 20
                        color: Theme.ink
                    }
                }
            }
        }
        Words {
            anchors.right: parent.right
            anchors.rightMargin: 12
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 8
            text: "PIN " + item.card.pin
            font.pixelSize: Theme.small
            Accessible.ignored: true
        }
        DeskButton {
            objectName: "tap-" + item.index
            visible: item.card.chip !== ""
            anchors.right: parent.right
            anchors.rightMargin: 8
            anchors.verticalCenter: parent.verticalCenter
            text: "Tap"
            spoken: "Hold the chip of " + item.card.name + " to the card reader"
            onClicked: {
                item.desk.tap(item.card.chip);
                item.held();
            }
        }
        Ring {
            radius: 12
            shown: item.activeFocus || hover.hovered
            border.width: item.activeFocus ? 2 : 1
            border.color: item.activeFocus ? Theme.focus : Theme.rule
        }
        HoverHandler {
            id: hover
            cursorShape: Qt.PointingHandCursor
        }
        TapHandler {
            id: tap
            onTapped: item.hold()
        }
        DragHandler {
            id: drag
            target: face
            onActiveChanged: if (!active)
                item.dropped()
        }
        NumberAnimation {
            id: back
            target: face
            properties: "x,y"
            to: 0
            duration: Theme.quick
        }
    }

    function dropped() {
        const at = face.mapToItem(reader, face.width / 2, face.height / 2);
        if (reader.contains(at))
            hold();
        back.restart();
    }
}
