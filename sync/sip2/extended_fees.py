"""Single fees in a Patron Information Response, as aDIS and FOLIO give them for `Summary.FEES`.

Each fee is a handful of fields beyond SIP 2.00, and one follows the other; a new one begins where an id comes again.
`Profile.extended_fees` says whether a system has them.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

_NAMES = {
    "CG": "account",
    "FA": "remaining",
    "FB": "item",
    "FC": "date",
    "FD": "title",
    "FE": "fee",
    "FF": "fee_type",
    "FG": "paid",
}


class ExtendedFee(msgspec.Struct, frozen=True, kw_only=True):
    """One fee, in the system's own words. `date` as dd.mm.yyyy; None where nothing is said."""

    account: str | None = None
    remaining: str | None = None
    item: str | None = None
    date: str | None = None
    title: str | None = None
    fee: str | None = None
    fee_type: str | None = None
    paid: str | None = None


def extended_fees(extra: Iterable[tuple[str, str]]) -> tuple[ExtendedFee, ...]:
    """The fees in `Message.extra`, in their order; other ids are passed over."""
    fees: list[dict[str, str]] = []
    for key, text in extra:
        name = _NAMES.get(key)
        if name is None:
            continue
        if not fees or name in fees[-1]:
            fees.append({})
        fees[-1][name] = text
    return tuple(ExtendedFee(**fee) for fee in fees)


def as_extra(fees: Iterable[ExtendedFee]) -> tuple[tuple[str, str], ...]:
    """The fields that say these fees, for `Message.extra`."""
    return tuple(
        (key, text) for fee in fees for key, name in _NAMES.items() if (text := getattr(fee, name)) is not None
    )
