"""What a library decides about its SIP2 accounts: one TOML file, checked at start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sync.sip2 import ChecksumPolicy, ErrorDetection, Profile, ProfileError

HOLD_PATRON = {"CY": "hold_patron", "DA": "hold_patron_name"}
WITHOUT_NAMES = {"CS": "call_number", "CT": "destination", "CV": "alert_type"}

Seconds = Annotated[float, Meta(gt=0, le=86_400)]


class SettingsError(Exception):
    """The file says something that cannot be. The message names the place."""


class Bins(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """CL: into which bin of a sorter an item goes. '' leaves the field out."""

    shelf: str = ""  # it belongs here
    hold: str = ""  # somebody waits for it
    transit: str = ""  # it belongs to another branch
    staff: str = ""  # the centre does not know it


class AccountSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one account is spoken to, and what it may know.

    `error_detection`: "auto" answers with sequence number and checksum where the request has them, "on" wants them in
    every request, "off" never sends them and does not look at those that come. `pin_required`: a reader who has a PIN
    does nothing without it. `hold_patron`: the answer to a return may name the card and the reader for whom an item is
    kept (CY, DA). `extensions`: CS, CT and CV, which SIP 2.00 itself does not have.
    """

    encoding: str = "utf-8"
    delimiter: str = "|"
    terminator: str = "\r"
    error_detection: ErrorDetection = ErrorDetection.AUTO
    checksums: ChecksumPolicy = ChecksumPolicy.STRICT
    universal_time: bool = False
    language: Literal["en", "zh"] = "en"  # of screen messages
    pin_required: bool = True
    hold_patron: bool = False
    extensions: bool = True
    bins: Bins = Bins()

    def profile(self, zone: str) -> Profile:
        """The dialect in which this account is spoken to; `zone` is the library's.

        Raises:
            ProfileError: there is no such dialect.
        """
        off = self.error_detection is ErrorDetection.OFF
        extra = (WITHOUT_NAMES if self.extensions else {}) | (HOLD_PATRON if self.hold_patron else {})
        of_items = {key: name for key, name in extra.items() if key == "CS"}
        try:
            return msgspec.convert(
                {
                    "name": "centre",
                    "encoding": self.encoding,
                    "delimiter": self.delimiter,
                    "terminator": self.terminator,
                    "error_detection": self.error_detection,
                    "checksums": ChecksumPolicy.OFF if off else self.checksums,
                    "universal_time": self.universal_time,
                    "zone": zone,
                    "extensions": {"10": extra, "18": of_items},
                },
                Profile,
            )
        except msgspec.ValidationError as error:
            raise ProfileError(f"SIP2 account: {error}") from error


class Sip2Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file. `account`: by the account's name; `defaults` holds for all others, and for what a table does not
    say. `institution`: AO of answers to machines that send none."""

    institution: str = ""
    status_before_login: bool = False  # 99 is answered to whoever asks
    idle_s: Seconds = 600.0  # after which a silent connection is closed
    unread_s: Seconds = 30.0  # after which one is closed that does not read its answers
    most_connections: Annotated[int, Meta(ge=1, le=10_000)] = 200
    defaults: AccountSettings = AccountSettings()
    account: dict[str, AccountSettings] = {}

    def of(self, name: str) -> AccountSettings:
        """What holds for this account."""
        return self.account.get(name, self.defaults)


def read_settings(path: Path | None) -> Sip2Settings:
    """The settings in a file; without one, what holds where nothing is said.

    Raises:
        SettingsError: they cannot be.
    """
    if path is None:
        return Sip2Settings()
    try:
        raw = msgspec.toml.decode(path.read_bytes(), type=dict[str, object])
        defaults, accounts = raw.get("defaults", {}), raw.get("account", {})
        if isinstance(defaults, dict) and isinstance(accounts, dict):
            raw["account"] = {
                name: defaults | table if isinstance(table, dict) else table for name, table in accounts.items()
            }
        settings = msgspec.convert(raw, Sip2Settings)
        for each in (settings.defaults, *settings.account.values()):
            each.profile("UTC")
    except (OSError, msgspec.DecodeError, ProfileError) as error:
        raise SettingsError(f"{path}: {error}") from error
    return settings
