pragma ComponentBehavior: Bound
import QtQuick
import HwSim.Desk

// The desk: cards and reader, shelf and pad, the printer; below, what is true and what may go wrong.
Rectangle {
    id: root

    required property Desk desk
    readonly property int margin: width > 1100 ? 28 : 20
    readonly property bool low: height < 800
    property bool hearing: false

    color: Theme.page

    Item {
        id: head
        x: root.margin
        y: root.low ? 12 : 18
        width: root.width - 2 * root.margin
        height: 62

        Words {
            id: place
            text: "The desk"
            font.weight: Font.DemiBold
        }
        Words {
            anchors.left: place.right
            anchors.leftMargin: 10
            anchors.right: time.left
            anchors.rightMargin: 20
            anchors.baseline: place.baseline
            text: root.desk.about
            color: Theme.ink2
            elide: Text.ElideRight
        }
        Words {
            id: time
            objectName: "clock"
            anchors.right: parent.right
            anchors.baseline: place.baseline
            text: root.desk.clock
            Accessible.name: "The time in the world: " + text
        }
        Words {
            id: title
            anchors.top: place.bottom
            anchors.topMargin: 2
            x: -1
            text: "Hold a card to the reader, then lay books on the pad"
            font.pixelSize: Theme.title
            font.letterSpacing: -0.4
            Accessible.role: Accessible.Heading
            Accessible.name: text
        }
        Rectangle {
            visible: root.desk.trouble
            anchors.fill: said
            anchors.margins: -6
            anchors.leftMargin: -10
            anchors.rightMargin: -10
            color: Theme.errorBand
        }
        Words {
            id: said
            objectName: "said"
            anchors.right: parent.right
            anchors.rightMargin: root.desk.trouble ? 10 : 0
            anchors.verticalCenter: title.verticalCenter
            width: Math.min(implicitWidth, parent.width - title.width - 50)
            text: root.desk.words
            font.pixelSize: root.desk.trouble ? Theme.small : Theme.body
            color: root.desk.trouble ? Theme.error : Theme.ink2
            elide: Text.ElideRight
            maximumLineCount: 2
            wrapMode: Text.WordWrap
            Accessible.role: Accessible.StaticText
            Accessible.name: text
        }
    }

    Item {
        id: printerRoom
        anchors.right: parent.right
        anchors.rightMargin: root.margin
        anchors.top: head.bottom
        anchors.topMargin: 14
        anchors.bottom: foot.top
        anchors.bottomMargin: root.low ? 14 : 22
        width: root.width > 1100 ? 320 : 290

        Printer {
            id: printer
            anchors.fill: parent
            desk: root.desk
            onLook: sheet => look.sheet = sheet
        }
    }
    Item {
        id: left
        anchors.left: parent.left
        anchors.leftMargin: root.margin
        anchors.right: printerRoom.left
        anchors.rightMargin: root.margin
        anchors.top: printerRoom.top
        anchors.bottom: printerRoom.bottom

        Item {
            id: people
            width: parent.width
            height: root.low ? 84 : 96
            z: 1

            Row {
                id: wallet
                height: parent.height
                spacing: 14

                Repeater {
                    model: root.desk.wallet
                    CardItem {
                        required property Card modelData
                        desk: root.desk
                        card: modelData
                        reader: theReader
                        width: Math.min(212, (people.width - theReader.width - 28 - 14 * (root.desk.wallet.length - 1)) / root.desk.wallet.length)
                        height: people.height
                        onHeld: theReader.light()
                    }
                }
            }
            Reader {
                id: theReader
                anchors.right: parent.right
                width: Math.min(280, parent.width * 0.34)
                height: parent.height
                z: -1
                desk: root.desk
            }
        }
        Table {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: people.bottom
            anchors.topMargin: root.low ? 14 : 24
            anchors.bottom: parent.bottom
            desk: root.desk
        }
    }

    Item {
        id: foot
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.margins: root.margin
        anchors.bottomMargin: root.low ? 12 : 20
        height: root.low ? 178 : 186
        readonly property real share: root.desk.devices.length > 8 ? 0.48 : 0.62

        Truth {
            id: truth
            visible: !root.hearing
            width: (left.width - root.margin) * foot.share
            height: parent.height
            desk: root.desk
        }
        Ear {
            visible: root.hearing
            width: truth.width
            height: parent.height
            desk: root.desk
        }
        Quiet {
            objectName: "other-panel"
            x: 118
            y: -2
            visible: root.desk.hasKeys
            text: root.hearing ? "What is true" : "Keys and ear"
            spoken: "Show " + text
            onClicked: root.hearing = !root.hearing
        }
        Terminal {
            anchors.fill: truth
            z: 1
            desk: root.desk
        }
        Devices {
            id: devices
            anchors.left: truth.right
            anchors.leftMargin: root.margin
            width: (left.width - root.margin) * (1 - foot.share)
            height: parent.height
            desk: root.desk
        }
        Faults {
            anchors.right: parent.right
            width: printerRoom.width
            height: parent.height
            desk: root.desk
        }
    }

    Look {
        id: look
        objectName: "look"
        anchors.fill: parent
        z: 100
    }
}
