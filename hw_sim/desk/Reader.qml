pragma ComponentBehavior: Bound
import QtQuick
import HwSim.Desk

// The reader by the screen: its window lights when something is shown to it. Codes may be typed too.
Item {
    id: reader

    required property Desk desk

    function light() {
        lit.restart();
    }
    function scan() {
        if (field.text.trim() === "")
            return;
        desk.scan(field.text.trim());
        light();
        field.selectAll();
    }

    Timer {
        id: lit
        interval: 700
    }

    Sticker {
        id: sticker
        letter: "B"
        y: 4
    }
    Words {
        anchors.left: sticker.right
        anchors.leftMargin: 8
        anchors.verticalCenter: sticker.verticalCenter
        text: "Reader"
        font.pixelSize: Theme.heading
        font.weight: Font.DemiBold
        Accessible.role: Accessible.Heading
        Accessible.name: text
    }
    Rectangle {
        anchors.right: parent.right
        anchors.left: sticker.right
        anchors.leftMargin: 84
        anchors.verticalCenter: sticker.verticalCenter
        height: 20
        radius: 4
        color: Theme.ink

        Rectangle {
            anchors.centerIn: parent
            width: parent.width - 20
            height: lit.running ? 6 : 2
            radius: height / 2
            color: lit.running ? "#8FE08F" : Theme.rule
        }
    }
    Field {
        id: field
        objectName: "scan-field"
        anchors.left: parent.left
        anchors.right: go.left
        anchors.rightMargin: 8
        anchors.bottom: parent.bottom
        placeholderText: "Type a code"
        spoken: "A code to show to the reader"
        enabled: reader.desk.hasScanner
        onAccepted: reader.scan()
    }
    DeskButton {
        id: go
        objectName: "scan"
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        text: "Scan"
        spoken: "Show the code to the reader"
        enabled: reader.desk.hasScanner
        onClicked: reader.scan()
    }
}
