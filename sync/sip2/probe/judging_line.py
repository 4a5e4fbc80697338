"""What follows from how messages came: the line, the login, checksums, ends and letters. Pure."""

from __future__ import annotations

import math
from collections import Counter
from statistics import median

from sync.sip2.codec import Codec
from sync.sip2.probe.evidence import Evidence, Exchange, Trial
from sync.sip2.probe.findings import Level, Observation
from sync.sip2.probe.raw import Form, Sum, Tail, Text, tail_of, text_of
from sync.sip2.probe.wire import Came
from sync.sip2.profile import ChecksumPolicy, ErrorDetection, Profile

SLOW_S = 1.0
"""A reader notices: each scan waits for one answer at least."""


def reached(evidence: Evidence) -> Observation:
    """Whether there is a connection."""
    if evidence.unreachable:
        why = evidence.unreachable
        return Observation(name="reached", value="no", meaning=f"No connection: {why}.", level=Level.FATAL)
    if evidence.encryption:
        return Observation(
            name="reached", value=evidence.encryption, meaning="Nobody on the way can read cards and PINs."
        )
    meaning = "Cards and PINs can be read on the way: for loopback, a tunnel or a network of its own only."
    return Observation(name="reached", value="in clear text", meaning=meaning, level=Level.NOTE)


def login(evidence: Evidence, codec: Codec) -> Observation:
    """Whether the station is let in, and whether it would be without a login."""
    begun = [one.begun for one in (evidence.with_numbers, evidence.without_numbers) if one.begun]
    if evidence.numbered is None:
        return _shut_out(evidence, begun, codec)
    asked = _is_answer(evidence.stranger_asked, codec)
    if not evidence.with_account:
        return Observation(
            name="login", value="not needed", meaning="It answers who has not logged in.", profile={"login": False}
        )
    if asked:
        meaning = "The login is taken, and it answers who has not logged in as well."
        return Observation(name="login", value="taken, not needed", meaning=meaning, profile={"login": True})
    if _is_answer(evidence.stranger_status, codec):
        meaning = "It tells its status to anybody, and the rest after the login."
        return Observation(name="login", value="taken, 99 before it", meaning=meaning, profile={"login": True})
    said = evidence.stranger_status.told if evidence.stranger_status else "not tried"
    meaning = f"The station logs in first. A status before that: {said}."
    return Observation(name="login", value="taken and needed", meaning=meaning, profile={"login": True})


def _shut_out(evidence: Evidence, begun: list[Exchange], codec: Codec) -> Observation:
    if any(_is_answer(one, codec) for one in begun) and evidence.with_account:
        meaning = "Wrong user, password or location code (940), or an account that may not use SIP2."
        return Observation(name="login", value="refused", meaning=meaning, level=Level.FATAL)
    told = ", ".join(sorted({one.told for one in begun}))
    who = "the login" if evidence.with_account else "a status without a login (is --user missing?)"
    meaning = f"What came for {who}: {told}."
    return Observation(name="login", value="no answer", meaning=meaning, level=Level.FATAL)


def _is_answer(exchange: Exchange | None, codec: Codec) -> bool:
    return exchange is not None and exchange.answer(codec) is not None


def error_detection(evidence: Evidence, codec: Codec) -> Observation:
    """Whether messages carry numbers and checksums (SIP 2.00, section 'Error detection')."""

    def seen(value: str, meaning: str, use: ErrorDetection, level: Level = Level.GOOD) -> Observation:
        chosen: dict[str, object] = {"error_detection": use.value}
        return Observation(name="error detection", value=value, meaning=meaning, level=level, profile=chosen)

    if not evidence.numbered:
        meaning = "Messages with checksums are not answered: they go without. Damage on the way is not noticed."
        return seen("not understood", meaning, ErrorDetection.OFF)
    tails = [(one, tail) for one, tail in _tails(evidence, codec.profile) if one.numbered]
    complete = [tail.sum is not Sum.NONE and tail.sequence is not None for _, tail in tails]
    if not any(complete):
        meaning = "Answers come without checksums, so ours go without. Damage on the way is not noticed."
        return seen("without", meaning, ErrorDetection.OFF)
    if not all(_repeats_number(one, tail) for one, tail in tails if tail.sequence is not None):
        meaning = "Answers have numbers of their own instead of ours: without them the station asks more carefully."
        return seen("with other numbers", meaning, ErrorDetection.OFF, Level.WARNING)
    if not all(complete):
        meaning = "Some answers have number and checksum and some have not: the station goes without."
        return seen("with, not always", meaning, ErrorDetection.OFF, Level.WARNING)
    if _demanded(evidence.without_numbers):
        return seen("demanded", "A message without a checksum is answered with 96.", ErrorDetection.ON)
    return seen("as it is asked", "Answers have number and checksum where the question has.", ErrorDetection.AUTO)


def _demanded(trial: Trial) -> bool:
    return any(one.wants_it_again for one in trial.exchanges)


def _repeats_number(exchange: Exchange, tail: Tail) -> bool:
    asked = exchange.sent.rpartition(b"AY")[2][:1]
    return str(tail.sequence).encode() == asked


def _tails(evidence: Evidence, profile: Profile) -> list[tuple[Exchange, Tail]]:
    lines = [one for one in evidence.exchanges if one.came is Came.LINE and one.line[:2].isdigit()]
    return [(one, tail_of(one.line, profile)) for one in lines]


def checksums(evidence: Evidence, profile: Profile) -> Observation:
    """Over what checksums are reckoned. Only text beyond ASCII tells bytes from characters."""

    def seen(value: str, meaning: str, use: ChecksumPolicy, level: Level = Level.GOOD) -> Observation:
        chosen: dict[str, object] = {"checksums": use.value}
        return Observation(name="checksums", value=value, meaning=meaning, level=level, profile=chosen)

    tails = _tails(evidence, profile)
    sums = Counter(tail.sum for _, tail in tails)
    if not sums[Sum.BYTES] + sums[Sum.CHARACTERS] + sums[Sum.WRONG]:
        return Observation(name="checksums", value="none", meaning="There is nothing to check.", level=Level.NOTE)
    if sums[Sum.WRONG]:
        if not sums[Sum.BYTES] + sums[Sum.CHARACTERS]:
            meaning = "All of them are wrong, over whatever they are reckoned: the station looks at none."
            return seen("wrong", meaning, ChecksumPolicy.OFF, Level.WARNING)
        meaning = f"{sums[Sum.WRONG]} of {len(tails)} are wrong. Such messages are taken, and noted in the log."
        return seen("sometimes wrong", meaning, ChecksumPolicy.WARN, Level.WARNING)
    if sums[Sum.CHARACTERS]:
        return seen("over characters", "Not over bytes; so are ours.", ChecksumPolicy.CODE_POINTS)
    whole = all(tail.whole for _, tail in tails if tail.sum is Sum.BYTES)
    unpadded = "" if whole else " Not all are written in four digits."
    if any(not one.line.isascii() for one, _ in tails):
        return seen("over bytes", "As they should be." + unpadded, ChecksumPolicy.STRICT)
    return seen("right", "Only ASCII came: over bytes or characters cannot be told." + unpadded, ChecksumPolicy.STRICT)


def terminator(evidence: Evidence) -> Observation:
    """With what messages end (SIP 2.00: one CR)."""
    shown = sorted({repr(end)[2:-1] for end in evidence.ends})
    if any(one.came is Came.TEXT for one in evidence.exchanges):
        shown.append("nothing")
    with_cr = all(end.startswith(b"\r") for end in evidence.ends)
    meaning = "LF may stand in a value." if with_cr else "LF ends a message too."
    return Observation(
        name="end of messages", value=", ".join(shown), meaning=meaning, profile={"lf_terminates": not with_cr}
    )


def letters(evidence: Evidence) -> Observation:
    """In what encoding text came."""
    text = text_of(evidence.lines)
    if text.encoding is None:
        meaning = "Only ASCII came, so the encoding is not known. Look up a reader or an item with other letters."
        return Observation(name="letters", value="ASCII", meaning=meaning, level=Level.NOTE)
    return Observation(
        name="letters",
        value=f"{text.encoding}{', NFD' if text.form is Form.DECOMPOSED else ''}",
        meaning=_of_letters(text),
        level=Level.GOOD if text.sure else Level.NOTE,
        profile={"encoding": text.encoding},
    )


def _of_letters(text: Text) -> str:
    if not text.sure:
        return "A guess: it fits, and others may. Look at names and titles on the screen."
    apart = text.form is Form.DECOMPOSED
    return "Marks stand apart from their letters; the station joins them." if apart else "Nothing else fits."


def latency(evidence: Evidence) -> Observation | None:
    """How long a status takes: the median and the 95th percentile."""
    if not evidence.latencies_s:
        return None
    in_order = sorted(evidence.latencies_s)
    slow_s = in_order[math.ceil(0.95 * len(in_order)) - 1]
    value = f"{median(in_order) * 1000:.1f} ms, 95 % within {slow_s * 1000:.1f} ms"
    meaning = f"Over {len(in_order)} questions, one after the other. Loans take longer."
    return Observation(
        name="time of a 99", value=value, meaning=meaning, level=Level.WARNING if slow_s > SLOW_S else Level.GOOD
    )


def order(evidence: Evidence) -> Observation:
    """One question, one answer, in that order."""
    if evidence.unasked:
        meaning = f"{evidence.unasked} messages came that nobody had asked for; the station drops such ones."
        return Observation(name="one at a time", value="too many answers", meaning=meaning, level=Level.WARNING)
    meaning = "One request is in flight, never two: more at once was not tried, and stations do not do it."
    return Observation(name="one at a time", value="kept", meaning=meaning)
