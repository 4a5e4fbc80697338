"""One table of cases, three ways to the same answer: the pure function, the centre, and a station by itself.

A visit begins online, the line goes down, the reader scans: what the station says is what the centre would have said,
with the same numbers, wherever the station knows the same facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy.orm import Session
from ulid import ULID

from kiosk.loans.offline import OfflineDesk
from kiosk.store.journal import Journal
from kiosk.store.mirror import Mirror
from kiosk.store.thread import StoreThread
from sync.acts import Act, ActKind, ClockQuality
from sync.catalogue import BlockCode, Credential, Decided, Item, ItemStatus, OfflineReason, Outcome, Patron, Verdict
from sync.central.circulation import Circulation
from sync.central.models import (
    Base,
    Branch,
    Card,
    FeeRow,
    HoldRow,
    ItemRow,
    LoanRow,
    PatronRow,
    Setting,
    Title,
    open_engine,
)
from sync.central.people import People
from sync.rules import (
    Calendar,
    CheckoutCase,
    LendingRule,
    LendingRules,
    OfflineQuota,
    OfflineRules,
    RenewCase,
    TrustStep,
    blocks_of,
    judge_checkout,
    judge_renew,
)
from tests.fakes.clock import MovableClock
from tests.fakes.executor import InlineExecutor
from tests.fakes.mirror import mirror_of

UTC = ZoneInfo("UTC")
TODAY = date(2026, 3, 2)
CARD = Credential("uid", "04A1")
READER, OTHER = "reader", "other"
WANTED = "301"
TITLES = {"book": 1, "dvd": 2}

RULES = LendingRules(
    fee_limit=1000,
    overdue_limit=1,
    calendar=(Calendar(closed_weekdays=(6,)), Calendar(branch="east", closed_dates=(date(2026, 3, 30),))),
    rule=(
        LendingRule(limit=3),
        LendingRule(category="student", fixed_due=(date(2026, 7, 15),), limit=3),
        LendingRule(media="dvd", loan_days=7, limit=1, renewals=1),
    ),
    offline=OfflineRules(
        quota=(OfflineQuota(category="guest", max_items=0),),
        trust=(TrustStep(mirror_hours=24),),
        unknown_items=False,
    ),
)
STRICT = replace(RULES, renew_overdue=False, due_before_expiry=True)
CAREFUL = replace(RULES, offline=OfflineRules(lend=False, renew=False))
NO_FILMS = replace(RULES, offline=replace(RULES.offline, excluded_media=("dvd",)))


@dataclass(frozen=True)
class Scene:
    """What is so when a reader wants an item. Days are counted from today."""

    rules: LendingRules = RULES
    wish: ActKind = ActKind.CHECKOUT
    # the reader
    category: str = "adult"
    expires_in: int | None = None
    codes: tuple[BlockCode, ...] = ()
    owed: int = 0
    has: tuple[tuple[str, int], ...] = ()  # media, due in so many days
    # the item
    known: bool = True
    media: str = "book"
    branch: str = "main"
    status: ItemStatus = ItemStatus.AVAILABLE
    recalled: bool = False
    reserved: bool = False
    lent_to: str | None = None
    due_in: int = 10
    renewals: int = 0
    # what is said, and what a station by itself says where it is not the same
    says: Outcome = Outcome.LENT
    alone: tuple[Outcome, OfflineReason | None] | None = None

    @property
    def expires(self) -> date | None:
        """The last day of the reader's card."""
        return None if self.expires_in is None else TODAY + timedelta(days=self.expires_in)

    @property
    def due(self) -> date | None:
        """Of the loan that the item is on."""
        return TODAY + timedelta(days=self.due_in) if self.lent_to else None


RENEW = ActKind.RENEW
MINE = {"wish": RENEW, "lent_to": READER}
LATE = (("book", -3), ("book", -4))
NOT_OFFLINE = Outcome.NOT_OFFLINE

SCENES: dict[str, Scene] = {
    "nothing in the way": Scene(),
    "a film": Scene(media="dvd"),
    "a student": Scene(category="student"),
    "a branch that is closed when it would be due": Scene(branch="east"),
    "a card that ends before": Scene(rules=STRICT, expires_in=13),
    "it was found again": Scene(status=ItemStatus.LOST),
    "theirs already": Scene(lent_to=READER, says=Outcome.ALREADY_YOURS),
    "theirs, and recalled": Scene(lent_to=READER, recalled=True, says=Outcome.ALREADY_YOURS),
    "kept for reading here": Scene(status=ItemStatus.NOT_FOR_LOAN, says=Outcome.NOT_FOR_LOAN),
    "on the hold shelf for somebody": Scene(reserved=True, says=Outcome.RESERVED),
    "recalled": Scene(recalled=True, says=Outcome.RECALLED),
    "card expired": Scene(expires_in=-1, says=Outcome.PATRON_BLOCKED),
    "card on its last day": Scene(expires_in=0),
    "card reported lost": Scene(codes=(BlockCode.CARD_LOST,), says=Outcome.PATRON_BLOCKED),
    "owes as much as is allowed": Scene(owed=1000),
    "owes too much": Scene(owed=1001, says=Outcome.PATRON_BLOCKED),
    "one overdue": Scene(has=LATE[:1]),
    "too many overdue": Scene(has=LATE, says=Outcome.PATRON_BLOCKED),
    "at the limit": Scene(has=(("book", 5),) * 3, says=Outcome.OVER_LIMIT),
    "at the limit for films": Scene(media="dvd", has=(("dvd", 5),), says=Outcome.OVER_LIMIT),
    "a book, at the limit for films": Scene(has=(("dvd", 5),)),
    "at the limit, and reserved": Scene(has=(("book", 5),) * 3, reserved=True, says=Outcome.RESERVED),
    "blocked, and at the limit": Scene(owed=1001, has=(("book", 5),) * 3, says=Outcome.PATRON_BLOCKED),
    # what a station by itself cannot know, or may not do
    "lent to somebody else": Scene(lent_to=OTHER, says=Outcome.ON_LOAN_TO_OTHER, alone=(Outcome.LENT, None)),
    "unknown": Scene(known=False, says=Outcome.UNKNOWN_ITEM, alone=(NOT_OFFLINE, OfflineReason.UNKNOWN_ITEM)),
    "a guest": Scene(category="guest", alone=(NOT_OFFLINE, OfflineReason.CATEGORY)),
    "a kind that is not lent offline": Scene(rules=NO_FILMS, media="dvd", alone=(NOT_OFFLINE, OfflineReason.MEDIA)),
    "a library that lends nothing offline": Scene(rules=CAREFUL, alone=(NOT_OFFLINE, OfflineReason.POLICY)),
    # renewing
    "renewed": Scene(**MINE, says=Outcome.RENEWED),  # type: ignore[arg-type]
    "a film renewed": Scene(**MINE, media="dvd", due_in=2, says=Outcome.RENEWED),  # type: ignore[arg-type]
    "a film once too often": Scene(**MINE, media="dvd", due_in=2, renewals=1, says=Outcome.RENEWAL_LIMIT),  # type: ignore[arg-type]
    "too early": Scene(**MINE, due_in=28, says=Outcome.TOO_EARLY),  # type: ignore[arg-type]
    "the card ends": Scene(**MINE, rules=STRICT, expires_in=10, says=Outcome.TOO_EARLY),  # type: ignore[arg-type]
    "somebody waits": Scene(**MINE, reserved=True, says=Outcome.RESERVED),  # type: ignore[arg-type]
    "the library wants it": Scene(**MINE, recalled=True, says=Outcome.RECALLED),  # type: ignore[arg-type]
    "overdue": Scene(**MINE, due_in=-2, has=LATE, says=Outcome.RENEWED),  # type: ignore[arg-type]
    "overdue, to be brought back": Scene(**MINE, rules=STRICT, due_in=-2, says=Outcome.OVERDUE),  # type: ignore[arg-type]
    "others overdue": Scene(**MINE, rules=STRICT, has=LATE, says=Outcome.PATRON_BLOCKED),  # type: ignore[arg-type]
    "renewing with an expired card": Scene(**MINE, expires_in=-1, says=Outcome.PATRON_BLOCKED),  # type: ignore[arg-type]
    "not theirs": Scene(
        wish=RENEW, lent_to=OTHER, says=Outcome.NOT_YOURS, alone=(NOT_OFFLINE, OfflineReason.UNKNOWN_LOAN)
    ),
    "a library that renews nothing offline": Scene(
        **MINE,  # type: ignore[arg-type]
        rules=CAREFUL,
        says=Outcome.RENEWED,
        alone=(NOT_OFFLINE, OfflineReason.POLICY),
    ),
}


# ── by the function ──


def by_the_function(scene: Scene) -> Verdict:
    """The facts, written down as a case."""
    held = [*scene.has, *([(scene.media, scene.due_in)] if scene.lent_to == READER else [])]
    blocks = blocks_of(
        scene.rules,
        today=TODAY,
        expires=scene.expires,
        owed_minor=scene.owed,
        overdue=sum(days < 0 for _, days in held),
        codes=scene.codes,
    )
    item = Item(barcode=WANTED, title="", media=scene.media, branch=scene.branch, status=scene.status)
    known = item if scene.known else None
    if scene.wish is RENEW:
        case = RenewCase(
            today=TODAY,
            patron=READER,
            category=scene.category,
            expires=scene.expires,
            blocks=blocks,
            item=known,
            lent_to=scene.lent_to,
            due=scene.due,
            renewals=scene.renewals,
            reserved_for_other=scene.reserved,
            recalled=scene.recalled,
        )
        return judge_renew(scene.rules, case)
    return judge_checkout(
        scene.rules,
        CheckoutCase(
            today=TODAY,
            patron=READER,
            category=scene.category,
            expires=scene.expires,
            borrowed=len(held),
            borrowed_media=sum(media == scene.media for media, _ in held),
            blocks=blocks,
            item=known,
            lent_to=scene.lent_to,
            due=scene.due,
            reserved_for_other=scene.reserved,
            recalled=scene.recalled,
        ),
    )


# ── by the centre, and by a station ──


class World:
    """A centre whose tables hold a scene, and a station with a mirror of it, made a day ago at most."""

    def __init__(self, folder: Path, scene: Scene) -> None:
        self.clock = MovableClock()
        self._scene = scene
        self._engine = open_engine(f"sqlite:///{folder}/centre.db")
        Base.metadata.create_all(self._engine)
        with Session(self._engine) as db, db.begin():
            self._fill(db)
        self._journal = Journal(folder / "journal.db", "s1", self.clock)
        self._folder = folder
        self._mirror = Mirror(folder)
        self._desk = OfflineDesk(self._mirror, self._journal, StoreThread(InlineExecutor()), self.clock)

    def close(self) -> None:
        """Let go of the files."""
        self._mirror.close()
        self._journal.close()
        self._engine.dispose()

    def _fill(self, db: Session) -> None:
        scene = self._scene
        db.add(Setting(name="rules", body=msgspec.json.encode(scene.rules).decode()))
        db.add_all(Branch(code=code, name=code) for code in ("main", "east"))
        db.add_all(Title(id=number, title=media, media=media) for media, number in TITLES.items())
        db.add_all(PatronRow(ref=ref, name=ref, category=scene.category) for ref in (READER, OTHER))
        db.flush()
        reader = db.get_one(PatronRow, READER)
        reader.expires, reader.block_codes = scene.expires, list(scene.codes)
        db.add(Card(kind=CARD.kind, value=CARD.value, patron=READER))
        db.add(FeeRow(patron=READER, reason="late", minor=scene.owed))
        for number, (media, days) in enumerate(scene.has):
            self._put(db, f"9{number}", media, READER, days)
        if scene.known:
            self._put(db, WANTED, scene.media, scene.lent_to, scene.due_in)
            row = db.get_one(ItemRow, WANTED)
            row.branch, row.status, row.recalled = scene.branch, scene.status, scene.recalled
        if scene.reserved:
            db.add(HoldRow(title_id=TITLES[scene.media], patron=OTHER, item=WANTED))

    def _put(self, db: Session, barcode: str, media: str, holder: str | None, due_in: int) -> None:
        db.add(ItemRow(barcode=barcode, title_id=TITLES[media], branch="main"))
        if holder is not None:
            due = TODAY + timedelta(days=due_in)
            renewals = self._scene.renewals if barcode == WANTED else 0
            db.add(LoanRow(item=barcode, patron=holder, lent_at=self.clock.now(), due=due, renewals=renewals))

    async def by_the_station(self) -> Verdict:
        """The line goes down after the reader has been welcomed."""
        patron = self._welcomed()
        mirror_of(self._engine, self._folder, self.clock.now)
        self.clock.advance(6 * 3600)
        if self._scene.wish is ActKind.CHECKOUT:
            return await self._desk.checkout(patron, WANTED)
        due = next((loan.due for loan in patron.loans if loan.item == WANTED), None)
        return await self._desk.renew(patron, WANTED, due)

    def _welcomed(self) -> Patron:
        patron = People(self._engine, self._scene.rules, UTC, self.clock.now).answer(CARD, None).patron
        assert patron is not None
        return patron

    def by_the_centre(self) -> Verdict:
        """As a proposal."""
        act = Act(
            key=str(ULID()),
            kind=self._scene.wish,
            station="s1",
            incarnation="I1",
            seq=1,
            item=WANTED,
            patron=READER,
            at=self.clock.now(),
            mono_ns=0,
            boot_id="b",
            clock=ClockQuality.UNKNOWN,
        )
        return Circulation(self._engine, self._scene.rules, UTC, self.clock.now).propose(act)


@pytest.fixture
def world(tmp_path: Path, scene: Scene) -> Iterator[World]:
    world = World(tmp_path, scene)
    yield world
    world.close()


def bare(verdict: Verdict) -> Verdict:
    """What the answers have in common: not who gave it, nor how the item is described."""
    return replace(verdict, item=None, decided=Decided.ONLINE, about=False)


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
async def test_station_and_centre_say_what_the_rules_say(world: World, scene: Scene) -> None:
    expected = by_the_function(scene)
    assert expected.outcome is scene.says
    alone = await world.by_the_station()
    assert alone.decided is Decided.OFFLINE
    if scene.alone is None:
        assert bare(alone) == bare(expected)
    else:
        assert (alone.outcome, alone.reason) == scene.alone
    centre = world.by_the_centre()
    assert centre.decided is Decided.ONLINE
    assert bare(centre) == bare(expected)


def test_every_outcome_of_the_rules_is_in_the_table() -> None:
    judged = {Outcome.LENT, Outcome.RENEWED, *(outcome for outcome in Outcome if not outcome.yes)}
    of_others = {Outcome.FEE_FIRST, Outcome.DECLINED}  # only a library system says so
    not_judged = {Outcome.UNKNOWN_PATRON, Outcome.NO_ANSWER, Outcome.NOT_OFFLINE} | of_others
    assert {scene.says for scene in SCENES.values()} == judged - not_judged
