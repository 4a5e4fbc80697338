"""Snapshots, pages and counts over HTTP, as a station's client and others ask for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from sync.catalogue import NotAuthorised, Overloaded, ProtocolFault, Unreachable
from sync.central import feeding
from sync.central.models import ItemRow, StationRow
from sync.central.snapshots import signing_key
from sync.feed.client import FeedClient
from sync.feed.package import Manifest, unpack, verify
from sync.feed.pages import Counts, Gone, count
from sync.feed.schema import TABLES, Half
from tests.fakes.clock import MovableClock
from tests.sync.conftest import TOKEN, RunningCentre
from tests.sync.feed.conftest import Reader, rows_of


@pytest.fixture
def client(centre: RunningCentre) -> Iterator[FeedClient]:
    client = FeedClient(centre.url, TOKEN)
    yield client
    client.close()


@pytest.fixture
def key(centre: RunningCentre, tmp_path: Path) -> str:
    return signing_key(tmp_path / "snapshots").public


Get = Callable[..., httpx.Response]


@pytest.fixture
def get(centre: RunningCentre) -> Iterator[Get]:
    """What another client than ours gets."""
    with httpx.Client(base_url=centre.url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as http:
        yield lambda path, **headers: http.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})


def manifest_of(client: FeedClient, key: str, half: Half = Half.CATALOGUE) -> Manifest:
    return verify(client.offer(half), key)


# ── snapshots ──


@pytest.mark.parametrize("half", list(Half))
def test_a_snapshot_holds_what_the_tables_say(
    client: FeedClient, key: str, tmp_path: Path, half: Half, catalogue: Reader, patrons: Reader
) -> None:
    manifest = manifest_of(client, key, half)
    client.fetch(manifest, tmp_path / "file.part")
    unpack(tmp_path / "file.part", tmp_path / "file.db", manifest)
    true = {Half.CATALOGUE: catalogue, Half.PATRONS: patrons}[half].rows
    for table, rows in true.items():
        assert rows_of(tmp_path / "file.db", half, table) == [rows[name] for name in sorted(rows)]
        assert manifest.rows[table] == len(rows)
    with closing(sqlite3.connect(tmp_path / "file.db")) as db:
        assert db.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall() == []


def test_a_snapshot_is_made_once_and_again_after_a_day(client: FeedClient, key: str, clock: MovableClock) -> None:
    first = manifest_of(client, key)
    clock.advance(feeding.EVERY.total_seconds())
    assert manifest_of(client, key) == first
    clock.advance(1)
    second = manifest_of(client, key)
    assert second.snapshot != first.snapshot
    assert second.made_at == clock.now()


def test_who_needs_a_newer_one_gets_it_but_not_at_once(client: FeedClient, key: str, clock: MovableClock) -> None:
    first = manifest_of(client, key)
    clock.advance(feeding.REST.total_seconds())
    assert verify(client.offer(Half.CATALOGUE, first.made_at), key) == first
    clock.advance(1)
    assert verify(client.offer(Half.CATALOGUE, first.made_at), key).made_at == clock.now()
    assert verify(client.offer(Half.CATALOGUE, first.made_at - timedelta(days=1)), key).made_at == clock.now()


def test_old_snapshots_are_taken_away_but_for_the_last(
    client: FeedClient, key: str, clock: MovableClock, tmp_path: Path
) -> None:
    made = []
    for _ in range(4):
        made.append(manifest_of(client, key).snapshot)
        clock.advance(feeding.EVERY.total_seconds() + 1)
    kept = {path.stem for path in (tmp_path / "snapshots").glob("*.zst")}
    assert kept == set(made[-2:])
    assert {path.stem for path in (tmp_path / "snapshots").glob("*.json")} == kept


def test_while_one_is_made_stations_are_asked_to_wait(client: FeedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "PATIENCE_S", 0.0)
    with pytest.raises(Overloaded) as caught:
        client.offer(Half.CATALOGUE)
    assert caught.value.after_s == feeding.RETRY_AFTER_S
    monkeypatch.setattr(feeding, "PATIENCE_S", 20.0)
    assert client.offer(Half.CATALOGUE)


def test_nobody_else_can_read_the_folder(client: FeedClient, key: str, tmp_path: Path) -> None:
    manifest_of(client, key, Half.PATRONS)
    folder = tmp_path / "snapshots"
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "signing.key").stat().st_mode & 0o777 == 0o600


# ── ranges ──


def url(manifest: Manifest) -> str:
    return f"/v1/snapshots/{manifest.half}/{manifest.snapshot}"


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-", slice(0, None)),
        ("bytes=100-", slice(100, None)),
        ("bytes=100-199", slice(100, 200)),
        ("bytes=100-999999999", slice(100, None)),
        ("bytes=100-100", slice(100, 101)),
    ],
)
def test_a_range_is_a_part_of_the_file(client: FeedClient, key: str, get: Get, asked: str, part: slice) -> None:
    manifest = manifest_of(client, key)
    whole = get(url(manifest))
    assert (whole.status_code, len(whole.content)) == (200, manifest.size)
    tag = f'"{manifest.sha256}"'
    assert (whole.headers["ETag"], whole.headers["Accept-Ranges"]) == (tag, "bytes")
    for headers in ({"Range": asked}, {"Range": asked, "If_Range": tag}):
        answer = get(url(manifest), **headers)
        assert (answer.status_code, answer.content) == (206, whole.content[part])
        start, stop, _ = part.indices(manifest.size)
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{manifest.size}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=100-", "If_Range": '"another"'},
        {"Range": "bytes=-100"},
        {"Range": "bytes=0-10,20-30"},
        {"Range": "lines=1-2"},
        {"Range": "nonsense"},
    ],
)
def test_otherwise_it_is_the_whole_file(client: FeedClient, key: str, get: Get, headers: dict[str, str]) -> None:
    manifest = manifest_of(client, key)
    answer = get(url(manifest), **headers)
    assert (answer.status_code, len(answer.content)) == (200, manifest.size)
    assert "Content-Range" not in answer.headers


def test_beyond_the_end_there_is_nothing(client: FeedClient, key: str, get: Get) -> None:
    manifest = manifest_of(client, key)
    answer = get(url(manifest), Range=f"bytes={manifest.size}-")
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{manifest.size}")


def test_a_fetch_goes_on_where_it_was_and_does_nothing_where_all_is_there(
    client: FeedClient, key: str, tmp_path: Path
) -> None:
    manifest = manifest_of(client, key)
    file = tmp_path / "file.part"
    client.fetch(manifest, file)
    whole = file.read_bytes()
    for have in (whole[:1], whole[:500], whole, whole + b"too much"):
        file.write_bytes(have)
        client.fetch(manifest, file)
        assert file.read_bytes() == whole


# ── who gets what ──


def test_patrons_of_another_branch_are_not_told(client: FeedClient, key: str, engine: Engine, get: Get) -> None:
    manifest = manifest_of(client, key, Half.PATRONS)
    with Session(engine) as db, db.begin():
        db.get_one(StationRow, "s1").branch = "east"
    assert get(url(manifest)).status_code == 404
    with pytest.raises(Gone):
        client.page(Half.PATRONS, manifest.cursor)
    assert manifest_of(client, key, Half.PATRONS).branch == "east"


def test_patrons_are_not_had_as_the_catalogue(client: FeedClient, key: str, get: Get) -> None:
    manifest = manifest_of(client, key, Half.PATRONS)
    assert get(f"/v1/snapshots/catalogue/{manifest.snapshot}").status_code == 404


@pytest.mark.parametrize("path", ["/v1/snapshots/books", "/v1/feed/books?after=1", "/v1/feed/catalogue"])
def test_what_makes_no_sense_is_refused(get: Get, path: str) -> None:
    assert get(path).status_code in {400, 404}


@pytest.mark.parametrize("name", ["..%2Fsigning", "signing", "signing.key"])
def test_only_snapshots_can_be_fetched(get: Get, name: str) -> None:
    assert get(f"/v1/snapshots/catalogue/{name}").status_code == 404


# ── pages and counts ──


def test_pages_and_counts_over_http(client: FeedClient, key: str, engine: Engine, catalogue: Reader) -> None:
    cursor = manifest_of(client, key).cursor
    with Session(engine) as db, db.begin():
        db.get_one(ItemRow, "301").status = "lost"
    page = client.page(Half.CATALOGUE, cursor)
    assert ["301", "1", "main", "A 1", "lost", 0] in [list(row) for row in page.upserts["items"]]
    assert client.page(Half.CATALOGUE, page.cursor).rows == 0
    catalogue.read_all()
    mine = ((table, row) for table, rows in catalogue.rows.items() for row in rows.values())
    counts = Counts(tables=count(mine, [table.name for table in TABLES[Half.CATALOGUE]]))
    assert client.counts(Half.CATALOGUE).differing(counts) == frozenset()
    del catalogue.rows["items"]["301"]
    fewer = ((table, row) for table, rows in catalogue.rows.items() for row in rows.values())
    (found,) = client.counts(Half.CATALOGUE).differing(Counts(tables=count(fewer, counts.tables)))
    assert found[0] == "items"


def test_errors_on_the_way(centre: RunningCentre, client: FeedClient) -> None:
    with pytest.raises(Gone):
        client.page(Half.CATALOGUE, "nonsense")
    for url, token, error in (
        (centre.url, "wrong", NotAuthorised),
        ("http://127.0.0.1:1", TOKEN, Unreachable),
        (centre.url + "/elsewhere", TOKEN, Gone),
    ):
        other = FeedClient(url, token)
        with pytest.raises(error):
            other.counts(Half.CATALOGUE)
        other.close()
    with pytest.raises(ProtocolFault):
        client._read("/v1/health", Counts)
