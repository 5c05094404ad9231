import QtQuick

// Words in one face. The box is as high as its lines, with the spare half above and half below each, and
// knows when it had to leave something out.
Item {
    id: say

    property alias text: words.text
    property Face face: Theme.body
    property color ink: Theme.ink
    property int lines: 0
    property int align: Text.AlignLeft
    property bool spoken: true
    readonly property bool truncated: words.truncated
    readonly property int lineCount: words.lineCount
    readonly property int outdent: face.outdent
    // Room that a line of this face takes when nothing breaks it.
    readonly property real naturalWidth: Math.ceil(natural.implicitWidth) - outdent + 1

    implicitWidth: Math.ceil(words.implicitWidth)
    implicitHeight: text === "" ? 0 : words.lineCount * face.line

    Accessible.role: Accessible.StaticText
    Accessible.name: text.replace(/[\u2066-\u2069]/g, "").replace(/\u2011/g, "-")
    Accessible.ignored: !spoken || text === ""

    Text {
        id: natural
        visible: false
        text: words.text
        font: words.font
        textFormat: Text.PlainText
    }

    Text {
        id: words
        // Ascent and descent of the bundled faces make 1.362 em.
        y: Math.round((say.face.line - say.face.px * 1.362) / 2)
        x: -say.outdent
        width: parent.width + say.outdent
        color: say.ink
        font.family: Theme.family
        font.pixelSize: say.face.px
        font.weight: say.face.weight
        font.letterSpacing: say.face.spacing
        font.hintingPreference: Font.PreferNoHinting
        textFormat: Text.PlainText
        wrapMode: Text.Wrap
        lineHeightMode: Text.FixedHeight
        lineHeight: say.face.line
        horizontalAlignment: say.align
        maximumLineCount: say.lines > 0 ? say.lines : 100
        elide: say.lines > 0 ? Text.ElideRight : Text.ElideNone
        Accessible.ignored: true
    }
}
