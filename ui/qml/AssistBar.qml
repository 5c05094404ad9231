pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// Help, language, larger text, contrast, reading aloud: same place on every screen.
Rectangle {
    id: bar

    required property ScreenView screen
    readonly property int count: items.count

    visible: count > 0
    color: Theme.page
    property int height_: Theme.mm(34)
    // Icon and word side by side, where the room is for something else.
    property bool slim: false
    // The tallest of the words: large ones may take two lines.
    property int tallest: 0
    implicitHeight: !visible ? 0 : Math.max(height_, tallest + 2 * Theme.mm(slim ? 1 : Theme.compact ? 1.5 : 4))

    function measure() {
        let most = 0;
        for (let n = 0; n < items.count; n++)
            most = Math.max(most, items.itemAt(n)?.implicitHeight ?? 0);
        tallest = most;
    }

    Rectangle {
        width: parent.width
        height: Theme.hairline
        color: Theme.rule
    }

    Row {
        id: line
        anchors.fill: parent
        anchors.leftMargin: Theme.mm(Theme.largeText ? 4 : 12)
        anchors.rightMargin: anchors.leftMargin
        spacing: Theme.step

        Repeater {
            id: items
            model: bar.screen.assist
            delegate: Pressable {
                id: item

                required property string label
                required property string icon
                readonly property color ink: down ? Theme.pressedInk : Theme.ink

                screen: bar.screen
                choosable: false
                width: Math.floor((line.width - (items.count - 1) * line.spacing) / items.count)
                implicitHeight: words.height
                height: line.height
                ringRadius: 0
                ringInside: true
                onImplicitHeightChanged: bar.measure()
                Component.onDestruction: Qt.callLater(bar.measure)

                Rectangle {
                    anchors.fill: parent
                    color: Theme.pressed
                    visible: item.down
                }
                Rectangle {
                    visible: item.selected
                    anchors.horizontalCenter: parent.horizontalCenter
                    width: Math.min(parent.width - Theme.mm(10), Theme.mm(38))
                    height: Theme.mm(2)
                    color: Theme.primary
                }
                Grid {
                    id: words
                    readonly property int room: parent.width - Theme.mm(Theme.largeText ? 0 : 4)
                    readonly property int besides: bar.slim ? sign.width + columnSpacing : 0
                    anchors.horizontalCenter: parent.horizontalCenter
                    y: Theme.largeText && !bar.slim && !Theme.compact ? Theme.mm(4.5) : Math.round((parent.height - height) / 2)
                    columns: bar.slim ? 2 : 1
                    columnSpacing: Theme.mm(3)
                    rowSpacing: Theme.mm(Theme.compact ? 0 : Theme.largeText ? 1 : 2)
                    horizontalItemAlignment: Grid.AlignHCenter
                    verticalItemAlignment: Grid.AlignVCenter
                    Icon {
                        id: sign
                        // Where there is no room for both, the word stays.
                        name: Theme.compact && Theme.largeText ? "" : item.icon
                        ink: item.ink
                        size: Theme.mm(bar.slim || Theme.compact ? 9 : 11)
                    }
                    Say {
                        width: bar.slim ? Math.min(words.room - words.besides, naturalWidth) : words.room
                        text: item.label
                        face: item.selected ? Theme.captionStrong : Theme.caption
                        ink: item.ink
                        align: bar.slim ? Text.AlignLeft : Text.AlignHCenter
                        lines: 2
                        spoken: false
                    }
                }
            }
        }
    }
}
