"""A list model that knows its rows by key, so that a change to one leaves the others' delegates alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from typing_extensions import override

from drivers.service.view import Action, Row

AnyIndex = QModelIndex | QPersistentModelIndex


class KeyedModel(QAbstractListModel):
    """Rows are mappings of role name to value; the first role is the key.

    `update` makes the rows equal to those given with the fewest signals: a row whose key stays is changed
    in place and names only the roles that differ; others are removed, moved or inserted.
    """

    def __init__(self, roles: tuple[str, ...], parent: QObject) -> None:
        super().__init__(parent)
        self._names = roles
        self._rows: list[Mapping[str, object]] = []

    @override
    def roleNames(self) -> dict[int, QByteArray]:
        first = int(Qt.ItemDataRole.UserRole)
        return {first + n: QByteArray(name.encode()) for n, name in enumerate(self._names)}

    @override
    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        place = role - int(Qt.ItemDataRole.UserRole)
        if not index.isValid() or not 0 <= place < len(self._names):
            return None
        return self._rows[index.row()][self._names[place]]

    def rows(self) -> tuple[Mapping[str, object], ...]:
        """What the model holds."""
        return tuple(self._rows)

    def update(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Become `rows`. Keys must differ from each other."""
        wanted = [self._key(row) for row in rows]
        if len(set(wanted)) != len(wanted):
            raise ValueError(f"the same key stands twice in {wanted}")
        for place in reversed(range(len(self._rows))):
            if self._key(self._rows[place]) not in wanted:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._rows[place]
                self.endRemoveRows()
        for place, row in enumerate(rows):
            held = next(
                (n for n, old in enumerate(self._rows) if self._key(old) == self._key(row)), None
            )
            if held is None:
                self.beginInsertRows(QModelIndex(), place, place)
                self._rows.insert(place, row)
                self.endInsertRows()
                continue
            if held != place:
                self.beginMoveRows(QModelIndex(), held, held, QModelIndex(), place)
                self._rows.insert(place, self._rows.pop(held))
                self.endMoveRows()
            self._change(place, row)

    def _change(self, place: int, row: Mapping[str, object]) -> None:
        old = self._rows[place]
        first = int(Qt.ItemDataRole.UserRole)
        changed = [first + n for n, name in enumerate(self._names) if old[name] != row[name]]
        self._rows[place] = row
        if changed:
            index = self.index(place)
            self.dataChanged.emit(index, index, changed)

    def _key(self, row: Mapping[str, object]) -> object:
        return row[self._names[0]]


class KeyedRows:
    """Rows of a screen, each with a model of its own for its actions. What is gone takes its model along."""

    def __init__(self, roles: tuple[str, ...], parent: QObject) -> None:
        self.model = KeyedModel(roles, parent)
        self._parent = parent
        self._actions: dict[str, KeyedModel] = {}

    def update(
        self,
        rows: Sequence[Row],
        said: Callable[[Row], Mapping[str, object]],
        action: Callable[[Action], Mapping[str, object]],
        roles: tuple[str, ...],
    ) -> None:
        """Become `rows`. Ids must differ from each other."""
        gone = set(self._actions) - {row.id for row in rows}
        shown = []
        for row in rows:
            actions = self._actions.get(row.id)
            if actions is None:  # not setdefault: a model made in vain lives on in its parent
                actions = self._actions[row.id] = KeyedModel(roles, self._parent)
            actions.update([action(one) for one in row.actions])
            shown.append({**said(row), "actions": actions})
        self.model.update(shown)
        for row_id in gone:
            self._actions.pop(row_id).deleteLater()
