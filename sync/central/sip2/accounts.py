"""SIP2 accounts: machines of other makers that may speak to the centre.

An account is a station of the centre, with a branch. Its password is hashed in another way than a station's token: who
overhears one on a plain line cannot use it at the API, and no token opens a SIP2 session.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from sync.central.admission import let_in
from sync.central.models import StationRow, reading
from sync.central.sip2.settings import AccountSettings, Sip2Settings
from sync.sip2 import Codec

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Account:
    """Who speaks: its name, where it stands, how it is spoken to. '' is whoever has not logged in."""

    name: str
    branch: str
    settings: AccountSettings
    codec: Codec


class Accounts:
    """The accounts, and the dialects in which a login may come.

    Args:
        engine: the database.
        settings: the library's.
        zone: its time zone, an IANA name.
    """

    def __init__(self, engine: Engine, settings: Sip2Settings, zone: str) -> None:
        self._reads = reading(engine)
        self._settings = settings
        self._codecs = {each: Codec(each.profile(zone)) for each in (settings.defaults, *settings.account.values())}
        self.nobody = Account("", "", settings.defaults, self._codecs[settings.defaults])

    @property
    def dialects(self) -> tuple[Codec, ...]:
        """In which a login may come: one for each delimiter, the usual one first. Nobody has said yet who speaks."""
        found: dict[str, Codec] = {}
        for codec in self._codecs.values():
            found.setdefault(codec.profile.delimiter, codec)
        return tuple(found.values())

    def find(self, name: str, password: str, delimiter: str) -> Account | None:
        """The account with this name and password. None also where it speaks with another delimiter: then the name was
        not read as it was meant."""
        settings = self._settings.of(name)
        if settings.delimiter != delimiter or not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            return None
        with Session(self._reads) as db:
            row = db.get(StationRow, name)
            if row is None or not hmac.compare_digest(row.token, password_hash(name, password)):
                return None
            return Account(name, row.branch, settings, self._codecs[settings])


def password_hash(name: str, password: str) -> str:
    """What is kept of an account's password. It is 128 random bits, so one hash is enough; `person` keeps it apart from
    all that is hashed elsewhere."""
    said = f"{name}\n{password}".encode()
    return hashlib.blake2b(said, digest_size=32, person=b"sip2-account").hexdigest()


def register_account(engine: Engine, name: str, password: str, branch: str = "") -> None:
    """Let a machine log in with `password`; an earlier one of the same account is void.

    Raises:
        LookupError: there is no such branch.
    """
    let_in(engine, name, password_hash(name, password), branch)
