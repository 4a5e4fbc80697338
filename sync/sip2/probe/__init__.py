"""Finding out how a library system speaks SIP 2.00, so that a station can be told.

    caller ──► interview ──► evidence ──► judging ─┬─► observations ─► report, profile file
       └────► exercise (lends and takes back) ─────┘
       ▲
      wire: one connection, its bytes as they are

`raw`, `evidence`, `findings`, `judging` and `report` are pure. `wire`, `caller`, `interview` and `exercise` talk. What
is looked at here lies below the `Link`, which would mend or refuse it: checksums, numbers, ends of messages, encodings.
"""

from sync.sip2.probe.caller import Target, Times
from sync.sip2.probe.exercise import STILL_LENT, Exercise
from sync.sip2.probe.findings import Level, Observation, Report
from sync.sip2.probe.interview import Subject
from sync.sip2.probe.report import as_profile, as_table
from sync.sip2.probe.running import probe

__all__ = [
    "STILL_LENT",
    "Exercise",
    "Level",
    "Observation",
    "Report",
    "Subject",
    "Target",
    "Times",
    "as_profile",
    "as_table",
    "probe",
]
