"""From evidence to observations. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from msgspec.structs import replace

from sync.sip2.codec import Codec
from sync.sip2.probe import judging_answers as answers
from sync.sip2.probe import judging_line as line
from sync.sip2.probe.evidence import Evidence
from sync.sip2.probe.findings import Level, Observation
from sync.sip2.probe.raw import text_of

NOT_TRIED = Observation(
    name="not tried",
    value="idle line, resending, several at once, fees, reservations",
    meaning="Stations send a 99 on an idle line, and never pay or reserve by themselves.",
    level=Level.NOTE,
)


def judge(
    evidence: Evidence, codec: Codec, here: timedelta, loans: Iterable[Observation] = ()
) -> tuple[Observation, ...]:
    """What was seen.

    Args:
        evidence: of an interview, and of an exercise where there was one.
        codec: by which its answers are read.
        here: the offset of the library's zone from UTC, now.
        loans: what was seen of loans.
    """
    codec = in_its_letters(codec, evidence)
    seen = [line.reached(evidence)]
    if evidence.unreachable and not evidence.exchanges:
        return tuple(seen)
    seen.append(line.login(evidence, codec))
    if evidence.numbered is None or not evidence.lines:
        return tuple(seen)
    seen += [line.error_detection(evidence, codec), line.checksums(evidence, codec.profile)]
    seen += [line.terminator(evidence), line.letters(evidence), line.order(evidence)]
    seen += [*answers.status(evidence, codec), answers.messages(evidence, codec), answers.clock(evidence, here)]
    seen += [answers.unknown_item(evidence, codec), answers.unknown_card(evidence, codec)]
    seen += answers.pin(evidence.pin)
    seen += [one for one in (answers.loans(evidence), line.latency(evidence)) if one is not None]
    return (*seen, *loans, answers.extensions(evidence.exchanges, codec), NOT_TRIED)


def in_its_letters(codec: Codec, evidence: Evidence) -> Codec:
    """A codec for the encoding in which text came."""
    encoding = text_of(evidence.lines).encoding
    return codec if encoding is None else Codec(replace(codec.profile, encoding=encoding))
