"""The receiving end of the streams, on both databases: in order, once, whatever is lost, restored, copied or broken."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from sync.acts import Act, ActKind, ClockReading, act_hash
from sync.catalogue import Credential, Outcome, ProtocolFault, Verdict, card_ref
from sync.central.circulation.application import Application
from sync.central.client import CentreCatalogue
from sync.central.models import CursorRow, ExceptionRow, FormerRef, LoanRow, Sighting, StreamRow, VerdictRow
from sync.central.sample import register_station
from sync.stream import MOST_FACTS, Contact, Cursor, Delivery, Fact, Head, OutOfStep, next_link, pack
from tests.fakes.clock import MovableClock
from tests.sync.conftest import TOKEN, Mint, RunningCentre, Tell, Told
from tests.sync.contract import ANNA, HANA, ref

NOTHING = Head()


def fact(act: Act) -> Fact:
    return Fact(act, act_hash(act, "", ""))


def end_of(*facts: Fact) -> Head:
    after = NOTHING
    for one in facts:
        after = Head(after.position + 1, next_link(after.link, one.hash))
    return after


def told(*facts: Fact, after: Head = NOTHING, incarnation: str = "I1") -> Delivery:
    return Delivery(incarnation=incarnation, after=after, facts=facts)


_contacts = itertools.count(1)


def contact(incarnation: str = "I1", **heads: Head) -> Contact:
    return Contact(incarnation=incarnation, number=next(_contacts), heads=heads)


def flagged(engine: Engine) -> list[str]:
    with Session(engine) as db:
        return list(db.scalars(select(ExceptionRow.conflict).order_by(ExceptionRow.id)))


def holder(engine: Engine, item: str) -> str | None:
    with Session(engine) as db:
        return db.scalar(select(LoanRow.patron).where(LoanRow.item == item, LoanRow.returned_at.is_(None)))


# ── in order, once ──


async def test_the_cursor_follows_what_was_told(client: CentreCatalogue, mint: Mint) -> None:
    facts = [fact(mint(ActKind.CHECKIN, str(300 + number))) for number in range(1, 4)]
    first = await client.deliver(told(*facts[:2]))
    assert (first.cursor, len(first.verdicts)) == (end_of(*facts[:2]), 2)
    second = await client.deliver(told(facts[2], after=first.cursor))
    assert second.cursor == end_of(*facts)
    welcome = await client.contact(contact(I1=end_of(*facts)))
    assert welcome.cursors == {"I1": Cursor(end_of(*facts))}


async def test_told_twice_is_done_once_and_the_cursor_is_written_all_the_same(
    client: CentreCatalogue, mint: Mint, engine: Engine
) -> None:
    facts = [fact(mint(ActKind.CHECKOUT, "301", await ref(client, ANNA))), fact(mint(ActKind.CHECKIN, "302"))]
    first = await client.deliver(told(*facts))
    assert await client.deliver(told(*facts)) == first
    third = fact(mint(ActKind.CHECKIN, "303"))
    overlapping = await client.deliver(told(facts[1], third, after=end_of(facts[0])))
    assert (overlapping.cursor, overlapping.verdicts[0]) == (end_of(*facts, third), first.verdicts[1])
    with Session(engine) as db:
        assert len(db.scalars(select(LoanRow).where(LoanRow.item == "301")).all()) == 1
        assert db.scalars(select(CursorRow.deliveries)).one() == 3


@pytest.mark.parametrize("after", [Head(2, "x"), Head(1, "x"), Head(0, "x")])
async def test_what_does_not_follow_on_the_cursor_is_not_taken(
    client: CentreCatalogue, mint: Mint, engine: Engine, after: Head
) -> None:
    await client.deliver(told(fact(mint(ActKind.CHECKIN, "301"))))
    with pytest.raises(OutOfStep):
        await client.deliver(told(fact(mint(ActKind.CHECKOUT, "302", "p")), after=after))
    with Session(engine) as db:
        assert db.scalars(select(StreamRow.position)).all() == [1]
        assert db.scalars(select(LoanRow).where(LoanRow.item == "302")).all() == []


async def test_each_incarnation_has_its_own_stream(client: CentreCatalogue, mint: Mint) -> None:
    one, other = fact(mint(ActKind.CHECKIN, "301")), fact(mint(ActKind.CHECKIN, "302"))
    await client.deliver(told(one))
    await client.deliver(told(other, incarnation="I2"))
    welcome = await client.contact(contact("I2", I1=end_of(one), I2=end_of(other)))
    assert welcome.cursors == {"I1": Cursor(end_of(one)), "I2": Cursor(end_of(other))}


async def test_more_than_is_asked_for_is_not_taken(client: CentreCatalogue, mint: Mint) -> None:
    facts = [fact(mint(ActKind.CHECKIN, "301")) for _ in range(MOST_FACTS + 1)]
    with pytest.raises(ProtocolFault, match="413"):
        await client.deliver(told(*facts))
    packed = pack("I1", Head(), tuple(facts))
    assert len(packed.facts) == MOST_FACTS
    assert (await client.deliver(packed)).cursor.position == MOST_FACTS


# ── copied and restored ──


@pytest.mark.logs("^sync.central.streams: station s1: ")
async def test_another_history_of_a_stream_is_seen_from_its_end(
    client: CentreCatalogue, mint: Mint, engine: Engine
) -> None:
    ours, theirs = fact(mint(ActKind.CHECKIN, "301")), fact(mint(ActKind.CHECKIN, "302"))
    await client.deliver(told(theirs))
    welcome = await client.contact(contact(I1=end_of(ours)))
    assert welcome.cursors["I1"].agrees is False
    await client.contact(contact(I1=end_of(ours)))
    assert flagged(engine) == ["FORK"], "once"
    with pytest.raises(OutOfStep):
        await client.deliver(told(ours))


@pytest.mark.logs("^sync.central.streams: station s1: ")
async def test_a_journal_from_a_backup_is_noticed(client: CentreCatalogue, mint: Mint, engine: Engine) -> None:
    facts = [fact(mint(ActKind.CHECKIN, str(300 + number))) for number in range(1, 4)]
    await client.deliver(told(*facts))
    welcome = await client.contact(contact("I2", I1=end_of(facts[0])))
    assert welcome.cursors["I1"] == Cursor(end_of(*facts)), "as far as both have it, it is the same"
    assert flagged(engine) == ["RESTORED"]


@pytest.mark.logs("^sync.central.streams: station s1: ")
async def test_a_journal_that_has_forgotten_a_whole_process_is_noticed(
    client: CentreCatalogue, mint: Mint, engine: Engine, clock: MovableClock
) -> None:
    await client.deliver(told(fact(mint(ActKind.CHECKIN, "301"))))
    clock.advance(81 * 86_400)
    await client.contact(contact("I2"))
    assert flagged(engine) == [], "stations let go of what they delivered long ago"
    await client.deliver(told(fact(mint(ActKind.CHECKIN, "302")), incarnation="I2"))
    await client.contact(contact("I3"))
    assert flagged(engine) == ["RESTORED"]


@pytest.mark.logs("^sync.central.streams: station s1: ")
async def test_two_machines_under_one_name_are_noticed(client: CentreCatalogue, mint: Mint, engine: Engine) -> None:
    await client.contact(contact("I1"))
    await client.contact(contact("I2"))
    await client.contact(contact("I2"))
    assert flagged(engine) == [], "a process that follows another is a restart"
    await client.contact(contact("I1"))
    await client.contact(contact("I2"))
    assert flagged(engine) == [], "the last words of a process may be held up on their way"
    await client.contact(contact("I1"))
    assert flagged(engine) == ["TWO-MACHINES"]


async def test_a_contact_that_was_overtaken_proves_nothing(client: CentreCatalogue, mint: Mint, engine: Engine) -> None:
    """A reader does not wait long: the contact is given up, made anew, and then the first one arrives."""
    facts = [fact(mint(ActKind.CHECKIN, str(300 + number))) for number in range(1, 4)]
    held_up = contact("I1", I1=NOTHING)
    await client.contact(contact("I1", I1=end_of(*facts)))
    await client.deliver(told(*facts))
    welcome = await client.contact(held_up)
    assert welcome.cursors["I1"] == Cursor(end_of(*facts))
    assert flagged(engine) == []


async def test_the_last_contact_of_a_process_may_arrive_after_the_next_one_has_begun(
    client: CentreCatalogue, mint: Mint, engine: Engine, clock: MovableClock
) -> None:
    await client.contact(contact("I1"))
    held_up = contact("I1")
    clock.advance(1)
    await client.contact(contact("I2"))
    returned = fact(mint(ActKind.CHECKIN, "301"))
    await client.deliver(told(returned, incarnation="I2"))
    await client.contact(held_up)
    await client.contact(contact("I2", I2=end_of(returned)))
    assert flagged(engine) == []


async def test_a_fact_that_is_told_anew_in_another_stream_is_done_once(
    client: CentreCatalogue, mint: Mint, engine: Engine
) -> None:
    one = fact(mint(ActKind.CHECKOUT, "301", await ref(client, ANNA)))
    first = await client.deliver(told(one))
    again = await client.deliver(told(one, incarnation="I2"))
    assert again.verdicts == first.verdicts
    with Session(engine) as db:
        assert len(db.scalars(select(LoanRow).where(LoanRow.item == "301")).all()) == 1


async def test_a_proposal_that_comes_after_its_own_fact_changes_nothing(
    client: CentreCatalogue, mint: Mint, tell: Tell, engine: Engine, clock: MovableClock
) -> None:
    anna = await ref(client, ANNA)
    act = mint(ActKind.CHECKOUT, "301", anna)
    clock.advance(1)
    [said] = await tell(act)
    await tell(mint(ActKind.CHECKIN, "301", anna, undoes=act.key))
    assert await client.propose(act) == said
    with Session(engine) as db:
        assert db.scalars(select(LoanRow.id).where(LoanRow.item == "301", LoanRow.returned_at.is_(None))).all() == []


# ── what cannot be applied ──


@pytest.mark.logs("cannot be applied")
async def test_poison_is_set_aside_and_only_its_item_waits(
    client: CentreCatalogue, mint: Mint, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = mint(ActKind.CHECKIN, "301")

    def applied(self: Application) -> object:
        if self._act.key == bad.key:
            raise ZeroDivisionError("a fault of ours")
        return whole(self)

    whole = Application.verdict
    monkeypatch.setattr(Application, "verdict", applied)
    hana = await ref(client, HANA)
    facts = [
        fact(act)
        for act in (
            mint(ActKind.CHECKOUT, "302", hana),
            bad,
            mint(ActKind.CHECKOUT, "301", hana),
            mint(ActKind.CHECKOUT, "303", hana),
        )
    ]
    receipt = await client.deliver(told(*facts))
    assert receipt.cursor == end_of(*facts)
    assert [verdict.conflict for verdict in receipt.verdicts] == [None, "POISON", "WAITS", None]
    assert await client.deliver(told(*facts)) == receipt, "and the same again"
    assert flagged(engine) == ["POISON", "WAITS"]
    with Session(engine) as db:
        lent = select(LoanRow.item).where(LoanRow.patron == hana, LoanRow.returned_at.is_(None))
        assert set(db.scalars(lent)) == {"302", "303"}
        row = db.scalars(select(ExceptionRow)).first()
        assert row is not None
        assert (row.item, row.error) == ("301", "ZeroDivisionError: a fault of ours")


async def test_what_cannot_be_understood_is_kept_as_it_came(
    client: CentreCatalogue, mint: Mint, engine: Engine
) -> None:
    strange = msgspec.to_builtins(fact(mint(ActKind.CHECKIN, "301")))
    strange["act"]["kind"] = "levitate"  # of a newer station
    good = fact(mint(ActKind.CHECKIN, "302"))
    body = {
        "incarnation": "I1",
        "after": Head(),
        "facts": [strange, good],
    }
    answer = await client._send("POST", "/v1/facts", body)
    receipt = msgspec.json.decode(answer.content)
    assert [verdict.get("conflict") for verdict in receipt["verdicts"]] == ["POISON", "NOT-ON-LOAN"]
    with Session(engine) as db:
        row = db.scalars(select(ExceptionRow)).one()
        assert "levitate" in row.raw
        assert row.item == "301"
        assert db.scalars(select(VerdictRow.key).where(VerdictRow.kind == "fact")).all() != []


async def test_a_delivery_that_is_none_is_answered_so(client: CentreCatalogue) -> None:
    for body in ({"incarnation": "I1"}, {"incarnation": "I1", "after": Head(), "facts": [{"act": {}}]}):
        answer = await client._send("POST", "/v1/facts", body)
        assert answer.status == 400


# ── what others have told first ──


@pytest.fixture
async def tell_elsewhere(centre: RunningCentre, engine: Engine) -> AsyncIterator[Tell]:
    """Tells facts as station s2, at the same branch."""
    register_station(engine, "s2", "another-token")
    client = CentreCatalogue(centre.url, "another-token")
    told = Told(client)

    async def tell(*acts: Act) -> tuple[Verdict, ...]:
        return await told(*(msgspec.structs.replace(act, station="s2") for act in acts))

    yield tell
    await client.aclose()


async def test_a_loan_that_is_told_after_its_return_is_over(
    client: CentreCatalogue, mint: Mint, tell: Tell, tell_elsewhere: Tell, engine: Engine, clock: MovableClock
) -> None:
    anna = await ref(client, ANNA)
    lent = mint(ActKind.CHECKOUT, "301", anna)
    clock.advance(60)
    renewed = mint(ActKind.RENEW, "301", anna)
    clock.advance(60)
    await tell_elsewhere(mint(ActKind.CHECKIN, "301"))
    clock.advance(60)
    await client.propose(mint(ActKind.CHECKOUT, "301", await ref(client, HANA)))
    loan, renewal = await tell(lent, renewed)
    assert (loan.outcome, loan.conflict) == (Outcome.LENT, None)
    assert (renewal.outcome, renewal.conflict) == (Outcome.RENEWED, None)
    assert flagged(engine) == []
    with Session(engine) as db:
        past = db.scalars(select(LoanRow).where(LoanRow.patron == anna, LoanRow.item == "301")).one()
        assert past.returned_at is not None
        assert past.lent_at < past.returned_at
        assert db.scalars(select(Sighting.item)).all() == ["301"]


async def test_a_card_of_which_the_station_knew_nothing_else_is_its_holder_s(
    client: CentreCatalogue, mint: Mint, tell: Tell, engine: Engine
) -> None:
    (verdict,) = await tell(mint(ActKind.CHECKOUT, "301", card_ref(ANNA)))
    assert (verdict.outcome, verdict.conflict) == (Outcome.LENT, None)
    answer = await client.patron(ANNA)
    assert answer.patron
    assert "301" in {loan.item for loan in answer.patron.loans}

    (verdict,) = await tell(mint(ActKind.CHECKOUT, "302", card_ref(Credential("uid", "04FF"))))
    assert (verdict.outcome, verdict.conflict) == (Outcome.LENT, "UNKNOWN-CARD")
    assert flagged(engine) == ["UNKNOWN-CARD"]


async def test_the_order_in_which_a_station_tells_things_is_the_order_in_which_they_were(
    centre: RunningCentre, mint: Mint, engine: Engine, clock: MovableClock
) -> None:
    """It came back under a clock that nobody can make sense of any more, and was lent again after that."""
    client = CentreCatalogue(centre.url, TOKEN, lambda: ClockReading(clock.now() - timedelta(days=9), 10**15, "new"))
    anna = await ref(client, ANNA)
    returned = msgspec.structs.replace(mint(ActKind.CHECKIN, "301"), boot_id="old", at=clock.now())
    lent = msgspec.structs.replace(mint(ActKind.CHECKOUT, "301", anna), boot_id="new", mono_ns=10**15 - 60 * 10**9)
    await Told(client)(returned, lent)
    await client.aclose()
    assert flagged(engine) == []
    assert holder(engine, "301") == anna


async def test_what_came_back_at_another_station_at_a_time_that_nobody_knows_is_asked_about(
    centre: RunningCentre, mint: Mint, engine: Engine, clock: MovableClock
) -> None:
    register_station(engine, "s2", "another-token")
    unsure = CentreCatalogue(
        centre.url, "another-token", lambda: ClockReading(clock.now() - timedelta(days=9), 10**15, "new")
    )
    sure = CentreCatalogue(centre.url, TOKEN, lambda: ClockReading(clock.now(), 10**15, "b"))
    anna = await ref(sure, ANNA)
    returned = msgspec.structs.replace(mint(ActKind.CHECKIN, "301"), station="s2", boot_id="old", at=clock.now())
    await Told(unsure)(returned)
    lent = msgspec.structs.replace(mint(ActKind.CHECKOUT, "301", anna), boot_id="b", mono_ns=10**15 - 60 * 10**9)
    await Told(sure)(lent)
    await sure.aclose()
    await unsure.aclose()
    assert flagged(engine) == ["TIME"]
    assert holder(engine, "301") == anna


async def test_an_account_under_its_former_number_is_the_same_account(
    client: CentreCatalogue, mint: Mint, tell: Tell, engine: Engine
) -> None:
    anna = await ref(client, ANNA)
    with Session(engine) as db, db.begin():
        db.add(FormerRef(former="old-number", ref=anna))
    (verdict,) = await tell(mint(ActKind.CHECKOUT, "301", "old-number"))
    assert (verdict.outcome, verdict.conflict) == (Outcome.LENT, "REISSUED")
    answer = await client.patron(ANNA)
    assert answer.patron
    assert "301" in {loan.item for loan in answer.patron.loans}
    assert flagged(engine) == []
