"""A report for people, and as a profile. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap

from sync.sip2.probe.findings import Level, Observation, Report

_SIGNS = {Level.GOOD: " ", Level.NOTE: "·", Level.WARNING: "!", Level.FATAL: "✗"}
_LINE = 118
_MEANING_AT = 4


def as_table(report: Report) -> str:
    """What was seen, line by line: how much it matters, what it is, what was seen, what it means."""
    wide = max(len(one.name) for one in report.observations)
    lines = [line for one in report.observations for line in _told(one, wide)]
    return "\n".join([*lines, "", _verdict(report)])


def _told(one: Observation, wide: int) -> Iterator[str]:
    indent = " " * (wide + _MEANING_AT)
    yield from wrap(
        one.value, _LINE, initial_indent=f"{_SIGNS[one.level]} {one.name:{wide}}  ", subsequent_indent=indent
    )
    yield from wrap(one.meaning, _LINE, initial_indent=indent, subsequent_indent=indent)
    yield from (f"{indent}→ {key} = {_toml(value)}" for key, value in one.profile.items())


def _verdict(report: Report) -> str:
    if not report.usable:
        return f"{report.address}: not usable as it is (✗)."
    warnings = sum(one.level is Level.WARNING for one in report.observations)
    return f"{report.address}: usable" + (f", with {warnings} that staff should know (!)." if warnings else ".")


def as_profile(report: Report) -> str:
    """A profile (TOML) with all values that follow, over the one that was begun with."""
    lines = [
        f"# {report.address}, looked at on {report.at:%Y-%m-%d} by `kiosk sip2 probe`.",
        '# What each value means: docs/sip2.md. In the station\'s configuration: [catalogue] profile = "this file".',
        f"extends = {_toml(report.base)}",
    ]
    for one in report.observations:
        if one.profile:
            lines += [
                "",
                f"# {one.name}: {one.value}",
                *(f"{key} = {_toml(value)}" for key, value in one.profile.items()),
            ]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """Strings, booleans and lists of strings are written in TOML as in JSON."""
    return json.dumps(value, ensure_ascii=False)
