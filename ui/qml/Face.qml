import QtQuick

// One size of type. Lengths in mm; px are rounded once, here.
QtObject {
    required property Measure measure
    required property real size
    required property real lead
    property int weight: Font.Normal
    property bool heading: false
    property real tracking: 0

    readonly property bool display: size >= 18
    readonly property real grown: measure.largeText ? (heading ? size * 1.25 : Math.max(size, 10.25)) : size
    readonly property real mm: measure.rightToLeft && grown < 10.5 ? grown + 0.5 : grown
    readonly property int px: Math.round(mm * measure.pxPerMm)
    readonly property int line: Math.round(Math.max(lead / size, measure.rightToLeft ? 1.3 : measure.largeText && !heading ? 1.12 : 0) * mm * measure.pxPerMm)
    readonly property real spacing: measure.rightToLeft ? 0 : tracking * px
    // The stem of a large first letter stands on the margin.
    readonly property int outdent: display && !measure.rightToLeft ? Math.round(0.045 * px) : 0
}
