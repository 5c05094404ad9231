import QtQuick

// One item on the belt: white = not read, "?" = waits for an answer, ink = its bin is known, yellow = to the staff.
Rectangle {
    id: thing

    required property string mark
    required property string bin
    readonly property bool decided: mark === "done"
    readonly property bool staff: mark === "staff"

    radius: Theme.softRadius
    color: staff ? Theme.warning : decided ? Theme.selected : Theme.surface
    border.width: Math.max(2, Theme.border)
    border.color: staff && Theme.highContrast ? Theme.warning : Theme.ink
    Accessible.ignored: true

    Say {
        anchors.centerIn: parent
        width: naturalWidth
        text: thing.mark === "running" ? "?" : thing.mark === "none" ? "" : thing.bin
        face: Theme.thing
        ink: thing.staff ? Theme.warningInk : thing.decided ? Theme.selectedInk : Theme.ink
        spoken: false
    }
}
