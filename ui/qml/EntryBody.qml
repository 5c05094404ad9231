pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// Places that fill, what to do in words, and the keypad. The keypad is never mirrored and never shuffled.
Item {
    id: body

    required property ScreenView screen
    required property bool portrait
    required property rect head
    required property int headWidth
    required property rect pane
    readonly property EntryView view: screen.entry
    readonly property int keyWidth: Math.min(Theme.mm(52.5), Math.floor(((portrait ? width - 2 * Theme.margin : pane.width - Theme.margin) - 2 * Theme.gutter) / 3))
    readonly property int keyHeight: Math.min(Theme.mm(35), Math.floor((padRoom - 3 * Theme.gutter) / 4))
    readonly property int padGap: Theme.mm(Theme.largeText ? view.notice !== "" ? 8 : 16 : 28)
    readonly property int footGap: Theme.mm(Theme.largeText && view.notice !== "" ? 10 : 20)
    readonly property int padRoom: portrait ? Math.min(Theme.mm(155), pane.height - headHeight - padGap - (foot.text === "" ? 0 : foot.height + footGap)) : pane.height - (foot.text === "" ? 0 : foot.height + Theme.mm(Theme.compact ? 4 : 8))
    readonly property int headHeight: Theme.mm(5) + known.height + (notice.visible ? notice.height + Theme.mm(5) : 0) + Theme.mm(6) + hint.y + hint.height
    readonly property int padWidth: 3 * keyWidth + 2 * Theme.gutter
    readonly property int padHeight: 4 * keyHeight + 3 * Theme.gutter
    readonly property rect words: portrait ? pane : head

    Row {
        id: known
        visible: body.view.confirmed !== "" && !(Theme.compact && Theme.largeText && body.view.notice !== "")
        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        y: body.words.y
        height: visible ? Theme.body.line : 0
        spacing: Theme.mm(4.5)
        Mark {
            kind: "done"
            size: Theme.mm(11)
            anchors.verticalCenter: parent.verticalCenter
        }
        Say {
            text: body.view.confirmed
            width: naturalWidth
            lines: 1
        }
    }

    Rectangle {
        id: notice
        visible: body.view.notice !== ""
        anchors.left: parent.left
        width: body.portrait ? parent.width : Theme.margin + body.headWidth + Theme.gutter
        y: known.y + known.height + Theme.mm(body.portrait ? 8 : Theme.compact ? 3 : 5)
        height: visible ? warn.height + 2 * Theme.mm(Theme.compact ? 3 : 5) : 0
        color: Theme.errorBand
        Rectangle { width: parent.width; height: Theme.highContrast ? 4 : 1; color: Theme.error }
        Rectangle { anchors.bottom: parent.bottom; width: parent.width; height: Theme.highContrast ? 4 : 1; color: Theme.error }
        Mark {
            id: sign
            kind: "refused"
            size: Theme.mm(13)
            anchors.left: parent.left
            anchors.leftMargin: Theme.margin
            anchors.verticalCenter: parent.verticalCenter
        }
        Say {
            id: warn
            anchors.left: sign.right
            anchors.leftMargin: Theme.mm(5)
            anchors.right: parent.right
            anchors.rightMargin: Theme.margin
            anchors.verticalCenter: parent.verticalCenter
            text: body.view.notice
        }
    }

    Item {
        id: entry
        readonly property int above: notice.visible ? notice.y + notice.height : known.y + known.height
        readonly property int natural: hint.y + hint.height + (body.portrait ? body.padGap + body.padHeight : 0) + (foot.text === "" || !body.portrait ? 0 : foot.height + body.footGap)
        readonly property int slack: body.words.y + body.words.height - above - natural
        anchors.left: parent.left
        anchors.leftMargin: body.words.x
        y: Math.round(above + Math.max(Theme.mm(Theme.compact ? 2 : 4), slack * (body.portrait ? 0.5 : 0.3)))
        width: body.portrait ? body.width : body.headWidth
        height: natural

        Row {
            id: places
            readonly property int room: parent.width - (body.portrait ? 2 * Theme.margin : 0)
            readonly property int place: Math.min(Theme.mm(30), Math.floor((room - (body.view.length - 1) * spacing) / Math.max(1, body.view.length)))
            spacing: body.view.length > 6 ? Theme.mm(3) : Theme.mm(8)
            anchors.horizontalCenter: parent.horizontalCenter
            height: Theme.mm(body.portrait ? 22 : Theme.compact ? 15 : 17)
            LayoutMirroring.enabled: false
            // The hint says in words how many places are filled.
            Accessible.ignored: true

            Repeater {
                model: body.view.length
                delegate: Item {
                    id: place
                    required property int index
                    readonly property bool next: index === body.view.filled && !body.view.waiting
                    width: places.place
                    height: places.height
                    Rectangle {
                        visible: body.view.masked && place.index < body.view.filled
                        width: Theme.mm(10)
                        height: width
                        radius: width / 2
                        color: Theme.ink
                        anchors.horizontalCenter: parent.horizontalCenter
                    }
                    Say {
                        visible: !body.view.masked
                        anchors.horizontalCenter: parent.horizontalCenter
                        anchors.bottom: parent.bottom
                        width: naturalWidth
                        text: body.view.shown.charAt(place.index)
                        face: body.view.length > 6 ? Theme.bigLabel : Theme.title
                        spoken: false
                    }
                    Rectangle {
                        anchors.bottom: parent.bottom
                        width: parent.width
                        height: place.next ? Theme.mm(2) : Theme.mm(1)
                        color: place.next ? Theme.primary : Theme.control
                    }
                }
            }
        }
        Say {
            id: hint
            x: body.portrait ? Theme.margin : 0
            y: places.height + Theme.mm(body.portrait ? 8 : Theme.compact ? 2 : 4)
            width: parent.width - 2 * x
            text: body.view.hint
            balanced: true
            ink: Theme.ink2
            align: Text.AlignHCenter
        }
        Say {
            id: foot
            x: body.portrait ? Theme.margin : pad.x + Math.round((pad.width - width) / 2)
            y: pad.y + pad.height + (body.portrait ? body.footGap : Theme.mm(Theme.compact ? 4 : 8))
            width: (body.portrait ? parent.width : body.pane.width) - 2 * Theme.margin
            text: body.view.footnote
            balanced: true
            ink: Theme.ink2
            align: Text.AlignHCenter
        }
        Item {
            id: pad
            readonly property int beside: Math.round(body.pane.x + (body.pane.width - width) / 2)
            x: body.portrait ? Math.round((parent.width - width) / 2) : (Theme.rightToLeft ? body.width - beside - width : beside) - parent.x
            y: body.portrait ? hint.y + hint.height + body.padGap : Math.round(body.pane.y - parent.y + (body.padRoom - height) / 2)
            width: body.padWidth
            height: body.padHeight
            LayoutMirroring.enabled: false
            LayoutMirroring.childrenInherit: true

            Repeater {
                id: keys
                model: body.view.keys
                delegate: Button {
                    required property int index
                    // Ten digits and erase: the lower left place stays empty.
                    readonly property int place: keys.count === 11 && index > 8 ? index + 1 : index

                    screen: body.screen
                    face: icon === "" ? body.keyHeight < Theme.title.line ? Theme.bigLabel : Theme.title : Theme.stateWord
                    stacked: icon !== ""
                    iconless: Theme.compact && Theme.largeText
                    padding: Theme.mm(1)
                    lines: 1
                    x: place % 3 * (body.keyWidth + Theme.gutter)
                    y: Math.floor(place / 3) * (body.keyHeight + Theme.gutter)
                    width: body.keyWidth
                    height: body.keyHeight
                }
            }
        }
    }
}
