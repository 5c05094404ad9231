pragma Singleton
import QtQuick

// A printed page: warm paper, black type, one deep green, thin lines.
QtObject {
    readonly property string family: "Noto Sans"
    readonly property color page: "#F6F5F0"
    readonly property color surface: "#FFFFFF"
    readonly property color ink: "#1A1A1A"
    readonly property color ink2: "#444444"
    readonly property color primary: "#1F4F3A"
    readonly property color primaryDown: "#12321F"
    readonly property color down: "#DAD6C8"
    readonly property color border: "#6B6B6B"
    readonly property color rule: "#8A877C"
    readonly property color faint: "#DEDBD0"
    readonly property color success: "#0B6B0B"
    readonly property color error: "#B3152B"
    readonly property color errorBand: "#F8E3DF"
    readonly property color focus: "#0B57D0"
    readonly property color mint: "#CFE0D4"
    readonly property color sage: "#8FB8A3"
    readonly property color clay: "#E7C1AC"

    readonly property int small: 12
    readonly property int body: 14
    readonly property int heading: 15
    readonly property int title: 26
    readonly property int radius: 7
    readonly property int quick: 160
}
