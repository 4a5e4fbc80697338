"""`kiosk catalogue import`: what somebody without a centre gets from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli import main
from kiosk.lock import FileLock
from kiosk.mirroring import search as search_module
from kiosk.mirroring.room import free_on
from kiosk.store.mirror import Mirror
from kiosk.store.search import CatalogueSearch
from tests.fakes.mirror import Content, fill_mirror
from tests.sync.feed.marcfiles import Spec, book, data, iso2709

RULES = """
version = "7"
[[rule]]
limit = 5
loan_days = 28
"""
CONFIGURATION = """
[station]
id = "s1"
data = "{data}"
[catalogue]
url = "https://centre.example"
key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""
EMMA = book("b1", "Emma /", barcode="3001")


@pytest.fixture
def station(tmp_path: Path) -> Path:
    folder = tmp_path / "station"
    folder.mkdir()
    return folder


@pytest.fixture
def mirror(station: Path) -> Iterator[Mirror]:
    with closing(Mirror(station)) as mirror:
        yield mirror


@pytest.fixture
def config(tmp_path: Path, station: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text(CONFIGURATION.format(data=station))
    return path


def file(folder: Path, *records: list[Spec] | bytes) -> Path:
    path = folder / "catalogue.mrc"
    path.write_bytes(b"".join(one if isinstance(one, bytes) else iso2709(one) for one in records))
    return path


def bring(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["catalogue", "import", *map(str, arguments)])


def test_a_catalogue_is_brought_in_and_found(tmp_path: Path, station: Path, mirror: Mirror) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    files = file(tmp_path, EMMA, b"nonsense\x1d", book("b2", "Persuasion /", barcode="3002"))
    result = bring(files, "--data", station, "--rules", rules)
    assert result.exit_code == 0, result.output
    assert result.stderr == "catalogue.mrc, record 2: broken: cannot be read as MARC - no leader\n"
    assert result.stdout == (
        "3 records\ntitles: 2, before: 0\ncopies: 2\n1 × broken: cannot be read as MARC\n" + f"{files}: utf-8\n"
    )
    assert mirror.item("3002").title == "Persuasion"  # type: ignore[union-attr]
    assert mirror.rules().version == "7"  # type: ignore[union-attr]
    with closing(CatalogueSearch(station)) as search:
        assert [title.id for title in search.search("persu").titles] == ["b2"]


def test_a_profile_is_changed_on_the_way(tmp_path: Path, station: Path, mirror: Mirror) -> None:
    copy = data("970", "  ", ("x", "3001"), ("t", "DVD"))
    changes = ["--set", "tag=970", "--set", "barcode=x", "--set", "type=t", "--set", "media.DVD=dvd"]
    result = bring(file(tmp_path, book("b1", "Metropolis /", copy)), "--data", station, "--profile", "koha", *changes)
    assert result.exit_code == 0, result.output
    assert mirror.item("3001").media == "dvd"  # type: ignore[union-attr]


def test_a_station_with_a_centre_takes_no_files(tmp_path: Path, station: Path, config: Path) -> None:
    result = bring(file(tmp_path, EMMA), "--config", config)
    assert result.exit_code == 1
    assert "this station has a centre (https://centre.example)" in result.stderr
    assert "python -m sync.central import" in result.stderr
    assert list(station.iterdir()) == []


def test_nor_does_its_folder(tmp_path: Path, station: Path) -> None:
    fill_mirror(station, Content())
    result = bring(file(tmp_path, EMMA), "--data", station)
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: the catalogue here comes from a centre: import the files there\n",
    )


def test_one_at_a_time(tmp_path: Path, station: Path) -> None:
    lock = FileLock(station / "mirror.lock")
    result = bring(file(tmp_path, EMMA), "--data", station)
    lock.release()
    assert (result.exit_code, "another process holds" in result.stderr) == (75, True)


def test_without_a_title_it_fails(tmp_path: Path, station: Path) -> None:
    result = bring(file(tmp_path, b"no MARC at all"), "--data", station)
    assert result.exit_code == 1
    assert result.stderr.endswith("Error: no title could be read\n")
    assert {path.suffix for path in station.iterdir()} == {".lock"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param((), "either --config or --data is needed", id="no folder"),
        pytest.param(("--data", ".", "--config", "kiosk.toml"), "either --config or --data is needed", id="two"),
        pytest.param(("--data", ".", "--profile", "x"), "no profile 'x'; there are koha, ", id="profile"),
        pytest.param(("--data", ".", "--set", "tag"), "'tag' is not KEY=VALUE", id="no value"),
        pytest.param(("--data", ".", "--set", "nonsense=1"), "--set: ", id="no such key"),
    ],
)
def test_what_cannot_be_meant_is_explained(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    result = bring(file(tmp_path, EMMA), *options)
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr


def test_rules_that_cannot_be_are_explained(tmp_path: Path, station: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("nonsense = 1")
    result = bring(file(tmp_path, EMMA), "--data", station, "--rules", rules)
    assert result.exit_code == 1
    assert f"{rules}: Object contains unknown field `nonsense`" in result.stderr


def test_a_wrong_configuration_is_explained(tmp_path: Path, config: Path) -> None:
    config.write_text("nonsense = 1")
    assert bring(file(tmp_path, EMMA), "--config", config).exit_code == 78


@pytest.mark.logs("search index not renewed")
def test_titles_that_cannot_be_searched_yet_are_in(
    tmp_path: Path, station: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "ROOM_PER_TITLE", free_on(station))
    result = bring(file(tmp_path, EMMA), "--data", station)
    assert result.exit_code == 0
    assert "cannot be searched for yet" in result.stderr
    assert mirror.item("3001")
