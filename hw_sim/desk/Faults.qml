pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import HwSim.Desk

// Things that go wrong, by name.
Panel {
    id: faults

    required property Desk desk
    readonly property Machine machine: device.currentIndex >= 0 && device.currentIndex < desk.devices.length ? desk.devices[device.currentIndex] : null

    heading: "Faults"
    aside: desk.standing.length === 0 ? "" : desk.standing.length === 1 ? "1 stands" : desk.standing.length + " stand"

    function begin() {
        if (machine)
            desk.startFault(machine.name, verb.currentText, args.text);
    }

    Choice {
        id: device
        objectName: "fault-device"
        y: 4
        width: (parent.width - 8) * 0.4
        spoken: "Device for the fault"
        model: faults.desk.devices.map(machine => machine.name)
    }
    Choice {
        id: verb
        objectName: "fault-verb"
        y: 4
        anchors.right: parent.right
        width: (parent.width - 8) * 0.6
        spoken: "Fault"
        model: faults.machine ? faults.machine.verbs : []
        onModelChanged: currentIndex = 0
        onCurrentTextChanged: args.text = ""
    }
    Field {
        id: args
        objectName: "fault-args"
        anchors.top: device.bottom
        anchors.topMargin: 6
        anchors.left: parent.left
        anchors.right: start.left
        anchors.rightMargin: 8
        spoken: "Arguments of the fault"
        placeholderText: faults.machine && faults.machine.takes[verb.currentIndex] ? faults.machine.takes[verb.currentIndex] : "no arguments"
        font.pixelSize: Theme.small
        onAccepted: faults.begin()
    }
    DeskButton {
        id: start
        objectName: "fault-start"
        anchors.top: args.top
        anchors.right: parent.right
        text: "Start"
        spoken: "Start the fault"
        enabled: faults.machine !== null
        onClicked: faults.begin()
    }
    ListView {
        id: list
        anchors.top: args.bottom
        anchors.topMargin: 6
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        clip: true
        model: faults.desk.standing
        boundsBehavior: Flickable.StopAtBounds
        ScrollBar.vertical: Bar {}

        delegate: Item {
            id: row
            required property var modelData

            width: ListView.view.width
            height: 25
            Accessible.role: Accessible.ListItem
            Accessible.name: modelData.device + ": " + modelData.verb + " " + modelData.args

            Words {
                anchors.left: parent.left
                anchors.right: clear.left
                anchors.rightMargin: 6
                height: parent.height - 1
                text: row.modelData.device + "  " + row.modelData.verb + (row.modelData.args ? "  " + row.modelData.args : "")
                font.pixelSize: Theme.small
                elide: Text.ElideRight
                Accessible.ignored: true
            }
            Quiet {
                id: clear
                objectName: "clear-" + row.modelData.device + "-" + row.modelData.verb
                anchors.right: parent.right
                anchors.rightMargin: list.contentHeight > list.height ? 10 : 0
                text: "Clear"
                spoken: "Clear " + row.modelData.verb + " of the " + row.modelData.device
                onClicked: faults.desk.clearFault(row.modelData.device, row.modelData.verb)
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
        anchors.top: list.top
        anchors.topMargin: 4
        visible: faults.desk.standing.length === 0
        text: "No faults stand."
        font.pixelSize: Theme.small
        color: Theme.ink2
    }
}
