pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import HwSim.Desk

// A receipt to be read: one pixel a dot.
Rectangle {
    id: look

    property Sheet sheet: null

    visible: sheet !== null
    color: Theme.page
    Accessible.role: Accessible.Pane
    Accessible.name: "A receipt, large"
    onVisibleChanged: if (visible)
        close.forceActiveFocus()
    Keys.onEscapePressed: sheet = null

    MouseArea {
        anchors.fill: parent
        onClicked: look.sheet = null
    }
    Flickable {
        anchors.fill: parent
        anchors.topMargin: 24
        anchors.rightMargin: 6
        contentHeight: paper.height + 48
        boundsBehavior: Flickable.StopAtBounds
        ScrollBar.vertical: Bar {}

        Rectangle {
            anchors.horizontalCenter: parent.horizontalCenter
            width: paper.width + 64
            height: paper.height + 48
            color: "#FFFFFF"
            border.width: 1
            border.color: Theme.faint

            PaperView {
                id: paper
                x: 32
                y: 24
                width: look.sheet ? look.sheet.dots : 0
                height: implicitHeight
                sheet: look.sheet
                Accessible.role: Accessible.Graphic
                Accessible.name: "The receipt"
            }
        }
    }
    DeskButton {
        id: close
        objectName: "close"
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: 24
        text: "Close"
        spoken: "Close the receipt"
        filled: true
        onClicked: look.sheet = null
    }
}
