pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic

// A thin scroll bar, there only when there is more.
ScrollBar {
    id: bar

    policy: size < 1 ? ScrollBar.AlwaysOn : ScrollBar.AlwaysOff
    width: 7
    padding: 1
    Accessible.ignored: true

    contentItem: Rectangle {
        implicitWidth: 5
        radius: 2
        color: bar.pressed ? Theme.ink2 : Theme.rule
    }
}
