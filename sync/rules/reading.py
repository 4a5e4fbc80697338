"""Reading rules.toml, with messages for the librarian who wrote it."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import msgspec

from sync.catalogue import Retry, SyncError
from sync.rules.data import Calendar, LendingRule, LendingRules, OfflineQuota, TrustStep

TABLES: dict[str, type[msgspec.Struct]] = {
    "rule": LendingRule,
    "calendar": Calendar,
    "offline.quota": OfflineQuota,
    "offline.trust": TrustStep,
}
"""Tables of which there may be several."""


class RulesError(SyncError):
    """Rules that cannot be. The message names the file, the place and what is wrong there."""

    code = "rules"
    retry = Retry.NEVER


def read_rules(path: Path) -> LendingRules:
    """The lending rules in the TOML file at `path`.

    Raises:
        RulesError: the file is missing, is no TOML, or says something that cannot be.
    """
    try:
        told = msgspec.toml.decode(path.read_bytes())
    except OSError as error:
        raise RulesError(f"{path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RulesError(f"{path}: {error}") from error
    try:
        rules: LendingRules = _convert(told, LendingRules)
    except msgspec.ValidationError as error:
        raise RulesError(f"{path}: {_table(told) or error}") from error
    return rules


def _table(told: dict[str, Any]) -> str:
    """Which of several tables is meant, and what is wrong with it; '' where it is none of them."""
    for name, kind in TABLES.items():
        where: Any = told
        for part in name.split("."):
            where = where.get(part, {}) if isinstance(where, dict) else {}
        for number, table in enumerate(where if isinstance(where, list) else (), start=1):
            try:
                _convert(table, kind)
            except msgspec.ValidationError as error:
                return f"[[{name}]] number {number}: {error}"
    return ""


def _convert(told: object, kind: type[Any]) -> Any:
    return msgspec.convert(told, kind, builtin_types=(datetime, date, time))
