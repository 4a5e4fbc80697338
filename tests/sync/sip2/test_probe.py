"""What a probe finds out by asking, before systems that behave as real ones do. Nothing is lent here."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from sync.sip2 import Profile, requests
from sync.sip2.answers import ACSStatus, ItemInformationResponse
from sync.sip2.codes import Supported
from sync.sip2.link import Tls
from sync.sip2.patron_answers import PatronInformationResponse
from sync.sip2.probe import Exercise, Level, Observation, Report, Subject
from sync.sip2.probe.interview import another
from sync.sip2.wire import checksum_of_characters
from tests.sync.sip2 import misbehaving
from tests.sync.sip2.certificates import Authority, server_context
from tests.sync.sip2.misbehaving import Acs, Manner, Talk
from tests.sync.sip2.probed import ALL, CARD, ITEM, NOTHING, NOW, PIN, READER, SILENCE, TIMES, Library, probed, seen


async def look(
    manner: Manner = misbehaving.honest,
    subject: Subject = NOTHING,
    library: Library | None = None,
    speaks: Profile | None = None,
    **how: Any,
) -> Report:
    async with Acs(manner, speaks, answers=(library or Library()).answer) as acs:
        return await probed(acs, subject, **how)


# ── honest ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_system_that_keeps_to_the_book() -> None:
    report = await look()
    assert (report.exit_code, report.usable) == (0, True)
    assert report.values == {
        "login": True,
        "error_detection": "auto",
        "checksums": "strict",
        "lf_terminates": False,
    }
    assert seen(report, "messages").value == ("said yes, answered: 23 63 17; said yes, not tried: 11 09 29")
    assert seen(report, "letters").value == "ASCII"
    assert seen(report, "time of a 99").meaning.startswith("Over 3 questions")


async def test_it_asks_one_thing_at_a_time_and_changes_nothing() -> None:
    library = Library()
    async with Acs(answers=library.answer) as acs:
        await probed(acs, ALL)
        assert {code for talk in acs.asked for code in talk} == {"93", "99", "17", "63", "23"}
        with_numbers, without, stranger, main = acs.asked
        assert (with_numbers, without, stranger) == (["93", "17"], ["93", "17"], ["99", "17"])
        assert main == ["93", "99", "99", "99", "17", "63", "63", "63", "63", "63", "23", "17"]
    assert library.system.done == []


# ── reached, and let in ──────────────────────────────────────────────────────────────────────────────────


async def test_nobody_there() -> None:
    async with Acs() as acs:
        pass
    report = await probed(acs)
    assert [one.name for one in report.observations] == ["reached"]
    assert report.exit_code == 2


async def test_encrypted(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with Acs(tls=server_context(authority.sign("library", "127.0.0.1")), answers=Library().answer) as acs:
        report = await probed(acs, tls=Tls(ca_file=authority.ca_file))
        assert seen(report, "reached").value.startswith("TLSv1")
        stranger = await probed(acs, tls=Tls())
        assert "certificate verify failed" in seen(stranger, "reached").meaning


async def test_a_wrong_password_is_tried_once() -> None:
    async with Acs(answers=Library().answer) as acs:
        report = await probed(acs, password="wrong")
        assert acs.asked == [["93"]]
    assert seen(report, "login").value == "refused"
    assert report.exit_code == 2


async def fails(talk: Talk) -> None:
    """fsip2: text."""
    talk.say(b"FAIL\r")


async def says_none(talk: Talk) -> None:
    """invenio-sip2: text without an end."""
    talk.say(b"None")


async def never_ends(talk: Talk) -> None:
    talk.say(b"94" + b"1" * 300_000)


@pytest.mark.parametrize(
    ("manner", "told"),
    [
        (never_ends, "text without an end"),
        (misbehaving.silent, "no answer"),
        (fails, "no message"),
        (says_none, "text without an end"),
    ],
)
async def test_no_answer_to_the_login(manner: Manner, told: str) -> None:
    report = await look(manner, times=SILENCE if manner is misbehaving.silent else TIMES)
    assert seen(report, "login").meaning == f"What came for the login: {told}."
    assert report.exit_code == 2


async def test_text_instead_of_answers() -> None:
    report = await look(misbehaving.says(b"FAIL\r"))
    assert (seen(report, "unknown item").value, report.exit_code) == ("no message", 2)


async def no_strangers(talk: Talk) -> None:
    """OpenNCIP: a status before the login is not answered."""
    if talk.asked > 1 or talk.code == "93":
        await misbehaving.honest(talk)


async def only_the_status(talk: Talk) -> None:
    """Evergreen: it is answered, and nothing else is."""
    if talk.code == "93":
        talk.kept.append(talk.line)
    if talk.kept or talk.code == "99":
        await misbehaving.honest(talk)
    else:
        talk.hang_up()


@pytest.mark.parametrize(
    ("manner", "value"),
    [
        (misbehaving.honest, "taken, not needed"),
        (misbehaving.login_first, "taken and needed"),
        (no_strangers, "taken and needed"),
        (only_the_status, "taken, 99 before it"),
    ],
)
async def test_what_is_answered_before_the_login(manner: Manner, value: str) -> None:
    patience = dataclasses.replace(TIMES, stranger_s=0.1) if manner is no_strangers else TIMES
    report = await look(manner, times=patience)
    assert seen(report, "login").value == value
    assert report.exit_code == 0


async def test_no_account_where_none_is_needed() -> None:
    report = await look(password=None)
    assert seen(report, "login").profile == {"login": False}


# ── numbers, checksums, ends, letters ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("manner", "value", "detection"),
    [
        (misbehaving.honest, "as it is asked", "auto"),
        (misbehaving.demands_numbers, "demanded", "on"),
        (misbehaving.never_numbered, "without", "off"),
        (misbehaving.cannot_read_numbers, "not understood", "off"),
        (misbehaving.says_four, "with other numbers", "off"),
    ],
)
async def test_error_detection(manner: Manner, value: str, detection: str) -> None:
    report = await look(manner)
    found = seen(report, "error detection")
    assert (found.value, found.profile) == (value, {"error_detection": detection})
    assert report.usable


async def numbers_at_times(talk: Talk) -> None:
    talk.say(talk.answer(bare=talk.code == "17"))


async def test_numbers_at_times() -> None:
    assert seen(await look(numbers_at_times), "error detection").profile == {"error_detection": "off"}


async def sums_wrongly_at_times(talk: Talk) -> None:
    await (misbehaving.sums_wrongly if talk.code == "17" else misbehaving.honest)(talk)


@pytest.mark.parametrize(
    ("manner", "subject", "value", "policy"),
    [
        (misbehaving.honest, NOTHING, "right", "strict"),
        (misbehaving.honest, ALL, "over bytes", "strict"),
        (misbehaving.sums_characters, ALL, "over characters", "code_points"),
        (misbehaving.sums_characters, NOTHING, "right", "strict"),
        (misbehaving.sums_wrongly, NOTHING, "wrong", "off"),
        (sums_wrongly_at_times, NOTHING, "sometimes wrong", "warn"),
    ],
)
async def test_checksums(manner: Manner, subject: Subject, value: str, policy: str) -> None:
    found = seen(await look(manner, subject), "checksums")
    assert (found.value, found.profile) == (value, {"checksums": policy})


async def sums_characters_of_cp850(talk: Talk) -> None:
    answer = talk.answer()
    talk.say(answer[:-5] + f"{checksum_of_characters(answer[:-5].decode('cp850')):04X}\r".encode())


async def test_characters_are_counted_in_the_letters_that_came() -> None:
    library = Library()
    library.system.items[ITEM] = "Zürich"
    report = await look(sums_characters_of_cp850, Subject(item=ITEM), library, Profile(encoding="cp850"))
    assert seen(report, "checksums").profile == {"checksums": "code_points"}


async def in_lower_case(talk: Talk) -> None:
    answer = talk.answer()
    talk.say(answer[:-5] + answer[-5:].lower())


async def test_a_checksum_that_is_not_written_as_it_should() -> None:
    assert "four digits" in seen(await look(in_lower_case), "checksums").meaning


async def test_nothing_to_check() -> None:
    assert seen(await look(misbehaving.never_numbered), "checksums").profile == {}


@pytest.mark.parametrize(
    ("after", "shown", "lf_terminates"),
    [(b"\r", r"\r", False), (b"\r\n", r"\r\n", False), (b"\n", r"\n", True), (b"\r\r\n", r"\r\r\n", False)],
)
async def test_ends_of_messages(after: bytes, shown: str, lf_terminates: bool) -> None:
    found = seen(await look(misbehaving.between(b"", after)), "end of messages")
    assert (found.value, found.profile) == (shown, {"lf_terminates": lf_terminates})


@pytest.mark.parametrize("encoding", ["utf-8", "cp850", "latin-1", "gb18030"])
async def test_letters(encoding: str) -> None:
    title = "三体 刘慈欣" if encoding == "gb18030" else "Zürich, Köln, Genève"
    library = Library()
    library.system.items[ITEM] = title
    report = await look(subject=Subject(item=ITEM), library=library, speaks=Profile(encoding=encoding))
    assert seen(report, "letters").profile == {"encoding": encoding}
    assert seen(report, "checksums").value == "over bytes"
    assert seen(report, "letters").level is (Level.GOOD if encoding == "utf-8" else Level.NOTE)


async def decomposed(talk: Talk) -> None:
    """Evergreen: marks apart from their letters."""
    talk.say(talk.answer(bare=True).replace("Ż".encode(), "Z\u0307".encode()))


async def test_letters_and_marks_apart() -> None:
    assert seen(await look(decomposed, Subject(item=ITEM)), "letters").value == "utf-8, NFD"


async def test_more_answers_than_questions() -> None:
    found = seen(await look(misbehaving.twice), "one at a time")
    assert (found.value, found.level) == ("too many answers", Level.WARNING)


# ── what it says ─────────────────────────────────────────────────────────────────────────────────────────


def saying(kind: type, **values: Any) -> Library:
    """A library that says this, whatever is true."""
    return Library(told={kind: lambda answer: replace(answer, **values)})


async def test_not_on_line() -> None:
    report = await look(library=saying(ACSStatus, online=False))
    assert (seen(report, "status").value, report.exit_code) == ("not on line", 2)


async def test_timeout_and_retries() -> None:
    report = await look(library=saying(ACSStatus, timeout_tenths=600, retries_allowed=3))
    assert seen(report, "timeout, retries").value == "60 s, 3"
    assert seen(await look(), "timeout, retries").value == "not said, not said"


async def test_messages_that_work_although_it_says_no() -> None:
    report = await look(library=Library(supported=frozenset({Supported.LOGIN})))
    assert seen(report, "messages").value == "said no, answered: 23 63 17; said no, not tried: 11 09 29"
    assert seen(report, "messages").level is Level.NOTE


async def without_patrons(talk: Talk) -> None:
    """Hangs up on whatever it does not know."""
    if talk.code in ("23", "63"):
        talk.hang_up()
    else:
        await misbehaving.honest(talk)


async def test_messages_that_a_station_cannot_do_without() -> None:
    report = await look(without_patrons)
    assert seen(report, "messages").meaning == "Stations cannot do without 63."
    assert (seen(report, "unknown card").value, report.exit_code) == ("hung up", 2)
    assert seen(report, "time of a 99")  # it went on, on new connections


@pytest.mark.parametrize(
    ("zone", "ahead", "value", "profile", "level"),
    [
        ("UTC", 0, "UTC+00:00, +0 s", {}, Level.GOOD),
        ("Europe/Berlin", 0, "UTC+00:00, +0 s", {"zone": "UTC"}, Level.WARNING),
        ("Europe/Berlin", 3600, "UTC+01:00, +0 s", {}, Level.GOOD),
        ("UTC", 3600 + 7, "UTC+01:00, +7 s", {"zone": "Etc/GMT-1"}, Level.WARNING),
        ("UTC", -5 * 3600 - 7, "UTC-05:00, -7 s", {"zone": "Etc/GMT+5"}, Level.WARNING),
        ("Asia/Kathmandu", 20_700, "UTC+05:45, +0 s", {}, Level.GOOD),
        ("UTC", 20_700, "UTC+05:45, +0 s", {}, Level.WARNING),
        ("UTC", 130, "UTC+00:00, +130 s", {}, Level.WARNING),
    ],
)
async def test_the_clock(zone: str, ahead: int, value: str, profile: dict[str, str], level: Level) -> None:
    library = saying(ACSStatus, system_date=NOW + timedelta(seconds=ahead))
    found = seen(await look(library=library, zone=ZoneInfo(zone)), "clock")
    assert (found.value, found.profile, found.level) == (value, profile, level)


async def test_a_clock_that_says_its_zone() -> None:
    found = seen(await look(speaks=Profile(universal_time=True)), "clock")
    assert (found.value, found.level) == ("zone 'Z', +0 s", Level.GOOD)


async def test_no_clock_and_a_wrong_one() -> None:
    assert seen(await look(library=saying(ACSStatus, system_date=None)), "clock").value == "none"
    lost = saying(ACSStatus, system_date=NOW - timedelta(days=800))
    assert seen(await look(library=lost), "clock").level is Level.WARNING


async def test_an_item_that_cannot_be_there() -> None:
    assert seen(await look(), "unknown item").level is Level.GOOD
    found = seen(await look(library=saying(ItemInformationResponse, title="A book")), "unknown item")
    assert (found.value, found.level) == ("taken for known", Level.WARNING)


async def hangs_up_on_items(talk: Talk) -> None:
    if talk.code == "17":
        talk.hang_up()
    else:
        await misbehaving.honest(talk)


async def test_a_connection_that_ends_with_an_unknown_item() -> None:
    found = seen(await look(hangs_up_on_items), "unknown item")
    assert (found.value, found.level) == ("hung up", Level.WARNING)


async def test_a_card_that_nobody_has() -> None:
    report = await look(library=Library(believes_any_card=True))
    assert (seen(report, "unknown card").value, report.exit_code) == ("taken for known", 2)


# ── PINs and loans ───────────────────────────────────────────────────────────────────────────────────────


async def test_pins_are_checked() -> None:
    library = Library()
    report = await look(subject=ALL, library=library)
    assert seen(report, "PIN").value == "none: no CQ, given: CQ Y, wrong: CQ N"
    assert library.pins == [None, PIN, another(PIN), PIN]  # one wrong one, and the right one after it


async def test_without_a_pin_file_no_pin_is_tried() -> None:
    library = Library()
    report = await look(subject=READER, library=library)
    assert seen(report, "PIN").value == "none: no CQ, given: not tried, wrong: not tried"
    assert library.pins == [None, None]
    asked = [one for one in library.heard if isinstance(one, requests.PatronStatusRequest)]
    assert all(one.patron != CARD for one in asked)  # its PIN is never left out


@pytest.mark.parametrize("exercise", [None, Exercise()])
async def test_a_wrong_pin_that_is_given_is_sent_once(exercise: Exercise | None) -> None:
    library = Library()
    subject = Subject(card=CARD, pin="9999", item=ITEM)
    report = await look(subject=subject, library=library, exercise=exercise)
    assert seen(report, "PIN").value == "none: no CQ, given: CQ N, wrong: not tried"
    assert library.pins == [None, "9999", None]
    assert all(getattr(one, "patron_password", None) != "9999" for one in library.heard if one.code != "63")


@pytest.mark.parametrize(
    ("library", "level"),
    [
        (Library(checks_pins=False), Level.WARNING),
        (saying(PatronInformationResponse, valid_password=None), Level.WARNING),
        (saying(PatronInformationResponse, valid_patron=None), Level.WARNING),
        (Library(), Level.GOOD),
    ],
)
async def test_what_a_pin_proves(library: Library, level: Level) -> None:
    assert seen(await look(subject=ALL, library=library), "PIN").level is level


def test_another_pin_is_another() -> None:
    assert [another(pin) for pin in ("1234", "0909", "abc", "a1", "٣")] == ["2345", "1010", "abcx", "a2", "٣x"]


def by_title(answer: PatronInformationResponse) -> PatronInformationResponse:
    return replace(answer, charged_items=tuple("The Żółw" for _ in answer.charged_items))


@pytest.mark.parametrize(
    ("lent", "told", "value"),
    [
        (False, {}, "empty, counted 0"),
        (True, {}, "barcodes"),
        (True, {PatronInformationResponse: by_title}, "titles, or other text"),
    ],
)
async def test_how_loans_are_listed(lent: bool, told: dict[type, Callable[[Any], Any]], value: str) -> None:
    library = Library(told=told)
    if lent:
        library.system.answer(requests.Checkout(transaction_date=NOW, patron=CARD, item=ITEM))
    assert seen(await look(subject=READER, library=library), "list of loans").value == value


async def test_fields_of_its_own() -> None:
    library = saying(PatronInformationResponse, extra=(("PB", "20010203"), ("XI", "77")))
    found = seen(await look(subject=READER, library=library), "fields of its own")
    assert found.value == "64: PB XI"


async def test_nothing_of_a_reader_is_told() -> None:
    report = await look(
        subject=ALL, library=saying(PatronInformationResponse, name="Anna Lindgren", email="a@b.example")
    )
    told = str([observation_texts(one) for one in report.observations])
    for secret in ("Anna", "Lindgren", CARD, PIN, "a@b.example", misbehaving.PASSWORD):
        assert secret not in told


def observation_texts(one: Observation) -> tuple[str, ...]:
    return one.name, one.value, one.meaning, str(one.profile)
