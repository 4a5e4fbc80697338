"""Library systems by SIP 2.00 (3M Standard Interchange Protocol 2.00, 'SIP2').

    profiles/*.toml ─► `profile` ─► `codec` ─┬─ `framing`     bytes ─► lines
                                             ├─ `wire`        line ◄─► frame: command, sequence number, checksum
                                             └─ `compiling`   frame ◄─► message
                                                    ▲
                     `kinds` ─► `fields` ─► `requests`, `answers`: what there is, said once

    `link` (queue, heartbeat, TLS) ─► `connection` (socket, time) ─► `session` (whose answer, which end) ─► `codec`
                                            └─ `trace`: every line, without its secrets

No I/O up to and including `session`, and the codec in both directions: a station and a library system for tests stand
on the same one. What real systems send is read, whatever it is; what we send is exact.
"""

from sync.sip2.codec import Codec
from sync.sip2.errors import ProfileError, ProtocolError, Unsendable
from sync.sip2.framing import Framer
from sync.sip2.message import Answer, Message, Request
from sync.sip2.profile import (
    ChecksumPolicy,
    ErrorDetection,
    NoBlock,
    NoBlockDueDate,
    Profile,
    profile,
    profile_names,
)
from sync.sip2.wire import Checksum, Frame

__all__ = [
    "Answer",
    "Checksum",
    "ChecksumPolicy",
    "Codec",
    "ErrorDetection",
    "Frame",
    "Framer",
    "Message",
    "NoBlock",
    "NoBlockDueDate",
    "Profile",
    "ProfileError",
    "ProtocolError",
    "Request",
    "Unsendable",
    "profile",
    "profile_names",
]
