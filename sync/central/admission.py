"""Who may speak to the centre: stations by its API, machines of other makers by SIP2."""

from __future__ import annotations

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from sync.central.models import Branch, StationRow


def let_in(engine: Engine, name: str, secret_hash: str, branch: str = "") -> None:
    """Let somebody in at a branch ('': the first) by the hash of a secret; an earlier secret of the same name is void.

    Raises:
        LookupError: there is no such branch.
    """
    with Session(engine) as db, db.begin():
        where = db.get(Branch, branch) if branch else db.scalar(select(Branch).order_by(Branch.position).limit(1))
        if where is None:
            raise LookupError(f"no branch {branch!r}")
        db.merge(StationRow(id=name, branch=where.code, token=secret_hash))
