pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic

// A button with a word; filled is the one that is meant now.
Button {
    id: button

    property bool filled: false
    property string spoken: text

    implicitHeight: 32
    leftPadding: 14
    rightPadding: 14
    topPadding: 0
    bottomPadding: 0
    font.family: Theme.family
    font.pixelSize: Theme.body
    font.weight: Font.DemiBold
    Accessible.name: spoken
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Words {
        text: button.text
        font: button.font
        color: button.filled && button.enabled ? "#FFFFFF" : button.enabled ? Theme.ink : Theme.ink2
        horizontalAlignment: Text.AlignHCenter
        Accessible.ignored: true
    }

    background: Rectangle {
        radius: Theme.radius
        color: {
            if (!button.enabled)
                return "transparent";
            if (button.filled)
                return button.down ? Theme.primaryDown : Theme.primary;
            return button.down ? Theme.down : Theme.surface;
        }
        border.width: button.filled && button.enabled ? 0 : 1
        border.color: button.enabled ? Theme.border : Theme.rule

        Ring {
            shown: button.visualFocus
        }
    }
}
