import QtQuick

// One thing does not work, the machine does.
Rectangle {
    id: banner

    required property string name
    required property string words
    property int inset: Theme.margin

    visible: name !== ""
    implicitHeight: visible ? Math.max(name_.height, rest.height) + 2 * Theme.mm(5) : 0
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
        size: Theme.mm(13)
        anchors.left: parent.left
        anchors.leftMargin: banner.inset
        anchors.verticalCenter: parent.verticalCenter
    }
    Say {
        id: name_
        anchors.left: sign.right
        anchors.leftMargin: Theme.mm(5)
        y: Theme.mm(5)
        width: naturalWidth
        text: banner.name
        face: Theme.label
    }
    Say {
        id: rest
        anchors.left: name_.right
        anchors.leftMargin: Theme.mm(4)
        anchors.right: parent.right
        anchors.rightMargin: banner.inset
        y: Theme.mm(5)
        text: banner.words
        face: Theme.body
    }
}
