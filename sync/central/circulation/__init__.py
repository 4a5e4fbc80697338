"""The lending desk of the centre: proposals and facts, applied.

A proposal may be refused. A fact never is: it is applied as it happened, and flagged where it does not fit
(`sync.conflicts`).
"""

from __future__ import annotations

from sync.central.circulation.desk import Circulation, KeyReused
from sync.central.circulation.moment import Moment, StationClock
from sync.central.circulation.verdicts import stored_verdict, verdict_row

__all__ = ["Circulation", "KeyReused", "Moment", "StationClock", "stored_verdict", "verdict_row"]
