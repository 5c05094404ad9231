import QtQuick

// A bundled icon in one colour. Always beside a word, so assistive technology passes over it.
Image {
    id: icon

    required property string name
    property color ink: Theme.ink
    property int size: Theme.mm(11)
    // Arrows back and next, undo, the loudspeaker and the question mark turn with the writing.
    readonly property bool turns: ["arrow_back", "arrow_forward", "undo", "logout", "volume_up", "help", "backspace"].includes(name)

    width: name === "" ? 0 : size
    height: name === "" ? 0 : size
    sourceSize: Qt.size(size, size)
    source: name === "" ? "" : "image://icons/" + name + "/" + String(ink).slice(1)
    mirror: Theme.rightToLeft && turns
    visible: name !== ""
    Accessible.ignored: true
}
