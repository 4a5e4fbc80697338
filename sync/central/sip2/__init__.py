"""The centre answers SIP 2.00 as well: self-check machines, gates and sorters of other makers work with the network.

    socket ─► `server` ─► `conversation` ─┬─ `accounts`   who speaks, and in which dialect
                                          ├─ `recent`     what was said just now, so that nothing is done twice
                                          └─ `dispatch` ─► `loans` `returns` `patrons` `items` `status`
                                                               │
                                        the rooms of the centre: `desk` (acts), `readers` (cards, PINs)

What a machine does here is an act like any other: it is judged by the same rules, kept with its verdict, and seen by
every station.
"""

from sync.central.sip2.accounts import register_account
from sync.central.sip2.server import Sip2Server
from sync.central.sip2.settings import AccountSettings, Sip2Settings, read_settings

__all__ = ["AccountSettings", "Sip2Server", "Sip2Settings", "read_settings", "register_account"]
