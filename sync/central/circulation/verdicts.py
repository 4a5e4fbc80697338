"""What was answered to a message is kept with it, for ever."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from sync.acts import MessageKind
from sync.catalogue import Verdict
from sync.central.models import VerdictRow


def stored_verdict(db: Session, key: str, kind: MessageKind) -> VerdictRow | None:
    """What was answered to a message, if it has been."""
    return db.scalar(select(VerdictRow).where(VerdictRow.key == key, VerdictRow.kind == kind))


def verdict_row(key: str, kind: MessageKind, digest: str, verdict: Verdict, now: datetime) -> VerdictRow:
    """What is answered to a message, to be kept. `digest`: of what the message said."""
    return VerdictRow(key=key, kind=kind, act=digest, body=msgspec.json.encode(verdict).decode(), at=now)
