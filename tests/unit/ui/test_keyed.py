"""The keyed list model: equal to what was given, with the fewest signals."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QObject

from config.texts import verbatim
from drivers.service.view import Mark, Row
from ui.viewmodels.keyed import KeyedModel, KeyedRows

ROLES = ("key", "word")
lists = st.lists(
    st.tuples(st.integers(0, 8), st.sampled_from("ab")), unique_by=lambda pair: pair[0]
)


def rows(pairs: list[tuple[int, str]]) -> list[Mapping[str, object]]:
    return [{"key": key, "word": word} for key, word in pairs]


class Follower:
    """Repeats a model's signals on a list of its own, as a view does."""

    def __init__(self, model: KeyedModel) -> None:
        self.model = model
        self.keys: list[object] = []
        self.changed: list[int] = []
        model.rowsInserted.connect(self._inserted)
        model.rowsRemoved.connect(self._removed)
        model.rowsMoved.connect(self._moved)
        model.dataChanged.connect(lambda first, last, roles: self.changed.append(first.row()))

    def _inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        self.keys.insert(first, self.model.rows()[first]["key"])

    def _removed(self, parent: QModelIndex, first: int, last: int) -> None:
        del self.keys[first]

    def _moved(
        self, parent: QModelIndex, first: int, last: int, target: QModelIndex, place: int
    ) -> None:
        key = self.keys.pop(first)
        self.keys.insert(place if place < first else place - 1, key)


@settings(max_examples=150, deadline=None)
@given(st.lists(lists, max_size=4))
def test_a_view_that_follows_the_signals_holds_what_was_given(
    steps: list[list[tuple[int, str]]],
) -> None:
    owner = QObject()
    model = KeyedModel(ROLES, owner)
    follower = Follower(model)
    for pairs in steps:
        model.update(rows(pairs))
        assert list(model.rows()) == rows(pairs)
        assert follower.keys == [key for key, _ in pairs]


def test_only_what_differs_is_told() -> None:
    owner = QObject()
    model = KeyedModel(ROLES, owner)
    model.update(rows([(1, "a"), (2, "a"), (3, "a")]))
    follower = Follower(model)
    model.update(rows([(1, "a"), (2, "b"), (3, "a")]))
    assert follower.changed == [1]


def test_a_key_may_not_stand_twice() -> None:
    owner = QObject()
    model = KeyedModel(ROLES, owner)
    with pytest.raises(ValueError, match="twice"):
        model.update(rows([(1, "a"), (1, "b")]))


def test_a_row_has_one_model_for_its_actions_however_often_it_is_shown() -> None:
    owner = QObject()
    keyed = KeyedRows(("id", "actions"), owner)
    row = Row("1", Mark.DONE, verbatim("Skak"), verbatim("Lånt"))
    for _ in range(3):
        keyed.update([row], lambda one: {"id": one.id}, lambda action: {}, ("id",))
    assert len(owner.findChildren(KeyedModel)) == 2  # the rows' and the actions'
