pragma Singleton
import QtQuick

// Lengths, type and colours by role. The window sets the first seven; nothing else is written.
QtObject {
    id: theme

    property real pxPerMm: 4
    property bool highContrast: false
    property bool largeText: false
    property bool rightToLeft: false
    property bool still: false
    // A screen of 15 inch on its side: margins, bars and gaps are narrower there, type and targets are not.
    property bool compact: false
    // One of 15 or 19 inch on its side: there is less beside the words.
    property bool low: false

    readonly property Measure measure: Measure {
        pxPerMm: theme.pxPerMm
        largeText: theme.largeText
        compact: theme.compact
        rightToLeft: theme.rightToLeft
    }

    readonly property Measure figure: Measure {
        pxPerMm: theme.pxPerMm
    }

    function mm(length: real): int {
        return Math.round(length * pxPerMm);
    }

    // Lengths
    readonly property int step: mm(2)
    readonly property int margin: mm(compact ? 10 : 16)
    readonly property int gutter: mm(5)
    // From the edge of the list beside the words to what stands in it.
    readonly property int paneInset: mm(compact ? 6 : 10)
    readonly property int reach: mm(60)
    readonly property int target: mm(20)
    // Of what is pressed beside the way on, such as tabs: what large words leave room for.
    readonly property int lesserTarget: mm((compact || low) && largeText ? 16 : 20)
    readonly property int radius: mm(3.5)
    readonly property int softRadius: mm(1.5)
    readonly property int hairline: 1
    readonly property int border: mm(highContrast ? 1 : 0.5)
    readonly property int focusWidth: mm(1.5)
    readonly property int focusGap: mm(1)
    readonly property int mark: mm(largeText && !compact ? 18.75 : 15)

    // Colours
    readonly property color page: highContrast ? "#000000" : "#F6F5F0"
    readonly property color surface: highContrast ? "#000000" : "#FFFFFF"
    readonly property color ink: highContrast ? "#FFFFFF" : "#1A1A1A"
    readonly property color ink2: highContrast ? "#FFFFFF" : "#444444"
    readonly property color primary: highContrast ? "#FFE600" : "#1F4F3A"
    readonly property color primaryInk: highContrast ? "#000000" : "#FFFFFF"
    readonly property color primaryPressed: highContrast ? "#000000" : "#12321F"
    readonly property color primaryPressedInk: highContrast ? "#FFE600" : "#FFFFFF"
    readonly property color pressed: highContrast ? "#FFFFFF" : "#DAD6C8"
    readonly property color pressedInk: highContrast ? "#000000" : "#1A1A1A"
    readonly property color control: highContrast ? "#FFFFFF" : "#6B6B6B"
    readonly property color rule: highContrast ? "#FFFFFF" : "#8A877C"
    readonly property color success: highContrast ? "#FFFFFF" : "#0B6B0B"
    readonly property color successInk: highContrast ? "#000000" : "#FFFFFF"
    readonly property color error: highContrast ? "#FFE600" : "#B3152B"
    readonly property color errorInk: highContrast ? "#000000" : "#FFFFFF"
    readonly property color errorBand: highContrast ? "#000000" : "#F8E3DF"
    readonly property color warning: highContrast ? "#FFE600" : "#F7BF42"
    readonly property color warningInk: highContrast ? "#000000" : "#1A1A1A"
    readonly property color warningBand: highContrast ? "#000000" : "#FDF0CF"
    readonly property color warningLine: highContrast ? "#FFE600" : "#8A6A00"
    readonly property color selected: highContrast ? "#FFFFFF" : "#1A1A1A"
    readonly property color selectedInk: highContrast ? "#000000" : "#F6F5F0"
    readonly property color focus: highContrast ? "#00E5FF" : "#0B57D0"
    readonly property color green: highContrast ? "#000000" : "#1F4F3A"
    readonly property color inkField: highContrast ? "#000000" : "#1A1A1A"
    readonly property color fieldInk: "#FFFFFF"

    // Drawing only: never text, never state
    readonly property color drawPale: highContrast ? "#000000" : "#CFE0D4"
    readonly property color drawMid: highContrast ? "#000000" : "#8FB8A3"
    readonly property color drawClay: highContrast ? "#000000" : "#E7C1AC"
    readonly property color drawPaper: highContrast ? "#000000" : "#F6F5F0"
    readonly property color drawLine: highContrast ? "#FFFFFF" : "#1F4F3A"

    readonly property color drawBelt: highContrast ? "#000000" : "#DEDBD0"

    readonly property color drawMachine: highContrast ? "#000000" : "#1F4F3A"

    // Motion, ms
    readonly property int fade: still ? 0 : 120
    readonly property int change: still ? 0 : 160
    readonly property int fill: still ? 0 : 240
    readonly property int turn: 1200

    // Type
    readonly property string family: "Noto Sans"
    readonly property Face countdown: Face { measure: theme.measure; size: 59; lead: 64; heading: false; tracking: -0.025 }
    readonly property Face poster: Face { measure: theme.measure; size: 33; lead: 36.5; heading: true; tracking: -0.02 }
    readonly property Face display: Face { measure: theme.measure; size: 26; lead: 28; heading: true; tracking: -0.02 }
    readonly property Face headline: Face { measure: theme.measure; size: 23; lead: 26; heading: true; tracking: -0.015 }
    readonly property Face title: Face { measure: theme.measure; size: 18; lead: 21; heading: true; tracking: -0.012 }
    readonly property Face subtitle: Face { measure: theme.measure; size: 14.5; lead: 17.5; heading: true; tracking: -0.006 }
    readonly property Face bigLabel: Face { measure: theme.measure; size: 13; lead: 16; weight: Font.DemiBold }
    readonly property Face lead: Face { measure: theme.measure; size: 11.5; lead: 15; heading: true }
    readonly property Face leadStrong: Face { measure: theme.measure; size: 11.5; lead: 15; heading: true; weight: Font.DemiBold }
    readonly property Face rowTitle: Face { measure: theme.measure; size: 10.5; lead: 13.5; heading: true; weight: Font.DemiBold }
    readonly property Face body: Face { measure: theme.measure; size: 8.5; lead: 11.5 }
    readonly property Face label: Face { measure: theme.measure; size: 8.5; lead: 11.5; weight: Font.DemiBold }
    readonly property Face stateWord: Face { measure: theme.measure; size: 7.5; lead: 10.5; weight: Font.DemiBold }
    readonly property Face stateDetail: Face { measure: theme.measure; size: 7.5; lead: 10.5 }
    readonly property Face small: Face { measure: theme.measure; size: 7; lead: 10 }
    readonly property Face smallStrong: Face { measure: theme.measure; size: 7; lead: 10; weight: Font.DemiBold }
    // Staff's panel alone: nothing smaller than a caption meets a citizen.
    readonly property Face panel: Face { measure: theme.measure; size: 6; lead: 8 }
    readonly property Face panelStrong: Face { measure: theme.measure; size: 6; lead: 8; weight: Font.DemiBold }
    readonly property Face panelSmall: Face { measure: theme.measure; size: 5.5; lead: 7.5 }
    readonly property Face panelSmallStrong: Face { measure: theme.measure; size: 5.5; lead: 7.5; weight: Font.DemiBold }
    // A number on an item, which is as large as the item is.
    readonly property Face thing: Face { measure: theme.figure; size: 6; lead: 8; weight: Font.DemiBold }
    readonly property Face caption: Face { measure: theme.measure; size: 6.5; lead: 8 }
    readonly property Face captionStrong: Face { measure: theme.measure; size: 6.5; lead: 8; weight: Font.DemiBold }
}
