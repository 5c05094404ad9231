import QtQuick

// One size of type. Lengths in mm; px are rounded once, here.
QtObject {
    required property Measure measure
    required property real size
    required property real lead
    property int weight: Font.Normal
    property bool heading: false
    property real tracking: 0

    // A capital of 0.7 degrees at 600 mm; a screen of 15 inch stands on a table and is read from 550 (EN 301 549, 5.1.4).
    readonly property real legible: measure.compact ? 9.4 : 10.25
    readonly property bool display: size >= 18
    // What is larger than that already does not grow where there is no room for it.
    readonly property bool grows: heading && (display || !measure.compact)
    readonly property real grown: !measure.largeText ? size : grows ? size * 1.25 : Math.max(size, legible)
    readonly property real mm: measure.rightToLeft && grown < 10.5 ? grown + 0.5 : grown
    readonly property int px: Math.round(mm * measure.pxPerMm)
    readonly property int line: Math.round(Math.max(lead / size, measure.rightToLeft ? 1.3 : measure.largeText && !grows ? 1.12 : 0) * mm * measure.pxPerMm)
    readonly property real spacing: measure.rightToLeft ? 0 : tracking * px
    // The stem of a large first letter stands on the margin.
    readonly property int outdent: display && !measure.rightToLeft ? Math.round(0.045 * px) : 0
}
