pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic

// One line to type in.
TextField {
    id: field

    property string spoken

    implicitHeight: 32
    leftPadding: 10
    rightPadding: 10
    topPadding: 0
    bottomPadding: 0
    font.family: Theme.family
    font.pixelSize: Theme.body
    color: Theme.ink
    placeholderTextColor: Theme.border
    selectionColor: Theme.primary
    selectedTextColor: "#FFFFFF"
    selectByMouse: true
    verticalAlignment: TextInput.AlignVCenter
    Accessible.name: spoken

    background: Rectangle {
        radius: Theme.radius
        color: Theme.surface
        border.width: 1
        border.color: Theme.border

        Ring {
            shown: field.activeFocus
        }
    }
}
