"""What a station must be told of the library system that it speaks to: where it is, and who the station is there.

Apart from `sync.sip2`, which a station with a centre never loads.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

Port = Annotated[int, Meta(ge=1, le=65535)]


class PinPolicy(StrEnum):
    """Whether readers prove with a PIN that a card is theirs. SIP 2.00 does not tell who has one."""

    ALWAYS = "always"
    NEVER = "never"


class Sip2Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="sip2"):
    """A library system that speaks SIP 2.00.

    `profile`: a shipped one, or the path of a file; `override`: values in place of its own. `user` and `password` (or,
    better, `password_file`, readable by the station alone) are those of the login (93); `institution` is AO,
    `terminal_password` AC, `location` AP of a checkin.
    """

    host: Annotated[str, Meta(min_length=1)]
    port: Port = 6001
    profile: str = "generic"
    override: dict[str, object] = {}

    user: str = ""
    password: str = ""
    password_file: str = ""
    institution: str = ""
    terminal_password: str = ""
    location: str = ""
    pin: PinPolicy = PinPolicy.ALWAYS
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "EUR"  # of amounts that come without one

    tls: bool = False
    ca_file: str = ""  # the library system's own authority; '' trusts what the machine trusts
    certificate_file: str = ""  # of the station, where the library system asks for one
    key_file: str = ""

    deadline_s: Annotated[float, Meta(gt=0, le=30)] = 3.0
    retry_s: Annotated[int, Meta(ge=1, le=86_400)] = 15  # while it is away, the longest pause before it is asked again
    trace_file: str = ""  # what passes on the wire is written there, readable and without secrets; '' writes none
    backlog_per_s: Annotated[float, Meta(gt=0, le=100)] = 2.0  # facts of an outage that are told in a second
