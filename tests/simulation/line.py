"""A station's line to the centre: messages are lost, doubled, late and overtaken, as the dice say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, NoReturn, TypeVar

import msgspec

from sync.acts import Act, ClockReading
from sync.catalogue import Credential, Item, NoAnswer, PatronAnswer, Unreachable, Verdict
from sync.stream import Contact, Delivery, Receipt, Welcome
from tests.simulation.centre import CentreHost

T = TypeVar("T")

LATEST_S = 40.0
"""The longest that a doubled message is under way: shorter than an act rests before it is looked up."""


@dataclass
class Weather:
    """How likely a message meets with each misfortune."""

    loses_question: float = 0.0
    loses_answer: float = 0.0
    doubles: float = 0.0
    slow: float = 0.0


class Line:
    """Implements `sync.catalogue.Catalogue` and `sync.stream.Centre` for one station."""

    def __init__(self, station: str, centre: CentreHost, reading: Callable[[], ClockReading], dice: Random) -> None:
        self._station = station
        self._centre = centre
        self._reading = reading
        self._dice = dice
        self.cut = False
        self.weather = Weather()

    async def heartbeat(self) -> None:
        await self._ask("heartbeat", None, type(None))

    async def patron(self, credential: Credential, pin: str | None = None) -> PatronAnswer:
        return await self._ask("patron", credential, PatronAnswer)

    async def item(self, barcode: str) -> Item | None:
        raise Unreachable("not asked here")

    async def propose(self, act: Act) -> Verdict:
        return await self._ask("propose", act, Verdict)

    async def look_up(self, act: Act) -> Verdict | None:
        kind: Any = Verdict | None
        found: Verdict | None = await self._ask("look_up", act, kind)
        return found

    async def contact(self, contact: Contact) -> Welcome:
        return await self._ask("contact", contact, Welcome)

    async def deliver(self, delivery: Delivery) -> Receipt:
        return await self._ask("deliver", delivery, Receipt)

    async def _ask(self, question: str, body: object, kind: type[T]) -> T:
        sent, reading = msgspec.json.encode(body), self._reading()
        if self.cut or not self._centre.up:
            await asyncio.sleep(0.01)
            raise Unreachable("cut")
        weather = self.weather
        await asyncio.sleep(self._dice.uniform(0.001, 0.05) if self._dice.random() >= weather.slow else 3.0)
        if self._dice.random() < weather.loses_question or self._gone():
            await self._silence()
        answer = self._arrive(question, sent, reading)
        if self._dice.random() < weather.doubles:
            later_s = self._dice.uniform(0.0, LATEST_S)
            asyncio.get_running_loop().call_later(later_s, self._arrive_again, question, sent, reading)
        await asyncio.sleep(self._dice.uniform(0.001, 0.05))
        if self._dice.random() < weather.loses_answer or self._gone():
            await self._silence()
        if isinstance(answer, Exception):
            raise answer
        return msgspec.json.decode(msgspec.json.encode(answer), type=kind)

    def _gone(self) -> bool:
        return self.cut or not self._centre.up

    async def _silence(self) -> NoReturn:
        """Half the time it is noticed at once, half the time nobody ever says a word."""
        if self._dice.random() < 0.5:
            raise NoAnswer("reset")
        await asyncio.sleep(10.0)
        raise NoAnswer("nothing came")

    def _arrive(self, question: str, sent: bytes, reading: ClockReading) -> object:
        try:
            return self._centre.answer(self._station, question, sent, reading)
        except Exception as error:  # noqa: BLE001 — it travels back, as an HTTP status does
            return error

    def _arrive_again(self, question: str, sent: bytes, reading: ClockReading) -> None:
        if self._centre.up:
            self._arrive(question, sent, reading)
