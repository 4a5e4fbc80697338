"""What can go wrong with a message. Texts name codes and field ids, never values: those may be a reader's."""

from __future__ import annotations

from sync.catalogue import ProtocolFault, Retry, SyncError


class ProtocolError(ProtocolFault):
    """What came is no SIP message, or none that may come from this side. The connection is of no more use."""

    code = "sip2_protocol"


class Unsendable(SyncError, ValueError):
    """A message that must not leave: something in it would change its meaning on the wire, or does not fit."""

    code = "sip2_unsendable"
    retry = Retry.NEVER


class ProfileError(SyncError):
    """A profile that cannot be. The message names the profile, the place and what is wrong there."""

    code = "sip2_profile"
    retry = Retry.NEVER
