"""MARC files into a centre, and what its stations then see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from sync.central import importing
from sync.central.importing import ImportSummary, import_catalogue
from sync.central.models import ItemRow, Title, open_engine
from sync.feed.marc import MarcOptions, Problem
from tests.sync.conftest import RunningCentre
from tests.sync.feed.marcfiles import Spec, book, data, iso2709


def copy(barcode: str, branch: str = "main", shelf: str = "E 101", **more: str) -> Spec:
    flags = {"lost": "1", "not_for_loan": "7"}
    return data("952", "  ", ("a", branch), ("o", shelf), ("p", barcode), *((flags[k], v) for k, v in more.items()))


class Importer:
    """Writes a file and imports it."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self.engine = engine
        self.problems: list[Problem] = []
        self._path = path

    def __call__(self, *records: list[Spec], branches: dict[str, str] | None = None) -> ImportSummary:
        self._path.write_bytes(b"".join(iso2709(fields) for fields in records))
        return import_catalogue(self.engine, [self._path], MarcOptions(), branches or {}, self.problems.append)

    def title(self, number: str) -> Title:
        with Session(self.engine) as db:
            return db.scalars(select(Title).where(Title.control_number == number)).one()

    def item(self, barcode: str) -> tuple[str, str, str]:
        """Title, branch and status."""
        with Session(self.engine) as db:
            row = db.get_one(ItemRow, barcode)
            return row.title.title, row.branch, row.status


@pytest.fixture
def bring(engine: Engine, tmp_path: Path) -> Importer:
    return Importer(engine, tmp_path / "catalogue.mrc")


def counts(summary: ImportSummary) -> tuple[str, str]:
    return str(summary.titles), str(summary.items)


async def test_a_station_can_ask_for_what_was_imported(bring: Importer, centre: RunningCentre) -> None:
    from sync.central.client import CentreCatalogue
    from tests.sync.conftest import TOKEN

    bring(book("b1", "Middlemarch /", data("100", "1 ", ("a", "Eliot, George.")), copy("901")))
    client = CentreCatalogue(centre.url, TOKEN)
    item = await client.item("901")
    await client.aclose()
    assert item is not None
    assert (item.title, item.author, item.branch, item.shelf) == ("Middlemarch", "George Eliot", "main", "E 101")


def test_the_same_again_changes_nothing(bring: Importer) -> None:
    records = [book("b1", "Emma", copy("901"), copy("902", "east")), book("b2", "Persuasion", copy("903"))]
    assert counts(bring(*records)) == ("2 new, 0 changed, 0 unchanged", "3 new, 0 changed, 0 unchanged")
    first = bring.title("b1").id
    assert counts(bring(*records)) == ("0 new, 0 changed, 2 unchanged", "0 new, 0 changed, 3 unchanged")
    assert bring.title("b1").id == first
    assert bring.item("902") == ("Emma", "east", "available")


def test_what_has_changed_is_changed(bring: Importer) -> None:
    bring(book("b1", "Emma", copy("901")), book("b2", "Persuasion", copy("902")))
    summary = bring(book("b1", "Emma :", copy("901")), book("b2", "Persuasion. 2nd", copy("902", "east", lost="1")))
    assert counts(summary) == ("0 new, 1 changed, 1 unchanged", "0 new, 1 changed, 1 unchanged")
    assert bring.item("902") == ("Persuasion. 2nd", "east", "lost")


def test_a_copy_that_moved_to_another_title(bring: Importer) -> None:
    bring(book("b1", "Emma", copy("901")), book("b2", "Persuasion"))
    assert counts(bring(book("b1", "Emma"), book("b2", "Persuasion", copy("901"))))[1].startswith("0 new, 1 changed")
    assert bring.item("901")[0] == "Persuasion"


def test_nothing_is_taken_away(bring: Importer) -> None:
    bring(book("b1", "Emma", copy("901")))
    bring(book("b2", "Persuasion", copy("902")))
    assert bring.item("901") == ("Emma", "main", "available")
    assert bring.item("301") == ("Emma", "main", "available"), "the library's own, which came without a number"


def test_what_comes_twice_counts_once(bring: Importer) -> None:
    summary = bring(book("b1", "Emma", copy("901")), book("b1", "Emma, revised", copy("901")))
    assert counts(summary)[1] == "1 new, 0 changed, 0 unchanged"
    assert bring.item("901")[0] == "Emma, revised"


def test_a_copy_on_its_way_stays_on_its_way(bring: Importer) -> None:
    bring(book("b1", "Emma", copy("901"), copy("902")))
    with Session(bring.engine) as db, db.begin():
        for barcode in ("901", "902"):
            db.get_one(ItemRow, barcode).status = "in_transit"
    bring(book("b1", "Emma", copy("901"), copy("902", lost="1")))
    assert (bring.item("901")[2], bring.item("902")[2]) == ("in_transit", "lost")


def test_copies_at_unknown_branches_are_left_out_and_said(bring: Importer) -> None:
    summary = bring(book("b1", "Emma", copy("901", "CPL"), copy("902", "CPL"), copy("903", ""), copy("904")))
    assert dict(summary.unknown_branches) == {"CPL": 2, "": 1}
    assert summary.items.new == 1
    assert "2 × a copy at branch 'CPL', which the centre does not know (--branch CPL=…)" in str(summary)


def test_branches_are_translated(bring: Importer) -> None:
    records = book("b1", "Emma", copy("901", "CPL"), copy("902", "FFL"), copy("903", "east"), copy("904", "main"))
    summary = bring(records, branches={"CPL": "east", "*": "main", "main": "east"})
    assert not summary.unknown_branches
    assert [bring.item(barcode)[1] for barcode in ("901", "902", "903", "904")] == ["east", "main", "east", "east"]


def test_more_copies_than_a_database_takes_at_once(bring: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    copies = [copy(f"90{number}") for number in range(5)]
    bring(book("b1", "Weekly", *copies))
    assert counts(bring(book("b1", "Weekly", *copies)))[1] == "0 new, 0 changed, 5 unchanged"


def run_import(database: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sync.central", "import", "--database", database, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "export.mrc"
    broken = iso2709(book("b2")).replace(b"Emma", b"Em\x1ea")
    path.write_bytes(iso2709(book("b1", "Emma", copy("901", "CPL"))) + broken)
    return path


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestCommand:
    """`python -m sync.central import`."""

    def test_says_what_was_done_and_what_was_not(self, database: str, engine: Engine, file: Path) -> None:
        done = run_import(database, file, "--branch", "CPL=east")
        assert done.returncode == 0
        assert done.stdout.splitlines() == [
            "2 records",
            "titles: 1 new, 0 changed, 0 unchanged",
            "copies: 1 new, 0 changed, 0 unchanged",
            "1 × broken: cannot be read as MARC",
            f"{file}: utf-8",
        ]
        assert done.stderr.startswith("export.mrc, record 2 (b2): broken: cannot be read as MARC - ")
        assert Importer(engine, file).item("901") == ("Emma", "east", "available")

    def test_takes_another_profile(self, database: str, engine: Engine, file: Path) -> None:
        done = run_import(
            database, file, "--profile", "949", "--set", "tag=952", "--set", "barcode=o", "--branch", "*=main"
        )
        assert done.returncode == 0, done.stderr
        assert Importer(engine, file).item("E 101")[1] == "main"

    @pytest.mark.parametrize(
        ("arguments", "code", "message"),
        [
            (("--profile", "moon"), 2, "no profile 'moon'; there are koha, unimarc995"),
            (("--set", "barcod=x"), 2, "unknown field `barcod`"),
            (("--set", "barcode"), 2, "'barcode' is not KEY=VALUE"),
            (("--branch", "CPL=moon"), 1, "no branch 'moon'"),
            (("--flavour", "unimarc"), 1, "no title could be read"),
        ],
    )
    def test_says_what_is_wrong(
        self, database: str, engine: Engine, file: Path, arguments: tuple[str, ...], code: int, message: str
    ) -> None:
        done = run_import(database, file, *arguments)
        assert done.returncode == code
        assert message in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_database_that_is_no_centre(self, tmp_path: Path, file: Path, database: str) -> None:
        done = run_import(f"sqlite:///{tmp_path}/other.db", file)
        assert done.returncode == 1
        assert "run `init` first" in done.stderr


def test_an_import_does_not_stop_the_stations(bring: Importer, tmp_path: Path) -> None:
    """Each batch is one transaction: between two, others write."""
    other = open_engine(bring.engine.url.render_as_string(hide_password=False))

    def write_meanwhile(_problem: Problem) -> None:
        with Session(other) as db, db.begin():
            db.get_one(ItemRow, "302").status = "lost"

    path = tmp_path / "catalogue.mrc"
    path.write_bytes(iso2709(book("b1", "Emma", copy("901"))) + b"junk\x1d")
    import_catalogue(bring.engine, [path], MarcOptions(), {}, write_meanwhile)
    other.dispose()
    assert (bring.item("901")[2], bring.item("302")[2]) == ("available", "lost")
