"""SQLite's and the system's errors, said as ours."""

from __future__ import annotations

import sqlite3
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
    except (OperationalError, sqlite3.OperationalError) as error:
        raise JournalUnwritable(_said(error)) from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise JournalCorrupt(_said(error)) from error
    except OSError as error:
        raise JournalUnwritable(str(error)) from error


def _said(error: DatabaseError | sqlite3.DatabaseError) -> str:
    """What SQLite says: no statement, and no values, for they are readers and what they borrow."""
    return str(error.orig if isinstance(error, DatabaseError) else error)


@contextmanager
def as_written() -> Iterator[None]:
    """What cannot be understood is not what was written."""
    try:
        yield
    except (ValueError, msgspec.MsgspecError) as error:
        raise JournalCorrupt(str(error)) from error
