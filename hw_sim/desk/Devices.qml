pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import HwSim.Desk

// Every device and its cable.
Panel {
    id: devices

    required property Desk desk

    heading: "Devices"
    aside: "Cable"

    Grid {
        id: rows
        width: parent.width
        columns: Math.ceil(devices.desk.devices.length / 4)
        columnSpacing: 20

        Repeater {
            model: devices.desk.devices
            Item {
                id: row
                required property Machine modelData
                width: (devices.width - (rows.columns - 1) * rows.columnSpacing) / rows.columns
                height: 36

                Words {
                    id: name
                    y: 1
                    height: 19
                    text: row.modelData.name.charAt(0).toUpperCase() + row.modelData.name.slice(1)
                    font.weight: Font.DemiBold
                }
                Words {
                    objectName: "word-" + row.modelData.name
                    anchors.top: name.bottom
                    anchors.topMargin: -2
                    width: row.width - cable.width - 8
                    height: 16
                    text: row.modelData.word
                    font.pixelSize: Theme.small
                    color: row.modelData.plugged ? Theme.ink2 : Theme.error
                    elide: Text.ElideRight
                }
                Switch {
                    id: cable
                    objectName: "cable-" + row.modelData.name
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    width: 40
                    height: 28
                    padding: 0
                    checked: row.modelData.plugged
                    Accessible.name: "Cable of the " + row.modelData.name
                    Accessible.description: row.modelData.plugged ? "in" : "out"
                    Keys.onReturnPressed: click()
                    onClicked: {
                        const wanted = checked;
                        // the world decides; the switch shows what it says
                        checked = Qt.binding(() => row.modelData.plugged);
                        devices.desk.cable(row.modelData.name, wanted);
                    }

                    indicator: Rectangle {
                        y: 3
                        width: 40
                        height: 22
                        radius: 11
                        color: cable.checked ? Theme.primary : Theme.surface
                        border.width: cable.checked ? 0 : 1
                        border.color: Theme.border

                        Rectangle {
                            x: cable.checked ? parent.width - width - 3 : 3
                            y: 3
                            width: 16
                            height: 16
                            radius: 8
                            color: cable.checked ? "#FFFFFF" : Theme.border
                        }
                        Ring {
                            radius: 15
                            shown: cable.visualFocus
                        }
                    }
                    contentItem: null
                }
                Rectangle {
                    width: parent.width
                    height: 1
                    y: parent.height - 1
                    color: Theme.faint
                }
            }
        }
    }
}
