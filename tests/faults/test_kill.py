"""kill -9 in the middle of visits, again and again: nothing that the screen called done is lost or done twice."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from kiosk.demo.peer import DemoError, Gone
from kiosk.demo.stage import Picture, Stage
from tests.journeys.conftest import NewStage

KILLS = int(os.environ.get("KIOSK_KILLS", "50"))
READERS = ["anna", "liwei", "fatima", "wilhelmina", "hugo", "hana", "paul", "greta", "joao", "nadia", "zhao", "liu"]
FIRST_ITEM = 101
OPEN = ("proposed", "executed", "abandoned")


@dataclass
class Shown:
    """What the screen said was done: items by number, and who has them."""

    lent: dict[int, str] = field(default_factory=dict)
    returned: set[int] = field(default_factory=set)
    in_doubt: set[int] = field(default_factory=set)  # scanned, and the screen had not said yet what came of it
    waits: int = 0  # how often the kill came before the screen had said anything of the last scan


@contextmanager
def killed_after(stage: Stage, delay_s: float) -> Iterator[None]:
    """SIGKILL comes `delay_s` seconds from now, whatever the station is doing then."""
    station = stage.stack.station
    assert station is not None
    timer = threading.Timer(delay_s, station.kill)
    timer.start()
    try:
        yield
    except (Gone, DemoError):
        pass  # it was killed while we looked
    finally:
        timer.cancel()
        timer.join()
        stage.stack.kill_station()


def borrow(stage: Stage, picture: Picture, reader: str, items: list[int], shown: Shown) -> None:
    """A visit that goes on until the station dies."""
    for number in items:
        picture = scan(stage, number, shown, picture)
        if "row_lent" in picture.texts[0]:
            shown.lent[number] = reader
            shown.in_doubt.discard(number)
    while True:  # till it dies
        stage.press("books")
        stage.press("back")


def give_back(stage: Stage, picture: Picture, items: list[int], shown: Shown) -> None:
    """The same with returns."""
    for number in items:
        picture = scan(stage, number, shown, picture)
        assert picture.texts[0].startswith("row_returned"), picture.texts
        shown.returned.add(number)
        shown.in_doubt.discard(number)
    while True:
        stage.view()


def scan(stage: Stage, number: int, shown: Shown, before: Picture) -> Picture:
    """Scan, and wait for what the screen says of it."""
    shown.in_doubt.add(number)
    shown.waits += 1
    stage.stack.box.ask(do="scan", code=stage.code(str(number)))
    picture = stage.wait(after=before.serial, settled=True)
    shown.waits -= 1
    return picture


@pytest.mark.timeout(600)
def test_nothing_is_lost_and_nothing_is_done_twice(new_stage: NewStage) -> None:
    stage = new_stage()
    luck = random.Random(7)
    shown = Shown()
    fresh = iter(range(FIRST_ITEM, FIRST_ITEM + 3 * KILLS))
    for kill in range(KILLS):
        if kill % 5 == 3:
            stage.centre_down()
        elif kill % 5 == 0:
            stage.centre_up()
        give = sorted(set(shown.lent) - shown.returned - shown.in_doubt)[:3] if kill % 3 == 2 else []
        reader = READERS[kill % len(READERS)]
        picture = stage.press("return") if give else stage.tap(reader)
        assert picture.screen == ("return" if give else "borrow"), picture.words.line()
        with killed_after(stage, luck.uniform(0.0, 0.25)):
            if give:
                give_back(stage, picture, give, shown)
            else:
                borrow(stage, picture, reader, [next(fresh) for _ in range(3)], shown)
        stage.stack.start_station()

    stage.centre_up()
    assert_all_told(stage)
    assert len(shown.lent) > KILLS / 3, "the kills came too early to show anything"
    assert shown.waits > KILLS / 25, "no kill came in the middle of anything"

    loans = loans_at_centre(stage)
    assert not [key for key, count in keys_at_centre(stage).items() if count > 1], "an act was done twice"
    for number, reader in shown.lent.items():
        holders = [who for item, who, back in loans if item == stage.code(str(number))]
        assert holders == [stage.patrons[reader].name], f"item {number} was shown as lent to {reader}"
    for number in shown.returned:
        still_out = [who for item, who, back in loans if item == stage.code(str(number)) and back is None]
        assert not still_out, f"item {number} was shown as returned"
    kept = set(shown.lent) - shown.returned - shown.in_doubt
    for number in kept:
        assert [back for item, _, back in loans if item == stage.code(str(number))] == [None]


def assert_all_told(stage: Stage) -> None:
    """The journal is empty of open acts within a few rounds of the courier."""
    for _ in range(200):
        left = open_acts(stage)
        if not left:
            return
        stage.wait(offline=False)
        threading.Event().wait(0.1)
    raise AssertionError(f"never told to the catalogue: {left}")


def open_acts(stage: Stage) -> dict[str, int]:
    """How many acts of the journal are in which open state, read from outside."""
    marks = ", ".join("?" * len(OPEN))
    with sqlite3.connect(f"file:{stage.stack.data / 'journal.db'}?mode=ro", uri=True) as db:
        query = f"SELECT state, count(*) FROM delivery WHERE state IN ({marks}) GROUP BY state"  # noqa: S608
        found = dict(db.execute(query, OPEN).fetchall())
    db.close()
    return found


def loans_at_centre(stage: Stage) -> list[tuple[str, str, str | None]]:
    """(item, name of the reader, returned at) of every loan that this station made at the centre."""
    with sqlite3.connect(f"file:{stage.stack.folder / 'centre.db'}?mode=ro", uri=True) as db:
        found = db.execute(
            "SELECT loans.item, patrons.name, loans.returned_at FROM loans"
            " JOIN patrons ON patrons.ref = loans.patron WHERE loans.key IS NOT NULL AND loans.key != ''"
        ).fetchall()
    db.close()
    return found


def keys_at_centre(stage: Stage) -> Counter[str]:
    """How many loans each act made."""
    with sqlite3.connect(f"file:{stage.stack.folder / 'centre.db'}?mode=ro", uri=True) as db:
        found = db.execute("SELECT key FROM loans WHERE key IS NOT NULL AND key != ''").fetchall()
    db.close()
    return Counter(key for (key,) in found)
