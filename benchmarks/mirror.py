"""The mirror of a large library: how soon a station can decide with it, how fast it is fed, what it costs.

Everything runs as in a library, on this one machine: the centre serves over HTTP, `kiosk mirror` fills and feeds, and a
station is used meanwhile. Beside it, in the same run, SQLite's own command line imports the same rows.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import assets
from benchmarks import latency
from benchmarks.report import Figure, median, percentile
from kiosk.mirroring.files import MirrorFolder
from kiosk.store.mirror import Mirror
from sync.catalogue import Overloaded
from sync.central.snapshots import signing_key
from sync.feed.client import FeedClient
from sync.feed.package import Manifest, verify
from sync.feed.schema import ITEMS, TITLES, Half, Table

ITEMS_NUMBER = 1_000_000
COPIES = 2  # of a title
CHANGES = 100_000
LOOKUPS = 20_000
SCANS = 40
WORDS = 36_000
PATIENCE_S = 300.0


def measure(short: bool) -> list[Figure]:
    """A library of a million copies; in short, of twenty thousand."""
    share = 50 if short else 1
    folder = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    try:
        with _large_centre(folder, ITEMS_NUMBER // share) as centre:
            return [
                *_first_fill(centre),
                *_questions(centre, LOOKUPS // share),
                *_feed(centre, CHANGES // share),
                *_scans_while_feeding(centre, CHANGES // share, 4 if short else SCANS),
            ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ── a large library ──


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre that serves `number` copies and the sample library, and a station's folder."""

    folder: Path
    url: str
    number: int

    @property
    def station(self) -> Path:
        return self.folder / "station"

    @property
    def token(self) -> str:
        return (self.folder / "token").read_text()

    @property
    def key(self) -> str:
        return signing_key(self.folder / "snapshots").public

    def barcode(self, luck: random.Random) -> str:
        """Any of the copies."""
        return f"9{luck.randrange(self.number):09d}"

    def change(self, number: int, status: str) -> None:
        """So many copies have another status, one after the other through the catalogue."""
        step = max(1, self.number // number)
        barcodes = [(f"9{n:09d}",) for n in range(0, step * number, step)]
        with closing(sqlite3.connect(self.folder / "centre.db", timeout=60)) as db, db:
            db.executemany(f"UPDATE items SET status = '{status}' WHERE barcode = ?", barcodes)  # noqa: S608
            noted = "INSERT INTO changes (xid, kind, ref, at) VALUES (0, 'item', ?, datetime())"
            db.executemany(noted, barcodes)


@contextmanager
def _large_centre(folder: Path, number: int) -> Iterator[Centre]:
    url = f"sqlite:///{folder / 'centre.db'}"
    options = ["--sample", str(assets.folder() / "sample"), "--station", "s", "--token-file", str(folder / "token")]
    command = [sys.executable, "-m", "sync.central"]
    subprocess.run([*command, "init", "--database", url, *options], check=True, capture_output=True)
    _enlarge(folder / "centre.db", number)
    (folder / "station").mkdir()
    port_file = folder / "port"
    serve = ["serve", "--database", url, "--port", "0", "--port-file", str(port_file)]
    aside = ["nice", "-n", "19"]  # in a library it is another machine
    with subprocess.Popen([*aside, *command, *serve]) as process:
        try:
            _until(port_file.exists)
            yield Centre(folder, f"http://127.0.0.1:{port_file.read_text()}", number)
        finally:
            process.terminate()


def _enlarge(database: Path, number: int) -> None:
    """Add so many copies, of titles of some Chinese words each."""
    luck = random.Random(1)
    words = [chr(luck.randrange(0x4E00, 0x9FA5)) + chr(luck.randrange(0x4E00, 0x9FA5)) for _ in range(WORDS)]

    def title(n: int) -> tuple[int, str, str, str, str, str]:
        name, author = "".join(luck.choices(words, k=4)), luck.choice(words)
        return 10_000 + n, name, author, str(1950 + n % 75), f"97870{n:08d}", f"I 247.{n % 1000}/{n % 97}"

    with closing(sqlite3.connect(database)) as db, db:
        (branch,) = db.execute("SELECT code FROM branches ORDER BY position LIMIT 1").fetchone()
        db.executemany(
            "INSERT INTO titles (id, title, author, year, isbn, shelf, language, media, audience)"
            " VALUES (?, ?, ?, ?, ?, ?, 'zh', 'book', 'adult')",
            map(title, range(number // COPIES)),
        )
        copies = ((f"9{n:09d}", 10_000 + n // COPIES, branch) for n in range(number))
        db.executemany(
            "INSERT INTO items (barcode, title_id, branch, status, recalled) VALUES (?, ?, ?, 'available', 0)", copies
        )


# ── the first fill ──


def _first_fill(centre: Centre) -> list[Figure]:
    with closing(FeedClient(centre.url, centre.token)) as client:
        started_s = time.monotonic()
        manifests = [_fetch(centre, client, half) for half in Half]
        made_s = time.monotonic() - started_s
    started_s = time.monotonic()
    peak_mb = _fill_once(centre)
    with closing(Mirror(centre.station)) as mirror:
        if mirror.item(centre.barcode(random.Random(1))) is None:
            raise RuntimeError("the mirror does not know its items")
    ready_s = time.monotonic() - started_s
    import_s, importer = _import_s(centre)
    packed, plain = (sum(sizes) / 1e6 for sizes in zip(*((m.size, m.plain_size) for m in manifests), strict=True))
    return [
        Figure("made_s", made_s, "the centre makes the snapshot, and it comes over loopback"),
        Figure("snapshot_mb", packed, f"{plain:.0f} unpacked"),
        Figure("ready_s", ready_s, "limit 60, from the file's arrival to the first decision"),
        Figure("import_s", import_s, f"peer of ready_s: {importer}, the same rows and indexes"),
        Figure("disk_mb", _size_mb(centre.station), "limit 400 together with a search index, which may take 200"),
        Figure("filler_peak_mb", peak_mb, "the filling process at its largest; it is another than the station"),
    ]


def _fetch(centre: Centre, client: FeedClient, half: Half) -> Manifest:
    """Have a snapshot made, and bring its file where the filler looks for it."""
    until_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            manifest = verify(client.offer(half), centre.key)
            break
        except Overloaded:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.2)
    client.fetch(manifest, MirrorFolder(centre.station).package(manifest))
    return manifest


def _configuration(centre: Centre) -> bytes:
    catalogue = {"kind": "centre", "url": centre.url, "token": centre.token, "key": centre.key}
    station = {"id": "s", "data": str(centre.station)}
    return json.dumps({"station": station, "catalogue": catalogue}).encode() + b"\n"


def _filler(*options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kiosk", "mirror", "--config", "-", *options]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)


def _tell(process: subprocess.Popen[bytes], line: bytes) -> None:
    if process.stdin is None:
        raise RuntimeError("the filler has no pipe")
    process.stdin.write(line)
    process.stdin.flush()


def _fill_once(centre: Centre) -> float:
    """Fill the mirror. Returns the most memory that took, in MB."""
    peak_mb = 0.0
    with _filler("--once") as process:
        _tell(process, _configuration(centre))
        while process.poll() is None:
            peak_mb = max(peak_mb, _peak_mb(process.pid))
            time.sleep(0.005)
    if process.returncode:
        raise RuntimeError("the mirror was not filled")
    return peak_mb


def _peak_mb(pid: int) -> float:
    """VmHWM of proc(5): the most that has been in memory since the program began. What getrusage(2) says of a child
    counts what its parent had before."""
    with suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text()
        return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024 / 1e6
    return 0.0


def _import_s(centre: Centre) -> tuple[float, str]:
    """Seconds for SQLite to import the mirror's rows from CSV files and index them; and by which way."""
    with closing(sqlite3.connect(centre.station / "mirror.db")) as mirror:
        files = {table: _dumped(mirror, table, centre.folder / f"{table.name}.csv") for table in (TITLES, ITEMS)}
    target = centre.folder / "import.db"
    create = [f"CREATE TABLE {table.name} ({', '.join(f'{n} {k}' for n, k in table.columns)})" for table in files]
    index = [f"CREATE UNIQUE INDEX {table.name}_key ON {table.name} ({table.key})" for table in files]
    index.append("CREATE INDEX items_title ON items (title)")
    started_s = time.monotonic()
    if cli := shutil.which("sqlite3"):
        imports = [f".import {file} {table.name}" for table, file in files.items()]
        script = "\n".join([*(f"{line};" for line in create), ".mode csv", *imports, *(f"{line};" for line in index)])
        subprocess.run([cli, str(target)], input=script.encode(), check=True, capture_output=True)
        return time.monotonic() - started_s, "sqlite3 .import"
    with closing(sqlite3.connect(target)) as db, db:
        for line in create:
            db.execute(line)
        for table, file in files.items():
            with file.open(newline="") as rows:
                db.executemany(table.insert(), csv.reader(rows))
        for line in index:
            db.execute(line)
    return time.monotonic() - started_s, "Python's csv and sqlite3"


def _dumped(mirror: sqlite3.Connection, table: Table, file: Path) -> Path:
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(mirror.execute(f"SELECT {table.names} FROM {table.name}"))  # noqa: S608
    return file


def _size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.iterdir() if not path.is_symlink()) / 1e6


# ── questions ──

READS = """
import gc, random, sys
from pathlib import Path
import psutil
from kiosk.store.mirror import Mirror

mirror, luck, number = Mirror(Path(sys.argv[1])), random.Random(3), int(sys.argv[2])
gc.collect()
before = psutil.Process().memory_full_info().uss
for _ in range(int(sys.argv[3])):
    barcode = f"9{luck.randrange(number):09d}"
    mirror.item(barcode), mirror.is_reserved(barcode)
gc.collect()
print(psutil.Process().memory_full_info().uss - before)
"""


def _questions(centre: Centre, number: int) -> list[Figure]:
    times_ms = _lookups(centre, number)
    command = [sys.executable, "-c", READS, str(centre.station), str(centre.number), str(number)]
    grown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [
        Figure("lookup_p50_ms", median(times_ms), "a barcode, with its title"),
        Figure("lookup_p99_ms", percentile(times_ms, 99), "limit 1"),
        Figure("reader_mb", int(grown) / 1e6, "limit 40: what the station's process grows by"),
    ]


def _lookups(centre: Centre, number: int, enough: Callable[[], bool] = lambda: False) -> list[float]:
    """Milliseconds of each of so many look-ups, or of those until it is enough."""
    luck = random.Random(2)
    times_ms: list[float] = []
    with closing(Mirror(centre.station)) as mirror:
        while len(times_ms) < number and not enough():
            barcode = centre.barcode(luck)
            started_ns = time.perf_counter_ns()
            mirror.item(barcode)
            times_ms.append((time.perf_counter_ns() - started_ns) / 1e6)
    return times_ms


# ── the feed ──


@contextmanager
def _feeding(centre: Centre) -> Iterator[subprocess.Popen[bytes]]:
    """The process that feeds, which has nothing to do at first."""
    process = _filler()
    try:
        _tell(process, _configuration(centre))
        made_at = _made_at(centre)
        _until(lambda: _made_at(centre) != made_at)
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.wait()


def _made_at(centre: Centre) -> object:
    with closing(Mirror(centre.station)) as mirror:
        return mirror.made_at()


def _feed(centre: Centre, number: int) -> list[Figure]:
    with _feeding(centre) as process:
        fed_s = _fed_s(centre, process, number, "lost")
        watched = threading.Thread(target=_fed_s, args=(centre, process, number, "in_transit"))
        watched.start()
        times_ms = _lookups(centre, 10 * LOOKUPS, lambda: not watched.is_alive())
        watched.join()
    return [
        Figure("feed_rows_s", number / fed_s, "floor 5000: rendered, sent, and taken in, on this one machine"),
        Figure("lookup_fed_p99_ms", percentile(times_ms, 99), "the look-up while it is fed, every processor busy"),
    ]


def _fed_s(centre: Centre, process: subprocess.Popen[bytes], number: int, status: str) -> float:
    """Seconds until so many changes are in the mirror."""
    centre.change(number, status)
    before = _made_at(centre)
    started_s = time.monotonic()
    _tell(process, b"now\n")
    _until(lambda: _made_at(centre) != before)
    return time.monotonic() - started_s


def _scans_while_feeding(centre: Centre, changes: int, scans: int) -> list[Figure]:
    """A reader borrows at a station of the sample library, alone and beside a mirror that is being fed."""
    with latency.running() as stage, _feeding(centre) as process:
        alone, settled_alone = latency.scan(stage, 1, scans)
        centre.change(changes, "available")
        _tell(process, b"now\n")
        fed, settled_fed = latency.scan(stage, 1, scans)
    return [
        Figure("scan_p50_ms", median(alone), "scan to row, nothing else going on"),
        Figure("scan_fed_p50_ms", median(fed), "the same while a mirror is fed"),
        Figure("scan_p95_ms", percentile(alone, 95), "limit 50"),
        Figure("scan_fed_p95_ms", percentile(fed, 95), "limit 50"),
        Figure("scan_done_p50_ms", median(settled_alone), "scan to borrowed, nothing else going on"),
        Figure("scan_done_fed_p50_ms", median(settled_fed), "the same while a mirror is fed"),
    ]


def _until(condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > until_s:
            raise TimeoutError("nothing happens")
        time.sleep(0.005)
