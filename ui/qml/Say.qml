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
    // Lines about equally long, so that no short word stands alone on the last.
    property bool balanced: false
    // The end may be left out: the whole stands elsewhere.
    property bool shortens: false
    readonly property bool truncated: words.truncated
    readonly property int lineCount: words.lineCount
    readonly property int outdent: face.outdent
    // Room that a line of this face takes when nothing breaks it.
    readonly property real naturalWidth: Math.ceil(natural.implicitWidth) - outdent + 1

    // How many lines the words take in a face on that width; 99 if a word is wider than the line.
    function linesIn(face: Face, room: real): int {
        return linesOf(measured(face), breadth(" ", face), room);
    }

    function linesOf(parts: var, space: real, room: real): int {
        let count = 1;
        let used = 0;
        for (const part of parts) {
            if (part.wide + part.over > room)
                return 99;
            if (used > 0 && used + space + part.wide + part.over > room) {
                count += 1;
                used = part.wide;
            } else {
                used += (used > 0 ? space : 0) + part.wide;
            }
        }
        return count;
    }

    // The words in pieces of so many lines, the first of another number; each but the last says that it goes on.
    function pieces(face: Face, room: real, first: int, rest: int): list<string> {
        const words = text.split(" ");
        const parts = measured(face);
        const space = breadth(" ", face);
        const on = { wide: breadth("…", face), over: 0 };
        if (linesOf(parts, space, room) <= first)
            return [text];
        const found = first > 0 ? [] : [""];
        let from = 0;
        for (let n = 1; n <= words.length; n++) {
            const most = found.length === 0 ? first : rest;
            const ends = n === words.length;
            if (n - from > 1 && linesOf(ends ? parts.slice(from) : [...parts.slice(from, n), on], space, room) > most) {
                found.push(words.slice(from, n - 1).join(" ") + " …");
                from = n - 1;
            }
            if (ends)
                found.push(words.slice(from).join(" "));
        }
        return found;
    }

    // Each word: how far it moves the pen, and how far its ink stands out behind the pen, as the last letters of
    // the Arabic face do. A line holds its words and the ink of the last.
    function measured(face: Face, said = text): var {
        return said.split(" ").map(word => {
            const ink = rule.tightBoundingRect(word);
            const out = (ink.x + ink.width - rule.advanceWidth(word)) * face.px / rule.font.pixelSize;
            return { wide: breadth(word, face), over: Math.max(0, Math.ceil(out)) };
        });
    }

    // Read through the ruler's font, so that whoever asks is told when its weight has changed. Unhinted glyphs are as wide as their size says, so one measure serves every face of a weight.
    function breadth(part: string, face: Face): real {
        return rule.advanceWidth(part) * face.px / rule.font.pixelSize + part.length * face.spacing;
    }

    // The least width that takes no more lines than that room does.
    function narrowest(room: real): real {
        const count = linesIn(face, room);
        return count < 2 || count === 99 ? room : Math.min(room, leastWidth(count, room));
    }

    function leastWidth(count: int, most: real): real {
        const parts = measured(face);
        const space = breadth(" ", face);
        let [low, high] = [0, most];
        while (high - low > 2) {
            const middle = (low + high) / 2;
            if (linesOf(parts, space, middle) > count)
                low = middle;
            else
                high = middle;
        }
        return Math.ceil(high) + 4;
    }

    implicitWidth: Math.ceil(words.implicitWidth)
    implicitHeight: text === "" ? 0 : words.lineCount * face.line

    Accessible.role: Accessible.StaticText
    Accessible.name: text.replace(/[\u2066-\u2069]/g, "").replace(/\u2011/g, "-")
    Accessible.ignored: !spoken || text === ""

    FontMetrics {
        id: rule
        font.family: Theme.family
        font.pixelSize: 100
        font.weight: say.face.weight
        font.hintingPreference: Font.PreferNoHinting
    }

    Text {
        id: natural
        visible: false
        text: words.text
        font: words.font
        textFormat: Text.PlainText
    }

    Text {
        id: words
        readonly property real spare: say.width + say.outdent - width
        // Ascent and descent of the bundled faces make 1.362 em.
        y: Math.round((say.face.line - say.face.px * 1.362) / 2)
        x: (effectiveHorizontalAlignment === Text.AlignRight ? spare : effectiveHorizontalAlignment === Text.AlignHCenter ? Math.round(spare / 2) : 0) - say.outdent
        width: say.balanced && say.width > 0 ? say.narrowest(say.width + say.outdent) : say.width + say.outdent
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
