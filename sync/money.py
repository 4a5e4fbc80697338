"""Amounts as libraries write them, in the minor units that are reckoned with."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from sync.catalogue import Money

DECIMALS: dict[str, int] = {"JPY": 0, "KRW": 0, "VND": 0, "ISK": 0, "CLP": 0, "KWD": 3, "BHD": 3, "JOD": 3, "TND": 3}
"""ISO 4217: currencies whose minor unit is not a hundredth."""


def decimals_of(currency: str) -> int:
    """How many digits an amount of this currency (ISO 4217) has after its point."""
    return DECIMALS.get(currency, 2)


def money(amount: Decimal, currency: str) -> Money:
    """An amount in major units (1.50) as one in minor units (150), rounded half up."""
    minor = (amount * 10 ** decimals_of(currency)).quantize(Decimal(1), ROUND_HALF_UP)
    return Money(int(minor), currency)
