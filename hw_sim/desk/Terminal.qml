pragma ComponentBehavior: Bound
import QtQuick
import HwSim.Desk

// The payment terminal, while it waits for somebody or for the bank: lies over what is true meanwhile.
Rectangle {
    id: terminal

    required property Desk desk
    readonly property string shows: desk.terminalShows
    readonly property bool waits: shows === "card" || shows === "pin"

    objectName: "terminal"
    visible: waits || shows === "bank"
    color: Theme.page

    Panel {
        anchors.fill: parent
        heading: "Payment terminal"
        aside: terminal.desk.terminalAmount

        Words {
            id: asks
            width: parent.width
            text: terminal.shows === "card" ? "Insert a card, or hold it here" : terminal.shows === "pin" ? "Enter the PIN" : "Asking the bank"
            Accessible.role: Accessible.StaticText
            Accessible.name: text
        }
        Flow {
            anchors.top: asks.bottom
            anchors.topMargin: 10
            width: parent.width
            spacing: 8

            Repeater {
                model: [
                    {
                        does: "card",
                        label: "Insert card"
                    },
                    {
                        does: "approve",
                        label: "Approve"
                    },
                    {
                        does: "decline",
                        label: "Decline"
                    },
                    {
                        does: "abort",
                        label: "Red key"
                    },
                    {
                        does: "time_out",
                        label: "Time out"
                    }
                ]
                DeskButton {
                    required property var modelData
                    objectName: "terminal-" + modelData.does
                    text: modelData.label
                    spoken: modelData.label + " at the payment terminal"
                    enabled: terminal.waits && (modelData.does !== "card" || terminal.shows === "card")
                    onClicked: terminal.desk.terminal(modelData.does)
                }
            }
        }
    }
}
