"""A line between a station and its centre that can be cut."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Line:
    """Relays TCP on loopback. `limit`: so many bytes of answers go through on each connection; then, with `stalls`,
    nothing more comes, else the connection is closed. `asked` keeps what went the other way."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self.limit: int | None = None
        self.stalls = False
        self.stalled = threading.Event()
        self.asked = b""
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Hang up everywhere."""
        for end in (self._listener, *self._sockets):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [near, far]
                for relay in (self._questions, self._answers):
                    threading.Thread(target=relay, args=(near, far), daemon=True).start()

    def _questions(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                self.asked += data
                far.sendall(data)
        with suppress(OSError):
            far.shutdown(socket.SHUT_RDWR)

    def _answers(self, near: socket.socket, far: socket.socket) -> None:
        told = 0
        with suppress(OSError):
            while data := far.recv(65536):
                if self.limit is not None and told + len(data) > self.limit:
                    near.sendall(data[: self.limit - told])
                    self.stalled.set()
                    if self.stalls:
                        return
                    break
                told += len(data)
                near.sendall(data)
        with suppress(OSError):
            near.shutdown(socket.SHUT_RDWR)
