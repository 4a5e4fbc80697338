"""The real centre's rooms, without HTTP between: a database that can be backed up, put back and switched off."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from sync.acts import Act, ClockReading
from sync.catalogue import Credential
from sync.central.circulation import Circulation
from sync.central.models import open_engine
from sync.central.people import People
from sync.central.sample import load, register_station
from sync.central.streams import LooseDelivery, NotInStep, Streams
from sync.rules import LendingRules, OfflineRules
from sync.stream import Contact, OutOfStep
from tests.simulation.compiled import share_compiled
from tests.simulation.time import START, WorldClock

READERS = ("anna", "ben", "cleo")
ITEMS = tuple(str(300 + number) for number in range(1, 7))
STATIONS = ("s1", "s2", "s3")
RULES = LendingRules(offline=OfflineRules(max_items=50))
ZONE = ZoneInfo("UTC")


@cache
def _template() -> bytes:
    """A library of six books and three readers, as a database image."""
    with TemporaryDirectory() as folder:
        path = Path(folder)
        _write(path)
        engine = open_engine(f"sqlite:///{path}/centre.db")
        load(engine, path, START)
        for name in STATIONS:
            register_station(engine, name, f"token-{name}")
        engine.dispose()
        with sqlite3.connect(path / "centre.db") as db:
            db.execute("PRAGMA journal_mode=DELETE")
            image = db.serialize()
        db.close()
        return image


def _write(folder: Path) -> None:
    (folder / "library.toml").write_text('name = "L"\ntime_zone = "UTC"\n[[branch]]\ncode = "main"\nname = "Main"\n')
    (folder / "rules.toml").write_text("[[rule]]\nloan_days = 28\nlimit = 50\nrenewals = 50\n")
    head = "id\ttitle\tauthor\tlanguage\tyear\tisbn\tmedia\taudience\tshelf\n"
    (folder / "titles.tsv").write_text(head + "".join(f"{n}\tT{n}\t\ten\t\t\tbook\tadult\t\n" for n in ITEMS))
    (folder / "items.tsv").write_text(
        "barcode\ttitle_id\tbranch\tstatus\n" + "".join(f"{n}\t{n}\tmain\tavailable\n" for n in ITEMS)
    )
    (folder / "patrons.toml").write_text(
        "".join(
            f'[[patron]]\nalias = "{name}"\nname = "{name}"\ncards = [{{kind = "uid", value = "{name}"}}]\n'
            for name in READERS
        )
    )


class CentreHost:
    """The machine that the centre runs on."""

    def __init__(self, clock: WorldClock) -> None:
        self._clock = clock
        self.up = True
        self._raw = sqlite3.connect(":memory:", check_same_thread=False)
        self._raw.deserialize(_template())
        self.engine = self._open()
        rules = RULES
        self.circulation = Circulation(self.engine, rules, ZONE, clock.now)
        self.streams = Streams(self.engine, self.circulation, clock.now)
        self._people = People(self.engine, rules, ZONE, clock.now)

    def _open(self) -> Engine:
        engine = create_engine("sqlite://", creator=lambda: self._raw, poolclass=StaticPool)
        share_compiled(engine)

        @event.listens_for(engine, "begin")
        def _on_begin(connection):  # type: ignore[no-untyped-def]
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        self._raw.isolation_level = None
        return engine

    def backup(self) -> bytes:
        """An image of the database."""
        return self._raw.serialize()

    def restore(self, image: bytes) -> None:
        """What came after the image is gone."""
        self._raw.deserialize(image)

    def close(self) -> None:
        self.engine.dispose()
        self._raw.close()

    # ── what is asked over the line: bytes in, bytes out ──

    def answer(self, station: str, question: str, body: bytes, reading: ClockReading) -> object:
        """As the API does it."""
        match question:
            case "heartbeat":
                return None
            case "patron":
                return self._people.answer(msgspec.json.decode(body, type=Credential), None)
            case "propose":
                return self.circulation.propose(msgspec.json.decode(body, type=Act))
            case "look_up":
                return self.circulation.look_up(msgspec.json.decode(body, type=Act))
            case "contact":
                return self.streams.contact(station, msgspec.json.decode(body, type=Contact), reading)
            case "deliver":
                try:
                    return self.streams.deliver(station, msgspec.json.decode(body, type=LooseDelivery), reading)
                except NotInStep as error:
                    raise OutOfStep("409") from error
        raise ValueError(question)
