pragma ComponentBehavior: Bound
import QtQuick

// A quiet action at the end of a row: an underlined word; the whole height is the target.
Pressable {
    id: quiet

    required property string label
    required property string reason
    property color rest: Theme.ink
    property color paper: Theme.page

    implicitWidth: Math.max(Theme.target, word.naturalWidth)
    implicitHeight: Theme.lesserTarget
    ringRadius: 0

    Rectangle {
        anchors.fill: parent
        anchors.margins: -Theme.step
        radius: Theme.radius
        color: Theme.pressed
        visible: quiet.down
    }

    Say {
        id: word
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        width: naturalWidth
        text: quiet.label
        face: Theme.small
        ink: quiet.down ? Theme.pressedInk : quiet.reason === "" ? quiet.rest : Theme.ink2
        lines: 1
        spoken: false
    }

    Rectangle {
        anchors.left: word.left
        anchors.right: word.right
        anchors.top: word.bottom
        anchors.topMargin: -Theme.mm(0.5)
        height: Theme.mm(0.5)
        color: word.ink
    }
}
