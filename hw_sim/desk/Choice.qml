pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic

// One of a list of words.
ComboBox {
    id: choice

    property string spoken

    implicitHeight: 32
    font.family: Theme.family
    font.pixelSize: Theme.body
    Accessible.name: spoken

    contentItem: Words {
        leftPadding: 10
        rightPadding: 22
        text: choice.displayText
        elide: Text.ElideRight
        Accessible.ignored: true
    }

    indicator: Item {
        x: choice.width - 20
        y: (choice.height - height) / 2
        width: 10
        height: 6

        Rectangle {
            x: 0
            y: 2
            width: 7
            height: 1.5
            rotation: 45
            color: Theme.ink
        }
        Rectangle {
            x: 4
            y: 2
            width: 7
            height: 1.5
            rotation: -45
            color: Theme.ink
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: choice.down ? Theme.down : Theme.surface
        border.width: 1
        border.color: Theme.border

        Ring {
            shown: choice.visualFocus
        }
    }

    delegate: ItemDelegate {
        id: line

        required property int index
        required property string modelData

        width: ListView.view.width
        height: 28
        padding: 0
        highlighted: choice.highlightedIndex === index
        Accessible.name: modelData

        contentItem: Words {
            leftPadding: 10
            text: line.modelData
            font.weight: line.index === choice.currentIndex ? Font.DemiBold : Font.Normal
            Accessible.ignored: true
        }
        background: Rectangle {
            color: line.highlighted ? Theme.mint : Theme.surface
        }
    }

    popup: Popup {
        // above: the panels stand at the foot of the window
        y: -height - 4
        width: choice.width
        height: Math.min(contentItem.implicitHeight + 8, 340)
        padding: 4

        contentItem: ListView {
            clip: true
            implicitHeight: contentHeight
            model: choice.popup.visible ? choice.delegateModel : null
            currentIndex: choice.highlightedIndex
            boundsBehavior: Flickable.StopAtBounds
            ScrollBar.vertical: Bar {}
        }
        background: Rectangle {
            color: Theme.surface
            radius: Theme.radius
            border.width: 1
            border.color: Theme.border
        }
    }
}
