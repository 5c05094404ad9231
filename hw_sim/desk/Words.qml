pragma ComponentBehavior: Bound
import QtQuick

// A line of type.
Text {
    color: Theme.ink
    font.family: Theme.family
    font.pixelSize: Theme.body
    textFormat: Text.PlainText
    verticalAlignment: Text.AlignVCenter
}
