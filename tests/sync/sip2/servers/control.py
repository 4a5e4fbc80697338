"""How the tests steer a server: by its standard input and output, which end with them.

the server says   its port, as soon as it takes connections
the tests say     a moment, in ISO 8601: the library is laid out anew, as of then
the server says   the moment, as soon as that is done
"""

from __future__ import annotations

import os
import sys
import threading
from datetime import datetime

from tests.sync.sip2.servers.library import Library


def obey(library: Library, port: int) -> None:
    """Say the port, and lay the library out anew whenever the tests say so. The server ends when they do."""
    threading.Thread(target=_listen, args=(library,), daemon=True).start()
    print(port, flush=True)


def _listen(library: Library) -> None:
    for line in sys.stdin:
        library.lay_out(datetime.fromisoformat(line.strip()))
        print(line, end="", flush=True)
    os._exit(0)
