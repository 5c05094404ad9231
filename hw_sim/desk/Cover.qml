pragma ComponentBehavior: Bound
import QtQuick

// A cover of the desk's own making: one colour, one shape, the title and the author. Flat, as printed.
Rectangle {
    id: cover

    required property string title
    required property string author
    required property color tone
    required property int motif

    readonly property bool dark: 0.299 * tone.r + 0.587 * tone.g + 0.114 * tone.b < 0.55
    readonly property color ink: dark ? "#FFFFFF" : Theme.ink
    readonly property color shade: dark ? Qt.rgba(0.82 * tone.r + 0.18, 0.82 * tone.g + 0.18, 0.82 * tone.b + 0.18, 1) : Qt.darker(tone, 1.16)
    readonly property real unit: width / 100
    readonly property bool readable: width >= 54

    color: tone
    clip: true

    // the shape
    Item {
        anchors.fill: parent

        Rectangle {
            visible: cover.motif === 0
            width: 84 * cover.unit
            height: width
            radius: width / 2
            x: 40 * cover.unit
            y: cover.height - 46 * cover.unit
            color: cover.shade
        }
        Repeater {
            model: cover.motif === 1 ? 3 : 0
            Rectangle {
                required property int index
                width: cover.width
                height: 7 * cover.unit
                y: cover.height - (44 - index * 13) * cover.unit
                color: cover.shade
            }
        }
        Rectangle {
            visible: cover.motif === 2
            width: 62 * cover.unit
            height: 100 * cover.unit
            radius: width / 2
            x: 24 * cover.unit
            y: cover.height - 46 * cover.unit
            color: cover.shade
        }
        Repeater {
            model: cover.motif === 3 ? 2 : 0
            Rectangle {
                required property int index
                width: (90 - index * 20) * cover.unit
                height: width
                radius: width / 2
                x: (-8 + index * 52) * cover.unit
                y: cover.height - (40 - index * 10) * cover.unit
                color: index ? Qt.darker(cover.shade, cover.dark ? 0.9 : 1.08) : cover.shade
            }
        }
        Repeater {
            model: cover.motif === 4 ? 5 : 0
            Rectangle {
                required property int index
                width: 15 * cover.unit
                height: width
                x: (8 + index * 19) * cover.unit
                y: cover.height - (28 - Math.floor(index / 5) * 19) * cover.unit
                color: (index % 2) ? "transparent" : cover.shade
                border.width: Math.max(1, 1.5 * cover.unit)
                border.color: cover.shade
            }
        }
        Repeater {
            model: cover.motif === 5 ? 4 : 0
            Rectangle {
                required property int index
                width: (84 - index * 22) * cover.unit
                height: width
                radius: width / 2
                x: 54 * cover.unit - width / 2
                y: cover.height - width / 2 + 2 * cover.unit
                color: "transparent"
                border.width: 4 * cover.unit
                border.color: cover.shade
            }
        }
        Repeater {
            model: cover.motif === 6 ? 5 : 0
            Rectangle {
                required property int index
                width: 9 * cover.unit
                height: (14 + ((index * 37) % 34)) * cover.unit
                x: (20 + index * 14) * cover.unit
                y: cover.height - height
                color: cover.shade
            }
        }
    }

    // the spine
    Rectangle {
        width: 7 * cover.unit
        height: parent.height
        color: cover.shade
    }

    Words {
        id: heading
        visible: cover.readable
        x: 15 * cover.unit
        y: 9 * cover.unit
        width: cover.width - x - 8 * cover.unit
        text: cover.title
        color: cover.ink
        font.pixelSize: Math.max(9, Math.min(15, 13.5 * cover.unit))
        font.weight: Font.DemiBold
        lineHeight: 0.95
        wrapMode: Text.Wrap
        maximumLineCount: 4
        elide: Text.ElideRight
        Accessible.ignored: true
    }
    Words {
        visible: cover.readable
        x: heading.x
        anchors.top: heading.bottom
        anchors.topMargin: 3 * cover.unit
        width: heading.width
        text: cover.author
        color: cover.ink
        font.pixelSize: Math.max(8, Math.min(12, 10 * cover.unit))
        wrapMode: Text.WordWrap
        maximumLineCount: 2
        elide: Text.ElideRight
        Accessible.ignored: true
    }
}
