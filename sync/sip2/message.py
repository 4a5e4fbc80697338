"""What all messages have in common."""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message of SIP 2.00. `code` is its command, two digits.

    `extra` keeps what came and has no field here, in order: unknown ids, repetitions of what occurs once, and under the
    id '' text that stood between the fields. The profile may give ids of it a meaning."""

    code: ClassVar[str]

    extra: tuple[tuple[str, str], ...] = ()


class Answer(Message, frozen=True, kw_only=True):
    """What a library system (ACS) sends."""


class Request(Message, frozen=True, kw_only=True):
    """What a station (SC) sends. `answered_by` is what a library system answers with."""

    answered_by: ClassVar[type[Answer]]
