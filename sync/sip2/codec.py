"""Messages ↔ bytes, in both directions, for one profile. No I/O: whoever has a socket feeds it.

bytes ─► Framer ─► line ─► Codec.open ─► Frame ─┬─► Codec.answer   (a station reads)
                                                └─► Codec.request  (a library system reads)
message ─► Codec.encode ─► bytes
"""

from __future__ import annotations

from typing import Any

from sync.sip2.answers import ANSWERS
from sync.sip2.compiling import Decoder, Encoder, decoder, encoder
from sync.sip2.errors import ProtocolError, Unsendable
from sync.sip2.framing import Framer
from sync.sip2.message import Answer, Message, Request
from sync.sip2.profile import Profile
from sync.sip2.requests import REQUESTS
from sync.sip2.wire import Frame, Wire

_ANSWERS = {message.code: message for message in ANSWERS}
_REQUESTS = {message.code: message for message in REQUESTS}


class Codec:
    """Reads and writes SIP 2.00 as the profile says. Holds nothing of a conversation; sessions may share one.

    Raises:
        ProfileError: the profile gives an extension a meaning that it cannot have.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._wire = Wire(profile)
        self._answers: dict[str, Decoder[Answer]] = {code: decoder(one, profile) for code, one in _ANSWERS.items()}
        self._requests: dict[str, Decoder[Request]] = {code: decoder(one, profile) for code, one in _REQUESTS.items()}
        self._encoders: dict[type[Message], Encoder[Any]] = {
            message: encoder(message, profile) for message in (*ANSWERS, *REQUESTS)
        }

    def framer(self) -> Framer:
        """What cuts the bytes of one connection into lines."""
        return Framer(lf_terminates=self.profile.lf_terminates)

    def open(self, line: bytes) -> Frame:
        """Take the wrapping off one line: command, sequence number, checksum. `Frame.sound` says whether to read on, or
        to ask for it again.

        Raises:
            ProtocolError: it is no SIP message.
        """
        return self._wire.open(line)

    def answer(self, frame: Frame) -> Answer:
        """What a library system says.

        Raises:
            ProtocolError: nothing that a library system says, or not all of it.
        """
        decode = self._answers.get(frame.code)
        if decode is None:
            raise _unexpected(frame)
        return decode(frame.body)

    def request(self, frame: Frame) -> Request:
        """What a station asks.

        Raises:
            ProtocolError: nothing that a station asks, or not all of it.
        """
        decode = self._requests.get(frame.code)
        if decode is None:
            raise _unexpected(frame)
        return decode(frame.body)

    def encode(self, message: Message, sequence: int | None = None) -> bytes:
        """The bytes of a message, with its terminator.

        Args:
            sequence: 0 to 9: with sequence number and checksum. None: without error detection.

        Raises:
            Unsendable: a value has a delimiter or a control character in it, or does not fit. Answers are made to fit:
                long values are cut, and characters that the encoding has not become question marks.
        """
        text = self._encoders[type(message)](message)
        asked = isinstance(message, Request)
        try:
            data = self._wire.seal(text, sequence, errors="strict" if asked else "replace")
        except UnicodeEncodeError as error:
            where = f"message {message.code}: {self.profile.encoding}"
            raise Unsendable(f"{where} has no character U+{ord(text[error.start]):04X}") from None
        if asked and len(data) > self.profile.longest_request:
            raise Unsendable(f"message {message.code}: {len(data)} bytes, of {self.profile.longest_request} allowed")
        return data


def _unexpected(frame: Frame) -> ProtocolError:
    """A command that does not come from this side."""
    return ProtocolError(f"unexpected message {frame.code}")
