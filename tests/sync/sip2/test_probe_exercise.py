"""What a probe finds out by lending: before systems that do things twice, differently or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from sync.sip2 import NoBlock, Profile, requests
from sync.sip2.answers import CheckinResponse, CheckoutResponse, ItemInformationResponse, RenewResponse
from sync.sip2.codes import CirculationStatus
from sync.sip2.message import Answer, Request
from sync.sip2.probe import STILL_LENT, Exercise, Level, Report, Subject
from sync.sip2.probe.judging_loans import due_format, told_loan
from tests.sync.sip2 import misbehaving
from tests.sync.sip2.misbehaving import Acs, Manner, Talk
from tests.sync.sip2.probed import ALL, CARD, ITEM, NOW, PIN, Library, probed, seen

LENT = ("checkout", ITEM, CARD)
RENEWED = ("renew", ITEM, CARD)
BACK = ("checkin", ITEM, CARD)


async def lend(
    manner: Manner = misbehaving.honest,
    library: Library | None = None,
    subject: Subject = ALL,
    exercise: Exercise | None = None,
) -> tuple[Report, Library]:
    library = library or Library()
    async with Acs(manner, answers=library.answer) as acs:
        return await probed(acs, subject, exercise or Exercise()), library


def names(report: Report) -> list[str]:
    """Of the observations that only lending gives."""
    of_lending = [one.name for one in report.observations]
    return of_lending[of_lending.index("time of a 99") + 1 : -2]


# ── the whole of it ──────────────────────────────────────────────────────────────────────────────────────


async def test_it_lends_and_takes_back() -> None:
    report, library = await lend()
    assert library.system.done == [LENT, RENEWED, RENEWED, RENEWED, BACK]
    assert names(report) == [
        "borrowing",
        "borrowing, the same bytes",
        "a loan looked up",
        "borrowing again",
        "renewing",
        "returning",
        "returning what is not on loan",
    ]
    assert seen(report, "borrowing").value == "lent, due 2026-12-21"
    assert seen(report, "borrowing, the same bytes").value == "renewed"
    assert seen(report, "borrowing again").value == "renewed"
    assert seen(report, "a loan looked up").value == "on_loan, listed by barcode"
    assert seen(report, "renewing").value == "renewed, due 2026-12-22"
    assert seen(report, "returning what is not on loan").value == "denied, alert"
    assert seen(report, "messages").value == "said yes, answered: 23 63 17 11 09 29"
    assert report.exit_code == 0


async def test_nothing_is_told_as_having_happened_unless_that_is_wanted() -> None:
    _, library = await lend()
    assert not any(getattr(one, "no_block", False) for one in library.heard)


@pytest.mark.parametrize("found", [NoBlock.AS_DUE_DATE, NoBlock.IGNORED])
async def test_what_becomes_of_no_block(found: NoBlock) -> None:
    report, library = await lend(library=Library(no_block=found), exercise=Exercise(no_block=True))
    assert seen(report, "no block").profile == {"no_block": found.value}
    assert library.system.done[-2:] == [LENT, BACK]
    told = [one for one in library.heard if getattr(one, "no_block", False)]
    assert [type(one) for one in told] == [requests.Checkout, requests.Checkin]


@pytest.mark.parametrize(
    ("lent", "due_in", "period", "found"),
    [
        (False, None, 28, NoBlock.UNKNOWN),
        (True, None, 28, NoBlock.UNKNOWN),
        (True, 9, 28, NoBlock.AS_DUE_DATE),
        (True, 9, None, NoBlock.AS_DUE_DATE),
        (True, 37, 28, NoBlock.AS_ISSUE_DATE),
        (True, 28, 28, NoBlock.IGNORED),
        (True, 28, None, NoBlock.UNKNOWN),
        (True, 5, 28, NoBlock.UNKNOWN),
    ],
)
def test_what_a_due_date_tells_of_no_block(lent: bool, due_in: int | None, period: int | None, found: NoBlock) -> None:
    today = date(2026, 11, 23)
    due = None if due_in is None else today + timedelta(days=due_in)
    ordinary = None if period is None else timedelta(days=period)
    assert told_loan(lent=lent, due=due, today=today, told=timedelta(days=9), period=ordinary) is found


# ── it refuses ───────────────────────────────────────────────────────────────────────────────────────────


def lent_to_ben() -> Library:
    library = Library()
    library.system.answer(requests.Checkout(transaction_date=NOW, patron="ben", item=ITEM))
    library.system.done.clear()
    return library


def with_anna_barred() -> Library:
    library = Library()
    library.system.barred.add(CARD)
    return library


@pytest.mark.parametrize(
    ("library", "subject", "why"),
    [
        (lent_to_ben(), ALL, "the item is not on the shelf (on_loan)"),
        (with_anna_barred(), ALL, "the reader may not borrow (barred)"),
        (Library(), Subject(card=CARD, pin=PIN, item="nothing"), "the item is unknown"),
        (Library(), Subject(card="nobody", pin=PIN, item=ITEM), "the reader is unknown"),
        (Library(), Subject(card=CARD, pin="9999", item=ITEM), "the PIN is wrong"),
    ],
)
async def test_it_does_not_begin_where_it_could_harm(library: Library, subject: Subject, why: str) -> None:
    report, _ = await lend(library=library, subject=subject)
    assert seen(report, "exercise").meaning == f"Nothing was lent: {why}."
    assert library.system.done == []
    assert report.exit_code == 1


async def test_a_refused_loan() -> None:
    library = Library()
    library.told[CheckoutResponse] = lambda answer: replace(
        answer, ok=False, screen_messages=("Dear Anna (anna), no.",)
    )
    report, _ = await lend(library=library)
    assert seen(report, "borrowing").meaning == "It says: Dear … (…), no."


async def test_a_system_that_wants_the_pin_with_each_loan() -> None:
    library = Library()

    async def behave(talk: Talk) -> None:
        if talk.code == "11" and f"AD{PIN}|".encode() not in talk.line:
            refused = CheckoutResponse(transaction_date=NOW, patron=CARD, item=ITEM)
            talk.say(talk.acs.codec.encode(refused, talk.acs.codec.open(talk.line).sequence))
        else:
            await misbehaving.honest(talk)

    report, _ = await lend(behave, library)
    assert seen(report, "PIN with a loan").level is Level.WARNING
    assert library.system.done == [LENT, RENEWED, RENEWED, RENEWED, BACK]


async def test_what_was_found_out_is_used() -> None:
    """Letters and clock: the answers to loans are read by them."""
    library = Library()
    library.system.items[ITEM] = "Zürich"
    library.told[RenewResponse] = lambda answer: replace(answer, ok=False, screen_messages=("Gebühren fällig",))
    async with Acs(misbehaving.honest, Profile(encoding="cp850"), answers=library.answer) as acs:
        berlin = ZoneInfo("Europe/Berlin")
        report = await probed(acs, ALL, Exercise(), zone=berlin, profile=Profile(zone=berlin.key))
    assert seen(report, "renewing").meaning == "It says: Gebühren fällig"
    assert report.values["zone"] == "UTC"
    assert seen(report, "borrowing").value == "lent, due 2026-12-22"  # 23:59 in UTC, after midnight in Berlin


# ── ways of systems ──────────────────────────────────────────────────────────────────────────────────────


def replays() -> Manner:
    """pysip2, FOLIO: what comes again, byte by byte, gets the same answer."""

    async def behave(talk: Talk) -> None:
        if not (talk.kept and talk.kept[0] == talk.line):
            talk.kept[:] = [talk.line, talk.answer()]
        talk.say(talk.kept[1])

    return behave


async def test_a_system_that_replays() -> None:
    report, library = await lend(replays())
    assert seen(report, "borrowing, the same bytes").value == "the same answer"
    assert seen(report, "borrowing again").value == "renewed"
    assert library.system.done == [LENT, RENEWED, RENEWED, BACK]


async def cannot_read_blanks(talk: Talk) -> None:
    """pysip2: hangs up on a date of blanks."""
    if talk.code == "11" and b" " * 18 in talk.line:
        talk.hang_up()
    else:
        await misbehaving.honest(talk)


async def test_blank_dates_that_are_not_understood() -> None:
    report, library = await lend(cannot_read_blanks)
    assert report.values["nb_due_date"] == "copy"
    assert library.system.done[-1] == BACK
    assert (await lend())[0].values["nb_due_date"] == "blank"


async def hangs_up_on_returns(talk: Talk) -> None:
    """OpenNCIP: on the return of what is not on loan."""
    answer = talk.answer()
    if answer.startswith(b"100"):
        talk.hang_up()
    else:
        talk.say(answer)


async def test_a_return_that_ends_the_connection() -> None:
    report, _ = await lend(hangs_up_on_returns)
    assert seen(report, "returning what is not on loan").value == "hung up"
    assert report.exit_code == 1


async def test_no_second_return_where_unknown_items_end_the_connection() -> None:
    async def behave(talk: Talk) -> None:
        if talk.code == "17" and ITEM.encode() not in talk.line:
            talk.hang_up()
        else:
            await misbehaving.honest(talk)

    report, library = await lend(behave)
    assert "returning what is not on loan" not in names(report)
    assert sum(isinstance(one, requests.Checkin) for one in library.heard) == 1


@pytest.mark.parametrize(
    ("text", "form"),
    [("24.12.2026", "%d.%m.%Y"), ("2026-12-24 23:59", "%Y-%m-%d %H:%M"), ("12/24/2026", "%m/%d/%Y"), ("soon", None)],
)
async def test_due_dates_in_the_site_s_way(text: str, form: str | None) -> None:
    library = Library()
    library.told[CheckoutResponse] = lambda answer: replace(answer, due_date=text)
    report, _ = await lend(library=library)
    assert report.values.get("due_formats") == ([form] if form else None)
    assert seen(report, "borrowing").level is (Level.GOOD if form else Level.WARNING)


def test_a_due_date_that_can_be_read_in_two_ways_is_not_guessed() -> None:
    today = date(2026, 11, 23)
    assert due_format("01/02/2027", today) is None  # the first of February, or the second of January
    assert due_format("05/12/2026", today) == "%d/%m/%Y"  # as the twelfth of May it has been


async def test_a_loan_that_cannot_be_looked_up() -> None:
    library = Library()
    library.told[ItemInformationResponse] = lambda answer: replace(
        answer, circulation_status=CirculationStatus.AVAILABLE if answer.title else CirculationStatus.OTHER
    )
    report, _ = await lend(library=library)
    assert seen(report, "a loan looked up").level is Level.WARNING


# ── the item is given back, or it is said that it is not ─────────────────────────────────────────────────


@dataclass
class Falls:
    """Answers requests of a kind no more, from the `nth` on."""

    code: str
    nth: int = 1
    came: int = 0

    async def __call__(self, talk: Talk) -> None:
        self.came += talk.code == self.code
        if talk.code == self.code and self.came >= self.nth:
            talk.answer()  # it is done, and not told
            talk.hang_up()
        else:
            await misbehaving.honest(talk)


@pytest.mark.parametrize("falls", [Falls("11"), Falls("11", 2), Falls("11", 3), Falls("29"), Falls("09", 2)])
async def test_it_is_given_back_whatever_fails(falls: Falls) -> None:
    _, library = await lend(falls)
    assert library.system.loans == {}
    assert BACK in library.system.done


async def test_broken_off_in_between() -> None:
    """The reader's list is not told any more once the item is lent."""
    library = Library()
    lent = False

    async def behave(talk: Talk) -> None:
        nonlocal lent
        lent = lent or talk.code == "11"
        if talk.code == "63" and lent:
            talk.hang_up()
        else:
            await misbehaving.honest(talk)

    report, _ = await lend(behave, library)
    assert seen(report, "exercise").value == "broken off"
    assert seen(report, "afterwards").value == "given back"
    assert library.system.done == [LENT, RENEWED, BACK]
    assert report.exit_code == 1


class Keeps(Library):
    """Never takes anything back."""

    def answer(self, request: Request) -> Answer:
        if isinstance(request, requests.Checkin):
            return CheckinResponse(ok=True, transaction_date=NOW, item=request.item)
        return super().answer(request)


async def test_it_says_loudly_what_it_cannot_give_back() -> None:
    report, library = await lend(library=Keeps())
    assert library.system.loans
    found = seen(report, "afterwards")
    assert found.value == STILL_LENT
    assert f"THE ITEM {ITEM} COULD NOT BE GIVEN BACK" in found.meaning
    assert report.exit_code == 1


async def test_away_in_the_middle() -> None:
    """Nobody listens any more after the loan: it is said that the item is out."""
    library = Library()
    async with Acs(answers=library.answer) as acs:

        async def behave(talk: Talk) -> None:
            await misbehaving.honest(talk)
            if talk.code == "11":
                acs._server.close()
                talk.hang_up()

        acs.manner = behave
        report = await probed(acs, ALL, Exercise())
    assert seen(report, "afterwards").value == STILL_LENT


async def test_interrupted_it_still_gives_back() -> None:
    """Ctrl-C, in the middle of a loan."""
    library = Library()
    lent = asyncio.Event()

    async def behave(talk: Talk) -> None:
        if talk.code == "63" and library.system.loans:
            lent.set()
            return  # never answered
        await misbehaving.honest(talk)

    async with Acs(behave, answers=library.answer) as acs:
        probing = asyncio.create_task(probed(acs, ALL, Exercise()))
        await lent.wait()
        probing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probing
        assert acs.asked[-1] == ["93", "17", "09", "17"]  # anew: an answer may be on its way on the old connection
    assert library.system.done == [LENT, RENEWED, BACK]
