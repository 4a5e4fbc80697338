"""What follows from what answers say: messages, clock, items, readers. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from sync.sip2.answers import ACSStatus, ItemInformationResponse
from sync.sip2.codec import Codec
from sync.sip2.codes import Supported
from sync.sip2.dates import LOCAL, WIDTH
from sync.sip2.items import item_of
from sync.sip2.message import Answer
from sync.sip2.patron_answers import PatronInformationResponse
from sync.sip2.probe.evidence import Evidence, Exchange, PinTries
from sync.sip2.probe.findings import Level, Observation

QUARTER = timedelta(minutes=15)
FAR = timedelta(hours=14)
DRIFT = timedelta(seconds=60)
_CLOCK_AT = len("98YYYYYY600003")

SAID = {
    "23": Supported.PATRON_STATUS,
    "63": Supported.PATRON_INFORMATION,
    "17": Supported.ITEM_INFORMATION,
    "11": Supported.CHECKOUT,
    "09": Supported.CHECKIN,
    "29": Supported.RENEW,
}
"""The messages that a station needs, or has a use for."""

NEEDED = ("63", "17", "11", "09")


def status(evidence: Evidence, codec: Codec) -> list[Observation]:
    """What the system says of itself (98)."""
    answer = evidence.status.answer(codec) if evidence.status else None
    if not isinstance(answer, ACSStatus):
        meaning = "No answer to a status (99): a station could not tell whether it is there."
        return [Observation(name="status", value="none", meaning=meaning, level=Level.FATAL)]
    return [_online(answer), _said_times(answer)]


def _online(answer: ACSStatus) -> Observation:
    if not answer.online:
        meaning = "It says that its catalogue is away: stations would work by themselves."
        return Observation(name="status", value="not on line", meaning=meaning, level=Level.FATAL)
    off = [name for name, on in (("checkout", answer.checkout_ok), ("checkin", answer.checkin_ok)) if not on]
    if off:
        meaning = f"It says that there is no {' and no '.join(off)}. That is often not true: --exercise tells."
        return Observation(name="status", value="on line, with less", meaning=meaning, level=Level.NOTE)
    return Observation(name="status", value=f"on line, version {answer.version}", meaning="It is there.")


def _said_times(answer: ACSStatus) -> Observation:
    tenths, retries = answer.timeout_tenths, answer.retries_allowed
    value = f"{'not said' if tenths is None else f'{tenths / 10:g} s'}, {'not said' if retries is None else retries}"
    meaning = "Stations keep deadlines of their own, and repeat nothing by themselves."
    return Observation(name="timeout, retries", value=value, meaning=meaning)


def messages(evidence: Evidence, codec: Codec) -> Observation:
    """Which messages it says that it knows (BX), and which it answers."""
    answer = evidence.status.answer(codec) if evidence.status else None
    said = answer.supported if isinstance(answer, ACSStatus) else None
    works: dict[str, bool] = {}
    for one in evidence.exchanges:
        code = one.request.code
        if code in SAID:
            works[code] = works.get(code, False) or one.answer(codec) is not None
    groups: dict[str, list[str]] = {}
    for code, place in SAID.items():
        groups.setdefault(f"{_said(said, place)}, {_true(works.get(code))}", []).append(code)
    parts = [f"{how}: {' '.join(codes)}" for how, codes in groups.items()]
    missing = [code for code in NEEDED if works.get(code) is False]
    wrong = [code for code, place in SAID.items() if said is not None and works.get(code) == (place not in said)]
    if missing:
        meaning, level = f"Stations cannot do without {', '.join(missing)}.", Level.FATAL
    elif wrong:
        meaning, level = "What it says is not what it does. Stations go by what it does.", Level.NOTE
    else:
        meaning, level = "It says what it does, as far as that was tried.", Level.GOOD
    return Observation(name="messages", value="; ".join(parts), meaning=meaning, level=level)


def _said(said: frozenset[Supported] | None, place: Supported) -> str:
    return "not said" if said is None else "said yes" if place in said else "said no"


def _true(works: bool | None) -> str:
    return "not tried" if works is None else "answered" if works else "not answered"


# ── clock ────────────────────────────────────────────────────────────────────────────────────────────────


def clock(evidence: Evidence, here: timedelta) -> Observation:
    """Which zone its dates are of, and how far its clock is from ours.

    Args:
        here: the offset of the library's zone from UTC, now.
    """
    if evidence.status is None or (told := _told_time(evidence.status.line)) is None:
        meaning = "It tells no time that could be read. Dates are taken for the library's own."
        return Observation(name="clock", value="none", meaning=meaning, level=Level.NOTE)
    block, naive = told
    ours = evidence.status.heard_at.utctimetuple()
    apart = naive - datetime(*ours[:6])  # noqa: DTZ001  what is left of two times of one zone
    offset = round(apart / QUARTER) * QUARTER
    drift = apart - offset
    if block != LOCAL:
        return _clock_of_its_own_zone(block, drift)
    if abs(offset) > FAR:
        meaning = "Its clock, or this machine's, is wrong by half a day and more."
        return Observation(name="clock", value=f"{naive:%Y-%m-%d %H:%M:%S}", meaning=meaning, level=Level.WARNING)
    zone = _zone_values(offset, here)
    value = f"UTC{_signed(offset)}, {_drift(drift)}"
    if abs(drift) > DRIFT:
        meaning = "Its clock and this machine's do not agree. Both should be set by NTP."
        return Observation(name="clock", value=value, meaning=meaning, level=Level.WARNING, profile=zone)
    if offset == here:
        return Observation(name="clock", value=value, meaning="The library's own time; its zone names none.")
    meaning = "Not the library's own time: due dates would be off. From one clock nobody can tell summer time."
    return Observation(name="clock", value=value, meaning=meaning, level=Level.WARNING, profile=zone)


def _told_time(line: bytes) -> tuple[str, datetime] | None:
    text = line[_CLOCK_AT : _CLOCK_AT + WIDTH].decode("ascii", "replace")
    try:
        naive = datetime.strptime(text[:8] + text[12:], "%Y%m%d%H%M%S")  # noqa: DTZ007  its zone is the question
    except ValueError:
        return None
    return text[8:12], naive


def _clock_of_its_own_zone(block: str, drift: timedelta) -> Observation:
    level = Level.WARNING if abs(drift) > DRIFT else Level.GOOD
    value = f"zone {block.strip()!r}, {_drift(drift)}"
    return Observation(name="clock", value=value, meaning="Its dates say of which zone they are.", level=level)


def _zone_values(offset: timedelta, here: timedelta) -> dict[str, object]:
    """Zones of the tz database: 'Etc/GMT-1' is an hour east of Greenwich. There are none for parts of an hour."""
    hours, rest = divmod(offset, timedelta(hours=1))
    if offset == here or rest:
        return {}
    return {"zone": "UTC" if hours == 0 else f"Etc/GMT{-hours:+d}"}


def _signed(offset: timedelta) -> str:
    minutes = offset // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _drift(drift: timedelta) -> str:
    return f"{drift.total_seconds():+.0f} s"


# ── items and readers ────────────────────────────────────────────────────────────────────────────────────


def unknown_item(evidence: Evidence, codec: Codec) -> Observation:
    """What comes for a number that no item has."""
    tried = (evidence.unknown_item, evidence.with_numbers.asked, evidence.without_numbers.asked)
    seen = [one for one in tried if one is not None]
    answer = next((found for one in seen if (found := one.answer(codec)) is not None), None)
    name = "unknown item"
    if not isinstance(answer, ItemInformationResponse):
        told = seen[0].told if seen else "not tried"
        meaning = "An item that it does not know ends the connection; the station comes back and cannot say why."
        return Observation(name=name, value=told, meaning=meaning, level=Level.WARNING)
    if item_of(answer, codec.profile.tzinfo) is not None:
        meaning = "It tells of an item that cannot be there: stations would take any barcode for one of the library's."
        return Observation(name=name, value="taken for known", meaning=meaning, level=Level.WARNING)
    return Observation(name=name, value="said so", meaning="A reader who scans a foreign book is told so.")


def survives_unknown_item(evidence: Evidence, codec: Codec) -> bool:
    """Whether a question about what is not there was answered, each time."""
    seen = [one for one in (evidence.unknown_item, evidence.with_numbers.asked) if one is not None]
    return bool(seen) and evidence.unknown_item is not None and evidence.unknown_item.answer(codec) is not None


def unknown_card(evidence: Evidence, codec: Codec) -> Observation:
    """What comes for a number that no reader has."""
    answer = evidence.unknown_patron.answer(codec) if evidence.unknown_patron else None
    name = "unknown card"
    if not isinstance(answer, PatronInformationResponse):
        told = evidence.unknown_patron.told if evidence.unknown_patron else "not tried"
        meaning = "A card that it does not know ends the connection; the reader is told that the catalogue is away."
        return Observation(name=name, value=told, meaning=meaning, level=Level.WARNING)
    if answer.valid_patron is True:
        meaning = "It says BL=Y for a card that nobody has: whoever holds up anything would be let in."
        return Observation(name=name, value="taken for known", meaning=meaning, level=Level.FATAL)
    return Observation(name=name, value="said so", meaning="Such a card is not let in.")


def pin(tries: PinTries | None) -> list[Observation]:
    """Whether a PIN proves anything: what BL and CQ say of none, of a wrong one, of the right one."""
    if tries is None:
        return []
    card = tries.right or tries.without
    if card is None:
        meaning = "No answer about the reader who was named."
        return [Observation(name="PIN", value="no answer", meaning=meaning, level=Level.WARNING)]
    if card.valid_patron is not True:
        meaning = "The card that was named is none of a reader (BL is not Y)."
        return [Observation(name="PIN", value="unknown card", meaning=meaning, level=Level.WARNING)]
    return [_pin(tries)]


def _pin(tries: PinTries) -> Observation:
    value = f"none: {_cq(tries.without)}, given: {_cq(tries.right)}, wrong: {_cq(tries.wrong)}"
    if tries.right is None:
        meaning = "Whether PINs are checked is seen with --pin-file only."
        return Observation(name="PIN", value=value, meaning=meaning, level=Level.NOTE)
    if not tries.proven:
        meaning = "The PIN that was given is not confirmed. Is it the right one? If so, pin = 'always' lets nobody in."
        return Observation(name="PIN", value=value, meaning=meaning, level=Level.WARNING)
    if tries.wrong is None or tries.wrong.valid_password is True:
        meaning = "A wrong PIN is confirmed too: it proves nothing, whatever `pin` under [catalogue] says."
        return Observation(name="PIN", value=value, meaning=meaning, level=Level.WARNING)
    return Observation(name="PIN", value=value, meaning="PINs are checked: pin = 'always' under [catalogue] holds.")


def _cq(answer: PatronInformationResponse | None) -> str:
    if answer is None:
        return "not tried"
    return {True: "CQ Y", False: "CQ N", None: "no CQ"}.get(answer.valid_password, "CQ ?")  # type: ignore[arg-type]


def loans(evidence: Evidence) -> Observation | None:
    """Whether a reader's loans are listed by barcode or by title (AU)."""
    if evidence.patron is None:
        return None
    count, listed = evidence.patron.charged_items_count, evidence.patron.charged_items
    if not listed:
        meaning = "The reader has no loan, so how loans are listed was not seen; --exercise shows it."
        return Observation(name="list of loans", value=f"empty, counted {count}", meaning=meaning, level=Level.NOTE)
    if evidence.first_loan is not None and evidence.first_loan.title:
        return Observation(name="list of loans", value="barcodes", meaning="Titles and due dates are asked for.")
    meaning = "Loans are shown as they are listed, without due dates, and cannot be renewed from the list."
    return Observation(name="list of loans", value="titles, or other text", meaning=meaning, level=Level.WARNING)


def extensions(exchanges: list[Exchange], codec: Codec) -> Observation:
    """Fields beyond SIP 2.00 to which the profile gives no meaning."""
    found: dict[str, set[str]] = {}
    for answer in (one.answer(codec) for one in exchanges):
        for key, _ in answer.extra if isinstance(answer, Answer) else ():
            if key:
                found.setdefault(answer.code, set()).add(key)  # type: ignore[union-attr]
    if not found:
        return Observation(name="fields of its own", value="none", meaning="Nothing is left unread.")
    value = "; ".join(f"{code}: {' '.join(sorted(keys))}" for code, keys in sorted(found.items()))
    meaning = "Not used: the profile says nothing of them. A profile of this system may (--profile)."
    return Observation(name="fields of its own", value=value, meaning=meaning, level=Level.NOTE)
