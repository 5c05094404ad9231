pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import HwSim.Desk

// The keypad by the screen with its jack, and an ear: what was said, and who could hear it.
Panel {
    id: ear

    required property Desk desk
    readonly property int cell: 38

    heading: "Keys and ear"

    Grid {
        id: keys
        y: 4
        columns: 3
        spacing: 4

        Repeater {
            model: [
                {
                    key: "repeat",
                    sign: "↻",
                    spoken: "Say it again"
                },
                {
                    key: "up",
                    sign: "▲",
                    spoken: "Up"
                },
                {
                    key: "stop",
                    sign: "■",
                    spoken: "Stop, or go on"
                },
                {
                    key: "left",
                    sign: "◀",
                    spoken: "Left"
                },
                {
                    key: "select",
                    sign: "●",
                    spoken: "Choose"
                },
                {
                    key: "right",
                    sign: "▶",
                    spoken: "Right"
                },
                {
                    key: "quieter",
                    sign: "−",
                    spoken: "Less loud"
                },
                {
                    key: "down",
                    sign: "▼",
                    spoken: "Down"
                },
                {
                    key: "louder",
                    sign: "+",
                    spoken: "Louder"
                }
            ]
            DeskButton {
                required property var modelData
                objectName: "key-" + modelData.key
                width: ear.cell
                implicitHeight: 32
                leftPadding: 0
                rightPadding: 0
                filled: modelData.key === "select"
                text: modelData.sign
                spoken: modelData.spoken
                enabled: ear.desk.hasKeys
                onClicked: ear.desk.pressKey(modelData.key)
            }
        }
    }
    DeskButton {
        objectName: "headset"
        anchors.top: keys.bottom
        anchors.topMargin: 5
        width: keys.width
        implicitHeight: 28
        leftPadding: 0
        rightPadding: 0
        font.pixelSize: Theme.small
        text: ear.desk.headset ? "Pull headset" : "Plug headset"
        spoken: ear.desk.headset ? "Pull the headset out" : "Plug a headset in"
        enabled: ear.desk.hasKeys
        onClicked: ear.desk.plugHeadset(!ear.desk.headset)
    }
    ListView {
        id: list
        anchors.left: keys.right
        anchors.leftMargin: 14
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.bottom: parent.bottom
        clip: true
        model: ear.desk.heardNewest
        boundsBehavior: Flickable.StopAtBounds
        ScrollBar.vertical: Bar {}

        delegate: Item {
            id: line
            required property var modelData

            width: ListView.view.width
            height: said.height + 4
            Accessible.role: Accessible.ListItem
            Accessible.name: modelData.where + ", " + modelData.language + ": " + modelData.text + (modelData.whole ? "" : " (cut short)")

            Words {
                id: where
                width: 78
                height: 19
                text: line.modelData.where + "  " + line.modelData.language
                font.pixelSize: Theme.small
                color: line.modelData.where === "room" ? Theme.ink : Theme.primary
                Accessible.ignored: true
            }
            Words {
                id: said
                anchors.left: where.right
                anchors.right: parent.right
                anchors.rightMargin: list.contentHeight > list.height ? 10 : 0
                height: Math.max(19, implicitHeight)
                text: line.modelData.text
                font.pixelSize: Theme.small
                color: line.modelData.whole ? Theme.ink : Theme.ink2
                wrapMode: Text.WordWrap
                Accessible.ignored: true
            }
            Rectangle {
                width: parent.width
                height: 1
                y: parent.height - 1
                color: Theme.faint
            }
        }
    }
    Words {
        anchors.left: list.left
        anchors.top: list.top
        anchors.topMargin: 4
        visible: ear.desk.heardNewest.length === 0
        text: "Nothing was said yet. Plug a headset in, or press a key."
        font.pixelSize: Theme.small
        color: Theme.ink2
    }
}
