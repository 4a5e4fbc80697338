"""The process that fills the mirror: cut off, killed, left alone. Real processes, a real centre."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.mirroring.process import next_time
from kiosk.mirroring.titles import MirrorTitles
from kiosk.store.search import SEARCH, CatalogueSearch
from sync.central.models import ItemRow, Setting, Title
from sync.feed.search.build import apply
from sync.feed.search.origin import check_whole
from tests.fakes.clock import MovableClock
from tests.fakes.line import Line
from tests.kiosk.mirroring.conftest import Place
from tests.sync.conftest import TOKEN

ROOT = Path(__file__).parents[3]
START_S = 30.0


@pytest.fixture
def clock() -> MovableClock:
    """The centre's. A process has the machine's, and refuses what has long expired."""
    return MovableClock(datetime.now(UTC))


@pytest.fixture
def line(place: Place) -> Iterator[Line]:
    """Between this station and its centre."""
    line = Line(int(place.url.rpartition(":")[2]))
    yield line
    line.close()


@pytest.fixture
def large(place: Place) -> Place:
    """With enough titles for a download that takes several reads."""
    luck = random.Random(1)
    with Session(place.engine) as db, db.begin():
        for number in range(1000, 3000):
            db.add(Title(id=number, title=f"{luck.getrandbits(256):x}"))
            db.add(ItemRow(barcode=f"5{number}", title_id=number, branch="main"))
    return place


def configuration(place: Place, url: str, **catalogue: object) -> str:
    said = {"kind": "centre", "url": url, "token": TOKEN, "key": place.key, "mirror_every_s": 1} | catalogue
    return json.dumps({"station": {"id": "s1", "data": str(place.folder)}, "catalogue": said})


def process(*options: str, room: int | None = None) -> subprocess.Popen[str]:
    """`room`: the longest file that it can write; beyond, it is as on a full disk."""

    def narrow() -> None:
        if room is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    command = [sys.executable, "-m", "kiosk", "mirror", "--config", "-", *options]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, cwd=ROOT, text=True, preexec_fn=narrow, **pipes)  # type: ignore[call-overload, no-any-return]


def once(place: Place, url: str, room: int | None = None, **catalogue: object) -> tuple[int, str]:
    """One round of a process of its own: its exit code, and what it said."""
    with process("--once", room=room) as running:
        said, _ = running.communicate(configuration(place, url, **catalogue) + "\n", timeout=START_S)
    return running.returncode, said


def until(condition: object, running: subprocess.Popen[str] | None = None) -> None:
    """Wait for another process to have done something."""
    end = time.monotonic() + START_S
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        assert running is None or running.poll() is None, running.stdout and running.stdout.read()
        time.sleep(0.005)


# ── by hand ──


def test_once_fills_the_mirror_and_says_so(place: Place) -> None:
    code, said = once(place, place.url)
    assert code == 0
    assert re.search(r"^<6>kiosk.mirroring.filler: catalogue: snapshot \w+, 16 rows$", said, re.MULTILINE)
    assert place.mirror.item("301")


def test_once_says_where_it_could_not(place: Place) -> None:
    place.key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    code, said = once(place, place.url)
    assert code == 1
    assert said.count("<4>kiosk.mirroring.filler: ") == 2
    assert "mirror not renewed: snapshot_signature: not signed by the key that this station trusts" in said


def test_two_do_not_fill_one_mirror(place: Place) -> None:
    with process() as first:
        assert first.stdin
        first.stdin.write(configuration(place, place.url) + "\n")
        first.stdin.flush()
        until(lambda: (place.folder / "patron.db").exists(), first)
        code, said = once(place, place.url)
        assert (code, "another process holds" in said) == (75, True)
        first.kill()


# ── for a station ──


def test_it_feeds_when_told_and_ends_with_its_pipe(place: Place) -> None:
    with process() as running:
        assert running.stdin
        running.stdin.write(configuration(place, place.url, mirror_every_s=3600) + "\n")
        running.stdin.flush()
        until(lambda: place.mirror.patron is not None and place.mirror.made_at() is not None, running)
        with Session(place.engine) as db, db.begin():
            db.get_one(ItemRow, "301").status = "lost"
        running.stdin.write("now\n")
        running.stdin.flush()
        until(lambda: place.mirror.item("301").status == "lost", running)  # type: ignore[union-attr]
        if hasattr(os, "getpriority"):
            assert os.getpriority(os.PRIO_PROCESS, running.pid) >= 10, "a reader's act comes first"
        running.stdin.close()
        assert running.wait(5) == 0


def test_a_title_that_comes_at_the_centre_is_found_here(place: Place) -> None:
    with process() as running, closing(CatalogueSearch(place.folder)) as search:
        assert running.stdin
        running.stdin.write(configuration(place, place.url, mirror_every_s=3600) + "\n")
        running.stdin.flush()
        until((place.folder / SEARCH).exists, running)
        assert [title.title for title in search.search("metro").titles] == ["Metropolis"]
        made = (place.folder / SEARCH).stat().st_ino
        with Session(place.engine) as db, db.begin():
            db.add(Title(id=901, title="围城", author="钱锺书", language="zh"))
            db.get_one(Title, 3).title = "Nosferatu"
        running.stdin.write("now\n")
        running.stdin.flush()
        until(lambda: search.search("weicheng").titles, running)
        assert [title.author for title in search.search("围城").titles] == ["钱锺书"]
        assert [title.title for title in search.search("nosferatu").titles] == ["Nosferatu"]
        assert search.search("metropolis").titles == ()
        assert (place.folder / SEARCH).stat().st_ino == made, "it was told, not made anew"
        running.stdin.close()
        assert running.wait(5) == 0


def test_where_no_search_is_wanted_there_is_no_index(place: Place) -> None:
    assert once(place, place.url)[0] == 0
    assert (place.folder / SEARCH).exists()
    assert once(place, place.url, search_index=False)[0] == 0
    assert not (place.folder / SEARCH).exists()


def test_it_needs_no_screen() -> None:
    names = ("PySide6", "sqlalchemy", "litestar", "opencc", "pypinyin")
    code = f"import sys, kiosk.mirroring.process; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-03-02T01:00", "2026-03-02T03:30"),
        ("2026-03-02T03:30", "2026-03-03T03:30"),
        ("2026-03-28T12:00", "2026-03-29T03:30"),
    ],
)
def test_the_night_has_one_look(now: str, then: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    found = next_time(datetime.fromisoformat(now).replace(tzinfo=zone), datetime.fromisoformat(then).time())
    assert found == datetime.fromisoformat(then).replace(tzinfo=zone)


# ── cut off ──


def part(place: Place) -> Path | None:
    return next(iter(place.folder.glob("catalogue-*.part")), None)


def test_a_download_that_was_cut_off_goes_on(large: Place, line: Line) -> None:
    line.limit = 20_000
    assert once(large, line.url)[0] == 1
    cut = part(large)
    assert cut
    have = cut.stat().st_size
    assert 10_000 < have < 20_000
    assert large.mirror.made_at() is None
    line.limit = None
    assert once(large, line.url)[0] == 0
    assert f"Range: bytes={have}-\r\n".encode() in line.asked
    assert large.mirror.item("52999")
    assert part(large) is None


def test_another_snapshot_does_not_go_on_where_the_last_was_cut_off(large: Place, line: Line) -> None:
    line.limit = 20_000
    once(large, line.url)
    line.limit = None
    large.clock.advance(25 * 3600)
    line.asked = b""
    assert once(large, line.url)[0] == 0
    assert b"Range:" not in line.asked
    assert large.mirror.item("52999")


# ── no room ──


@pytest.mark.parametrize("room", [20_000, 150_000])
def test_without_room_the_mirror_in_use_stays(large: Place, room: int) -> None:
    """For the download (75 kB), or for what is in it (400 kB)."""
    assert once(large, large.url)[0] == 0
    with Session(large.engine) as db, db.begin():
        db.get_one(Setting, "history").body = "another"
    code, said = once(large, large.url, room)
    assert code == 1
    assert "catalogue: mirror not renewed: " in said
    assert large.mirror.item("52999")
    assert len(large.files()) == 4, "two links, two files: the disk has its room back"
    assert once(large, large.url)[0] == 0


# ── killed ──


def test_killed_in_the_middle_of_a_download_it_goes_on(large: Place, line: Line) -> None:
    line.limit, line.stalls = 20_000, True
    with process() as running:
        assert running.stdin
        running.stdin.write(configuration(large, line.url) + "\n")
        running.stdin.flush()
        until(lambda: (cut := part(large)) is not None and cut.stat().st_size > 10_000, running)
        running.kill()
    line.limit = None
    assert once(large, line.url)[0] == 0
    assert b"Range: bytes=" in line.asked
    assert large.mirror.item("52999")


def test_killed_anywhere_it_leaves_a_mirror_that_is_whole(large: Place) -> None:
    """Whatever the kill interrupts, the reader finds all of the old state or all of the new one: each title's number
    of changes stands in every one of its fields. In the end the index has what the mirror has."""
    luck = random.Random(2)
    assert once(large, large.url)[0] == 0
    for turn in range(8):
        with Session(large.engine) as db, db.begin():
            for title in db.scalars(select(Title).where(Title.id >= 1000)):
                title.author, title.year = f"turn {turn}", str(turn)
        if turn % 2:
            for file in large.folder.glob("mirror*"):
                file.unlink()  # a fill from the beginning too
        with process() as running:
            assert running.stdin
            running.stdin.write(configuration(large, large.url) + "\n")
            running.stdin.flush()
            time.sleep(0.25 + luck.random() * 1.2)
            running.kill()
        assert_whole(large)
    assert once(large, large.url)[0] == 0
    assert_whole(large)
    assert large.mirror.title("2999").year == "7"  # type: ignore[union-attr]
    with closing(sqlite3.connect(large.folder / "mirror.db")) as mirror:
        assert mirror.execute("SELECT count(*) FROM titles WHERE author = 'turn 7'").fetchone() == (2000,)
    assert len(large.files()) == 4
    assert sorted(path.name for path in large.folder.glob("search*")) == [SEARCH, "search.lock"]
    with closing(MirrorTitles((large.folder / "mirror.db").resolve())) as titles:
        assert apply(large.folder / SEARCH, titles.all()).unchanged == titles.count() == 2004


def assert_whole(place: Place) -> None:
    if (place.folder / SEARCH).exists():
        check_whole(place.folder / SEARCH)
    path = place.folder / "mirror.db"
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA quick_check").fetchone() == ("ok",)
        torn = "SELECT count(*) FROM titles WHERE author != '' AND author != 'turn ' || year AND CAST(id AS INT) > 999"
        assert db.execute(torn).fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM items").fetchone() == (2009,)


def test_while_it_writes_the_reader_reads(place: Place) -> None:
    """The write of a page is not finished, and the question is answered at once, from before it."""
    place.filler.round()
    assert place.mirror.item("301")
    with closing(sqlite3.connect(place.folder / "mirror.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE items SET status = 'lost'")
        started_s = time.monotonic()
        assert place.mirror.item("301").status == "available"  # type: ignore[union-attr]
        assert time.monotonic() - started_s < 0.5, "it did not wait for the lock"
        writer.execute("COMMIT")
    assert place.mirror.item("301").status == "lost"  # type: ignore[union-attr]
