"""A list for QML that changes by as little as possible: what stands still on the screen is not touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

AnyIndex = QModelIndex | QPersistentModelIndex


class Keyed(Protocol):
    """An entry: a dataclass whose `key` stays the same while the entry lives. Its fields become roles."""

    @property
    def key(self) -> str | int:
        """Tells the entry from its neighbours."""


def role_name(field: str) -> str:
    """The QML name of a field: `action_label` → `actionLabel`."""
    head, *tail = field.split("_")
    return head + "".join(word.capitalize() for word in tail)


class KeyedModel(QAbstractListModel):
    """Entries of one dataclass."""

    def __init__(self, entry: type, parent: QObject) -> None:
        super().__init__(parent)
        self._fields = [field.name for field in fields(entry)]
        self._entries: list[Keyed] = []

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        """Qt's own: how many entries."""
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def roleNames(self) -> dict[int, QByteArray]:
        """Qt's own: one role for each field."""
        first = Qt.ItemDataRole.UserRole.value
        return {first + i: QByteArray(role_name(name).encode()) for i, name in enumerate(self._fields)}

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's own: one field of an entry."""
        place = role - Qt.ItemDataRole.UserRole.value
        if not index.isValid() or not 0 <= place < len(self._fields):
            return None
        return getattr(self._entries[index.row()], self._fields[place])

    def show(self, wanted: Sequence[Keyed]) -> None:
        """Make the list `wanted` by removing, moving, inserting and updating single entries."""
        self._drop_all_but({entry.key for entry in wanted})
        for place, entry in enumerate(wanted):
            self._put(place, entry)

    def _drop_all_but(self, keys: set[str | int]) -> None:
        for place in reversed(range(len(self._entries))):
            if self._entries[place].key not in keys:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._entries[place]
                self.endRemoveRows()

    def _put(self, place: int, entry: Keyed) -> None:
        now = next((i for i in range(place, len(self._entries)) if self._entries[i].key == entry.key), None)
        if now is None:
            self.beginInsertRows(QModelIndex(), place, place)
            self._entries.insert(place, entry)
            self.endInsertRows()
            return
        if now != place:
            self.beginMoveRows(QModelIndex(), now, now, QModelIndex(), place)
            self._entries.insert(place, self._entries.pop(now))
            self.endMoveRows()
        if self._entries[place] != entry:
            self._entries[place] = entry
            index = self.index(place)
            self.dataChanged.emit(index, index)
