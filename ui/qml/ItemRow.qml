pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// One item: mark, title, state word and detail, what to do, and at the end one quiet action.
Item {
    id: row

    required property ScreenView screen
    required property string rowId
    required property string mark
    required property string title
    required property string part
    required property string stateWord
    required property string detail
    required property string advice
    required property string adviceIcon
    required property string band
    required property int here
    required property int all
    required property string badgeKind
    required property string badgeNumber
    required property string badgeWord
    required property string kind
    required property string group
    required property string spoken
    required property QtObject actions

    property int inset: Theme.margin
    property int endInset: Theme.margin
    property int padding: Theme.mm(5)
    property bool ruled: true
    readonly property int markGap: Theme.mm(Theme.compact ? 5 : 7)
    readonly property bool ring: screen.focused === "row." + rowId
    readonly property bool banded: band !== "none"
    readonly property color bandColor: band === "error" ? Theme.errorBand : band === "warning" ? Theme.warningBand : Theme.page
    readonly property color bandLine: band === "error" ? Theme.error : Theme.warningLine
    readonly property int bandLineHeight: Theme.highContrast ? 4 : Theme.hairline
    property bool headed: false
    readonly property bool matter: kind === "matter"
    readonly property int headingHeight: group === "" ? 0 : Theme.label.line + Theme.mm(Theme.compact ? 4 : 7)
    readonly property int bodyTop: padding + (headed ? headingHeight : 0)
    readonly property int boxCount: boxRepeater.count
    readonly property bool boxesBelow: boxCount > 1 || boxCount > 0 && (Theme.largeText || Theme.compact)
    readonly property int quietCount: quietRepeater.count
    readonly property bool narrow: width - inset - endInset < Theme.mm(Theme.compact ? 120 : 170)
    // Where a row is no longer than that, its place stands under its words.
    // On a compact screen the word of its place stands under the square.
    readonly property bool badgePiled: Theme.compact && !badgeBelow
    readonly property bool badgeBelow: badged && width - inset - endInset < Theme.mm(Theme.compact ? 120 : Theme.largeText ? 230 : 200)
    readonly property bool over: advice !== "" && quietCount > 0 && !quietBelow && !Theme.largeText
    readonly property bool quietBelow: quietCount > 1 || quietCount > 0 && (narrow || Theme.compact && !Theme.largeText && quiets.width > 0.28 * width)
    // Large words need the whole width under the title.
    readonly property bool quietAbove: Theme.largeText && quietCount > 0 && !quietBelow
    // Its own word, not `badge.visible`: a row of another page is not visible, and must not be measured as another row.
    readonly property bool badged: badgeKind !== ""
    readonly property color stateInk: mark === "refused" ? Theme.error : mark === "done" || mark === "hold" ? Theme.success : Theme.ink

    readonly property int contentHeight: Math.max(texts.height, badgeBelow ? 0 : badge.height, matter && !boxesBelow ? boxes.height : 0) + (boxesBelow ? boxes.height + Theme.mm(3) : 0) + (quietBelow ? quiets.high + Theme.mm(2) : 0) + (badgeBelow ? badge.height + Theme.mm(3) : 0) + (banded ? bandLineHeight : Theme.hairline)

    implicitHeight: contentHeight + 2 * padding + (headed ? headingHeight : 0)

    onRingChanged: if (ring)
        forceActiveFocus()

    Accessible.role: Accessible.ListItem
    Accessible.name: spoken
    Accessible.focusable: true
    Accessible.focused: ring

    Rectangle {
        anchors.fill: parent
        anchors.topMargin: -Theme.hairline
        visible: row.banded
        color: row.bandColor
        Rectangle {
            width: parent.width
            height: row.bandLineHeight
            color: row.bandLine
        }
        Rectangle {
            anchors.bottom: parent.bottom
            width: parent.width
            height: row.bandLineHeight
            color: row.bandLine
        }
    }

    Item {
        visible: row.headed
        anchors.left: parent.left
        anchors.leftMargin: row.inset
        anchors.right: parent.right
        anchors.rightMargin: row.endInset
        height: row.headingHeight
        Say {
            id: groupName
            width: parent.width
            y: Theme.mm(Theme.compact ? 1 : 3)
            text: row.headed ? row.group : ""
            face: Theme.label
            lines: 1
        }
        Rectangle {
            anchors.top: groupName.bottom
            anchors.topMargin: Theme.mm(2)
            width: parent.width
            height: Theme.mm(0.5)
            color: Theme.ink
        }
    }

    // A row is no control, but the keys stop at it, and it is heard.
    Rectangle {
        visible: row.ring
        anchors.fill: parent
        anchors.leftMargin: Math.max(0, row.inset - Theme.focusGap - Theme.focusWidth - Theme.mm(2))
        anchors.rightMargin: Math.max(0, row.endInset - Theme.focusGap - Theme.focusWidth - Theme.mm(2))
        anchors.topMargin: Theme.hairline + (row.headed ? row.headingHeight : 0)
        anchors.bottomMargin: Theme.hairline
        color: "transparent"
        radius: Theme.radius
        border.width: Theme.focusWidth
        border.color: Theme.focus
        z: 1
    }

    Mark {
        id: sign
        kind: row.mark
        here: row.here
        all: row.all
        ground: row.bandColor
        anchors.left: parent.left
        anchors.leftMargin: row.inset
        y: row.matter || row.banded || Theme.largeText || row.quietBelow ? row.bodyTop + Math.max(0, Math.round((Theme.rowTitle.line - size) / 2)) + (size < 70 ? Theme.mm(2) : 0) : texts.y + Math.round((texts.height - size) / 2)
    }

    Column {
        id: texts
        anchors.left: sign.right
        anchors.leftMargin: row.markGap
        anchors.right: row.badgeBelow ? parent.right : row.badged ? badge.left : row.boxCount > 0 && !row.boxesBelow ? boxes.left : row.quietBelow || row.quietAbove || row.quietCount === 0 ? parent.right : quiets.left
        anchors.rightMargin: row.badged && !row.badgeBelow || row.boxCount > 0 && !row.boxesBelow || !row.quietBelow && !row.quietAbove && row.quietCount > 0 ? Theme.gutter : row.endInset
        y: row.bodyTop + (row.badgeBelow ? 0 : Math.max(0, Math.round((badge.height - height) / 2)))

        Item {
            width: parent.width
            height: heading.height + (parts.under ? parts.height : 0)

            Say {
                id: heading
                readonly property real room: parent.width - (row.quietAbove ? quiets.width + Theme.gutter : 0) - (parts.text === "" || parts.under ? 0 : parts.naturalWidth + Theme.mm(3.5))
                anchors.left: parent.left
                width: naturalWidth <= room ? naturalWidth : narrowest(room)
                text: row.title
                face: Theme.rowTitle
                lines: row.narrow || row.matter ? 3 : row.part === "" && !row.over && !Theme.largeText && !Theme.low ? 1 : 2
                spoken: false
            }
            Say {
                id: parts
                readonly property bool under: (row.narrow || Theme.compact) && text !== ""
                anchors.left: parent.left
                anchors.leftMargin: under ? 0 : heading.width + Theme.mm(3.5)
                y: under ? heading.height : Math.round(Theme.rowTitle.line * 0.5 + Theme.rowTitle.px * 0.39 - Theme.small.line * 0.5 - Theme.small.px * 0.39)
                width: naturalWidth
                text: row.part
                face: Theme.small
                ink: row.banded ? Theme.ink : Theme.ink2
                lines: 1
                spoken: false
            }
        }

        Item {
            id: states
            readonly property bool fits: !row.matter && !Theme.largeText && word.naturalWidth + Theme.mm(4) + more.naturalWidth <= width
            width: parent.width
            height: row.detail === "" || fits ? word.height : word.height + more.height

            Say {
                id: word
                anchors.left: parent.left
                width: !row.matter && (states.fits || row.detail !== "") ? Math.min(parent.width, naturalWidth) : parent.width
                text: row.stateWord
                face: row.matter ? Theme.body : Theme.stateWord
                ink: row.matter ? Theme.ink : row.stateInk
                spoken: false
            }
            Say {
                id: more
                anchors.left: states.fits ? word.right : parent.left
                anchors.leftMargin: states.fits ? Theme.mm(4) : 0
                y: states.fits ? 0 : word.height
                width: states.fits ? naturalWidth : parent.width
                text: row.detail
                face: Theme.stateDetail
                ink: row.banded ? Theme.ink : Theme.ink2
                spoken: false
            }
        }

        Item {
            visible: row.advice !== ""
            // What to do takes the whole row, under what can be pressed.
            width: parent.width + (row.over ? quiets.width + Theme.gutter : 0)
            height: Theme.mm(2) + todo.height

            Icon {
                id: adviceSign
                name: Theme.largeText || Theme.compact ? "" : row.adviceIcon
                ink: Theme.ink
                size: Theme.mm(10)
                anchors.left: parent.left
                y: todo.y + Math.round((todo.face.line - size) / 2)
            }
            Say {
                id: todo
                anchors.left: adviceSign.right
                anchors.leftMargin: adviceSign.name !== "" ? Theme.mm(3.5) : 0
                y: Theme.mm(2)
                width: parent.width - (adviceSign.name !== "" ? adviceSign.width + Theme.mm(3.5) : 0)
                text: row.advice
                face: linesIn(Theme.body, width) < 99 ? Theme.body : Theme.small
                spoken: false
            }
        }
    }

    // Where it belongs, as on the furniture itself.
    Item {
        id: badge
        visible: row.badged
        anchors.right: parent.right
        anchors.rightMargin: row.endInset
        y: row.badgeBelow ? texts.y + texts.height + Theme.mm(3) : row.bodyTop + Math.max(0, Math.round((texts.height - height) / 2))
        width: row.badgePiled ? Math.max(belongs.width, square.width) : belongs.width + Theme.mm(4.5) + square.width
        height: !row.badged ? 0 : row.badgePiled ? square.height + belongs.height : square.height

        Say {
            id: belongs
            // By hand, as the boxes.
            readonly property int ahead: row.badgePiled ? Math.round((badge.width - width) / 2) : 0
            x: Theme.rightToLeft ? badge.width - ahead - width : ahead
            y: row.badgePiled ? square.height : Math.floor((badge.height - height) / 2)
            width: naturalWidth
            text: row.badgeWord
            face: row.badgePiled ? Theme.small : Theme.body
            lines: 1
            spoken: false
        }
        Rectangle {
            id: square
            readonly property int ahead: row.badgePiled ? Math.round((badge.width - width) / 2) : badge.width - width
            x: Theme.rightToLeft ? badge.width - ahead - width : ahead
            width: Theme.mm(21)
            height: width
            radius: Theme.mm(2.5)
            color: Theme.primary
            Say {
                anchors.centerIn: parent
                width: naturalWidth
                text: row.badgeNumber
                face: Theme.bigLabel
                ink: Theme.primaryInk
                lines: 1
                spoken: false
            }
            Icon {
                anchors.centerIn: parent
                name: row.badgeNumber !== "" || row.badgeKind === "" ? "" : row.badgeKind === "staff" ? "support_agent" : "shelves"
                ink: Theme.primaryInk
                size: Theme.mm(14)
            }
        }
    }

    Flow {
        id: boxes
        spacing: Theme.gutter
        // Placed by hand: anchors that change sides while the screen is mirrored leave it where it was.
        readonly property int start: row.inset + sign.width + row.markGap
        readonly property int ahead: row.boxesBelow ? start : row.width - row.endInset - width
        width: row.boxesBelow ? row.width - start - row.endInset : boxRepeater.widest
        x: Theme.rightToLeft ? row.width - ahead - width : ahead
        y: row.boxesBelow ? texts.y + texts.height + Theme.mm(3) : row.bodyTop + Math.max(0, Math.round((texts.height - height) / 2))

        Repeater {
            id: boxRepeater
            property int widest: 0
            model: row.matter ? row.actions : null
            delegate: Button {
                required property int index
                onWidthChanged: boxRepeater.widest = width
                screen: row.screen
                width: Math.max(Theme.target, naturalWidth)
                height: Theme.target
                padding: Theme.mm(4)
                face: Theme.stateWord
                lines: 1
            }
        }
    }

    Grid {
        id: quiets
        columnSpacing: Theme.mm(8)
        rowSpacing: Theme.step
        // One under the other where the words are too long for a line.
        columns: row.quietBelow && abreast > row.width - boxes.start - row.endInset ? 1 : Math.max(1, row.quietCount)
        property int abreast: 0
        readonly property int high: columns === 1 ? row.quietCount * (Theme.lesserTarget + rowSpacing) - rowSpacing : Theme.lesserTarget
        function measure() {
            let wide = -columnSpacing;
            for (let n = 0; n < quietRepeater.count; n++)
                wide += ((quietRepeater.itemAt(n) as Quiet)?.implicitWidth ?? 0) + columnSpacing;
            abreast = wide;
        }
        // By hand, as the boxes: two actions become one while the row stands.
        readonly property int ahead: row.quietBelow ? boxes.start : row.width - row.endInset - width
        x: Theme.rightToLeft ? row.width - ahead - width : ahead
        y: row.quietBelow ? texts.y + texts.height + Theme.mm(2) : row.quietAbove ? Theme.compact ? row.bodyTop - Theme.mm(3) : row.bodyTop + Math.min(0, Theme.rowTitle.line - height) : texts.y + Math.round(((row.over ? heading.height + Theme.stateWord.line : texts.height) - height) / 2)

        Repeater {
            id: quietRepeater
            model: row.matter ? null : row.actions
            onItemRemoved: Qt.callLater(quiets.measure)
            delegate: Quiet {
                required property int index
                onImplicitWidthChanged: Qt.callLater(quiets.measure)
                Component.onCompleted: Qt.callLater(quiets.measure)
                screen: row.screen
                paper: row.bandColor
            }
        }
    }

    Rectangle {
        visible: row.ruled && !row.banded
        anchors.left: parent.left
        anchors.leftMargin: row.inset
        anchors.right: parent.right
        anchors.rightMargin: row.endInset
        anchors.bottom: parent.bottom
        height: Theme.hairline
        color: Theme.rule
    }
}
