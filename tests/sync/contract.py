"""What every catalogue must do, whoever is behind it. A test class derives from `CatalogueContract` and says how,
by fixtures, to reach one that holds the library of `tests/sync/library.py`."""

from __future__ import annotations

from datetime import date

from sync.acts import ActKind
from sync.catalogue import Catalogue, Credential, ItemStatus, Outcome, PatronState
from tests.sync.conftest import Mint, Tell

ANNA = Credential("uid", "04A1")
BEN = Credential("uid", "04B2")
DORA = Credential("uid", "04D4")
HANA = Credential("uid", "04E5")


async def ref(client: Catalogue, credential: Credential, pin: str | None = None) -> str:
    answer = await client.patron(credential, pin)
    assert answer.patron
    return answer.patron.ref


class CatalogueContract:
    """The port, asked as stations ask it."""

    async def test_it_answers(self, client: Catalogue) -> None:
        await client.heartbeat()

    async def test_a_patron_by_each_of_their_cards(self, client: Catalogue) -> None:
        by_uid = await client.patron(ANNA)
        by_barcode = await client.patron(Credential("barcode", "2001"))
        assert by_uid == by_barcode
        assert by_uid.state is PatronState.WELCOME
        assert by_uid.patron
        assert (by_uid.patron.name, by_uid.patron.limit, by_uid.patron.borrowed) == ("Anna Berg", 3, 1)
        assert [(loan.title, loan.due) for loan in by_uid.patron.loans] == [("红楼梦", date(2026, 3, 4))]

    async def test_an_unknown_card(self, client: Catalogue) -> None:
        assert (await client.patron(Credential("uid", "04FF"))).state is PatronState.UNKNOWN

    async def test_nothing_is_told_before_the_pin_was_right(self, client: Catalogue) -> None:
        for pin, state in ((None, PatronState.PIN_NEEDED), ("0000", PatronState.PIN_WRONG)):
            answer = await client.patron(BEN, pin)
            assert (answer.state, answer.patron) == (state, None)
        assert (await client.patron(BEN, "1234")).state is PatronState.WELCOME

    async def test_blocks_come_with_their_numbers(self, client: Catalogue) -> None:
        answer = await client.patron(DORA)
        assert answer.patron
        blocks = {block.code: block for block in answer.patron.blocks}
        assert blocks["expired"].since == date(2026, 2, 25)  # type: ignore[index]
        assert blocks["fees"].amount  # type: ignore[index]
        assert answer.patron.loans[0].overdue

    async def test_an_item(self, client: Catalogue) -> None:
        item = await client.item("301")
        assert item
        assert (item.title, item.author, item.status) == ("Emma", "Jane Austen", ItemStatus.AVAILABLE)
        assert (await client.item("309")).status is ItemStatus.ON_LOAN  # type: ignore[union-attr]
        assert (await client.item("304")).status is ItemStatus.ON_HOLD_SHELF  # type: ignore[union-attr]
        assert await client.item("nothing/like it?") is None

    async def test_borrow_renew_return(self, client: Catalogue, mint: Mint, tell: Tell) -> None:
        anna = await ref(client, ANNA)
        lent = await client.propose(mint(ActKind.CHECKOUT, "301", anna))
        assert (lent.outcome, lent.due, lent.item.title) == (Outcome.LENT, date(2026, 3, 30), "Emma")  # type: ignore[union-attr]
        again = await client.propose(mint(ActKind.CHECKOUT, "301", anna))
        assert again.outcome is Outcome.ALREADY_YOURS
        other = await client.propose(mint(ActKind.CHECKOUT, "301", await ref(client, HANA)))
        assert other.outcome is Outcome.ON_LOAN_TO_OTHER
        [back] = await tell(mint(ActKind.CHECKIN, "301"))
        assert back.outcome is Outcome.RETURNED
        assert (await client.item("301")).status is ItemStatus.AVAILABLE  # type: ignore[union-attr]

    async def test_asking_twice_does_it_once(self, client: Catalogue, mint: Mint) -> None:
        act = mint(ActKind.RENEW, "309", await ref(client, ANNA), due_before=date(2026, 3, 4))
        first = await client.propose(act)
        assert first.outcome is Outcome.RENEWED
        assert await client.propose(act) == first
        assert await client.look_up(act) == first
        answer = await client.patron(ANNA)
        assert answer.patron
        assert answer.patron.loans[0].renewals_left == 1

    async def test_what_never_arrived_is_not_found(self, client: Catalogue, mint: Mint) -> None:
        assert await client.look_up(mint(ActKind.CHECKOUT, "301", "p")) is None

    async def test_a_fact_after_its_confirmed_proposal_changes_nothing(
        self, client: Catalogue, mint: Mint, tell: Tell
    ) -> None:
        act = mint(ActKind.CHECKOUT, "301", await ref(client, ANNA))
        said = await client.propose(act)
        assert await tell(act) == (said,)
        answer = await client.patron(ANNA)
        assert answer.patron
        assert answer.patron.borrowed == 2

    async def test_refusals(self, client: Catalogue, mint: Mint) -> None:
        anna, dora = await ref(client, ANNA), await ref(client, DORA)
        cases = {
            "308": (anna, Outcome.NOT_FOR_LOAN),
            "304": (anna, Outcome.RESERVED),
            "301": (dora, Outcome.PATRON_BLOCKED),
            "999": (anna, Outcome.UNKNOWN_ITEM),
        }
        for item, (patron, outcome) in cases.items():
            verdict = await client.propose(mint(ActKind.CHECKOUT, item, patron))
            assert verdict.outcome is outcome
            assert not verdict.outcome.yes
        unknown = await client.propose(mint(ActKind.RENEW, "301", anna))
        assert unknown.outcome is Outcome.NOT_YOURS

    async def test_over_the_limit_says_by_how_many(self, client: Catalogue, mint: Mint) -> None:
        anna = await ref(client, ANNA)
        for item in ("301", "302"):
            await client.propose(mint(ActKind.CHECKOUT, item, anna))
        verdict = await client.propose(mint(ActKind.CHECKOUT, "305", anna))
        assert (verdict.outcome, verdict.limit, verdict.borrowed) == (Outcome.OVER_LIMIT, 3, 3)

    async def test_returns_say_what_to_do_with_the_item(self, client: Catalogue, mint: Mint, tell: Tell) -> None:
        told = await tell(mint(ActKind.CHECKIN, "306"), mint(ActKind.CHECKIN, "304"), mint(ActKind.CHECKIN, "301"))
        elsewhere, hold, nothing = told
        assert (elsewhere.outcome, elsewhere.branch, elsewhere.shelf) == (
            Outcome.RETURNED_ELSEWHERE,
            "East",
            "yellow shelf",
        )
        assert (elsewhere.days_late, elsewhere.fee.minor if elsewhere.fee else 0) == (4, 80)
        assert (hold.outcome, hold.shelf) == (Outcome.RETURNED_FOR_HOLD, "red shelf")
        assert nothing.outcome is Outcome.WAS_NOT_ON_LOAN

    async def test_undo(self, client: Catalogue, mint: Mint, tell: Tell) -> None:
        anna = await ref(client, ANNA)
        act = mint(ActKind.CHECKOUT, "301", anna)
        await client.propose(act)
        [undone] = await tell(mint(ActKind.CHECKIN, "301", anna, undoes=act.key))
        assert undone.outcome.yes
        answer = await client.patron(ANNA)
        assert answer.patron
        assert answer.patron.borrowed == 1
