"""The exceptions desk of the centre: both histories, a suggestion, and resolved once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from sync.acts import ActKind
from sync.catalogue import Outcome
from sync.central.circulation.application import Application
from sync.central.client import CentreCatalogue, Refused
from sync.central.models import ExceptionRow, ItemRow, LoanRow
from sync.central.sample import register_station
from sync.conflicts import CLASSES, Conflict, Decision, ExceptionView, Resolution, Severity, asks_staff
from tests.fakes.clock import MovableClock
from tests.sync.conftest import Mint, RunningCentre, Tell
from tests.sync.contract import ANNA, HANA, ref


def decision(resolution: Resolution, why: str = "") -> Decision:
    return Decision(resolution=resolution, who="staff-1", why=why)


async def only(client: CentreCatalogue) -> ExceptionView:
    (view,) = await client.exceptions()
    return view


def holder(engine: Engine, item: str) -> str | None:
    with Session(engine) as db:
        return db.scalar(select(LoanRow.patron).where(LoanRow.item == item, LoanRow.returned_at.is_(None)))


async def test_it_shows_what_the_station_saw_and_what_the_centre_believed(
    client: CentreCatalogue, mint: Mint, tell: Tell, clock: MovableClock
) -> None:
    anna, hana = await ref(client, ANNA), await ref(client, HANA)
    clock.advance(3600)
    act = mint(ActKind.CHECKOUT, "309", hana)
    await tell(act)
    view = await only(client)
    assert (view.conflict, view.severity, view.state) == ("OTHER-OLD", Severity.RED, "suggested")
    assert view.act == act
    assert view.believed.would_say is not None
    assert view.believed.would_say.outcome is Outcome.ON_LOAN_TO_OTHER
    assert [loan.patron for loan in view.believed.loans] == [hana, anna]
    assert (view.suggested, view.possible) == (Resolution.ACCEPT, (Resolution.ACCEPT, Resolution.REVERSE))
    assert [effect.kind for effect in view.effects] == ["closed", "opened"]


async def test_the_reader_is_asked_to_bring_back_what_others_need(
    client: CentreCatalogue, mint: Mint, tell: Tell, engine: Engine
) -> None:
    anna = await ref(client, ANNA)

    async def asked_back() -> dict[str, bool]:
        answer = await client.patron(ANNA)
        assert answer.patron is not None
        return {loan.item: loan.asked_back for loan in answer.patron.loans}

    assert await asked_back() == {"309": False}
    await tell(mint(ActKind.CHECKOUT, "304", anna))  # it stands ready for somebody else
    assert (await only(client)).conflict == Conflict.LIMIT
    assert await asked_back() == {"309": False, "304": True}
    with Session(engine) as db, db.begin():
        db.get_one(ItemRow, "309").recalled = True
    assert await asked_back() == {"309": True, "304": True}
    await tell(mint(ActKind.CHECKIN, "304"))
    assert await asked_back() == {"309": True}


async def test_what_was_done_by_itself_can_be_accepted(
    client: CentreCatalogue, mint: Mint, tell: Tell, engine: Engine
) -> None:
    hana = await ref(client, HANA)
    await tell(mint(ActKind.CHECKOUT, "309", hana))
    view = await client.resolve((await only(client)).id, decision(Resolution.ACCEPT, "seen on the shelf"))
    assert (view.state, view.resolution, view.resolved_by, view.why) == (
        "resolved",
        "accept",
        "staff-1",
        "seen on the shelf",
    )
    assert await client.exceptions() == ()
    assert holder(engine, "309") == hana


async def test_what_was_done_by_itself_can_be_taken_back(
    client: CentreCatalogue, mint: Mint, tell: Tell, engine: Engine
) -> None:
    anna, hana = await ref(client, ANNA), await ref(client, HANA)
    await tell(mint(ActKind.CHECKOUT, "309", hana))
    await client.resolve((await only(client)).id, decision(Resolution.REVERSE))
    assert holder(engine, "309") == anna


async def test_of_two_loans_the_other_one_can_be_made_to_stand(
    client: CentreCatalogue, mint: Mint, tell: Tell, engine: Engine, clock: MovableClock
) -> None:
    anna, hana = await ref(client, ANNA), await ref(client, HANA)
    early = mint(ActKind.CHECKOUT, "301", anna)
    clock.advance(60)
    await client.propose(mint(ActKind.CHECKOUT, "301", hana))
    await tell(early)
    view = await only(client)
    assert (view.conflict, holder(engine, "301")) == ("OTHER-NEW", hana)
    await client.resolve(view.id, decision(Resolution.REVERSE))
    assert holder(engine, "301") == anna


async def test_what_was_lent_again_since_cannot_be_taken_back(
    client: CentreCatalogue, mint: Mint, tell: Tell, engine: Engine, clock: MovableClock
) -> None:
    hana = await ref(client, HANA)
    await tell(mint(ActKind.CHECKOUT, "309", hana))
    number = (await only(client)).id
    clock.advance(60)
    await tell(mint(ActKind.CHECKIN, "309"))
    await client.propose(mint(ActKind.CHECKOUT, "309", hana))
    with pytest.raises(Refused, match="422"):
        await client.resolve(number, decision(Resolution.REVERSE))
    assert (await only(client)).state == "suggested", "it stays on the desk"
    await client.resolve(number, decision(Resolution.ACCEPT))


async def test_of_many_who_decide_at_once_one_does(client: CentreCatalogue, mint: Mint, tell: Tell) -> None:
    await tell(mint(ActKind.CHECKOUT, "309", await ref(client, HANA)))
    number = (await only(client)).id
    answers = await asyncio.gather(
        *(client.resolve(number, decision(choice)) for choice in (Resolution.ACCEPT, Resolution.REVERSE) * 3),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, ExceptionView) for answer in answers) == 1
    assert sum(isinstance(answer, Refused) for answer in answers) == 5


async def test_only_what_its_class_allows(client: CentreCatalogue, mint: Mint, tell: Tell) -> None:
    await tell(mint(ActKind.CHECKOUT, "309", await ref(client, HANA)))
    with pytest.raises(Refused, match="422"):
        await client.resolve((await only(client)).id, decision(Resolution.AGAIN))
    with pytest.raises(Refused, match="404"):
        await client.resolve(4711, decision(Resolution.ACCEPT))


async def test_each_branch_has_its_own_desk(
    client: CentreCatalogue, centre: RunningCentre, mint: Mint, tell: Tell, engine: Engine
) -> None:
    register_station(engine, "s-east", "token-east", "east")
    await tell(mint(ActKind.CHECKOUT, "309", await ref(client, HANA)))
    east = CentreCatalogue(centre.url, "token-east")
    try:
        assert await east.exceptions() == ()
        with pytest.raises(Refused, match="404"):
            await east.resolve((await only(client)).id, decision(Resolution.ACCEPT))
    finally:
        await east.aclose()


@pytest.mark.logs("cannot be applied")
@pytest.mark.parametrize("resolution", [Resolution.AGAIN, Resolution.WRITE_OFF])
async def test_what_was_set_aside_is_applied_when_the_fault_is_mended_and_what_waited_follows(
    client: CentreCatalogue,
    mint: Mint,
    tell: Tell,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    resolution: Resolution,
) -> None:
    anna, hana = await ref(client, ANNA), await ref(client, HANA)
    bad = mint(ActKind.CHECKIN, "309")
    whole = Application.verdict

    def applied(self: Application) -> object:
        if self._act.key == bad.key:
            raise ZeroDivisionError("a fault of ours")
        return whole(self)

    monkeypatch.setattr(Application, "verdict", applied)
    await tell(bad, mint(ActKind.CHECKOUT, "309", hana))
    poison, waits = await client.exceptions()
    assert (poison.conflict, waits.conflict, holder(engine, "309")) == ("POISON", "WAITS", anna)
    with pytest.raises(Refused, match="422"):
        await client.resolve(waits.id, decision(Resolution.AGAIN))
    if resolution is Resolution.AGAIN:
        with pytest.raises(Refused, match="422"):
            await client.resolve(poison.id, decision(resolution))
    monkeypatch.undo()
    await client.resolve(poison.id, decision(resolution))
    assert holder(engine, "309") == hana
    with Session(engine) as db:
        states = db.execute(select(ExceptionRow.conflict, ExceptionRow.state).order_by(ExceptionRow.id)).all()
    expected = [("POISON", "resolved"), ("WAITS", "resolved")]
    if resolution is Resolution.WRITE_OFF:
        expected.append(("OTHER-OLD", "suggested"))  # without the return the other reader has it still
    assert [tuple(row) for row in states] == expected


def test_every_class_is_described_and_offers_a_way_out() -> None:
    assert set(CLASSES) == set(Conflict)
    for conflict, described in CLASSES.items():
        can_answer = bool(described.resolutions) or described.ends_by_itself
        assert asks_staff(conflict) == can_answer, "who is asked can answer"
    assert asks_staff("A-CLASS-OF-NEXT-YEAR")
    assert not asks_staff(None)
