pragma ComponentBehavior: Bound
import QtQuick
import Ims.Views

// What the looks of an item mean: in two columns, or one under the other, wherever there is room before the first bin.
Grid {
    id: legend

    required property BeltView view
    required property int high
    // Measured with the words themselves, so that laying out never hangs on its own result.
    property int widest: 0
    readonly property int cellHigh: Math.max(Math.floor(high / 4), Theme.panelSmall.line)
    readonly property bool wide: 2 * widest + columnSpacing <= width

    columns: wide ? 2 : 1
    columnSpacing: Theme.mm(4)
    rowSpacing: wide ? Theme.mm(2) : 0

    function measure() {
        let most = 0;
        for (let n = 0; n < cells.count; n++)
            most = Math.max(most, cells.itemAt(n)?.implicitWidth ?? 0);
        widest = most;
    }

    Repeater {
        id: cells
        model: [["none", "unread"], ["running", "asked"], ["done", "decided"], ["staff", "staff"]]
        delegate: Item {
            id: cell
            required property var modelData
            implicitWidth: Theme.mm(9.5) + word.naturalWidth
            width: implicitWidth
            height: legend.cellHigh
            onImplicitWidthChanged: Qt.callLater(legend.measure)
            Component.onCompleted: Qt.callLater(legend.measure)
            BeltThing {
                mark: cell.modelData[0]
                bin: cell.modelData[0] === "staff" ? "9" : "6"
                width: Theme.mm(7)
                height: Theme.mm(legend.wide ? 9 : 7.5)
                y: Math.round((parent.height - height) / 2)
            }
            Say {
                id: word
                x: Theme.mm(9.5)
                y: Math.round((parent.height - height) / 2)
                width: naturalWidth
                text: legend.view.language !== "" ? legend.view.caption(`legend.${cell.modelData[1]}`) : ""
                face: Theme.panelSmall
            }
        }
    }
}
