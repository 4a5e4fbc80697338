"""A whole library system on loopback that can be probed: readers with PINs, items, loans, and manners."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from sync.settings import Sip2Settings
from sync.sip2 import Answer, Profile, Request, requests
from sync.sip2.answers import ACSStatus, LoginResponse
from sync.sip2.codes import Supported
from sync.sip2.link import Account, Address
from sync.sip2.patron_answers import PatronInformationResponse, PatronStatusResponse
from sync.sip2.probe import Exercise, Observation, Report, Subject, Target, Times, probe
from sync.sip2.profile import NoBlock
from tests.sync.sip2.ils import LibrarySystem
from tests.sync.sip2.misbehaving import PASSWORD, USER, Acs

NOW = datetime(2026, 11, 23, 21, 32, 46, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
CARD, PIN, ITEM = "anna", "1234", "301"
TIMES = Times(answer_s=20.0, stranger_s=20.0, settle_s=0.05, statuses=3)
SILENCE = Times(answer_s=0.1, stranger_s=0.1, settle_s=0.05, statuses=3)
"""Of real time: nothing will ever come."""

NOTHING = Subject()
READER = Subject(card=CARD)
ALL = Subject(card=CARD, pin=PIN, item=ITEM)


def now() -> datetime:
    return NOW


@dataclass
class Library:
    """What an honest system says. Fields of answers are changed by `told`; nothing is changed where it is empty."""

    no_block: NoBlock = NoBlock.AS_DUE_DATE
    supported: frozenset[Supported] = frozenset(Supported)
    checks_pins: bool = True
    believes_any_card: bool = False
    told: dict[type[Answer], Callable[[Any], Answer]] = field(default_factory=dict)
    heard: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.system = LibrarySystem(now, UTC_ZONE, self.no_block, items={ITEM: "Żółw", "302": "Zürich"})

    def answer(self, request: Request) -> Answer:
        self.heard.append(request)
        answer = self._honest(request)
        change = self.told.get(type(answer))
        return change(answer) if change else answer

    def _honest(self, request: Request) -> Answer:
        match request:
            case requests.Login():
                return LoginResponse(ok=(request.user, request.password) == (USER, PASSWORD))
            case requests.SCStatus():
                return ACSStatus(system_date=NOW, supported=self.supported)
            case requests.PatronStatusRequest(patron=patron):
                return PatronStatusResponse(transaction_date=NOW, patron=patron, valid_patron=self._knows(patron))
            case requests.PatronInformation(patron=patron, patron_password=pin):
                answer = self.system.answer(request)
                assert isinstance(answer, PatronInformationResponse)
                right = None if pin is None else pin == PIN or not self.checks_pins
                return replace(answer, valid_patron=self._knows(patron), valid_password=right)
        return self.system.answer(request)

    def _knows(self, patron: str | None) -> bool:
        return self.believes_any_card or patron in self.system.patrons

    @property
    def pins(self) -> list[str | None]:
        """What was tried as the reader's PIN, in order."""
        asked = [one for one in self.heard if isinstance(one, requests.PatronInformation) and one.patron == CARD]
        return [one.patron_password for one in asked]


def target(acs: Acs, profile: Profile | None = None, password: str | None = PASSWORD, **address: Any) -> Target:
    return Target(
        address=Address(host="127.0.0.1", port=acs.port, **address),
        profile=profile or Profile(),
        settings=Sip2Settings(host="127.0.0.1", institution="LIB"),
        account=None if password is None else Account(user=USER, password=password),
    )


async def probed(
    acs: Acs,
    subject: Subject = NOTHING,
    exercise: Exercise | None = None,
    *,
    zone: ZoneInfo = UTC_ZONE,
    profile: Profile | None = None,
    password: str | None = PASSWORD,
    times: Times = TIMES,
    **address: Any,
) -> Report:
    """What a probe says of it."""
    at = target(acs, profile, password, **address)
    return await probe(at, subject, exercise, zone=zone, now=now, times=times)


def seen(report: Report, name: str) -> Observation:
    """The one observation of this name."""
    (found,) = (one for one in report.observations if one.name == name)
    return found
