pragma ComponentBehavior: Bound
import QtQuick

// The letter that names a part of the machine, as on its body.
Rectangle {
    id: sticker

    required property string letter

    implicitWidth: 24
    implicitHeight: 24
    radius: width / 2
    color: "transparent"
    border.width: 1.5
    border.color: Theme.ink
    Accessible.ignored: true

    Words {
        anchors.centerIn: parent
        text: sticker.letter
        font.pixelSize: Theme.small
        font.weight: Font.DemiBold
        Accessible.ignored: true
    }
}
