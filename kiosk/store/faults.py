"""SQLite's and the system's errors, said as ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy.exc import DatabaseError, OperationalError

from kiosk.errors import JournalCorrupt, JournalUnwritable


@contextmanager
def as_our_errors() -> Iterator[None]:
    """What SQLite cannot do now may work later; what contradicts itself will not."""
    try:
        yield
    except OperationalError as error:
        raise JournalUnwritable(str(error.orig)) from error
    except DatabaseError as error:
        raise JournalCorrupt(str(error.orig)) from error
    except OSError as error:
        raise JournalUnwritable(str(error)) from error


@contextmanager
def as_written() -> Iterator[None]:
    """What cannot be understood is not what was written."""
    try:
        yield
    except (ValueError, msgspec.MsgspecError) as error:
        raise JournalCorrupt(str(error)) from error
