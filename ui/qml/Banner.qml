import QtQuick

// One thing does not work, the machine does.
Rectangle {
    id: banner

    required property string name
    required property string words
    property int inset: Theme.margin
    // Over a picture that needs the room.
    property bool slim: false
    readonly property int pad: Theme.mm(slim || Theme.compact && Theme.largeText ? 2 : Theme.compact || Theme.low && Theme.largeText ? 3 : 5)
    readonly property real from: inset + sign.width + Theme.mm(5)
    // side by side only where both fit on one line
    readonly property bool stacked: from + name_.naturalWidth + Theme.mm(4) + rest.naturalWidth > width - inset

    visible: name !== ""
    implicitHeight: name === "" ? 0 : (stacked ? name_.height + rest.height : Math.max(name_.height, rest.height)) + 2 * pad
    color: Theme.warningBand

    Rectangle {
        width: parent.width
        height: Theme.highContrast ? 4 : 1
        color: Theme.warningLine
    }
    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: Theme.highContrast ? 4 : 1
        color: Theme.warningLine
    }
    Mark {
        id: sign
        kind: "put_back"
        size: Theme.mm(banner.slim ? 9 : 13)
        anchors.left: parent.left
        anchors.leftMargin: banner.inset
        anchors.verticalCenter: parent.verticalCenter
    }
    Say {
        id: name_
        anchors.left: sign.right
        anchors.leftMargin: Theme.mm(5)
        y: banner.pad
        width: Math.min(naturalWidth, banner.width - banner.from - banner.inset)
        text: banner.name
        face: banner.slim ? Theme.smallStrong : Theme.label
    }
    Say {
        id: rest
        anchors.left: banner.stacked ? name_.left : name_.right
        anchors.leftMargin: banner.stacked ? 0 : Theme.mm(4)
        anchors.right: parent.right
        anchors.rightMargin: banner.inset
        y: banner.stacked ? name_.y + name_.height : banner.pad
        text: banner.words
        face: banner.slim ? Theme.small : Theme.body
    }
}
