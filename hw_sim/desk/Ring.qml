pragma ComponentBehavior: Bound
import QtQuick

// Where the keys are: a ring with ground between it and what it is about.
Rectangle {
    property bool shown: false

    anchors.fill: parent
    anchors.margins: -4
    visible: shown
    color: "transparent"
    radius: Theme.radius + 3
    border.width: 2
    border.color: Theme.focus
}
