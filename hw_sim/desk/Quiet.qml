pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic

// A quiet action: an underlined word.
Button {
    id: quiet

    property string spoken: text

    implicitHeight: 24
    padding: 0
    leftPadding: 4
    rightPadding: 4
    font.family: Theme.family
    font.pixelSize: Theme.small
    Accessible.name: spoken
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Words {
        text: quiet.text
        font.pixelSize: quiet.font.pixelSize
        font.underline: true
        color: quiet.down ? Theme.primary : Theme.ink
        Accessible.ignored: true
    }

    background: Item {
        Ring {
            anchors.margins: -1
            shown: quiet.visualFocus
        }
    }
}
