"""Checks a journal from outside: a second connection, and the hashes reckoned anew from the rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kiosk.store.chain import transition_hash
from sync.acts import Act, ActKind, ClockQuality, act_hash, patron_commitment


def rows(path: Path, query: str) -> list[dict[str, Any]]:
    """What a connection that the journal knows nothing of reads from its file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(query)]


def edit(path: Path, statement: str) -> int:
    """What somebody with the file in their hands could do to it. Returns how many rows it touched."""
    with closing(sqlite3.connect(path)) as db, db:
        return db.execute(statement).rowcount


def broken_links(path: Path) -> list[str]:
    """Keys of acts and transitions that do not fit the chain; empty where the journal is as it was written."""
    return _broken_acts(path) + _broken_transitions(path)


def _broken_acts(path: Path) -> list[str]:
    patrons = {row["key"]: row for row in rows(path, "SELECT * FROM act_patrons")}
    last: dict[str, tuple[int, str]] = {}
    broken = []
    for row in rows(path, "SELECT * FROM acts ORDER BY incarnation, seq"):
        seq, previous = last.get(row["incarnation"], (0, ""))
        person = patrons.get(row["key"])
        fits = (
            row["seq"] == seq + 1
            and row["previous"] == previous
            and row["hash"] == act_hash(_act(row), row["commitment"], previous)
            and (not person or _committed(person) == row["commitment"])
        )
        if not fits:
            broken.append(f"act {row['key']}")
        last[row["incarnation"]] = (row["seq"], row["hash"])
    return broken


def _broken_transitions(path: Path) -> list[str]:
    previous = ""
    broken = []
    for row in rows(path, "SELECT * FROM transitions ORDER BY id"):
        if row["previous"] != previous or row["hash"] != transition_hash(row):
            broken.append(f"transition of {row['key']}")
        previous = row["hash"]
    return broken


def _committed(person: dict[str, Any]) -> str:
    return patron_commitment(person["patron"], bytes.fromhex(person["salt"]))


def _act(row: dict[str, Any]) -> Act:
    return Act(
        key=row["key"],
        kind=ActKind(row["kind"]),
        station=row["station"],
        incarnation=row["incarnation"],
        seq=row["seq"],
        item=row["item"],
        patron=None,
        at=datetime.fromisoformat(row["at"]),
        mono_ns=row["mono_ns"],
        boot_id=row["boot_id"],
        clock=ClockQuality(row["clock"]),
        undoes=row["undoes"],
        due_before=date.fromisoformat(row["due_before"]) if row["due_before"] else None,
        v=row["v"],
    )
