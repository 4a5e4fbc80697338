"""Finding titles: how long building takes, how large it gets, how quick each key is, and what is found.

Beside it stands what one would write first: a table of FTS5 with its own tokenizer, the last word open, best rank
first.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import string
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from opencc import OpenCC

from benchmarks.report import Figure, median, percentile
from benchmarks.titles import titles
from sync.feed.records import TitleRecord
from sync.feed.search import chinese
from sync.feed.search.build import apply, build
from sync.feed.search.index import SearchIndex
from sync.feed.search.terms import initials

TITLES = 1_000_000
TITLES_SHORT = 20_000
KNOWN = 600  # titles that are looked for
SHOWN = 20
HARD = (
    "the",
    "de la",
    "the de",
    "la the of",
    "的",
    "中国",
    "shi shi",
    "zhong",
    "a",
    "e",
    "history of the",
    "978",
    "王",
    "li",
)
"""What occurs in very many titles, or never together."""

Find = Callable[[str, int], Sequence[str]]


def measure(short: bool) -> list[Figure]:
    """Build, type and find."""
    count = TITLES_SHORT if short else TITLES
    with _folder() as folder:
        index, plain = folder / "search.db", folder / "plain.db"
        build_s = _timed(lambda made: build(index, made), count)
        plain_s = _timed(lambda made: _build_plain(plain, made), count)
        known = _known(count)
        search, peer = SearchIndex(index), _Plain(plain)
        keys = _typed(known[:: 10 if short else 2])
        figures = [
            Figure("build_s", build_s, f"limit 300; plain FTS5 {plain_s:.0f}"),
            Figure("build_titles_per_s", count / build_s, f"plain FTS5 {count / plain_s:.0f}"),
            Figure("size_mb", _mb(index), f"limit 200 for a million; plain FTS5 {_mb(plain):.0f}"),
            Figure("memory_mb", _memory_mb(index, keys), "limit 40: PSS, from before the import until all was typed"),
            *_speed(keys, lambda text: search.search(text, SHOWN), lambda text: peer.find(text, SHOWN)),
            *_found(known, lambda text, limit: search.search(text, limit).titles, peer.find, count),
        ]
        search.close()
        peer.close()
        return [*figures, *_changes(index, count)]


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kiosk-search-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _timed(work: Callable[[Iterator[TitleRecord]], None], count: int) -> float:
    """Seconds that the work takes, without those in which its titles are made up."""
    making_s = 0.0

    def made() -> Iterator[TitleRecord]:
        nonlocal making_s
        source, more = titles(count), True
        while more:
            before = time.perf_counter()
            batch = [record for record, _ in zip(source, range(1000), strict=False)]
            making_s += time.perf_counter() - before
            more = bool(batch)
            yield from batch

    started = time.perf_counter()
    work(made())
    return time.perf_counter() - started - making_s


def _known(count: int) -> list[TitleRecord]:
    """Titles from everywhere among them, of which there is only one: of twins none can be called the one."""
    some = [record for number, record in enumerate(titles(count)) if number % (count // KNOWN) == 0]
    names = {record.title for record in some}
    seen = Counter(record.title for record in titles(count) if record.title in names)
    return [record for record in some if seen[record.title] == 1]


def _mb(path: Path) -> float:
    return path.stat().st_size / 1e6


# ── the peer ──


def _build_plain(path: Path, records: Iterable[TitleRecord]) -> None:
    db = sqlite3.connect(path)
    db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
    db.execute("CREATE TABLE titles(doc INTEGER PRIMARY KEY, id TEXT)")
    db.execute("CREATE VIRTUAL TABLE plain USING fts5(title, author, subjects, isbn, content='', prefix='2 3')")
    for doc, record in enumerate(records):
        row = (doc, record.title, record.author, " ".join(record.subjects), " ".join(record.isbn))
        db.execute("INSERT INTO plain(rowid, title, author, subjects, isbn) VALUES (?, ?, ?, ?, ?)", row)
        db.execute("INSERT INTO titles VALUES (?, ?)", (doc, record.id))
    db.execute("INSERT INTO plain(plain) VALUES ('optimize')")
    db.commit()
    db.close()


class _Plain:
    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)

    def find(self, text: str, limit: int) -> list[str]:
        words = "".join(letter if letter.isalnum() else " " for letter in text).split()
        if not words:
            return []
        match = " ".join(f'"{word}"' for word in words) + " *"
        statement = "SELECT id FROM plain JOIN titles ON doc = plain.rowid WHERE plain MATCH ? ORDER BY rank LIMIT ?"
        return [id_ for (id_,) in self._db.execute(statement, (match, limit))]

    def close(self) -> None:
        self._db.close()


# ── how quick ──


def _typed(known: Sequence[TitleRecord]) -> list[str]:
    """What stands in the field after each key: titles, pinyin, initials, authors and mistakes being typed."""
    luck = random.Random(2)
    lines = [*HARD]
    for record in known:
        lines += [record.title, record.author.lower()]
        if record.language == "zh":
            lines += [_pinyin(record.title), initials(_syllables(record.title))]
        elif mistaken := _mistaken(luck, record.title):
            lines.append(mistaken)
    return [line[:end] for line in lines for end in range(1, min(len(line), 30) + 1)]


def _speed(keys: Sequence[str], search: Callable[[str], object], peer: Callable[[str], object]) -> list[Figure]:
    mine = [(len(key), _ms(search, key)) for key in keys]
    times = [ms for _, ms in mine]
    slow = _slowest(keys, times)
    theirs = [_ms(peer, key) for key in random.Random(3).sample(keys, min(len(keys), 500))]
    return [
        Figure("key_p50_ms", median(times), f"plain FTS5 {median(theirs):.2f}"),
        Figure("key_p99_ms", percentile(times, 99), f"limit 20; plain FTS5 {percentile(theirs, 99):.2f}"),
        Figure("key_max_ms", max(times), f"{len(keys)} keys; slowest: {slow}"),
        Figure("one_letter_p99_ms", percentile([ms for size, ms in mine if size == 1], 99), "limit 20"),
        Figure("two_letters_p99_ms", percentile([ms for size, ms in mine if size == 2], 99), "limit 20"),
    ]


def _ms(work: Callable[[str], object], text: str) -> float:
    started = time.perf_counter()
    work(text)
    return (time.perf_counter() - started) * 1e3


def _slowest(keys: Sequence[str], times: Sequence[float]) -> str:
    worst = sorted(zip(times, keys, strict=True), reverse=True)[:3]
    return ", ".join(f"'{key}' {ms:.0f}" for ms, key in worst)


def _memory_mb(index: Path, keys: Sequence[str]) -> float:
    """Megabytes (PSS) that a process grows by when it imports, opens and uses the search."""
    command = [sys.executable, "-m", "benchmarks.search_memory", str(index)]
    done = subprocess.run(command, input=msgspec.json.encode(keys), capture_output=True, check=True)
    return float(done.stdout)


# ── what is found ──


@dataclass(frozen=True, slots=True)
class _Sought:
    """Titles that are looked for in one way. `everywhere`: among all that is found, not only among what is shown."""

    name: str
    wanted: list[tuple[str, str]]
    everywhere: bool = False


def _found(known: Sequence[TitleRecord], mine: Find, peer: Find, count: int) -> list[Figure]:
    figures = []
    for sought in _sought(known):
        limit = count if sought.everywhere else SHOWN
        rates = [_share(sought.wanted, find, limit) for find in (mine, peer)]
        where = "anywhere" if sought.everywhere else f"in the first {SHOWN}"
        beside = f"per cent of {len(sought.wanted)}, {where}; plain FTS5 {rates[1]:.1f}"
        figures.append(Figure(f"found_{sought.name}_pct", rates[0], beside))
    return figures


def _share(wanted: Sequence[tuple[str, str]], find: Find, limit: int) -> float:
    return 100 * sum(id_ in find(text, limit) for text, id_ in wanted) / len(wanted)


def _sought(known: Sequence[TitleRecord]) -> list[_Sought]:
    luck = random.Random(4)
    han = [record for record in known if record.language == "zh" and record.title.isalpha()]
    latin = [record for record in known if record.language in ("en", "de", "fr", "es")]
    accented = [record for record in latin if not record.title.isascii()]
    wrong = [(text, record.id) for record in latin if (text := _mistaken(luck, record.title))]
    tradition = OpenCC("s2t")
    return [
        _Sought("title", [(record.title, record.id) for record in known]),
        _Sought("two_characters", _parts(luck, han, 2), everywhere=True),
        _Sought("three_characters", _parts(luck, han, 3), everywhere=True),
        _Sought("pinyin", [(_pinyin(record.title), record.id) for record in han]),
        _Sought(
            "initials", [(initials(_syllables(record.title)), record.id) for record in han if len(record.title) > 4]
        ),
        _Sought("traditional", [(tradition.convert(record.title), record.id) for record in han]),
        _Sought("without_accents", [(_plain_letters(record.title), record.id) for record in accented]),
        _Sought("one_error", wrong),
        _Sought("isbn_10", [(_old_isbn(record.isbn[0]), record.id) for record in known if record.isbn]),
        _Sought("words_backwards", [(" ".join(record.title.split()[::-1]), record.id) for record in latin]),
    ]


def _parts(luck: random.Random, records: Sequence[TitleRecord], size: int) -> list[tuple[str, str]]:
    """A stretch of each title, from anywhere within."""
    long = [record for record in records if len(record.title) >= size]
    starts = [luck.randrange(len(record.title) - size + 1) for record in long]
    return [(record.title[start : start + size], record.id) for record, start in zip(long, starts, strict=True)]


def _syllables(title: str) -> list[str]:
    return chinese.syllables("".join(filter(str.isalpha, title)))


def _pinyin(title: str) -> str:
    return "".join(_syllables(title))


def _plain_letters(text: str) -> str:
    return text.translate(
        str.maketrans("áéíóúñàâçèêîïôûüöäÁÉÍÓÚÑÀÂÇÈÊÎÏÔÛÜÖÄ", "aeiounaaceeiiouuoaAEIOUNAACEEIIOUUOA", "")
    ).replace("ß", "ss")


def _old_isbn(isbn: str) -> str:
    """The ISBN of ten characters, printed with hyphens, of one of thirteen (ISO 2108: modulo 11, weights 10 to 2)."""
    nine = isbn[3:12]
    check = -sum((10 - place) * int(digit) for place, digit in enumerate(nine)) % 11
    return f"{nine[0]}-{nine[1:5]}-{nine[5:]}-{'X' if check == 10 else check}"


def _mistaken(luck: random.Random, title: str) -> str | None:
    """The title with one error in its longest word; None: it has no long one."""
    words = title.split()
    place = max(range(len(words)), key=lambda number: len(words[number]))
    word = words[place].lower()
    if len(word) < 5 or not word.isalpha():
        return None
    at, letter = luck.randrange(1, len(word) - 1), luck.choice(string.ascii_lowercase)
    words[place] = luck.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )
    return " ".join(words)


# ── changes ──


def _changes(index: Path, count: int) -> list[Figure]:
    """A day's changes in one go: new titles, changed ones, removed ones."""
    size = count // 100
    changed = [msgspec.structs.replace(record, id=f"n{record.id}") for record in titles(size, seed=5)]
    changed += [msgspec.structs.replace(record, author="") for record in titles(size // 2)]
    removed = [f"b{number:07d}" for number in range(count - size // 2, count)]
    started = time.perf_counter()
    applied = apply(index, changed, removed)
    rows_per_s = (len(changed) + len(removed)) / (time.perf_counter() - started)
    search = SearchIndex(index)
    times = [_ms(lambda text: search.search(text, SHOWN), key) for key in _typed(changed[:: size // 20])]
    search.close()
    return [
        Figure("changes_per_s", rows_per_s, f"{len(changed)} brought in, {len(removed)} taken out, fsynced once"),
        Figure("changed_key_p99_ms", percentile(times, 99), f"limit 20; {100 * applied.stale:.1f} per cent is stale"),
    ]
