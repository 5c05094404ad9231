import QtQuick

// The letter of a part of the machine: round, as the sticker on the body.
Rectangle {
    id: sticker

    required property string letter
    property int size: Theme.mm(13)
    property color ink: Theme.fieldInk

    width: size
    height: size
    radius: size / 2
    color: "transparent"
    border.width: Math.max(Theme.border, Math.round(size / 20))
    border.color: ink
    Accessible.role: Accessible.StaticText
    Accessible.name: letter

    Say {
        anchors.centerIn: parent
        width: naturalWidth
        text: sticker.letter
        face: sticker.size > Theme.mm(14) ? Theme.label : Theme.stateWord
        ink: sticker.ink
        spoken: false
    }
}
