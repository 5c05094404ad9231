pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

// One bin at its divert: number, how full, what goes into it. Colour only where a person is needed.
Item {
    id: bin

    required property string number
    required property string called
    required property string countWords
    required property string stateWord
    required property string mark
    required property string side
    required property int divert
    required property int level
    required property string levelWords
    required property string crate
    required property string spoken
    property bool atEnd: false
    property int chute: 0
    property bool compact: false
    readonly property bool near: mark === "today"
    readonly property bool normal: mark === "done" || near
    readonly property bool full: mark === "now"
    readonly property bool away: !normal && !full
    // A name that takes two lines is told whole, and the count beside the number: the gauge says how full.
    readonly property bool longName: !compact && called.linesIn(Theme.panelSmall, words.width) === 2 && count.linesIn(Theme.panelSmall, words.width - number.naturalWidth - Theme.mm(1)) === 1
    readonly property color ink: full ? Theme.warningInk : Theme.ink
    readonly property color ink2: full ? Theme.warningInk : Theme.ink2
    readonly property int chuteWide: Math.min(Theme.mm(13), Math.round(width * 0.6))

    Accessible.role: Accessible.StaticText
    Accessible.name: spoken

    Rectangle {
        visible: bin.chute > 0
        x: Math.round((parent.width - width) / 2)
        y: bin.side === "left" ? parent.height : -bin.chute
        width: bin.chuteWide
        height: bin.chute
        color: Theme.drawBelt
        border.width: 1
        border.color: Theme.ink2
    }

    Rectangle {
        anchors.fill: parent
        radius: Theme.softRadius
        color: bin.full ? Theme.warning : bin.away ? Theme.page : Theme.surface
        border.width: bin.away ? 0 : bin.full || bin.near ? Theme.mm(1) : Theme.border
        border.color: bin.full ? (Theme.highContrast ? Theme.warning : Theme.ink) : Theme.control
    }
    Shape {
        anchors.fill: parent
        visible: bin.away
        preferredRendererType: Shape.CurveRenderer
        ShapePath {
            strokeColor: Theme.ink
            strokeWidth: Theme.mm(0.8)
            strokeStyle: ShapePath.DashLine
            dashPattern: [4, 3]
            fillColor: "transparent"
            PathRectangle {
                x: 2
                y: 2
                width: bin.width - 4
                height: bin.height - 4
                radius: Theme.softRadius
            }
        }
    }

    // How full, at the side
    Rectangle {
        id: gauge
        readonly property bool shown: bin.level >= 0 && !bin.away
        visible: shown
        x: Theme.mm(2.5)
        y: Theme.mm(2.5)
        width: shown ? Theme.mm(5) : 0
        height: parent.height - 2 * Theme.mm(2.5)
        color: "transparent"
        border.width: Math.max(2, Theme.border)
        border.color: bin.ink
        Rectangle {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.bottom: parent.bottom
            anchors.margins: parent.border.width
            height: Math.round((parent.height - 2 * parent.border.width) * (bin.full ? 100 : bin.level) / 100)
            color: bin.full ? bin.ink : Theme.ink2
        }
    }

    Item {
        id: words
        x: gauge.x + gauge.width + Theme.mm(2)
        y: Theme.mm(1.5)
        width: parent.width - x - Theme.mm(2)
        height: parent.height - 2 * y

        FontMetrics {
            id: rule
            font.family: Theme.family
            font.pixelSize: Theme.panelStrong.px
            font.weight: Font.DemiBold
        }
        Say {
            id: number
            y: bin.compact ? Math.round((words.height - height) / 2) : 0
            width: naturalWidth
            text: bin.number
            face: Theme.lead
            ink: bin.ink
            spoken: false
        }
        // Which crate stands there: its own label, where it has one and there is room.
        Say {
            id: label
            visible: !bin.compact && bin.crate !== "" && number.naturalWidth + Theme.mm(1.5) + naturalWidth + Theme.mm(1) + state.width <= words.width && bin.normal
            x: number.naturalWidth + Theme.mm(1.5)
            y: number.y + Math.round((number.height - height) / 2)
            width: naturalWidth
            text: bin.crate
            face: Theme.panelSmall
            ink: bin.ink2
            spoken: false
        }
        Mark {
            id: sign
            visible: !bin.normal && number.naturalWidth + Theme.mm(7) + 2 * Theme.mm(1.5) + state.naturalWidth <= words.width
            kind: "put_back"
            size: Theme.mm(7)
            x: state.x - size - Theme.mm(1.5)
            y: number.y + Math.round((number.height - size) / 2)
        }
        Say {
            id: state
            anchors.right: parent.right
            y: bin.compact ? Math.round((words.height - height) / 2) : Math.max(-Theme.mm(0.5), Math.round((number.height - height) / 2))
            width: Math.min(naturalWidth, words.width - number.naturalWidth - Theme.mm(1))
            // Where the number of a bin leaves no room for it, its gauge tells alone.
            readonly property bool fits: !bin.normal || bin.longName || rule.advanceWidth(bin.levelWords) + number.naturalWidth + Theme.mm(1) <= words.width
            text: !fits ? "" : bin.normal && !bin.near ? bin.longName ? bin.countWords : bin.levelWords : bin.stateWord
            face: bin.normal && !bin.near && !bin.longName ? Theme.panelStrong : Theme.panelSmallStrong
            ink: bin.ink
            lines: 2
            shortens: true
            align: Text.AlignRight
            spoken: false
        }
        Say {
            id: called
            anchors.bottom: bin.longName ? parent.bottom : count.top
            width: parent.width
            text: bin.compact ? "" : bin.called
            face: Theme.panelSmall
            ink: bin.ink
            lines: bin.longName ? 2 : 1
            shortens: true
            spoken: false
        }
        Say {
            id: count
            anchors.bottom: parent.bottom
            width: parent.width
            visible: !bin.longName
            text: bin.compact ? "" : bin.countWords
            face: Theme.panelSmall
            ink: bin.ink2
            lines: 1
            shortens: true
            spoken: false
        }
    }
}
