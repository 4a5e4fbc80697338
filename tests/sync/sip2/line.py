"""A conversation with a SIP2 server by our codec, over a plain socket that waits."""

from __future__ import annotations

import socket
from decimal import Decimal
from typing import Any

from sync.sip2 import Checksum, Codec, Frame, Request, profile, requests
from tests.sync.sip2.peers import NOW, PASSWORD, USER


class Line:
    """A connection: one request, one answer."""

    def __init__(self, port: int, **overrides: object) -> None:
        self.codec = Codec(profile("generic", overrides))
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._framer = self.codec.framer()
        self._sequence = -1

    def close(self) -> None:
        self._socket.close()

    def ask(self, request: Request) -> Any:
        """The answer. It must be whole: its checksum right, its number that of the request, its type the one that
        answers this request."""
        self._sequence = (self._sequence + 1) % 10
        frame = self.exchange(self.codec.encode(request, self._sequence))
        assert (frame.checksum, frame.sequence) == (Checksum.RIGHT, self._sequence)
        answer = self.codec.answer(frame)
        assert isinstance(answer, request.answered_by)
        assert answer.extra == ()
        return answer

    def exchange(self, data: bytes) -> Frame:
        """Send bytes as they are; what comes back."""
        self._socket.sendall(data)
        while received := self._socket.recv(4096):
            for line in self._framer.feed(received):
                return self.codec.open(line)
        raise EOFError

    def login(self, password: str = PASSWORD) -> Any:
        return self.ask(requests.Login(user=USER, password=password))


def information(line: Line, card: str, **more: Any) -> Any:
    return line.ask(requests.PatronInformation(transaction_date=NOW, patron=card, **more))


def item(line: Line, barcode: str) -> Any:
    return line.ask(requests.ItemInformation(transaction_date=NOW, item=barcode))


def checkout(line: Line, card: str, barcode: str, **more: Any) -> Any:
    return line.ask(requests.Checkout(transaction_date=NOW, patron=card, item=barcode, **more))


def checkin(line: Line, barcode: str) -> Any:
    return line.ask(requests.Checkin(transaction_date=NOW, return_date=NOW, item=barcode))


def renew(line: Line, card: str, barcode: str) -> Any:
    return line.ask(requests.Renew(transaction_date=NOW, patron=card, item=barcode))


def pay(line: Line, card: str, amount: str) -> Any:
    return line.ask(
        requests.FeePaid(transaction_date=NOW, currency="EUR", amount=Decimal(amount), patron=card, transaction_id="B1")
    )
