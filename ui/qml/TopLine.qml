import QtQuick

// The library at the start; at the end the machine or the greeting. Nothing here can be pressed.
Item {
    id: line

    required property string place
    required property string corner
    property color ink: Theme.ink
    property color ink2: Theme.ink2

    implicitHeight: Theme.small.line

    Say {
        anchors.left: parent.left
        anchors.right: end.left
        anchors.rightMargin: Theme.gutter
        text: line.place
        face: Theme.smallStrong
        ink: line.ink
        lines: 1
    }
    Say {
        id: end
        anchors.right: parent.right
        width: naturalWidth
        text: line.corner
        face: Theme.small
        ink: line.ink2
        lines: 1
    }
}
