pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// While the screen is read aloud: what is being said, and two buttons to hear it again or not at all.
Rectangle {
    id: strip

    required property ScreenView screen
    property int height_: Theme.mm(30)
    property bool wide: false
    // Large words need all the room there is.
    readonly property bool narrow: !wide && Theme.largeText

    visible: screen.stripped
    implicitHeight: visible ? height_ : 0
    color: Theme.page

    Rectangle {
        width: parent.width
        height: Theme.hairline
        color: Theme.rule
    }

    Icon {
        id: sign
        name: "volume_up"
        visible: !strip.narrow
        width: strip.narrow ? 0 : size
        ink: strip.screen.speaking ? Theme.primary : Theme.ink2
        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
    }

    Say {
        anchors.left: sign.right
        anchors.leftMargin: strip.narrow ? 0 : Theme.mm(4)
        anchors.right: buttons.left
        anchors.rightMargin: Theme.gutter
        anchors.verticalCenter: parent.verticalCenter
        text: strip.screen.sentence
        face: [Theme.stateDetail, Theme.small].find(one => linesIn(one, width) < 99) ?? Theme.caption
        lines: strip.wide || strip.narrow ? 1 : 2
        shortens: true
        // it is read aloud already
        spoken: false
    }

    Row {
        id: buttons
        anchors.right: parent.right
        anchors.rightMargin: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.mm(3)

        Repeater {
            model: strip.screen.stripActions
            delegate: Button {
                screen: strip.screen
                width: naturalWidth
                height: Theme.target
                least: Theme.target
                lines: 1
                iconSize: Theme.mm(8)
                iconGap: Theme.mm(3)
            }
        }
    }
}
