pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

// A box means "press here". Filled, outlined, chosen, or dashed with the reason why not.
Pressable {
    id: button

    required property string label
    required property string icon
    required property string weight
    required property string reason
    required property bool busy
    property bool stacked: false
    // Where there is room for the word alone.
    property bool iconless: false
    readonly property string sign_: iconless ? "" : icon
    property bool leading: false
    property Face face: !button.possible ? Theme.body : busy ? Theme.stateWord : Theme.label
    property Face whyFace: Theme.body
    property int lines: 2
    // Where the reason is drawn elsewhere, for several at once, it is only told.
    property bool tellsWhy: true
    property int least: Theme.mm(28)
    property int padding: Theme.mm(4)
    property int inset: Theme.mm(3)
    property int iconSize: Theme.mm(11)
    property int iconGap: Theme.mm(4)
    property bool iconLast: false
    // Down from the middle, to leave room for a tick above.
    property int textShift: 0
    readonly property bool possible: reason === ""
    readonly property bool filled: weight === "primary" && possible
    readonly property color ground: selected ? (down ? Theme.pressed : Theme.selected) : filled ? (down ? Theme.primaryPressed : Theme.primary) : down ? Theme.pressed : possible ? Theme.surface : "transparent"
    readonly property color ink: selected ? (down ? Theme.pressedInk : Theme.selectedInk) : filled ? (down ? Theme.primaryPressedInk : Theme.primaryInk) : down ? Theme.pressedInk : possible ? Theme.ink : Theme.ink2
    readonly property real naturalWidth: content.naturalWidth + 2 * padding

    // Whether a word is longer than the button of that width leaves it room for.
    function breaks(wide: int): bool {
        return words.linesIn(words.face, wide - 2 * padding - (leading ? content.iconWidth : 0)) === 99;
    }

    implicitHeight: Math.max(least, content.height + 2 * inset)

    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        color: button.ground
        border.width: button.possible && !button.filled && !button.selected || button.filled && button.down && Theme.highContrast ? Theme.border : 0
        border.color: button.filled ? Theme.primary : Theme.control
    }

    Shape {
        preferredRendererType: Shape.CurveRenderer
        anchors.fill: parent
        visible: !button.possible
        ShapePath {
            strokeColor: Theme.control
            strokeWidth: Theme.border
            strokeStyle: ShapePath.DashLine
            dashPattern: [4, 3]
            fillColor: "transparent"
            PathRectangle {
                x: Theme.border / 2
                y: Theme.border / 2
                width: button.width - Theme.border
                height: button.height - Theme.border
                radius: Theme.radius
            }
        }
    }

    Item {
        id: content

        readonly property int iconWidth: button.sign_ === "" ? 0 : button.iconSize + button.iconGap
        readonly property real naturalWidth: (button.stacked ? 0 : iconWidth) + Math.max(words.naturalWidth, why.naturalWidth)
        readonly property real room: button.width - 2 * button.padding

        height: button.stacked ? (button.sign_ === "" ? 0 : button.iconSize + Theme.mm(2)) + texts.height : Math.max(texts.height, sign.height)
        width: Math.min(room, naturalWidth)
        anchors.verticalCenter: parent.verticalCenter
        anchors.verticalCenterOffset: button.textShift
        anchors.horizontalCenter: button.leading ? undefined : parent.horizontalCenter
        anchors.left: button.leading ? parent.left : undefined
        anchors.leftMargin: button.leading ? Theme.mm(Theme.compact ? 6 : 11) : 0

        Icon {
            id: sign
            name: button.sign_
            ink: button.ink
            size: button.iconSize
            anchors.left: parent.left
            anchors.leftMargin: button.stacked ? Math.round((content.width - width) / 2) : button.iconLast ? content.width - width : 0
            y: button.stacked ? 0 : Math.round((content.height - height) / 2)
        }

        Column {
            id: texts
            width: button.stacked ? content.width : content.width - content.iconWidth
            anchors.left: parent.left
            anchors.leftMargin: button.stacked || button.iconLast ? 0 : content.iconWidth
            y: button.stacked ? content.height - height : Math.round((content.height - height) / 2)

            Say {
                id: words
                width: parent.width
                text: button.label
                face: button.face
                ink: button.ink
                lines: button.lines
                spoken: false
                align: button.leading ? Text.AlignLeft : Text.AlignHCenter
            }

            Say {
                id: why
                width: parent.width
                text: button.tellsWhy ? button.reason : ""
                face: button.whyFace
                ink: button.ink
                lines: 3
                spoken: false
                align: button.leading ? Text.AlignLeft : Text.AlignHCenter
            }
        }
    }
}
