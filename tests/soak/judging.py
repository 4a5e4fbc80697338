"""In the end: is everything that a screen called done at the centre, once, and is the journal what was written?"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from kiosk.clock import SystemClock
from kiosk.store.database import open_reading
from kiosk.store.reading import JournalReader
from kiosk.store.verification import verify
from sync.acts import ActKind, MessageKind
from sync.central.models import ExceptionRow, LoanRow, StreamRow, VerdictRow
from tests.soak.ledger import Line, Shelves, read


class Report(msgspec.Struct):
    """What soaks came to. `acts`: that readers asked for; `done`: that the screen called done, `offline` of them
    without the centre; `dark`: that it never answered. `lost`, `doubled`, `exceptions`: at the centre, by what
    they are about in `conflicts`. `faults`: in words, what must not be."""

    rounds: int = 0
    kills: int = 0
    killed: dict[str, int] = msgspec.field(default_factory=dict)
    weather: dict[str, int] = msgspec.field(default_factory=dict)
    acts: int = 0
    done: int = 0
    offline: int = 0
    dark: int = 0
    lost: int = 0
    doubled: int = 0
    exceptions: int = 0
    conflicts: dict[str, int] = msgspec.field(default_factory=dict)
    faults: list[str] = msgspec.field(default_factory=list)

    def add(self, other: Report) -> None:
        """These too."""
        for name in self.__struct_fields__:
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, dict(Counter(mine) + Counter(theirs)) if isinstance(mine, dict) else mine + theirs)


def judge(report: Report, folder: Path, centre: Engine) -> None:
    """Compare the ledger and the journal in `folder` with the centre's tables."""
    lines = read(folder / "ledger")
    done = [line for line in lines if line.key]
    report.acts += sum(not line.said for line in lines)
    report.done += len(done)
    report.offline += sum(line.offline for line in done)
    report.dark += sum(not line.said for line in lines) - sum(line.said for line in lines)
    with Session(centre) as db:
        report.conflicts = dict(Counter(db.scalars(select(ExceptionRow.conflict))))
        report.exceptions += sum(report.conflicts.values())

        _judge_told(report, done, db)
        _judge_once(report, lines, db)
        _judge_shelves(report, lines, db)
    _judge_journal(report, done, folder / "journal.db")


def _judge_told(report: Report, done: list[Line], db: Session) -> None:
    told = set(db.scalars(select(VerdictRow.key).where(VerdictRow.kind == MessageKind.FACT)))
    for line in done:
        if line.key not in told:
            report.lost += 1
            report.faults.append(f"{line.kind} {line.item} {line.key} never arrived")


def _judge_once(report: Report, lines: tuple[Line, ...], db: Session) -> None:
    doubled = 0
    for column in (LoanRow.key, StreamRow.key):
        twice = select(column, func.count()).where(column != "").group_by(column).having(func.count() > 1)
        doubled += sum(count - 1 for _, count in db.execute(twice))
    wished = Counter((line.patron, line.item) for line in lines if line.kind is ActKind.RENEW and not line.said)
    renewals = select(LoanRow.patron, LoanRow.item, func.sum(LoanRow.renewals)).group_by(LoanRow.patron, LoanRow.item)
    doubled += sum(max(0, count - wished[patron, item]) for patron, item, count in db.execute(renewals))
    if doubled:
        report.doubled += doubled
        report.faults.append(f"{doubled} times something was done twice")


def _judge_shelves(report: Report, lines: tuple[Line, ...], db: Session) -> None:
    """The centre knows where every item is, or has asked staff about it, or the screen went dark over it."""
    shelves = Shelves.by(lines)
    shelves.settle()
    flagged = set(db.scalars(select(ExceptionRow.item)))
    loans = {row.item: row.patron for row in db.scalars(select(LoanRow).where(LoanRow.returned_at.is_(None)))}
    for item in sorted({line.item for line in lines} - set(shelves.unsure) - flagged):
        if loans.get(item) != shelves.holder.get(item):
            report.faults.append(f"the centre is wrong about where {item} is")


def _judge_journal(report: Report, done: list[Line], path: Path) -> None:
    engine = open_reading(path)
    journal = JournalReader(engine, SystemClock(ZoneInfo("UTC")))
    for line in done:
        entry = journal.entry(line.key)
        if entry is None or (entry.act.item, entry.act.kind) != (line.item, line.kind):
            report.faults.append(f"the screen said what nobody did: {line.kind} {line.item}")
    if journal.waiting() or journal.untold():
        report.faults.append(f"never came to an end: {journal.waiting()} acts, {journal.untold()} facts")
    report.faults += [f"journal: {finding}" for finding in verify(engine, datetime.now(UTC))]
    engine.dispose()
