import QtQuick

// The belt's state as a shape: grey is normal, colour only where a person is needed.
Rectangle {
    id: sign

    required property string kind
    required property int size
    readonly property bool fault: kind === "fault"
    readonly property bool away: kind === "away"

    width: size
    height: size
    radius: size / 2
    color: fault || away ? "transparent" : Theme.ink

    Mark {
        visible: sign.fault || sign.away
        kind: sign.fault ? "now" : sign.away ? "put_back" : "none"
        size: sign.size
    }

    Icon {
        anchors.centerIn: parent
        name: ({ play: "play_arrow", pause: "pause", stop: "stop", wait: "hourglass_empty" })[sign.kind] ?? ""
        ink: Theme.page
        size: Math.round(sign.size * 0.62)
    }
}
