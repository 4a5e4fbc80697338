"""Reading rules.toml, with messages for the librarian who wrote it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from sync.catalogue import Retry, SyncError
from sync.rules.data import LendingRules


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
        return msgspec.toml.decode(path.read_bytes(), type=LendingRules)
    except OSError as error:
        raise RulesError(f"{path}: {error.strerror or error}") from error
    except msgspec.DecodeError as error:  # ValidationError is one too, and names the place
        raise RulesError(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise RulesError(f"{path}: not UTF-8 text at byte {error.start}") from error
