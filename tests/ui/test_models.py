"""The list for QML: whatever it showed before, it shows what is wanted, and touches nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject, Qt

from kiosk.ui.models import KeyedModel, role_name


@dataclass(frozen=True)
class Entry:
    """An entry with one field beside its key."""

    key: int
    some_word: str


LISTS = st.lists(st.builds(Entry, st.integers(0, 9), st.sampled_from("ab")), unique_by=lambda entry: entry.key)


def shown(model: KeyedModel) -> list[Entry]:
    """What QML reads."""
    first = Qt.ItemDataRole.UserRole.value
    rows = [model.index(i) for i in range(model.rowCount())]
    return [Entry(model.data(row, first), model.data(row, first + 1)) for row in rows]


class Witness:
    """Counts what a model tells."""

    def __init__(self, model: KeyedModel) -> None:
        self.told: list[str] = []
        model.rowsInserted.connect(lambda *_: self.told.append("insert"))
        model.rowsRemoved.connect(lambda *_: self.told.append("remove"))
        model.rowsMoved.connect(lambda *_: self.told.append("move"))
        model.dataChanged.connect(lambda *_: self.told.append("change"))
        model.modelReset.connect(lambda *_: self.told.append("reset"))


@given(LISTS, LISTS)
def test_it_shows_what_is_wanted(before: list[Entry], after: list[Entry]) -> None:
    parent = QObject()
    model = KeyedModel(Entry, parent)
    model.show(before)
    model.show(after)
    assert shown(model) == after


@given(LISTS)
def test_showing_the_same_again_tells_nothing(entries: list[Entry]) -> None:
    parent = QObject()
    model = KeyedModel(Entry, parent)
    model.show(entries)
    witness = Witness(model)
    model.show(list(entries))
    assert witness.told == []


def test_a_new_row_is_one_insertion_and_a_new_word_one_change() -> None:
    parent = QObject()
    model = KeyedModel(Entry, parent)
    model.show([Entry(2, "b"), Entry(1, "a")])
    witness = Witness(model)
    model.show([Entry(3, "c"), Entry(2, "b"), Entry(1, "x")])
    assert witness.told == ["insert", "change"]


def test_roles_are_named_as_qml_names_properties() -> None:
    parent = QObject()
    assert role_name("action_label") == "actionLabel"
    assert {bytes(name.data()) for name in KeyedModel(Entry, parent).roleNames().values()} == {b"key", b"someWord"}
