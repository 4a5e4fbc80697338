"""The station's own errors. Each has a stable code for technicians and says when trying again makes sense."""

from __future__ import annotations

from sync.catalogue import Retry


class KioskError(Exception):
    """Root of all errors of `kiosk`."""

    code = "kiosk"
    retry = Retry.NEVER


class ConfigurationError(KioskError):
    """The configuration file is missing or wrong; the message names the file, the place and what is expected."""

    code = "configuration"


class JournalUnwritable(KioskError):
    """An act cannot be recorded: the disk is full or read-only, or another process holds the journal."""

    code = "journal_unwritable"
    retry = Retry.LATER


class JournalCorrupt(KioskError):
    """The journal's file is not what was written."""

    code = "journal_corrupt"


class JournalUnreadable(KioskError):
    """There is no journal here that could be read; the message says why."""

    code = "journal_unreadable"
