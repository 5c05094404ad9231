pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// Whatever can be pressed: acts on release inside, takes the keys' focus, has a name.
Item {
    id: pressable

    required property ScreenView screen
    required property string actionId
    required property string spoken
    required property string spokenReason
    required property bool selected
    property bool choosable: false
    property bool greenAround: false
    readonly property bool down: tap.pressed
    readonly property bool ring: screen.focused === actionId
    property int ringRadius: Theme.radius
    // Where what lies around is of another colour, as over the assist bar.
    property bool ringInside: false

    signal activated

    function activate() {
        activated();
        screen.press(actionId);
    }

    onRingChanged: if (ring)
        forceActiveFocus()
    onDownChanged: if (down) {
        screen.pointAt("");
        screen.touch();
    }

    Accessible.role: choosable ? Accessible.RadioButton : Accessible.Button
    Accessible.name: spoken
    Accessible.description: spokenReason
    Accessible.focusable: true
    Accessible.focused: activeFocus
    Accessible.checkable: choosable
    Accessible.checked: selected
    Accessible.onPressAction: activate()

    TapHandler {
        id: tap
        gesturePolicy: TapHandler.ReleaseWithinBounds
        onTapped: pressable.activate()
    }

    Rectangle {
        visible: pressable.ring
        anchors.fill: parent
        anchors.margins: pressable.ringInside ? Theme.mm(3) : -(Theme.focusGap + Theme.focusWidth)
        color: "transparent"
        radius: pressable.ringInside ? pressable.ringRadius : pressable.ringRadius + Theme.focusGap + Theme.focusWidth
        border.width: Theme.focusWidth
        border.color: pressable.greenAround && !Theme.highContrast ? "#FFD54A" : Theme.focus
        z: 1
    }
}
