"""The centre through its real client: the contract of every catalogue, and what only the centre promises."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from sync.acts import ActKind, ClockReading
from sync.catalogue import (
    Credential,
    NoAnswer,
    NotAuthorised,
    Outcome,
    Overloaded,
    PatronState,
    ProtocolFault,
    Retry,
    SyncError,
    Unreachable,
)
from sync.central.circulation import StationClock
from sync.central.client import CentreCatalogue
from sync.central.models import Card, ExceptionRow, FeeRow, LoanRow, PatronRow
from sync.central.people import PIN_TRIES
from tests.fakes.clock import MovableClock
from tests.sync.conftest import TOKEN, Mint, RunningCentre, Tell, Told
from tests.sync.contract import ANNA, BEN, HANA, CatalogueContract, ref


class TestContract(CatalogueContract):
    """The centre is a catalogue."""


async def test_a_fact_that_does_not_fit_is_applied_and_flagged(
    client: CentreCatalogue, mint: Mint, engine: Engine, tell: Tell
) -> None:
    anna, hana = await ref(client, ANNA), await ref(client, HANA)
    cases = {
        "309": (hana, "OTHER-OLD"),
        "308": (anna, "LIMIT"),
        "777": (anna, "UNKNOWN-ITEM"),
        "301": ("nobody", "UNKNOWN-CARD"),
    }
    for item, (patron, conflict) in cases.items():
        [verdict] = await tell(mint(ActKind.CHECKOUT, item, patron))
        assert (verdict.outcome, verdict.conflict) == (Outcome.LENT, conflict)
    with Session(engine) as db:
        assert {(row.conflict, row.state) for row in db.scalars(select(ExceptionRow))} == {
            (conflict, "suggested") for _, conflict in cases.values()
        }
        holders = {row.item: row.patron for row in db.scalars(select(LoanRow).where(LoanRow.returned_at.is_(None)))}
    assert {item: holders[item] for item in cases} == {item: patron for item, (patron, _) in cases.items()}


async def test_a_loan_older_than_the_one_that_stands_becomes_history(
    client: CentreCatalogue, mint: Mint, clock: MovableClock, tell: Tell
) -> None:
    early = mint(ActKind.CHECKOUT, "301", await ref(client, ANNA))
    clock.advance(3600)
    await client.propose(mint(ActKind.CHECKOUT, "301", await ref(client, HANA)))
    [verdict] = await tell(early)
    assert verdict.conflict == "OTHER-NEW"
    answer = await client.patron(HANA)
    assert answer.patron
    assert [loan.item for loan in answer.patron.loans] == ["301"]


async def test_a_fact_is_applied_even_where_its_proposal_was_refused(
    client: CentreCatalogue, mint: Mint, tell: Tell
) -> None:
    act = mint(ActKind.CHECKOUT, "308", await ref(client, ANNA))
    assert (await client.propose(act)).outcome is Outcome.NOT_FOR_LOAN
    [verdict] = await tell(act)
    assert (verdict.outcome, verdict.conflict) == (Outcome.LENT, "LIMIT")


async def test_an_undo_that_overtakes_its_checkout_holds(client: CentreCatalogue, mint: Mint, tell: Tell) -> None:
    anna = await ref(client, ANNA)
    act = mint(ActKind.CHECKOUT, "301", anna)
    await tell(mint(ActKind.CHECKIN, "301", anna, undoes=act.key))
    await client.propose(act)
    answer = await client.patron(ANNA)
    assert answer.patron
    assert answer.patron.borrowed == 1


async def test_offline_days_do_not_cost_the_reader(
    client: CentreCatalogue, mint: Mint, clock: MovableClock, tell: Tell
) -> None:
    back_in_time = mint(ActKind.CHECKIN, "309")
    clock.advance(timedelta(days=20).total_seconds())
    [verdict] = await tell(back_in_time)
    assert verdict.outcome is Outcome.RETURNED


async def test_a_late_return_costs_what_the_rules_say(
    client: CentreCatalogue, mint: Mint, clock: MovableClock, engine: Engine, tell: Tell
) -> None:
    clock.advance(timedelta(days=5).total_seconds())
    [verdict] = await tell(mint(ActKind.CHECKIN, "309"))
    assert (verdict.outcome, verdict.days_late) == (Outcome.RETURNED_LATE, 3)
    with Session(engine) as db:
        assert [fee.minor for fee in db.scalars(select(FeeRow).where(FeeRow.minor == 60))] == [60]


async def test_the_same_key_with_another_act_is_refused(client: CentreCatalogue, mint: Mint) -> None:
    act = mint(ActKind.CHECKOUT, "301", await ref(client, ANNA))
    await client.propose(act)
    with pytest.raises(ProtocolFault):
        await client.propose(msgspec.structs.replace(act, item="302"))


async def test_wrong_pins_rest_the_card(client: CentreCatalogue, clock: MovableClock) -> None:
    for left in (4, 3, 2, 1):
        assert (await client.patron(BEN, "9999")).tries_left == left
    assert (await client.patron(BEN, "9999")).state is PatronState.PIN_LOCKED
    locked = await client.patron(BEN, "1234")
    assert (locked.state, locked.wait_s) == (PatronState.PIN_LOCKED, 300)
    clock.advance(301)
    assert (await client.patron(BEN, "1234")).state is PatronState.WELCOME


async def test_every_route_is_in_the_document_and_locked(centre: RunningCentre) -> None:
    async with httpx.AsyncClient(base_url=centre.url, trust_env=False) as http:
        document = (await http.get("/schema/openapi.json")).json()
        assert set(document["paths"]) == {
            "/v1/health",
            "/v1/patron",
            "/v1/items/{barcode}",
            "/v1/proposals",
            "/v1/lookups",
            "/v1/facts",
            "/v1/contact",
            "/v1/cursors",
            "/v1/exceptions",
            "/v1/exceptions/{number}/resolution",
            "/v1/snapshots/{half}",
            "/v1/snapshots/{half}/{snapshot}",
            "/v1/feed/{half}",
            "/v1/feed/{half}/counts",
        }
        for path in ("/v1/snapshots/patrons", "/v1/snapshots/patrons/1", "/v1/feed/patrons?after=", "/v1/items/301"):
            assert (await http.get(path)).status_code == 401
        wrong = await http.get("/v1/snapshots/patrons", headers={"Authorization": "Bearer wrong"})
        assert wrong.status_code == 401


async def test_a_station_speaks_for_itself_alone(client: CentreCatalogue, mint: Mint, tell: Tell) -> None:
    act = msgspec.structs.replace(mint(ActKind.CHECKIN, "301"), station="s2")
    with pytest.raises(NotAuthorised):
        await client.propose(act)
    [verdict] = await tell(act)
    assert verdict.conflict == "POISON", "it is kept for staff, and holds up nothing"


async def test_nothing_of_a_reader_is_logged(
    client: CentreCatalogue, mint: Mint, caplog: pytest.LogCaptureFixture, tell: Tell
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpcore").setLevel(logging.WARNING)  # as a station sets it: wire traces are for nobody
    logging.getLogger("httpx").setLevel(logging.WARNING)
    await client.patron(BEN, "1234")
    await tell(mint(ActKind.CHECKIN, "309"))
    assert not [word for word in ("1234", "04B2", "Holt", "309") if word in caplog.text]


async def _answer_once(reply: bytes | None) -> tuple[asyncio.Server, str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if reply is not None:
            writer.write(reply)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("reply", "error", "retry"),
    [
        (None, NoAnswer, Retry.LATER),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", NoAnswer, Retry.LATER),
        (b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", NotAuthorised, Retry.LATER),
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", ProtocolFault, Retry.LATER),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", ProtocolFault, Retry.LATER),
        (b"SSH-2.0-Nonsense\r\n\r\n", NoAnswer, Retry.LATER),
    ],
)
async def test_errors_on_the_way(mint: Mint, reply: bytes | None, error: type[SyncError], retry: Retry) -> None:
    server, url = await _answer_once(reply)
    async with server:
        catalogue = CentreCatalogue(url, TOKEN)
        with pytest.raises(error) as raised:
            await catalogue.propose(mint(ActKind.CHECKIN, "301"))
        assert raised.value.retry is retry
        await catalogue.aclose()


async def test_patience_is_asked_for(mint: Mint) -> None:
    server, url = await _answer_once(b"HTTP/1.1 503 Later\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")
    async with server:
        catalogue = CentreCatalogue(url, TOKEN)
        with pytest.raises(Overloaded) as raised:
            await catalogue.heartbeat()
        assert raised.value.after_s == 7
        await catalogue.aclose()


async def test_nobody_there() -> None:
    catalogue = CentreCatalogue("http://127.0.0.1:1", TOKEN)
    with pytest.raises(Unreachable):
        await catalogue.heartbeat()
    await catalogue.aclose()


async def test_of_many_who_want_an_item_at_once_one_gets_it(centre: RunningCentre, engine: Engine, mint: Mint) -> None:
    patrons = ["p" + str(number) for number in range(8)]
    with Session(engine) as db, db.begin():
        db.add_all(PatronRow(ref=ref, name=ref, category="adult", language="", pin="") for ref in patrons)

    async def borrow(patron: str) -> Outcome:
        client = CentreCatalogue(centre.url, TOKEN)
        try:
            return (await client.propose(mint(ActKind.CHECKOUT, "301", patron))).outcome
        finally:
            await client.aclose()

    outcomes = await asyncio.gather(*(borrow(patron) for patron in patrons))
    assert sorted(outcomes) == sorted([Outcome.LENT, *[Outcome.ON_LOAN_TO_OTHER] * 7])


async def test_one_act_sent_many_times_at_once_is_done_once(
    centre: RunningCentre, engine: Engine, client: CentreCatalogue, mint: Mint
) -> None:
    answer = await client.patron(ANNA)
    assert answer.patron
    act = mint(ActKind.CHECKOUT, "301", answer.patron.ref)
    verdicts = await asyncio.gather(*(client.propose(act) for _ in range(8)))
    assert {verdict.outcome for verdict in verdicts} == {Outcome.LENT}
    with Session(engine) as db:
        assert len(db.scalars(select(LoanRow).where(LoanRow.key == act.key)).all()) == 1


async def test_a_pin_is_guessed_with_no_card_of_the_account(client: CentreCatalogue, engine: Engine) -> None:
    with Session(engine) as db, db.begin():
        ben = db.scalars(select(PatronRow).where(PatronRow.name == "Ben Holt")).one()
        db.add(Card(kind="barcode", value="2002", patron=ben.ref))
    for _ in range(PIN_TRIES):
        await client.patron(BEN, "0000")
    assert (await client.patron(Credential("barcode", "2002"), "1234")).state is PatronState.PIN_LOCKED


async def test_a_return_that_is_told_late_leaves_a_newer_loan_alone(
    client: CentreCatalogue, mint: Mint, clock: MovableClock, engine: Engine, tell: Tell
) -> None:
    anna, hana = await ref(client, ANNA), await ref(client, HANA)
    await client.propose(mint(ActKind.CHECKOUT, "301", anna))
    clock.advance(60)
    late = mint(ActKind.CHECKIN, "301")
    clock.advance(60)
    await tell(mint(ActKind.CHECKIN, "301"))
    clock.advance(60)
    await client.propose(mint(ActKind.CHECKOUT, "301", hana))
    clock.advance(60)
    (verdict,) = await tell(late)
    assert (verdict.outcome, verdict.conflict) == (Outcome.WAS_NOT_ON_LOAN, "OTHER-NEW")
    with Session(engine) as db:
        (still,) = db.scalars(select(LoanRow).where(LoanRow.item == "301", LoanRow.returned_at.is_(None)))
        assert still.patron == hana
        assert [row.conflict for row in db.scalars(select(ExceptionRow))] == ["OTHER-NEW"]


async def test_an_undo_gives_the_hold_back(client: CentreCatalogue, mint: Mint, engine: Engine, tell: Tell) -> None:
    hana = await ref(client, HANA)
    lent = mint(ActKind.CHECKOUT, "304", hana)
    assert (await client.propose(lent)).outcome is Outcome.LENT
    assert (await client.patron(HANA)).patron.holds == ()  # type: ignore[union-attr]
    await tell(mint(ActKind.CHECKIN, "304", hana, undoes=lent.key))
    (hold,) = (await client.patron(HANA)).patron.holds  # type: ignore[union-attr]
    assert (hold.title, hold.ready) == ("Persuasion", True)


async def test_an_undo_of_what_the_reader_had_anyway_ends_that_loan(
    client: CentreCatalogue, mint: Mint, engine: Engine, tell: Tell
) -> None:
    anna = await ref(client, ANNA)
    again = mint(ActKind.CHECKOUT, "309", anna)
    (verdict,) = await tell(again)
    assert verdict.conflict == "SAME"
    await tell(mint(ActKind.CHECKIN, "309", anna, undoes=again.key))
    assert (await client.patron(ANNA)).patron.loans == ()  # type: ignore[union-attr]


async def test_a_proposal_that_was_looked_up_in_vain_is_refused_when_it_comes(
    client: CentreCatalogue, mint: Mint, engine: Engine, tell: Tell
) -> None:
    act = mint(ActKind.CHECKOUT, "301", await ref(client, ANNA))
    assert await client.look_up(act) is None
    assert (await client.propose(act)).outcome is Outcome.NO_ANSWER
    assert await client.look_up(act) is None
    with Session(engine) as db:
        assert db.scalar(select(LoanRow).where(LoanRow.key == act.key)) is None
    (verdict,) = await tell(act)
    assert verdict.outcome is Outcome.LENT, "a fact is applied all the same"


async def test_a_wrong_token_is_found_by_the_heartbeat(centre: RunningCentre) -> None:
    stranger = CentreCatalogue(centre.url, "wrong")
    with pytest.raises(NotAuthorised):
        await stranger.heartbeat()
    await stranger.aclose()


# ── a station's clocks ──

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE_NS = 60_000_000_000


@pytest.mark.parametrize(
    ("wall_s", "age_min", "boot", "then"),
    [
        (0, 90, "same", 90),  # all clocks are right
        (-7200, 90, "same", 90),  # two hours behind: the time since boot counts
        (86400 * 365 * 20, 90, "same", 90),  # twenty years ahead
        (-300, 90, "other", 90),  # five minutes behind, booted since: the difference is taken off
        (-86400 * 365 * 50, 90, "stopped", 0),  # a clock that stood at 1970 then, and is right now
    ],
)
def test_when_a_fact_happened(engine: Engine, mint: Mint, wall_s: int, age_min: int, boot: str, then: int) -> None:
    station_now = NOW if boot == "stopped" else NOW + timedelta(seconds=wall_s)
    happened = station_now - timedelta(minutes=age_min)
    at = datetime(1970, 1, 1, tzinfo=UTC) if boot == "stopped" else happened
    act = msgspec.structs.replace(mint(ActKind.CHECKIN, "301"), at=at, mono_ns=5 * MINUTE_NS, boot_id="b")
    boot_id = "b" if boot == "same" else "c"
    reading = ClockReading(station_now, (5 + age_min) * MINUTE_NS, boot_id)
    with Session(engine) as db:
        clock = StationClock(db, "s1", reading, NOW)
        clock.note()
        assert clock.when(act).at == NOW - timedelta(minutes=then)


def test_a_reading_that_was_held_up_makes_nothing_younger(engine: Engine, mint: Mint) -> None:
    """The act was ten minutes old when the reading was sent."""
    act = msgspec.structs.replace(mint(ActKind.CHECKIN, "301"), mono_ns=5 * MINUTE_NS, boot_id="b")
    reading = ClockReading(NOW, 15 * MINUTE_NS, "b")
    happened = NOW - timedelta(minutes=10)

    def heard(after: timedelta, reading: ClockReading = reading) -> datetime:
        with Session(engine) as db, db.begin():
            clock = StationClock(db, "s1", reading, NOW + after)
            clock.note()
            return clock.when(act).at

    assert heard(timedelta(seconds=3)) == happened + timedelta(seconds=3)
    assert heard(timedelta(0)) == happened
    assert heard(timedelta(seconds=24)) == happened, "the quickest reading counts"
    later = happened + timedelta(minutes=10)
    assert heard(timedelta(minutes=70), ClockReading(NOW, 75 * MINUTE_NS, "b")) == later, "clocks run apart"
    assert heard(timedelta(minutes=71), ClockReading(NOW, MINUTE_NS, "c")) == later, "an earlier boot is known still"


async def test_a_station_s_wrong_clock_reaches_no_due_date(
    centre: RunningCentre, mint: Mint, clock: MovableClock, tell: Tell
) -> None:
    behind = clock.now() - timedelta(days=3)
    client = CentreCatalogue(centre.url, TOKEN, lambda: ClockReading(behind, 0, "b"))
    act = msgspec.structs.replace(mint(ActKind.CHECKOUT, "301", await ref(client, ANNA)), at=behind)
    (verdict,) = await Told(client)(act)
    await client.aclose()
    assert verdict.due == clock.today() + timedelta(days=28)
