"""The centre through its real client: the contract of every catalogue, and what only the centre promises."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from sync.acts import ActKind
from sync.catalogue import (
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
from sync.central.client import CentreCatalogue
from sync.central.models import ExceptionRow, FeeRow, LoanRow, PatronRow
from sync.feed.snapshot import card_digest
from tests.fakes.clock import MovableClock
from tests.sync.conftest import TOKEN, Mint, RunningCentre
from tests.sync.contract import ANNA, BEN, HANA, CatalogueContract, ref


class TestContract(CatalogueContract):
    """The centre is a catalogue."""


async def test_a_fact_that_does_not_fit_is_applied_and_flagged(
    client: CentreCatalogue, mint: Mint, engine: Engine
) -> None:
    anna, hana = await ref(client, ANNA), await ref(client, HANA)
    cases = {
        "309": (hana, "OTHER-OLD"),
        "308": (anna, "LIMIT"),
        "777": (anna, "UNKNOWN-ITEM"),
        "301": ("nobody", "UNKNOWN-CARD"),
    }
    for item, (patron, conflict) in cases.items():
        [verdict] = await client.tell((mint(ActKind.CHECKOUT, item, patron),))
        assert (verdict.outcome, verdict.conflict) == (Outcome.LENT, conflict)
    with Session(engine) as db:
        assert {(row.conflict, row.state) for row in db.scalars(select(ExceptionRow))} == {
            (conflict, "open") for _, conflict in cases.values()
        }
        holders = {row.item: row.patron for row in db.scalars(select(LoanRow).where(LoanRow.returned_at.is_(None)))}
    assert {item: holders[item] for item in cases} == {item: patron for item, (patron, _) in cases.items()}


async def test_a_loan_older_than_the_one_that_stands_becomes_history(
    client: CentreCatalogue, mint: Mint, clock: MovableClock
) -> None:
    early = mint(ActKind.CHECKOUT, "301", await ref(client, ANNA))
    clock.advance(3600)
    await client.propose(mint(ActKind.CHECKOUT, "301", await ref(client, HANA)))
    [verdict] = await client.tell((early,))
    assert verdict.conflict == "OTHER-NEW"
    answer = await client.patron(HANA)
    assert answer.patron
    assert [loan.item for loan in answer.patron.loans] == ["301"]


async def test_a_fact_is_applied_even_where_its_proposal_was_refused(client: CentreCatalogue, mint: Mint) -> None:
    act = mint(ActKind.CHECKOUT, "308", await ref(client, ANNA))
    assert (await client.propose(act)).outcome is Outcome.NOT_FOR_LOAN
    [verdict] = await client.tell((act,))
    assert (verdict.outcome, verdict.conflict) == (Outcome.LENT, "LIMIT")


async def test_an_undo_that_overtakes_its_checkout_holds(client: CentreCatalogue, mint: Mint) -> None:
    anna = await ref(client, ANNA)
    act = mint(ActKind.CHECKOUT, "301", anna)
    await client.tell((mint(ActKind.CHECKIN, "301", anna, undoes=act.key),))
    await client.propose(act)
    answer = await client.patron(ANNA)
    assert answer.patron
    assert answer.patron.borrowed == 1


async def test_offline_days_do_not_cost_the_reader(client: CentreCatalogue, mint: Mint, clock: MovableClock) -> None:
    back_in_time = mint(ActKind.CHECKIN, "309")
    clock.advance(timedelta(days=20).total_seconds())
    [verdict] = await client.tell((back_in_time,))
    assert verdict.outcome is Outcome.RETURNED


async def test_a_late_return_costs_what_the_rules_say(
    client: CentreCatalogue, mint: Mint, clock: MovableClock, engine: Engine
) -> None:
    clock.advance(timedelta(days=5).total_seconds())
    [verdict] = await client.tell((mint(ActKind.CHECKIN, "309"),))
    assert (verdict.outcome, verdict.days_late) == (Outcome.RETURNED_LATE, 3)
    with Session(engine) as db:
        assert [fee.minor for fee in db.scalars(select(FeeRow).where(FeeRow.minor == 60))] == [60]


async def test_the_same_key_with_another_act_is_refused(client: CentreCatalogue, mint: Mint) -> None:
    act = mint(ActKind.CHECKOUT, "301", await ref(client, ANNA))
    await client.propose(act)
    import msgspec

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


async def test_the_mirror_holds_no_names_and_no_card_numbers(client: CentreCatalogue) -> None:
    import msgspec

    mirror = await client.mirror()
    body = msgspec.json.encode(mirror).decode()
    assert "Berg" not in body
    assert "04A1" not in body
    patrons = {patron.card: patron for patron in mirror.patrons}
    anna, ben = patrons[card_digest(mirror.card_key, ANNA)], patrons[card_digest(mirror.card_key, BEN)]
    assert (anna.borrowed, anna.has_pin, ben.has_pin) == (1, False, True)
    assert "304" in mirror.reserved
    assert {item.barcode for item in mirror.items} >= {"301", "308"}
    assert mirror.hold_shelf == "red shelf"


async def test_every_route_is_in_the_document_and_locked(centre: RunningCentre) -> None:
    async with httpx.AsyncClient(base_url=centre.url, trust_env=False) as http:
        document = (await http.get("/schema/openapi.json")).json()
        assert set(document["paths"]) == {
            "/v1/health",
            "/v1/patron",
            "/v1/items/{barcode}",
            "/v1/proposals",
            "/v1/proposals/{key}",
            "/v1/facts",
            "/v1/mirror",
        }
        for path in ("/v1/mirror", "/v1/items/301", "/v1/proposals/K"):
            assert (await http.get(path)).status_code == 401
        wrong = await http.get("/v1/mirror", headers={"Authorization": "Bearer wrong"})
        assert wrong.status_code == 401


async def test_a_station_speaks_for_itself_alone(client: CentreCatalogue, mint: Mint) -> None:
    import msgspec

    act = msgspec.structs.replace(mint(ActKind.CHECKIN, "301"), station="s2")
    with pytest.raises(NotAuthorised):
        await client.tell((act,))


async def test_nothing_of_a_reader_is_logged(
    client: CentreCatalogue, mint: Mint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpcore").setLevel(logging.WARNING)  # as a station sets it: wire traces are for nobody
    logging.getLogger("httpx").setLevel(logging.WARNING)
    await client.patron(BEN, "1234")
    await client.tell((mint(ActKind.CHECKIN, "309"),))
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
