"""Sockets: who connects, how long a silence may last, how much may be on its way."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from sync.central.models import utc_now
from sync.central.sip2.accounts import Accounts
from sync.central.sip2.conversation import Conversation
from sync.central.sip2.recent import Recent
from sync.central.sip2.rooms import open_rooms
from sync.central.sip2.settings import Sip2Settings
from sync.sip2 import Framer, ProtocolError

log = logging.getLogger(__name__)

LONGEST_REQUEST = 8192
"""Bytes. The longest that SIP 2.00 knows are a few hundred."""

AT_ONCE = 4
"""Requests that are worked on at the same time; a machine has one at a time."""

_PIECE = 4096


class Sip2Server:
    """Answers machines, each on its connection, one request after the other.

    Nothing is read while an answer waits to be taken, so that a machine which sends and never reads holds up itself
    and nobody else.

    Args:
        engine: the centre's database.
        settings: the library's.
        now: the centre's clock, UTC.

    Raises:
        LookupError: the database holds no library yet.
    """

    def __init__(self, engine: Engine, settings: Sip2Settings, now: Callable[[], datetime] = utc_now) -> None:
        self._rooms = open_rooms(engine, settings, now)
        self._settings = settings
        self._accounts = Accounts(engine, settings, self._rooms.zone.key)
        self._recent = Recent(now)
        self._clients: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    @contextmanager
    def running(self, listener: socket.socket, tls: ssl.SSLContext | None = None) -> Iterator[None]:
        """Serve in a thread of its own until the block is left.

        Args:
            listener: a listening socket; it is closed in the end.
            tls: None for clear text.
        """
        loop = asyncio.new_event_loop()
        stop = asyncio.Event()

        def run() -> None:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(self._serve(listener, tls, stop))

        thread = threading.Thread(target=run, name="sip2", daemon=True)
        thread.start()
        try:
            yield
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()

    async def _serve(self, listener: socket.socket, tls: ssl.SSLContext | None, stop: asyncio.Event) -> None:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sip2") as pool:

            async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await self._client(pool, reader, writer)

            server = await asyncio.start_server(client, sock=listener, ssl=tls, limit=LONGEST_REQUEST)
            async with server:
                await stop.wait()
                server.close()
                for writer in list(self._clients):
                    writer.transport.abort()
                await asyncio.gather(*filter(None, self._clients.values()))

    async def _client(
        self, pool: ThreadPoolExecutor, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if len(self._clients) >= self._settings.most_connections:
            log.warning("sip2: more than %d connections", self._settings.most_connections)
            writer.transport.abort()
            return
        writer.transport.set_write_buffer_limits(high=0)  # an answer is taken before the next one is made
        self._clients[writer] = asyncio.current_task()
        conversation = Conversation(self._rooms, self._accounts, self._recent)
        try:
            await self._converse(pool, conversation, reader, writer)
            writer.close()
        except (TimeoutError, OSError, ProtocolError) as error:
            log.info("sip2: %s: closed: %s", conversation.who, type(error).__name__)
        except OperationalError as error:
            # Nothing was done, and nothing is answered: the machine goes on by itself and comes back.
            log.error("sip2: the database cannot be used: %s", type(error).__name__)  # noqa: TRY400  no values in logs
        except Exception:  # whatever it is, the next machine is served
            log.exception("sip2: %s: a request cannot be answered", conversation.who)
        finally:
            del self._clients[writer]
            if not writer.is_closing():
                writer.transport.abort()

    async def _converse(
        self,
        pool: ThreadPoolExecutor,
        conversation: Conversation,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        framer = Framer(longest=LONGEST_REQUEST)
        loop = asyncio.get_running_loop()
        while data := await asyncio.wait_for(reader.read(_PIECE), self._settings.idle_s):
            for line in framer.feed(data):
                answer = await loop.run_in_executor(pool, conversation.hear, line)
                if answer is not None:
                    writer.write(answer)
                    await asyncio.wait_for(writer.drain(), self._settings.unread_s)
                if conversation.over:
                    return
