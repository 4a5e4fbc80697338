"""The real link over real sockets, before a library system that misbehaves in each way in which real ones do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from sync.catalogue import NoAnswer, NotAuthorised, SyncError, Unreachable
from sync.sip2 import ChecksumPolicy, ErrorDetection, Profile, ProtocolError, Unsendable, profile
from sync.sip2.answers import CheckoutResponse, ItemInformationResponse
from sync.sip2.connection import Direction
from sync.sip2.link import Account, Address, Link, Times
from sync.sip2.requests import Checkout, ItemInformation
from tests.sync.sip2 import misbehaving as acs
from tests.sync.sip2.hand_timers import HandTimers
from tests.sync.sip2.misbehaving import NOW, PASSWORD, USER, Acs, Manner, Talk

ANSWER_S = 10.0
HEARTBEAT_S = 30.0
PAUSE_S = 4.0
ANSWER_LENGTH = len("1801000120261123    213246AB39990001|AJŻółć 39990001|AY2AZxxxx\r".encode())


class Station:
    """A link, its clock, and what passed on the wire."""

    def __init__(self, port: int, profile: Profile, password: str = PASSWORD) -> None:
        self.timers = HandTimers()
        self.heard: list[tuple[Direction, bytes]] = []
        self._news = asyncio.Event()
        self.link = Link(
            Address(host="127.0.0.1", port=port),
            profile,
            account=Account(user=USER, password=password),
            times=Times(answer_s=ANSWER_S),
            trace=self._trace,
            timers=self.timers,
            pause_s=lambda tries, _error: PAUSE_S * 2**tries,
        )

    def _trace(self, direction: Direction, line: bytes, at: datetime) -> None:
        assert at.tzinfo is not None
        self.heard.append((direction, line))
        self._news.set()

    async def title(self, item: str = "39990001") -> str | None:
        """Asks for an item, and checks that the answer is about that one."""
        answer = await self.link.ask(ItemInformation(transaction_date=NOW, item=item))
        assert isinstance(answer, ItemInformationResponse)
        assert answer.item == item
        return answer.title

    async def borrow(self, item: str) -> CheckoutResponse:
        answer = await self.link.ask(Checkout(transaction_date=NOW, patron="2352", item=item))
        assert isinstance(answer, CheckoutResponse)
        return answer

    async def fails(self, error: type[SyncError]) -> SyncError:
        """Asks, and sees it fail in this way and no other."""
        with pytest.raises(SyncError) as failed:
            await self.title()
        assert type(failed.value) is error
        return failed.value

    async def gives_up(self, item: str = "39990001") -> None:
        """Asks, lets the answer's time pass, and sees that the outcome is unknown."""
        self.heard.clear()
        asking = asyncio.create_task(self.title(item))
        await self.until_sent(b"17")
        self.timers.advance(ANSWER_S)
        with pytest.raises(NoAnswer):
            await asking

    async def until_sent(self, code: bytes) -> None:
        """Wait until such a message has left."""
        while not any(direction is Direction.SENT and line.startswith(code) for direction, line in self.heard):
            self._news.clear()
            await self._news.wait()


@asynccontextmanager
async def before(
    manner: Manner, profile: Profile | None = None, password: str = PASSWORD
) -> AsyncIterator[tuple[Station, Acs]]:
    """A station before such a library system."""
    async with Acs(manner, profile) as library:
        station = Station(library.port, profile or Profile(), password)
        try:
            yield station, library
        finally:
            await station.link.aclose()
            assert station.timers.running == []


# ── honest ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_one_connection_for_all_questions() -> None:
    async with before(acs.honest) as (station, library):
        assert (await station.link.status()).online
        assert await station.title() == "Żółć 39990001"
        assert (await station.borrow("39990002")).ok
        assert library.asked == [["93", "99", "99", "17", "11"]]


async def test_no_login_where_the_profile_wants_none() -> None:
    async with before(acs.honest, Profile(login=False)) as (station, library):
        await station.title()
        assert library.asked == [["99", "17"]]


async def test_many_at_once_are_asked_one_by_one() -> None:
    async with before(acs.honest) as (station, library):
        titles = await asyncio.gather(*[station.title(f"3999{number:04d}") for number in range(50)])
        assert titles == [f"Żółć 3999{number:04d}" for number in range(50)]
        assert len(library.asked) == 1


async def test_a_question_that_cannot_be_said_harms_nobody() -> None:
    async with before(acs.honest) as (station, library):
        with pytest.raises(Unsendable):
            await station.title("3999|0001")
        assert await station.title() == "Żółć 39990001"
        assert library.asked == [["93", "99", "17"]]


# ── ends of messages, and what stands around them ────────────────────────────────────────────────────────


@pytest.mark.parametrize("after", [b"\r\n", b"\n", b"\r\r", b"\r\r\n\r\n", b"\r \x00"])
@pytest.mark.parametrize("before_it", [b"", b"\n", b" \r\n"])
async def test_ends_of_all_kinds(before_it: bytes, after: bytes) -> None:
    async with before(acs.between(before_it, after)) as (station, library):
        for item in ("39990001", "39990002"):
            assert await station.title(item) == f"Żółć {item}"
        assert library.asked == [["93", "99", "17", "17"]]


# ── hung up ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("count", range(ANSWER_LENGTH))
async def test_hung_up_at_each_byte_of_an_answer(count: int) -> None:
    async with before(acs.drops_after(count)) as (station, library):
        if count == ANSWER_LENGTH - 1:
            assert await station.title() == "Żółć 39990001"  # the terminator alone is missing
        else:
            await station.fails(NoAnswer)
        assert await station.title() == "Żółć 39990001"  # on a new connection
        assert library.asked == [["93", "99", "17"], ["93", "99", "17"]]


async def test_a_refused_connection_is_no_unknown_outcome() -> None:
    async with Acs() as library:
        pass
    station = Station(library.port, Profile())
    await station.fails(Unreachable)
    await station.link.aclose()


async def test_closed_when_idle_without_a_word() -> None:
    """Evergreen, Koha: after some silence."""
    async with before(acs.honest) as (station, library):
        await station.title()
        library.talks[0].hang_up()
        await station.timers.until_one_runs_for(PAUSE_S)
        station.timers.advance(PAUSE_S)  # it comes back by itself
        await library.until_asked(["93", "99", "17"], ["93", "99", "99"])
        await station.title()
        assert len(library.asked) == 2


async def test_a_reader_does_not_wait_for_a_connection_to_come_back_by_itself() -> None:
    async with before(acs.honest) as (station, library):
        await station.title()
        library.talks[0].hang_up()
        await station.timers.until_one_runs_for(PAUSE_S)
        assert await station.title() == "Żółć 39990001"
        assert len(library.asked) == 2


async def test_a_heartbeat_in_silence() -> None:
    async with before(acs.honest) as (station, library):
        await station.title()
        for _ in range(3):
            station.timers.advance(HEARTBEAT_S - 1)
            await station.title()
        assert library.asked == [["93", "99", "17", "17", "17", "17"]]
        station.timers.advance(HEARTBEAT_S)
        await station.timers.until_one_runs_for(HEARTBEAT_S)
        station.timers.advance(HEARTBEAT_S)
        await library.until_asked(["93", "99", "17", "17", "17", "17", "99", "99"])


# ── the login ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_wrong_password() -> None:
    async with before(acs.honest, password="sesam") as (station, library):
        await station.fails(NotAuthorised)
        assert "tried again in 4 s" in str(await station.fails(NotAuthorised))
        assert library.asked == [["93"]]  # after three a system may lock the account


async def test_a_system_that_wants_the_login_first() -> None:
    async with before(acs.login_first) as (station, _):
        assert await station.title() == "Żółć 39990001"
    async with before(acs.login_first, Profile(login=False)) as (station, _):
        await station.fails(Unreachable)


async def test_tries_to_connect_come_in_growing_pauses() -> None:
    async def hang_up(talk: Talk) -> None:
        talk.hang_up()

    async with before(hang_up) as (station, library):
        await station.fails(Unreachable)
        for pause_s in (PAUSE_S, 2 * PAUSE_S, 4 * PAUSE_S):
            await station.timers.until_one_runs_for(pause_s)
            await station.fails(Unreachable)  # in the pause nobody is asked
            station.timers.advance(pause_s)
        await station.timers.until_one_runs_for(8 * PAUSE_S)
        assert library.asked == [["93"]] * 4
        library.manner = acs.honest
        station.timers.advance(8 * PAUSE_S)
        await station.timers.until_one_runs_for(HEARTBEAT_S)
        assert await station.title() == "Żółć 39990001"


async def test_a_system_that_hangs_up_after_each_login_is_not_asked_all_the_time() -> None:
    async def hang_up(talk: Talk) -> None:
        talk.say(talk.answer())
        if talk.code == "99":
            talk.hang_up()

    async with before(hang_up) as (station, library):
        with pytest.raises(SyncError):
            await station.title()
        for pause_s in (PAUSE_S, 2 * PAUSE_S, 4 * PAUSE_S):
            await station.timers.until_one_runs_for(pause_s)
            station.timers.advance(pause_s)
        await station.timers.until_one_runs_for(8 * PAUSE_S)
        assert len(library.asked) == 4


async def test_a_login_that_is_not_answered() -> None:
    async with before(acs.silent) as (station, _):
        asking = asyncio.create_task(station.fails(Unreachable))
        await station.timers.until_one_runs_for(ANSWER_S)
        station.timers.advance(ANSWER_S)
        await asking


# ── late, twice, behind ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("manner", [acs.silent, acs.late])
async def test_an_answer_that_does_not_come_in_time(manner: Manner) -> None:
    async with before(acs.once_established(acs.on_first_connection(manner))) as (station, library):
        await station.gives_up()
        assert await station.title("39990002") == "Żółć 39990002"
        assert library.asked == [["93", "99", "17"], ["93", "99", "17"]]


async def test_a_reader_who_stops_waiting() -> None:
    async with before(acs.once_established(acs.on_first_connection(acs.late))) as (station, library):
        asking = asyncio.create_task(station.title("39990001"))
        await station.until_sent(b"17")
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await station.title("39990002") == "Żółć 39990002"
        assert library.asked == [["93", "99", "17"], ["93", "99", "17"]]


@pytest.mark.parametrize("detection", [ErrorDetection.AUTO, ErrorDetection.ON])
async def test_answers_that_come_twice(detection: ErrorDetection) -> None:
    async with before(acs.twice, Profile(error_detection=detection)) as (station, library):
        for number in range(20):
            assert await station.title(f"3999{number:04d}") == f"Żółć 3999{number:04d}"
        assert len(library.asked) == 1


async def test_answers_that_come_twice_without_numbers() -> None:
    """The second could be taken for the next answer of its kind, so the connection ends."""
    async with before(acs.once_established(acs.twice), Profile(error_detection=ErrorDetection.OFF)) as (
        station,
        library,
    ):
        for item in ("39990001", "39990002", "39990003"):
            assert await station.title(item) == f"Żółć {item}"
        assert library.asked == [["93", "99", "17"]] * 3


@pytest.mark.parametrize("detection", [ErrorDetection.AUTO, ErrorDetection.OFF])
async def test_always_one_answer_behind(detection: ErrorDetection) -> None:
    async with before(acs.one_behind(), Profile(error_detection=detection)) as (station, library):
        for item in ("39990001", "39990002"):
            await station.gives_up(item)
        library.manner = acs.honest
        assert await station.title("39990003") == "Żółć 39990003"


async def test_another_number_than_ours() -> None:
    async with before(acs.once_established(acs.on_first_connection(acs.numbers_wrongly))) as (station, _):
        await station.gives_up()
        assert await station.title() == "Żółć 39990001"


async def test_always_the_same_number() -> None:
    async with before(acs.says_four) as (station, library):
        assert await station.title() == "Żółć 39990001"
        assert library.asked == [["93", "99", "17"]]


# ── checksums ────────────────────────────────────────────────────────────────────────────────────────────


async def test_checksums_over_characters() -> None:
    async with before(acs.sums_characters) as (station, library):
        assert "checksum" in str(await station.fails(ProtocolError))
        assert library.asked[0] == ["93", "99", "17", "97", "97", "97"]
    async with before(acs.sums_characters, Profile(checksums=ChecksumPolicy.CODE_POINTS)) as (station, library):
        assert await station.title() == "Żółć 39990001"
        assert library.asked == [["93", "99", "17"]]


@pytest.mark.logs("the checksum of a message .. is wrong")
async def test_wrong_checksums_that_are_put_up_with() -> None:
    async with before(acs.sums_wrongly, Profile(checksums=ChecksumPolicy.WARN)) as (station, library):
        assert await station.title() == "Żółć 39990001"
        assert library.asked == [["93", "99", "17"]]


@pytest.mark.parametrize("again", [acs.as_it_was, acs.numbered_zero, acs.bare, acs.without_end])
async def test_a_broken_answer_is_said_again_and_the_loan_is_made_once(again: Callable[[Talk], bytes]) -> None:
    async with before(acs.sums_wrongly_once(again)) as (station, library):
        for item in ("39990001", "39990002"):
            assert (await station.borrow(item)).item == item
        assert library.asked == [["93", "99", "11", "97", "11", "97"]]


@pytest.mark.parametrize("times", [1, 3])
async def test_a_question_that_could_not_be_read(times: int) -> None:
    async with before(acs.asks_again(times)) as (station, library):
        assert await station.title() == "Żółć 39990001"
        assert library.asked == [["93", "99", *["17"] * (times + 1)]]
        assert len({*library.talks[0].kept}) == 1


async def test_a_question_that_can_never_be_read() -> None:
    async with before(acs.asks_again(99)) as (station, library):
        await station.fails(ProtocolError)
        assert library.asked == [["93", "99", "17", "17", "17", "17"]]


# ── error detection ──────────────────────────────────────────────────────────────────────────────────────


async def test_answers_without_numbers() -> None:
    async with before(acs.never_numbered) as (station, library):
        assert await station.title() == "Żółć 39990001"
        assert library.asked == [["93", "99", "17"]]
    async with before(acs.never_numbered, Profile(error_detection=ErrorDetection.ON)) as (station, library):
        await station.fails(Unreachable)


async def test_a_system_that_cannot_read_numbers() -> None:
    async with before(acs.cannot_read_numbers) as (station, library):
        assert await station.title() == "Żółć 39990001"
        assert library.asked == [["93"], ["93", "99", "17"]]
        library.talks[1].hang_up()
        await station.timers.until_one_runs_for(PAUSE_S)
        assert await station.title() == "Żółć 39990001"
        assert library.asked[2] == ["93", "99", "17"]  # it is remembered


async def test_folio_by_its_profile() -> None:
    async with before(acs.cannot_read_numbers, profile("folio", {"encoding": "utf-8"})) as (station, library):
        assert await station.title() == "Żółć 39990001"
        assert library.asked == [["93", "99", "17"]]


async def test_a_system_that_wants_numbers() -> None:
    async with before(acs.demands_numbers) as (station, library):
        assert await station.title() == "Żółć 39990001"
        assert library.asked == [["93", "99", "17"]]
    async with before(acs.demands_numbers, Profile(error_detection=ErrorDetection.OFF)) as (station, library):
        assert "asks for every message again" in str(await station.fails(Unreachable))


async def test_a_system_that_begins_to_want_numbers() -> None:
    async with before(acs.never_numbered) as (station, library):
        assert await station.title() == "Żółć 39990001"
        library.manner = acs.demands_numbers
        assert await station.title() == "Żółć 39990001"
        assert library.asked == [["93", "99", "17", "17", "17"]]


# ── text that is no message ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text", [b"FAIL\r", b"None", b"Problems handling the request: x\r\n", b"18\r", b"??1803\r", b"\xff\xfe\r"]
)
async def test_text_instead_of_an_answer(text: bytes) -> None:
    async with before(acs.on_first_connection(acs.says(text))) as (station, library):
        await station.fails(ProtocolError)
        assert await station.title() == "Żółć 39990001"
        assert len(library.asked) == 2


@pytest.mark.parametrize("text", [b"FAIL\r", b"None"])
async def test_text_and_nothing_else(text: bytes) -> None:
    async def says(talk: Talk) -> None:
        talk.say(text)

    async with before(says) as (station, library):
        await station.fails(Unreachable)
        assert library.asked == [["93"], ["93"]]  # with checksums and without, and no more


# ── who is first, who has left, the end ──────────────────────────────────────────────────────────────────


async def test_readers_go_first() -> None:
    may_answer = asyncio.Event()
    served: list[str] = []

    async def waits(talk: Talk) -> None:
        await may_answer.wait()
        served.extend(re.findall(r"AB(\d+)", talk.line.decode()))
        talk.say(talk.answer())

    async with before(acs.once_established(waits)) as (station, library):
        await station.link.status()
        asked = [("1", True), ("2", False), ("3", False), ("4", True), ("5", False), ("6", True)]
        questions = [
            asyncio.create_task(station.link.ask(ItemInformation(transaction_date=NOW, item=item), urgent=urgent))
            for item, urgent in asked
        ]
        await station.until_sent(b"17")
        may_answer.set()
        await asyncio.gather(*questions)
        assert served == ["1", "4", "6", "2", "3", "5"]
        assert len(library.asked) == 1


async def test_one_who_leaves_the_queue_disturbs_nobody() -> None:
    may_answer = asyncio.Event()

    async def waits(talk: Talk) -> None:
        await may_answer.wait()
        talk.say(talk.answer())

    async with before(acs.once_established(waits)) as (station, library):
        first, second, third = (asyncio.create_task(station.title(item)) for item in ("1", "2", "3"))
        await station.until_sent(b"17")
        second.cancel()
        may_answer.set()
        assert [await first, await third] == ["Żółć 1", "Żółć 3"]
        assert library.asked == [["93", "99", "17", "17"]]


async def test_one_who_leaves_during_the_login_leaves_the_connection_to_the_next() -> None:
    may_answer = asyncio.Event()

    async def waits(talk: Talk) -> None:
        await may_answer.wait()
        talk.say(talk.answer())

    async with before(waits) as (station, library):
        first = asyncio.create_task(station.title("1"))
        await station.until_sent(b"93")
        first.cancel()
        second = asyncio.create_task(station.title("2"))
        may_answer.set()
        assert await second == "Żółć 2"
        assert library.asked == [["93", "99", "17"]]


async def test_hanging_up_tells_everybody() -> None:
    async with before(acs.once_established(acs.silent)) as (station, library):
        asking = [asyncio.create_task(station.title(item)) for item in ("1", "2")]
        await station.until_sent(b"17")
        await station.link.aclose()
        first, second = await asyncio.gather(*asking, return_exceptions=True)
        assert (type(first), type(second)) == (NoAnswer, Unreachable)
        await station.fails(Unreachable)
        assert len(library.asked) == 1


async def test_hanging_up_during_the_login() -> None:
    async with before(acs.silent) as (station, _):
        asking = asyncio.create_task(station.fails(Unreachable))
        await station.until_sent(b"93")
        await station.link.aclose()
        await asking


async def test_the_trace_hears_both_sides() -> None:
    async with before(acs.honest) as (station, _):
        await station.title()
        sides = [(direction, line[:2]) for direction, line in station.heard]
        assert sides == [
            (Direction.SENT, b"93"),
            (Direction.HEARD, b"94"),
            (Direction.SENT, b"99"),
            (Direction.HEARD, b"98"),
            (Direction.SENT, b"17"),
            (Direction.HEARD, b"18"),
        ]


def test_what_is_told_before_anything_is_asked() -> None:
    with pytest.raises(ValueError, match="user and password are missing"):
        Link(Address(host="127.0.0.1"), Profile())
    with pytest.raises(Unsendable):
        Link(Address(host="127.0.0.1"), Profile(), account=Account(user="a", password="b|c"))
    assert "sesame" not in repr(Account(user="station1", password="sesame"))
