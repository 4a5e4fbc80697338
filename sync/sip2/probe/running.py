"""The whole of a probe: ask, judge, and lend where that is wanted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sync.sip2.probe.caller import Caller, SteadyLine, Target, Times
from sync.sip2.probe.evidence import Evidence
from sync.sip2.probe.exercise import Exercise, Exercises
from sync.sip2.probe.findings import Observation, Report
from sync.sip2.probe.interview import Subject, interview
from sync.sip2.probe.judging import judge
from sync.sip2.probe.judging_answers import survives_unknown_item
from sync.sip2.profile import ErrorDetection, profile


async def probe(
    target: Target,
    subject: Subject,
    exercise: Exercise | None,
    *,
    zone: ZoneInfo,
    now: Callable[[], datetime],
    times: Times | None = None,
) -> Report:
    """Find out how a library system speaks. Without `exercise` nothing is changed there.

    Args:
        target: whom to call.
        subject: whom and what may be looked up, and lent.
        exercise: what to try with it; None: nothing is lent.
        zone: the library's.
        now: the station's clock, UTC.
        times: how long to wait.

    Raises:
        Unsendable: something of what was given cannot be said.
        OSError: a file of `Tls` cannot be read.
    """
    caller = Caller(target, times or Times(), now, Evidence())
    here = zone.utcoffset(now().astimezone(zone)) or timedelta()

    def report(loans: list[Observation]) -> Report:
        address = f"{target.address.host}:{target.address.port}"
        observations = judge(caller.evidence, caller.codec, here, loans)
        return Report(address=address, at=now(), base=target.profile.name, observations=observations)

    await interview(caller, subject)
    asked = report([])
    if exercise is None or not asked.usable:
        return asked
    return report(await _exercise(caller, subject, exercise, asked.values, zone))


async def _exercise(
    caller: Caller, subject: Subject, exercise: Exercise, known: dict[str, object], zone: ZoneInfo
) -> list[Observation]:
    """What is known by now is used: the same line would otherwise be read with other letters and by another clock."""
    learned = profile(caller.target.profile.name, {"zone": zone.key} | known)
    caller.speak(encoding=learned.encoding, zone=learned.zone)
    return_twice = exercise.return_twice and survives_unknown_item(caller.evidence, caller.codec)
    numbered = caller.evidence.numbered is True and learned.error_detection is not ErrorDetection.OFF
    async with aclosing(SteadyLine(caller, numbered=numbered)) as line:
        return await Exercises(line, subject, replace(exercise, return_twice=return_twice), zone).run()
