"""The probe before the centre's own service."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.settings import Sip2Settings
from sync.sip2 import profile
from sync.sip2.link import Account, Address, Link
from sync.sip2.probe import Exercise, Report, Subject, Target, Times, as_profile, probe
from tests.fakes.clock import MovableClock
from tests.sync.central_sip2.conftest import BERLIN, PASSWORD
from tests.sync.sip2.probed import seen

BEN = Subject(card="04B2", pin="1234", item="302")
TIMES = Times(answer_s=20.0, stranger_s=0.1, statuses=3)  # it has no word for strangers


async def look(address: tuple[str, int], clock: MovableClock, account: str) -> Report:
    host, port = address
    target = Target(
        address=Address(host=host, port=port),
        profile=profile("generic", {"zone": BERLIN.key}),
        settings=Sip2Settings(host=host, institution="LIB"),
        account=Account(user=account, password=PASSWORD),
    )
    return await probe(target, BEN, Exercise(no_block=True), zone=BERLIN, now=clock.now, times=TIMES)


@pytest.mark.logs("not logged in: message 99 ignored")
@pytest.mark.parametrize(
    ("account", "detection"), [("gate", "auto"), ("strict", "on"), ("silent", "off"), ("trusted", "auto")]
)
async def test_the_centre(
    address: tuple[str, int], clock: MovableClock, tmp_path: Path, account: str, detection: str
) -> None:
    report = await look(address, clock, account)
    assert report.values["error_detection"] == detection
    assert report.values["encoding"] == "utf-8"
    assert seen(report, "clock").value == "UTC+01:00, +0 s"
    assert seen(report, "PIN").value == "none: no CQ, given: CQ Y, wrong: CQ N"
    assert seen(report, "returning").value.startswith("taken")
    demanded = [one.value for one in report.observations if one.name == "PIN with a loan"]
    assert demanded == ([] if account == "trusted" else ["demanded"])
    assert report.usable

    path = tmp_path / "found.toml"
    path.write_text(as_profile(report), encoding="utf-8")
    host, port = address
    known = profile(str(path), None, {"zone": BERLIN.key})
    link = Link(Address(host=host, port=port), known, account=Account(user=account, password=PASSWORD))
    try:
        assert (await link.status()).online
    finally:
        await link.aclose()
