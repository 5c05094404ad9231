import QtQuick

// What turns mm into px, and what a person asked for.
QtObject {
    property real pxPerMm: 4
    property bool largeText: false
    property bool compact: false
    property bool rightToLeft: false
}
