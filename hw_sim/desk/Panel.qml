pragma ComponentBehavior: Bound
import QtQuick

// A heading over a strong line, and what stands under it.
Item {
    id: panel

    required property string heading
    property string aside: ""
    default property alias contents: room.data

    Words {
        id: title
        text: panel.heading
        font.pixelSize: Theme.heading
        font.weight: Font.DemiBold
        Accessible.role: Accessible.Heading
        Accessible.name: text
    }
    Words {
        anchors.right: parent.right
        anchors.baseline: title.baseline
        text: panel.aside
        font.pixelSize: Theme.small
        color: Theme.ink2
    }
    Rectangle {
        y: title.height + 3
        width: parent.width
        height: 1.5
        color: Theme.ink
    }
    Item {
        id: room
        anchors.fill: parent
        anchors.topMargin: title.height + 6
    }
}
