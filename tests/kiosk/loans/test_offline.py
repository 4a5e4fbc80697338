"""Deciding without the catalogue, on a real mirror and a real journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from kiosk.loans.offline import OfflineDesk
from kiosk.store.journal import Journal
from kiosk.store.mirror import Mirror
from kiosk.store.projection import overlay
from kiosk.store.thread import StoreThread
from sync.acts import ActKind, ActState
from sync.catalogue import (
    Block,
    BlockCode,
    Credential,
    Decided,
    Item,
    ItemStatus,
    Loan,
    OfflineReason,
    Outcome,
    Patron,
    PatronState,
    Verdict,
    card_of,
)
from sync.feed.snapshot import BLOCKED_DIGITS, HAS_PIN, MirrorItem, MirrorPatron, card_digest
from sync.rules import LendingRule, LendingRules, OfflineQuota, OfflineRules, PatronLevel, TrustStep
from tests.fakes.clock import MovableClock
from tests.fakes.executor import InlineExecutor
from tests.fakes.mirror import Content, fill_mirror

KEY = "00112233445566778899aabbccddeeff"
TODAY = date(2026, 3, 2)
DUE = date(2026, 3, 30)
RULES = LendingRules(
    rule=(LendingRule(limit=4), LendingRule(media="dvd", loan_days=7, renewals=1)),
    offline=OfflineRules(max_items=3),
)
CARD, PIN_CARD, OLD_CARD, BARRED_CARD = (Credential("uid", f"04A{number}") for number in range(4))
ANNA = Patron(ref="p-anna", limit=4, borrowed=0)
BERT = Patron(ref="p-bert", limit=4, borrowed=0)


def _patron(card: Credential, ref: str, **more: object) -> MirrorPatron:
    return MirrorPatron(card=card_digest(KEY, card), ref=ref, limit=4, **more)  # type: ignore[arg-type]


SNAPSHOT = Content(
    made_at=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
    rules=RULES,
    card_key=KEY,
    items=(
        MirrorItem(barcode="301", title="Emma", author="Jane Austen", shelf="A 1"),
        MirrorItem(barcode="302", title="Metropolis", media="dvd"),
        MirrorItem(barcode="303", title="Atlas", status=ItemStatus.NOT_FOR_LOAN),
        MirrorItem(barcode="304", title="红楼梦"),
        MirrorItem(barcode="305", title="Persuasion", recalled=True),
    ),
    reserved=("304",),
    hold_shelf="red shelf",
    patrons=(
        _patron(CARD, "p-anna", borrowed=1, language="zh_CN"),
        _patron(PIN_CARD, "p-pin", has_pin=True),
        _patron(OLD_CARD, "p-old", expires=date(2026, 3, 1)),
        _patron(BARRED_CARD, "p-barred", blocks=(Block(BlockCode.EXPIRED),), expires=date(2026, 3, 1)),
    ),
)


class Bench:
    """An offline desk, and what a LoanDesk would do around it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = MovableClock()
        self.mirror = Mirror(folder)
        self.journal = Journal(folder / "journal.db", "s1", self.clock)
        self.desk = OfflineDesk(self.mirror, self.journal, StoreThread(InlineExecutor()), self.clock)

    def fill(self, snapshot: Content = SNAPSHOT, **rules: object) -> None:
        offline = msgspec.structs.replace(snapshot.rules.offline, **rules)
        changed = msgspec.structs.replace(snapshot, rules=msgspec.structs.replace(snapshot.rules, offline=offline))
        fill_mirror(self.folder, changed)

    def close(self) -> None:
        self.mirror.close()
        self.journal.close()

    async def lend(self, item: str, patron: Patron = ANNA) -> Verdict:
        verdict = await self.desk.checkout(patron, item)
        if verdict.outcome.yes:
            act = self.journal.record(ActKind.CHECKOUT, item, patron.ref, ActState.PROPOSED)
            self.journal.move(act.key, ActState.PROPOSED, ActState.EXECUTED, verdict)
        return verdict

    async def take_in(self, item: str) -> Verdict:
        self.journal.record(ActKind.CHECKIN, item, None, ActState.EXECUTED)
        return await self.desk.checkin(item)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    bench.fill()
    yield bench
    bench.close()


# ── who ──


async def test_a_known_card_is_welcome_without_a_name(bench: Bench) -> None:
    answer = await bench.desk.patron(CARD)
    assert (answer.state, answer.decided) == (PatronState.WELCOME, Decided.OFFLINE)
    assert answer.patron == Patron(ref="p-anna", limit=4, borrowed=1, language="zh_CN")
    assert answer.patron.name == ""


@pytest.mark.parametrize("card", [PIN_CARD, Credential("uid", "04FF"), Credential("barcode", CARD.value)])
async def test_who_cannot_prove_it_without_the_catalogue_is_told_so(bench: Bench, card: Credential) -> None:
    answer = await bench.desk.patron(card)
    assert (answer.state, answer.patron, answer.decided) == (PatronState.NOT_OFFLINE, None, Decided.OFFLINE)


@pytest.mark.parametrize(("card", "count"), [(OLD_CARD, 1), (BARRED_CARD, 1)])
async def test_a_card_that_has_expired_since_is_blocked_once(bench: Bench, card: Credential, count: int) -> None:
    answer = await bench.desk.patron(card)
    assert answer.patron
    assert [block.code for block in answer.patron.blocks] == [BlockCode.EXPIRED] * count
    verdict = await bench.lend("301", answer.patron)
    assert verdict.outcome is Outcome.PATRON_BLOCKED


async def test_too_much_is_overdue_from_the_day_that_the_catalogue_foresaw(bench: Bench) -> None:
    late = _patron(CARD, "p-anna", borrowed=6, overdue_after=TODAY)
    bench.fill(msgspec.structs.replace(SNAPSHOT, patrons=(late,)))
    answer = await bench.desk.patron(CARD)
    assert answer.patron
    assert answer.patron.blocks == (), "due today is not overdue"
    bench.clock.advance(86_400)
    answer = await bench.desk.patron(CARD)
    assert answer.patron
    assert [block.code for block in answer.patron.blocks] == [BlockCode.OVERDUE]


# ── cards of which nothing is known ──

STRANGER, LISTED, WITH_PIN = (Credential("uid", f"05B{number}") for number in range(3))
LIST = msgspec.structs.replace(
    SNAPSHOT,
    patrons=(),
    blocked=(
        (card_digest(KEY, LISTED)[:BLOCKED_DIGITS], "2026-03-02"),
        (card_digest(KEY, WITH_PIN)[:BLOCKED_DIGITS], HAS_PIN),
    ),
)


async def stranger(bench: Bench, card: Credential = STRANGER) -> Patron:
    answer = await bench.desk.patron(card)
    assert (answer.state, answer.decided) == (PatronState.WELCOME, Decided.OFFLINE)
    assert answer.patron is not None
    return answer.patron


async def test_a_card_that_is_not_on_the_list_borrows_as_much_as_the_library_says(bench: Bench) -> None:
    bench.fill(LIST, patrons=PatronLevel.BLOCKED, unknown_cards=2)
    patron = await stranger(bench)
    assert (patron.ref, patron.limit, patron.blocks) == ("card:uid:05B0", 2, ())
    assert card_of(patron.ref) == STRANGER
    assert [(await bench.lend(item, patron)).outcome for item in ("301", "302")] == [Outcome.LENT, Outcome.LENT]
    third = await bench.lend("399", patron)
    assert (third.outcome, third.reason, third.limit, third.borrowed) == (
        Outcome.NOT_OFFLINE,
        OfflineReason.QUOTA,
        2,
        2,
    )


async def test_a_card_on_the_list_borrows_till_its_day(bench: Bench) -> None:
    bench.fill(LIST, patrons=PatronLevel.BLOCKED, unknown_cards=2)
    assert (await stranger(bench, LISTED)).blocks == ()
    bench.clock.advance(86_400)
    assert (await stranger(bench, LISTED)).blocks == (Block(BlockCode.BARRED),)


async def test_the_proof_of_identity_is_not_lowered(bench: Bench) -> None:
    bench.fill(LIST, patrons=PatronLevel.BLOCKED, unknown_cards=2)
    assert (await bench.desk.patron(WITH_PIN)).state is PatronState.NOT_OFFLINE


async def test_whoever_is_known_is_served_as_such(bench: Bench) -> None:
    bench.fill(unknown_cards=2)
    answer = await bench.desk.patron(CARD)
    assert answer.patron is not None
    assert (answer.patron.ref, answer.patron.limit) == ("p-anna", 4)


async def test_an_old_mirror_lends_to_strangers_as_little_as_to_anybody(bench: Bench) -> None:
    bench.fill(LIST, patrons=PatronLevel.BLOCKED, unknown_cards=2, trust=(TrustStep(mirror_hours=1),))
    assert (await bench.desk.patron(STRANGER)).state is PatronState.NOT_OFFLINE


# ── what ──


async def test_an_item_is_described_from_the_mirror(bench: Bench) -> None:
    assert await bench.desk.item("301") == Item(barcode="301", title="Emma", author="Jane Austen", shelf="A 1")
    assert await bench.desk.item("399") is None


# ── lending ──


@pytest.mark.parametrize(
    ("item", "outcome", "due"),
    [
        ("301", Outcome.LENT, DUE),
        ("302", Outcome.LENT, date(2026, 3, 9)),
        ("303", Outcome.NOT_FOR_LOAN, None),
        ("304", Outcome.RESERVED, None),
        ("305", Outcome.RECALLED, None),
        ("399", Outcome.LENT, DUE),  # newer than the mirror: the book is in the reader's hand
    ],
)
async def test_lending_goes_by_the_rules(bench: Bench, item: str, outcome: Outcome, due: date | None) -> None:
    verdict = await bench.desk.checkout(ANNA, item)
    assert (verdict.outcome, verdict.due, verdict.about) == (outcome, due, outcome.yes)
    assert verdict.decided is Decided.OFFLINE


async def test_what_was_lent_here_is_known(bench: Bench) -> None:
    await bench.lend("301")
    again = await bench.desk.checkout(ANNA, "301")
    assert (again.outcome, again.due) == (Outcome.ALREADY_YOURS, DUE)
    assert (await bench.desk.checkout(BERT, "301")).outcome is Outcome.ON_LOAN_TO_OTHER
    await bench.take_in("301")
    assert (await bench.lend("301", BERT)).outcome is Outcome.LENT


@pytest.mark.parametrize("patron", [ANNA, BERT], ids=["who borrowed it", "somebody else"])
async def test_what_was_taken_back_can_be_borrowed_again(bench: Bench, patron: Patron) -> None:
    await bench.lend("301")
    bench.journal.record(ActKind.CHECKIN, "301", ANNA.ref, ActState.EXECUTED, undoes="K1")
    assert (await bench.lend("301", patron)).outcome is Outcome.LENT


async def test_a_patron_borrows_no_more_than_a_few_items_offline(bench: Bench) -> None:
    for item in ("391", "392", "393"):
        assert (await bench.lend(item)).outcome is Outcome.LENT
    verdict = await bench.lend("394")
    assert (verdict.outcome, verdict.limit, verdict.borrowed) == (Outcome.NOT_OFFLINE, 3, 3)
    assert (verdict.reason, verdict.mirror_hours) == (OfflineReason.QUOTA, 24)
    await bench.take_in("391")
    assert (await bench.lend("394")).outcome is Outcome.LENT


async def test_what_somebody_else_borrowed_afterwards_does_not_count(bench: Bench) -> None:
    for item in ("391", "392", "393"):
        await bench.lend(item)
        await bench.take_in(item)
        assert (await bench.lend(item, BERT)).outcome is Outcome.LENT
    assert (await bench.lend("394")).outcome is Outcome.LENT


async def test_the_limit_counts_what_the_mirror_knew(bench: Bench) -> None:
    patron = msgspec.structs.replace(ANNA, borrowed=4)
    verdict = await bench.lend("301", patron)
    assert (verdict.outcome, verdict.limit, verdict.borrowed) == (Outcome.OVER_LIMIT, 4, 4)


async def test_a_library_may_lend_nothing_offline(bench: Bench) -> None:
    bench.fill(lend=False, renew=False)
    assert (await bench.lend("301")).outcome is Outcome.NOT_OFFLINE
    assert (await bench.desk.renew(with_loan("301"), "301", TODAY)).outcome is Outcome.NOT_OFFLINE
    assert (await bench.take_in("301")).outcome is Outcome.RETURNED_UNSEEN


STEPS = (TrustStep(mirror_hours=48), TrustStep(mirror_hours=168, max_items=1))


async def test_the_older_the_mirror_the_less_is_lent(bench: Bench) -> None:
    """The mirror is a day old already."""
    bench.fill(trust=STEPS)
    await bench.lend("391")
    bench.clock.advance(24 * 3600)
    assert (await bench.lend("392")).outcome is Outcome.LENT
    bench.clock.advance(1)
    verdict = await bench.lend("393")
    assert (verdict.reason, verdict.limit, verdict.borrowed) == (OfflineReason.QUOTA, 1, 2)
    assert (verdict.mirror_hours, (await bench.lend("391", BERT)).outcome) == (48, Outcome.ON_LOAN_TO_OTHER)
    assert (await bench.lend("393", BERT)).outcome is Outcome.LENT
    assert (await bench.desk.patron(CARD)).state is PatronState.WELCOME


async def test_a_category_has_a_quota_of_its_own(bench: Bench) -> None:
    bench.fill(quota=(OfflineQuota(category="child", max_items=1), OfflineQuota(category="guest", max_items=0)))
    child = msgspec.structs.replace(ANNA, category="child")
    assert (await bench.lend("391", child)).outcome is Outcome.LENT
    verdict = await bench.lend("392", child)
    assert (verdict.reason, verdict.limit) == (OfflineReason.QUOTA, 1)
    guest = msgspec.structs.replace(BERT, category="guest")
    assert (await bench.lend("392", guest)).reason is OfflineReason.CATEGORY
    assert (await bench.lend("392", BERT)).outcome is Outcome.LENT


async def test_a_library_may_except_kinds_and_what_is_unknown(bench: Bench) -> None:
    bench.fill(excluded_media=("dvd",), unknown_items=False)
    verdict = await bench.lend("302")
    assert (verdict.reason, verdict.media) == (OfflineReason.MEDIA, "dvd")
    assert (await bench.lend("399")).reason is OfflineReason.UNKNOWN_ITEM
    assert (await bench.lend("301")).outcome is Outcome.LENT
    renewed = await bench.desk.renew(with_loan("302", renewals_left=1, media="dvd"), "302", TODAY)
    assert renewed.outcome is Outcome.RENEWED, "it is at home already"


async def test_films_lent_here_count_towards_the_limit_for_films(bench: Bench) -> None:
    dvds = tuple(MirrorItem(barcode=f"31{number}", title="Film", media="dvd") for number in range(3))
    rules = LendingRules(rule=(LendingRule(), LendingRule(media="dvd", limit=2)))
    bench.fill(msgspec.structs.replace(SNAPSHOT, rules=rules, items=(*SNAPSHOT.items, *dvds)))
    seen = with_loan("302", media="dvd")
    assert (await bench.lend("310", seen)).outcome is Outcome.LENT
    verdict = await bench.lend("311", seen)
    assert (verdict.outcome, verdict.limit, verdict.borrowed, verdict.media) == (Outcome.OVER_LIMIT, 2, 2, "dvd")
    await bench.take_in("310")
    assert (await bench.lend("311", seen)).outcome is Outcome.LENT


async def test_what_the_reader_was_told_they_have_is_theirs(bench: Bench) -> None:
    """The line went down in the middle of their visit."""
    verdict = await bench.desk.checkout(with_loan("301"), "301")
    assert (verdict.outcome, verdict.due) == (Outcome.ALREADY_YOURS, TODAY)
    await bench.take_in("301")
    assert (await bench.desk.checkout(with_loan("301"), "301")).outcome is Outcome.LENT


async def test_nothing_is_due_after_the_card_expires_where_the_library_wants_it(bench: Bench) -> None:
    rules = msgspec.structs.replace(RULES, due_before_expiry=True)
    soon = _patron(Credential("uid", "04B1"), "p-soon", expires=date(2026, 3, 10))
    bench.fill(msgspec.structs.replace(SNAPSHOT, rules=rules, patrons=(soon,)))
    answer = await bench.desk.patron(Credential("uid", "04B1"))
    assert answer.patron
    assert (await bench.desk.checkout(answer.patron, "301")).due == date(2026, 3, 10)


async def test_a_clock_that_stands_still_reckons_no_due_date(bench: Bench) -> None:
    """It stands days before the mirror was made."""
    bench.clock.set_wall(datetime(2026, 2, 28, 9, 0, tzinfo=UTC))
    assert (await bench.lend("301")).outcome is Outcome.LENT, "a day ahead: clocks differ"
    bench.clock.set_wall(datetime(2026, 2, 28, 8, 59, 59, tzinfo=UTC))
    await only_takes_in(bench, OfflineReason.CLOCK)


async def test_with_a_mirror_that_is_too_old_it_only_takes_in(bench: Bench) -> None:
    bench.clock.advance(29 * 86_400)
    assert (await bench.desk.checkout(ANNA, "301")).outcome is Outcome.LENT, "thirty days old to the second"
    bench.clock.advance(1)
    await only_takes_in(bench, OfflineReason.MIRROR_OLD)


async def test_without_a_mirror_it_only_takes_in(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "fresh")
    await only_takes_in(bench)
    bench.close()


@pytest.mark.logs(r"^kiosk\.store\.mirror: .* cannot be read")
async def test_with_a_damaged_mirror_it_only_takes_in(bench: Bench, tmp_path: Path) -> None:
    for name in ("mirror.db", "patron.db"):
        (tmp_path / name).write_bytes(b"damaged" * 1000)
    await only_takes_in(bench)


async def only_takes_in(bench: Bench, reason: OfflineReason = OfflineReason.NO_MIRROR) -> None:
    assert (await bench.desk.patron(CARD)).state is PatronState.NOT_OFFLINE
    for verdict in (await bench.lend("302"), await bench.desk.renew(with_loan("301"), "301", TODAY)):
        assert (verdict.outcome, verdict.reason) == (Outcome.NOT_OFFLINE, reason)
    assert (await bench.take_in("301")).outcome.yes


# ── renewing ──


def with_loan(item: str, **more: object) -> Patron:
    loan = Loan(item=item, title="Emma", due=TODAY, **more)  # type: ignore[arg-type]
    return msgspec.structs.replace(ANNA, borrowed=1, loans=(loan,))


@pytest.mark.parametrize(
    ("patron", "item", "outcome"),
    [
        pytest.param(with_loan("301", renewals_left=1), "301", Outcome.RENEWED, id="one left"),
        pytest.param(with_loan("301"), "301", Outcome.RENEWED, id="the catalogue has not said how many"),
        pytest.param(with_loan("301", renewals_left=0), "301", Outcome.RENEWAL_LIMIT, id="none left"),
        pytest.param(with_loan("302", renewals_left=1, media="dvd"), "302", Outcome.RENEWED, id="a film, one left"),
        pytest.param(with_loan("302", renewals_left=0, media="dvd"), "302", Outcome.RENEWAL_LIMIT, id="a film"),
        pytest.param(with_loan("304", renewals_left=1), "304", Outcome.RESERVED, id="somebody waits"),
        pytest.param(with_loan("305", renewals_left=1), "305", Outcome.RECALLED, id="the library wants it back"),
        pytest.param(ANNA, "301", Outcome.NOT_OFFLINE, id="no loan that is known"),
    ],
)
async def test_renewing_goes_by_the_loan_that_the_reader_saw(
    bench: Bench, patron: Patron, item: str, outcome: Outcome
) -> None:
    verdict = await bench.desk.renew(patron, item, TODAY)
    assert (verdict.outcome, verdict.decided) == (outcome, Decided.OFFLINE)


async def test_a_loan_of_today_gains_nothing_by_renewing(bench: Bench) -> None:
    await bench.lend("301")
    answer = await bench.desk.patron(CARD)
    seen = overlay(answer, bench.journal.facts_of_patron("p-anna"), {}).patron
    assert seen
    verdict = await bench.desk.renew(seen, "301", seen.loans[0].due)
    assert (verdict.outcome, verdict.due) == (Outcome.TOO_EARLY, DUE)


# ── taking in ──


async def test_a_return_is_thanked_for(bench: Bench) -> None:
    verdict = await bench.take_in("301")
    assert (verdict.outcome, verdict.item and verdict.item.title) == (Outcome.RETURNED_UNSEEN, "Emma")
    assert (await bench.take_in("399")).outcome is Outcome.RETURNED_UNSEEN


async def test_what_somebody_waits_for_goes_to_the_hold_shelf(bench: Bench) -> None:
    verdict = await bench.take_in("304")
    assert (verdict.outcome, verdict.shelf) == (Outcome.RETURNED_FOR_HOLD, "red shelf")


# ── what the catalogue has learned since the mirror was made ──


def settle(bench: Bench, kind: ActKind, item: str, patron: str | None) -> None:
    """Something done online: the catalogue knows it, and the mirror does not."""
    first = ActState.EXECUTED if kind is ActKind.CHECKIN else ActState.PROPOSED
    act = bench.journal.record(kind, item, patron, first)
    verdict = Verdict(outcome=Outcome.RETURNED if kind is ActKind.CHECKIN else Outcome.LENT, due=DUE)
    bench.journal.move(act.key, first, ActState.CONFIRMED, verdict)


async def test_what_was_lent_online_a_moment_ago_is_not_lent_again(bench: Bench) -> None:
    settle(bench, ActKind.CHECKOUT, "301", "p-anna")
    assert (await bench.desk.checkout(BERT, "301")).outcome is Outcome.ON_LOAN_TO_OTHER
    assert (await bench.desk.checkout(ANNA, "301")).outcome is Outcome.ALREADY_YOURS
    settle(bench, ActKind.CHECKIN, "301", None)
    assert (await bench.desk.checkout(BERT, "301")).outcome is Outcome.LENT


async def test_what_was_lent_online_is_listed_and_does_not_use_up_the_offline_quota(bench: Bench) -> None:
    for item in ("301", "305", "306"):
        settle(bench, ActKind.CHECKOUT, item, "p-anna")
    answer = await bench.desk.patron(CARD)
    seen = overlay(answer, await bench.desk.own_acts("p-anna"), {}).patron
    assert seen is not None
    assert seen.borrowed == 4
    assert [(loan.item, loan.about) for loan in seen.loans] == [("301", False), ("305", False), ("306", False)]
    assert (await bench.desk.checkout(ANNA, "302")).outcome is Outcome.LENT


async def test_a_mirror_made_later_knows_it_and_nothing_is_counted_twice(bench: Bench) -> None:
    settle(bench, ActKind.CHECKOUT, "301", "p-anna")
    fill_mirror(bench.folder, SNAPSHOT, bench.journal.position())
    assert await bench.desk.own_acts("p-anna") == ()
    settle(bench, ActKind.CHECKIN, "301", None)
    assert [entry.act.kind for entry in await bench.desk.own_acts("p-anna")] == [ActKind.CHECKIN]
