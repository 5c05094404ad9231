pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import HwSim.Desk

// What is so, whatever the kiosk says: who has each item, and what its tag tells the gates.
Panel {
    id: truth

    required property Desk desk
    readonly property real second: width * 0.42
    readonly property real third: width * 0.81

    heading: "What is true"
    aside: "Tags"

    Words {
        x: truth.second
        anchors.top: parent.top
        anchors.topMargin: -27
        height: 22
        text: "Library"
        font.pixelSize: Theme.small
        color: Theme.ink2
    }
    ListView {
        id: list
        anchors.fill: parent
        clip: true
        model: truth.desk.shelf
        boundsBehavior: Flickable.StopAtBounds
        ScrollBar.vertical: Bar {}

        delegate: Item {
            id: row
            required property int index
            required property Book modelData
            readonly property bool wrong: !modelData.agrees

            objectName: "truth-" + modelData.item
            width: ListView.view.width
            height: 21
            Accessible.role: Accessible.ListItem
            Accessible.name: modelData.title + ": " + modelData.library + ", tag " + modelData.tags + (wrong ? ", they differ" : "")

            Rectangle {
                width: parent.width
                height: 1
                y: parent.height - 1
                color: Theme.faint
            }
            Words {
                width: truth.second - 12
                height: parent.height - 1
                text: row.modelData.title
                font.pixelSize: Theme.small
                elide: Text.ElideRight
                Accessible.ignored: true
            }
            Words {
                x: truth.second
                width: truth.third - truth.second - 10
                height: parent.height - 1
                text: row.modelData.library
                font.pixelSize: Theme.small
                font.weight: row.modelData.lent ? Font.DemiBold : Font.Normal
                color: row.modelData.lent ? Theme.ink : Theme.ink2
                elide: Text.ElideRight
                Accessible.ignored: true
            }
            Words {
                anchors.right: parent.right
                anchors.rightMargin: list.contentHeight > list.height ? 10 : 0
                height: parent.height - 1
                text: (row.wrong ? "≠ " : "") + row.modelData.tags
                font.pixelSize: Theme.small
                font.weight: row.wrong ? Font.DemiBold : Font.Normal
                color: row.wrong ? Theme.error : Theme.ink2
                Accessible.ignored: true
            }
        }
    }
}
