"""As much of a VNC client as a test needs (RFC 6143): handshake, password, one picture."""

from __future__ import annotations

import socket
import struct

import pyDes

VNC_AUTHENTICATION = 2
SET_ENCODINGS, UPDATE_REQUEST = 2, 3


class Refused(Exception):
    """The server does not take the password."""


class Viewer:
    """A connection to a VNC server on loopback."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        assert self._read(12) == b"RFB 003.008\n"
        self._socket.sendall(b"RFB 003.008\n")
        self.security_types = set(self._read(self._read(1)[0]))

    def log_in(self, password: str) -> None:
        """Answer the challenge with the password (7.2.2): DES, each byte of the key with its bits turned round."""
        self._socket.sendall(bytes([VNC_AUTHENTICATION]))
        challenge = self._read(16)
        key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.encode().ljust(8, b"\0")[:8])
        self._socket.sendall(pyDes.des(key, pyDes.ECB).encrypt(challenge))
        if struct.unpack(">I", self._read(4))[0] != 0:
            raise Refused

    def picture(self) -> tuple[int, int, bytes]:
        """Width, height and pixels (4 bytes each) of the screen."""
        self._socket.sendall(b"\x01")  # shared
        width, height = struct.unpack(">HH", self._read(4))
        self._read(16)
        self._read(struct.unpack(">I", self._read(4))[0])
        self._socket.sendall(struct.pack(">BxHi", SET_ENCODINGS, 1, 0))
        self._socket.sendall(struct.pack(">BBHHHH", UPDATE_REQUEST, 0, 0, 0, width, height))
        pixels = bytearray(width * height * 4)
        assert self._read(1) == b"\0"
        for _ in range(struct.unpack(">xH", self._read(3))[0]):
            x, y, wide, high, encoding = struct.unpack(">HHHHi", self._read(12))
            assert encoding == 0
            for line in range(y, y + high):
                at = (line * width + x) * 4
                pixels[at : at + wide * 4] = self._read(wide * 4)
        return width, height, bytes(pixels)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _read(self, count: int) -> bytes:
        read = b""
        while len(read) < count:
            more = self._socket.recv(count - len(read))
            if not more:
                raise ConnectionError("the server hung up")
            read += more
        return read
