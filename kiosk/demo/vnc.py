"""A screen on loopback for machines without one: TigerVNC's X server behind a one-time password.

Not Qt's own vnc plugin: it listens on all interfaces and knows no password.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.demo.peer import DemoError, start, stop

PASSWORD_LENGTH = 8  # of RFB's VNC authentication; more is cut off (RFC 6143, 7.2.2)


class Vnc:
    """An X server for as long as the context lasts; DISPLAY of this process and its children is set to it.

    Args:
        size: of the screen in px.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self.password = secrets.token_urlsafe(6)[:PASSWORD_LENGTH]
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="kiosk-vnc-"))

    def __enter__(self) -> Self:
        if shutil.which("Xtigervnc") is None:
            raise DemoError("SCREEN=vnc needs TigerVNC's Xtigervnc (Debian: tigervnc-standalone-server)")
        self.port = _free_port()
        password_file = self._folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_bytes(self._obfuscated())
        read_end, write_end = os.pipe()
        command = ["Xtigervnc", "-displayfd", str(write_end), "-localhost", "-rfbport", str(self.port)]
        command += ["-SecurityTypes", "VncAuth", "-PasswordFile", str(password_file), "-AlwaysShared"]
        command += ["-geometry", f"{self._size[0]}x{self._size[1]}", "-depth", "24", "-nolisten", "tcp"]
        self._process = start(command, self._folder / "log", pass_fds=[write_end])
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            display = pipe.readline().strip()
        if not display:
            raise DemoError(f"the VNC server does not start\n{(self._folder / 'log').read_text()}")
        os.environ["DISPLAY"] = f":{display}"
        os.environ.pop("WAYLAND_DISPLAY", None)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            stop(self._process)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _obfuscated(self) -> bytes:
        made = subprocess.run(["vncpasswd", "-f"], input=self.password.encode(), capture_output=True, check=True)
        return made.stdout


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
