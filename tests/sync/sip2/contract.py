"""What a station gets from a library system by SIP2, whoever made it. A test class derives from `Sip2Contract` and says
by the fixture `address` where one is that holds the library of `tests/sync/library.py`, and by `account` how to get in.

Not the whole of `tests.sync.contract`: SIP 2.00 does not say who has a PIN, and promises nothing about late arrivals.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from ulid import ULID

from sync.acts import Act, ActKind, ClockQuality
from sync.catalogue import Credential, ItemStatus, Outcome, PatronState, Verdict
from sync.settings import PinPolicy, Sip2Settings
from sync.sip2.catalogue import Sip2Catalogue
from sync.sip2.dialogue import Dialogue
from sync.sip2.facts import Sip2Facts
from sync.sip2.link import Account, Address, Link
from sync.sip2.profile import Profile

ANNA, BEN, DORA, HANA, NOBODY = (Credential("barcode", card) for card in ("2001", "2002", "2003", "2004", "2999"))
BERLIN = ZoneInfo("Europe/Berlin")

Connected = Callable[..., Sip2Catalogue]


def act(kind: ActKind, item: str, patron: str | None, at: datetime, **more: object) -> Act:
    """An act of a station."""
    return Act(
        key=str(ULID()),
        kind=kind,
        station="s1",
        incarnation="I1",
        seq=1,
        item=item,
        patron=patron,
        at=at,
        mono_ns=0,
        boot_id="b",
        clock=ClockQuality.UNKNOWN,
        **more,  # type: ignore[arg-type]
    )


class Sip2Contract:
    """The port, asked as stations ask it."""

    ZONE = BERLIN
    ITEM, OTHER_ITEM, LENT_TO_ANNA, ON_HOLD_SHELF = "301", "302", "309", "304"

    @pytest.fixture
    async def link(self, address: Address, profile: Profile, account: Account) -> AsyncIterator[Link]:
        link = Link(address, profile, account=account)
        yield link
        await link.aclose()

    @pytest.fixture
    def connected(self, link: Link, now: Callable[[], datetime]) -> Connected:
        """The catalogue, with readers who have a PIN or with such that have none."""

        def connect(pin: PinPolicy = PinPolicy.NEVER) -> Sip2Catalogue:
            return Sip2Catalogue(link, Sip2Settings(host="localhost", institution="LIB", pin=pin), self.ZONE, now)

        return connect

    @pytest.fixture
    def facts(self, link: Link, connected: Connected, profile: Profile, now: Callable[[], datetime]) -> Sip2Facts:
        settings = Sip2Settings(host="localhost", institution="LIB")
        return Sip2Facts(connected(), Dialogue(link, settings, now, urgent=False), profile.no_block, self.ZONE, now)

    # ── questions ──

    async def test_it_answers(self, connected: Connected) -> None:
        await connected().heartbeat()

    async def test_a_patron_with_loans(self, connected: Connected) -> None:
        answer = await connected().patron(ANNA)
        assert answer.state is PatronState.WELCOME
        assert answer.patron
        assert (answer.patron.name, answer.patron.borrowed) == ("Anna Berg", 1)
        assert [(loan.title, loan.due) for loan in answer.patron.loans] == [("红楼梦", date(2026, 3, 4))]

    async def test_an_unknown_card(self, connected: Connected) -> None:
        for policy in PinPolicy:
            assert (await connected(policy).patron(NOBODY)).state is PatronState.UNKNOWN

    async def test_nothing_is_told_before_the_pin_was_right(self, connected: Connected) -> None:
        catalogue = connected(PinPolicy.ALWAYS)
        for pin, state in ((None, PatronState.PIN_NEEDED), ("0000", PatronState.PIN_WRONG)):
            answer = await catalogue.patron(BEN, pin)
            assert (answer.state, answer.patron) == (state, None)
        answer = await catalogue.patron(BEN, "1234")
        assert answer.state is PatronState.WELCOME
        assert answer.patron
        assert answer.patron.name == "Ben Holt"

    async def test_why_somebody_may_not_borrow(self, connected: Connected) -> None:
        answer = await connected().patron(DORA)
        assert answer.patron
        assert answer.patron.blocks
        assert answer.patron.fees

    async def test_an_item(self, connected: Connected) -> None:
        catalogue = connected()
        item = await catalogue.item(self.ITEM)
        assert item
        assert (item.title, item.status) == ("Emma", ItemStatus.AVAILABLE)
        lent = await catalogue.item(self.LENT_TO_ANNA)
        assert lent
        assert (lent.title, lent.status, lent.due) == ("红楼梦", ItemStatus.ON_LOAN, date(2026, 3, 4))
        assert await catalogue.item("999") is None

    # ── proposals ──

    async def test_borrow_and_renew(
        self, connected: Connected, now: Callable[[], datetime], later: Callable[[float], None]
    ) -> None:
        catalogue = connected()
        lent = await catalogue.propose(act(ActKind.CHECKOUT, self.ITEM, "2001", now()))
        assert lent.outcome is Outcome.LENT
        assert lent.item
        assert lent.item.title == "Emma"
        assert lent.due is not None
        later(60)
        again = await catalogue.propose(act(ActKind.CHECKOUT, self.ITEM, "2001", now()))
        assert again.outcome is Outcome.ALREADY_YOURS
        other = await catalogue.propose(act(ActKind.CHECKOUT, self.ITEM, "2004", now()))
        assert other.outcome is Outcome.ON_LOAN_TO_OTHER
        renewed = await catalogue.propose(act(ActKind.RENEW, self.LENT_TO_ANNA, "2001", now()))
        assert renewed.outcome is Outcome.RENEWED
        assert renewed.due is not None
        assert renewed.due > date(2026, 3, 4)

    async def test_asking_twice_does_it_once(self, connected: Connected, now: Callable[[], datetime]) -> None:
        catalogue = connected()
        renewal = act(ActKind.RENEW, self.LENT_TO_ANNA, "2001", now())
        assert await catalogue.propose(renewal) == await catalogue.propose(renewal)

    async def test_refusals(self, connected: Connected, now: Callable[[], datetime]) -> None:
        catalogue = connected()
        cases = {
            ("999", "2001"): Outcome.UNKNOWN_ITEM,
            (self.ON_HOLD_SHELF, "2001"): Outcome.RESERVED,
            (self.ITEM, "2003"): Outcome.PATRON_BLOCKED,
            (self.ITEM, "2999"): Outcome.UNKNOWN_PATRON,
        }
        for (item, patron), outcome in cases.items():
            verdict = await catalogue.propose(act(ActKind.CHECKOUT, item, patron, now()))
            assert verdict.outcome is outcome, item
        verdict = await catalogue.propose(act(ActKind.RENEW, self.OTHER_ITEM, "2001", now()))
        assert verdict.outcome is Outcome.NOT_YOURS

    # ── what became of it ──

    async def test_a_loan_whose_answer_was_lost_is_found(
        self, connected: Connected, now: Callable[[], datetime]
    ) -> None:
        lent = act(ActKind.CHECKOUT, self.ITEM, "2001", now())
        assert await connected().look_up(lent) is None
        await connected().propose(lent)
        found = await connected().look_up(lent)
        assert found is not None
        assert (found.outcome, found.due is not None) == (Outcome.LENT, True)
        assert await connected().look_up(act(ActKind.CHECKOUT, self.ITEM, "2004", now())) is None

    async def test_a_renewal_is_told_by_its_due_date(self, connected: Connected, now: Callable[[], datetime]) -> None:
        renewal = act(ActKind.RENEW, self.LENT_TO_ANNA, "2001", now(), due_before=date(2026, 3, 4))
        assert await connected().look_up(renewal) is None
        said = await connected().propose(renewal)
        found = await connected().look_up(renewal)
        assert found is not None
        assert (found.outcome, found.due) == (Outcome.RENEWED, said.due)

    # ── facts ──

    async def test_a_return(self, facts: Sip2Facts, connected: Connected, now: Callable[[], datetime]) -> None:
        verdict = await facts.take(act(ActKind.CHECKIN, self.LENT_TO_ANNA, None, now()), None, again=False)
        assert verdict.outcome.yes
        assert verdict.conflict is None
        item = await connected().item(self.LENT_TO_ANNA)
        assert item
        assert item.status is not ItemStatus.ON_LOAN

    async def test_a_return_that_may_have_been_told_is_asked_about(
        self, facts: Sip2Facts, now: Callable[[], datetime]
    ) -> None:
        returned = act(ActKind.CHECKIN, self.LENT_TO_ANNA, None, now())
        for again in (False, True):
            verdict = await facts.take(returned, None, again=again)
            assert verdict.outcome.yes
            assert verdict.conflict is None

    async def test_a_loan_of_an_outage_is_told_once(
        self, facts: Sip2Facts, connected: Connected, now: Callable[[], datetime]
    ) -> None:
        shown = Verdict(outcome=Outcome.LENT, due=date(2026, 3, 30), about=True)
        lent = act(ActKind.CHECKOUT, self.OTHER_ITEM, "2004", now() - timedelta(minutes=30))
        for again in (False, True):
            verdict = await facts.take(lent, shown, again=again)
            assert (verdict.outcome, verdict.conflict) == (Outcome.LENT, None)
        answer = await connected().patron(HANA)
        assert answer.patron
        assert answer.patron.borrowed == 1

    async def test_a_loan_that_is_refused_afterwards_says_why(
        self, facts: Sip2Facts, now: Callable[[], datetime], profile: Profile
    ) -> None:
        del profile
        lent = act(ActKind.CHECKOUT, "999", "2004", now() - timedelta(seconds=30))
        verdict = await facts.take(lent, None, again=False)
        assert (verdict.outcome, verdict.conflict) == (Outcome.UNKNOWN_ITEM, "DECLINED")
