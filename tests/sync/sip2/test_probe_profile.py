"""The profile that a probe writes: with it a station's own link gets along with the same library system."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.sip2 import Profile, ProfileError, profile
from sync.sip2.answers import CheckoutResponse, ItemInformationResponse
from sync.sip2.link import Account, Address, Link
from sync.sip2.probe import Exercise, Level, Observation, Report, as_profile, as_table
from sync.sip2.requests import Checkout, ItemInformation
from tests.sync.sip2 import misbehaving
from tests.sync.sip2.misbehaving import PASSWORD, USER, Acs, Manner
from tests.sync.sip2.probed import ALL, CARD, ITEM, NOW, Library, probed
from tests.sync.sip2.test_probe_exercise import cannot_read_blanks

GERMAN = Profile(encoding="cp850")


@pytest.mark.parametrize(
    ("manner", "speaks"),
    [
        (misbehaving.honest, Profile()),
        (misbehaving.honest, GERMAN),
        (misbehaving.sums_characters, Profile()),
        (misbehaving.sums_wrongly, Profile()),
        (misbehaving.never_numbered, GERMAN),
        (misbehaving.cannot_read_numbers, Profile()),
        (misbehaving.demands_numbers, Profile()),
        (misbehaving.says_four, Profile()),
        (misbehaving.between(b"\n", b"\r\n"), Profile()),
        (misbehaving.between(b"", b"\n"), Profile()),
        (cannot_read_blanks, Profile()),
    ],
)
async def test_a_link_gets_along_by_what_was_written(manner: Manner, speaks: Profile, tmp_path: Path) -> None:
    library = Library()
    library.system.items[ITEM] = "Zürich"
    path = tmp_path / "ours.toml"
    async with Acs(manner, speaks, answers=library.answer) as acs:
        path.write_text(as_profile(await probed(acs, ALL, Exercise())), encoding="utf-8")
        connections = len(acs.asked)
        link = Link(
            Address(host="127.0.0.1", port=acs.port),
            profile(str(path)),
            account=Account(user=USER, password=PASSWORD),
        )
        try:
            item = await link.ask(ItemInformation(transaction_date=NOW, item=ITEM))
            loan = await link.ask(Checkout(transaction_date=NOW, patron=CARD, item=ITEM))
        finally:
            await link.aclose()
        assert acs.asked[connections:] == [["93", "99", "17", "11"]]  # at once, on one connection
    assert isinstance(item, ItemInformationResponse)
    assert item.title == "Zürich"
    assert isinstance(loan, CheckoutResponse)
    assert loan.ok


def some_report(*observations: Observation) -> Report:
    return Report(address="library.example:6001", at=NOW, base="koha", observations=observations)


FORMS = Observation(name="dates", value='written "so"', meaning="m", profile={"due_formats": ['%d."%m"', "%Y"]})


def test_it_extends_what_the_probe_began_with(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(as_profile(some_report(FORMS)), encoding="utf-8")
    found = profile(str(path))
    assert found.due_formats == ('%d."%m"', "%Y")
    assert found.meanings("10") == profile("koha").meanings("10")
    assert profile(str(path), {"heartbeat_s": 45}, {"zone": "Europe/Berlin"}).zone == "Europe/Berlin"
    path.write_text(path.read_text() + 'zone = "UTC"\n')
    assert profile(str(path), None, {"zone": "Europe/Berlin"}).zone == "UTC"


def test_files_may_extend_each_other_but_not_themselves(tmp_path: Path) -> None:
    (tmp_path / "all.toml").write_text('extends = "koha"\nheartbeat_s = 45')
    (tmp_path / "one.toml").write_text('extends = "all.toml"\nencoding = "latin-1"')
    found = profile(str(tmp_path / "one.toml"))
    assert (found.heartbeat_s, found.encoding, found.lf_terminates) == (45, "latin-1", False)
    (tmp_path / "all.toml").write_text('extends = "one.toml"')
    with pytest.raises(ProfileError, match="extends itself"):
        profile(str(tmp_path / "one.toml"))


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file"), (b"encoding = ", "no TOML"), (b"\xff\xfe", "no TOML"), (b"encodign = 'x'", "encodign")],
)
def test_files_that_are_none(content: bytes | None, why: str, tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ProfileError, match=why) as refused:
        profile(str(path))
    assert str(path) in str(refused.value)


def test_the_table_says_what_matters_and_what_follows() -> None:
    bad = Observation(name="PIN", value="wrong: CQ Y", meaning="It proves nothing. " * 9, level=Level.WARNING)
    table = as_table(some_report(FORMS, bad))
    assert '  dates  written "so"' in table
    assert r'→ due_formats = ["%d.\"%m\"", "%Y"]' in table
    assert "! PIN    wrong: CQ Y" in table
    assert max(map(len, table.splitlines())) <= 120
    assert table.endswith("library.example:6001: usable, with 1 that staff should know (!).")


@pytest.mark.parametrize(
    ("levels", "code"),
    [([], 0), ([Level.GOOD, Level.NOTE], 0), ([Level.WARNING], 1), ([Level.WARNING, Level.FATAL], 2)],
)
def test_exit_codes(levels: list[Level], code: int) -> None:
    report = some_report(*[Observation(name="n", value="v", meaning="m", level=level) for level in levels])
    assert report.exit_code == code
    assert report.usable is (code < 2)
