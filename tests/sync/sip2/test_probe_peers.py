"""The probe before SIP2 servers that others wrote: it finds out what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync.settings import Sip2Settings
from sync.sip2 import Profile, profile
from sync.sip2.answers import ItemInformationResponse
from sync.sip2.link import Account, Address, Link
from sync.sip2.probe import Exercise, Report, Subject, Target, Times, as_profile, probe
from sync.sip2.requests import ItemInformation
from tests.sync.sip2.peers import NOW, PASSWORD, USER, Peer, Start, running_invenio, running_pysip2, started_when_asked
from tests.sync.sip2.probed import seen

BEN = Subject(card="2002", pin="1234", item="310")
TITLE = "L'Éducation sentimentale"
TIMES = Times(answer_s=20.0, stranger_s=20.0, statuses=5)

PYSIP2: dict[str, object] = {
    "login": True,
    "error_detection": "auto",
    "checksums": "strict",
    "lf_terminates": False,
    "encoding": "utf-8",
    "nb_due_date": "copy",
    "no_block": "as_due_date",
}
INVENIO = PYSIP2 | {"nb_due_date": "blank", "no_block": "ignored"}
INVENIO_BARE = {key: value for key, value in INVENIO.items() if key != "checksums"} | {"error_detection": "off"}
SERVERS: dict[str, tuple[Start, dict[str, object]]] = {
    "pysip2": (running_pysip2, PYSIP2),
    "pysip2 required": (partial(running_pysip2, error_detection="required"), PYSIP2 | {"error_detection": "on"}),
    "pysip2 cp850": (partial(running_pysip2, encoding="cp850"), PYSIP2 | {"encoding": "cp850"}),
    "pysip2 latin-1": (partial(running_pysip2, encoding="latin-1"), PYSIP2 | {"encoding": "latin-1"}),
    "invenio": (running_invenio, INVENIO),
    "invenio without numbers": (partial(running_invenio, error_detection=False), INVENIO_BARE),
}


@pytest.fixture(scope="module")
def peers() -> Iterator[Callable[[str], Peer]]:
    """Each server, started when it is first asked for."""
    with started_when_asked({name: start for name, (start, _) in SERVERS.items()}) as found:
        yield found


@pytest.fixture(params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def peer(peers: Callable[[str], Peer], name: str) -> Peer:
    found = peers(name)
    found.lay_out()
    return found


async def look(peer: Peer, subject: Subject = BEN, exercise: Exercise | None = None, **how: Any) -> Report:
    target = Target(
        address=Address(host="127.0.0.1", port=peer.port),
        profile=Profile(),
        settings=Sip2Settings(host="127.0.0.1", institution="small"),
        account=Account(user=USER, password=how.get("password", PASSWORD)),
    )
    # Their 98 tells the true time, whatever day it is in the library.
    return await probe(target, subject, exercise, zone=ZoneInfo("UTC"), now=lambda: datetime.now(UTC), times=TIMES)


async def test_what_it_finds_out(peer: Peer, name: str, tmp_path: Path) -> None:
    report = await look(peer, exercise=Exercise(no_block=True))
    assert report.values == SERVERS[name][1]
    assert seen(report, "clock").value.startswith("UTC+00:00")
    assert seen(report, "PIN").value == "none: no CQ, given: CQ Y, wrong: CQ N"
    assert seen(report, "login").value == "taken and needed"
    assert seen(report, "returning").value == "taken, no alert"
    repeated = "the same answer" if name.startswith("pysip2") else "renewed"
    assert seen(report, "borrowing, the same bytes").value == repeated
    assert report.usable

    path = tmp_path / "found.toml"
    path.write_text(as_profile(report), encoding="utf-8")
    link = Link(
        Address(host="127.0.0.1", port=peer.port), profile(str(path)), account=Account(user=USER, password=PASSWORD)
    )
    try:
        answer = await link.ask(ItemInformation(transaction_date=NOW, institution="small", item=BEN.item))
    finally:
        await link.aclose()
    assert isinstance(answer, ItemInformationResponse)
    assert (answer.title, answer.circulation_status) == (TITLE, "03")


async def test_a_login_that_is_refused(peer: Peer) -> None:
    report = await look(peer, password="wrong")
    assert (seen(report, "login").value, report.exit_code) == ("refused", 2)
