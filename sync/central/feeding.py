"""What stations keep for the time without a line, over HTTP: snapshots to fetch, changes since, counts to compare."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from litestar import Request, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Response, Stream
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from sync.central.changes import Cursor, Kind, changes_after
from sync.central.mirroring import (
    Rendered,
    catalogue_changes,
    catalogue_rows,
    patron_changes,
    patron_rows,
    rules_of,
)
from sync.central.models import StationRow, reading
from sync.central.snapshots import Snapshots
from sync.feed.package import Manifest, Signed
from sync.feed.pages import Counts, Gone, Page, count
from sync.feed.schema import TABLES, Half

log = logging.getLogger(__name__)
T = TypeVar("T")

PAGE = 1000
"""Changes in a page. What they come to may be more rows: all copies of a title."""

EVERY = timedelta(hours=24)
"""A snapshot is made anew at the first question after so long. The feed says what has changed since."""

REST = timedelta(minutes=10)
"""Whoever wants a newer one gets none sooner: making one is work for the centre."""

COUNTS_KEPT = timedelta(seconds=30)
PATIENCE_S = 3.0
"""How long a request waits for long work. The next one finds it done."""

RETRY_AFTER_S = 5
CHUNK = 1 << 18
RANGE = re.compile(r"bytes=(\d+)-(\d*)")
"""A single range from a first byte on. Any other is answered with the whole file, as RFC 9110, 14.2 allows."""


class Workshop:
    """Long work for requests: each piece once at a time, in a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[object, Future[Any]] = {}

    def result(self, name: object, work: Callable[[], Any]) -> Any | None:
        """What `work` gives; None where it is not ready yet. Raises what it raises."""
        with self._lock:
            job = self._running.get(name)
            if job is None:
                job = self._running[name] = Future()
                threading.Thread(target=self._do, args=(name, job, work), name=f"work {name}", daemon=True).start()
        try:
            return job.result(PATIENCE_S)
        except NotYet:
            return None

    def _do(self, name: object, job: Future[Any], work: Callable[[], Any]) -> None:
        result, failed = None, None
        try:
            result = work()
        except Exception as error:  # for whoever waits; else nobody would hear of it
            log.exception("long work failed")
            failed = error
        with self._lock:
            del self._running[name]
        if failed is not None:
            job.set_exception(failed)
        else:
            job.set_result(result)


class Feeding:
    """What stations are told of the catalogue and of patrons.

    Args:
        engine: the database.
        folder: where snapshots and the signing key lie.
        now: the centre's clock, UTC.
    """

    def __init__(self, engine: Engine, folder: Path, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._workshop = Workshop()
        self._counted: dict[tuple[Half, str], tuple[datetime, Counts]] = {}
        self.snapshots = Snapshots(engine, folder, now)

    def offer(self, half: Half, branch: str, newer_than: datetime | None) -> Signed | None:
        """A snapshot to take. None: one is being made.

        A new one is made where there is none, where it is a day old, and where a station has a use for a newer one.
        """
        found = self.snapshots.newest(half, branch)
        if found is not None and not self._outlived(found[0], newer_than):
            return found[1]
        fresh: Signed | None = self._workshop.result((half, branch), lambda: self.snapshots.make(half, branch))
        return fresh or (found[1] if found and newer_than is None else None)

    def _outlived(self, manifest: Manifest, newer_than: datetime | None) -> bool:
        age = self._now() - manifest.made_at
        return age > EVERY or (newer_than is not None and manifest.made_at <= newer_than and age > REST)

    def page(self, half: Half, branch: str, after: str) -> Page:
        """The changes after a cursor. Raises `Gone`."""
        cursor = Cursor.read(after)
        if cursor.scope != _scope(half, branch):
            raise Gone("the cursor of another branch")
        with Session(reading(self._engine)) as db:
            changes = changes_after(db, half, cursor, PAGE)
            new_rules = any(kind is Kind.RULES for kind, _ in changes.found)
            if new_rules and half is Half.PATRONS:
                raise Gone("new rules say something else of every patron")
            is_catalogue = half is Half.CATALOGUE
            said: Rendered = (
                catalogue_changes(db, changes.found) if is_catalogue else patron_changes(db, branch, changes.found)
            )
            return Page(
                cursor=str(Cursor(cursor.history, cursor.scope, changes.place)),
                at=self._now(),
                branch=branch,
                more=changes.more,
                complete=changes.complete,
                rules=rules_of(db) if new_rules else None,
                upserts={table: rows for table, rows in said.upserts.items() if rows},
                gone=said.gone,
            )

    def counts(self, half: Half, branch: str) -> Counts | None:
        """How many rows a mirror has that is as it should be, and their hashes. None: they are being counted."""
        name = (half, _scope(half, branch))
        if name in self._counted and self._now() - self._counted[name][0] < COUNTS_KEPT:
            return self._counted[name][1]
        result: Counts | None = self._workshop.result(("counts", *name), lambda: self._count(*name))
        return result

    def _count(self, half: Half, scope: str) -> Counts:
        at = self._now()
        with Session(reading(self._engine)) as db:
            rows = catalogue_rows(db) if half is Half.CATALOGUE else patron_rows(db, scope)
            counts = Counts(tables=count(rows, [table.name for table in TABLES[half]]))
        self._counted[half, scope] = (at, counts)
        return counts


def _scope(half: Half, branch: str) -> str:
    return branch if half is Half.PATRONS else ""


# ── HTTP ──

StationRequest = Request[StationRow, str, State]


@get("/v1/snapshots/{half:str}", sync_to_thread=True, summary="A snapshot to fetch: its signed manifest.")
def offer(
    request: StationRequest,
    state: State,
    half: FromPath[Half],
    newer_than: FromQuery[datetime | None] = None,
) -> Signed:
    """503 while it is being made. `newer_than`: when the one was made that turned out wrong."""
    return _ready(_feeding(state).offer(half, _scope(half, request.user.branch), newer_than))


@get("/v1/snapshots/{half:str}/{snapshot:str}", sync_to_thread=True, summary="A snapshot's file.")
def snapshot_file(
    request: StationRequest, state: State, half: FromPath[Half], snapshot: FromPath[str]
) -> Response[Any]:
    """SQLite, compressed by zstd. Single ranges (RFC 9110, 14) let a station go on where it was cut off; the entity tag
    is the file's SHA-256."""
    found = _feeding(state).snapshots.file(half, _scope(half, request.user.branch), snapshot)
    if found is None:
        raise NotFoundException("no such snapshot")
    path, manifest = found
    tag = f'"{manifest.sha256}"'
    headers = {"ETag": tag, "Accept-Ranges": "bytes"}
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or request.headers.get("If-Range", tag) != tag:
        return _file(path, range(manifest.size), 200, headers)
    part = range(manifest.size)[int(asked[1]) : int(asked[2]) + 1 if asked[2] else None]
    if not part:
        return Response(b"", status_code=416, headers=headers | {"Content-Range": f"bytes */{manifest.size}"})
    return _file(path, part, 206, headers | {"Content-Range": f"bytes {part[0]}-{part[-1]}/{manifest.size}"})


@get("/v1/feed/{half:str}", sync_to_thread=True, summary="What has changed since.")
def feed(
    request: StationRequest,
    state: State,
    half: FromPath[Half],
    after: FromQuery[str],
) -> Page:
    """410 where the feed does not reach back so far: take a new snapshot."""
    try:
        return _feeding(state).page(half, request.user.branch, after)
    except Gone as error:
        raise HTTPException(str(error), status_code=410) from error


@get("/v1/feed/{half:str}/counts", sync_to_thread=True, summary="What a mirror that is as it should be counts.")
def counts(request: StationRequest, state: State, half: FromPath[Half]) -> Counts:
    """503 while it is being counted."""
    return _ready(_feeding(state).counts(half, request.user.branch))


ROUTES = [offer, snapshot_file, feed, counts]


def _feeding(state: State) -> Feeding:
    feeding: Feeding = state.feeding
    return feeding


def _ready(result: T | None) -> T:
    if result is None:
        raise HTTPException("not ready yet", status_code=503, headers={"Retry-After": str(RETRY_AFTER_S)})
    return result


def _file(path: Path, part: range, status: int, headers: dict[str, str]) -> Response[Any]:
    """The bytes of a file at these places."""
    headers = headers | {"Content-Length": str(len(part))}
    return Stream(_pieces(path, part), status_code=status, media_type="application/zstd", headers=headers)


def _pieces(path: Path, part: range) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(part.start)
        left = len(part)
        while left > 0 and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece
