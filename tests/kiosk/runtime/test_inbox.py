"""The inbox: many threads in, one thread out, nothing lost and nothing overtaken."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from kiosk.flow.events import Event, LinkDown, LinkUp, Timer, TimeUp, Touched
from kiosk.runtime.inbox import Inbox


def nobody_fails() -> None:
    raise AssertionError("an event could not be taken")


POSTERS, EACH = list(Timer), 200


def test_each_thread_s_events_come_in_its_order_and_in_the_main_thread(qtbot: QtBot) -> None:
    taken: list[TimeUp] = []
    where: set[int] = set()

    def take(event: Event) -> None:
        assert isinstance(event, TimeUp)
        taken.append(event)
        where.add(threading.get_ident())

    inbox = Inbox(take, nobody_fails)
    together = threading.Barrier(len(POSTERS))

    def post_all(poster: Timer) -> None:
        together.wait(5)
        for number in range(EACH):
            inbox.post(TimeUp(poster, number))

    threads = [threading.Thread(target=post_all, args=(poster,)) for poster in POSTERS]
    for thread in threads:
        thread.start()
    qtbot.waitUntil(lambda: len(taken) == len(POSTERS) * EACH, timeout=5000)
    for thread in threads:
        thread.join(5)
    for poster in POSTERS:
        assert [event.serial for event in taken if event.timer is poster] == list(range(EACH))
    assert where == {threading.get_ident()}


def test_posting_returns_before_anything_is_taken(qtbot: QtBot) -> None:
    taken: list[Event] = []
    inbox = Inbox(taken.append, nobody_fails)
    inbox.post(LinkUp())
    inbox.post(LinkDown())
    assert taken == []
    qtbot.waitUntil(lambda: len(taken) == 2, timeout=2000)
    assert taken == [LinkUp(), LinkDown()]


def test_what_is_posted_while_one_is_taken_comes_after_it(qtbot: QtBot) -> None:
    story: list[str] = []

    def take(event: Event) -> None:
        story.append(f"{type(event).__name__} begins")
        if isinstance(event, Touched):
            inbox.post(LinkUp())
        story.append("and ends")

    inbox = Inbox(take, nobody_fails)
    inbox.post(Touched())
    qtbot.waitUntil(lambda: len(story) == 4, timeout=2000)
    assert story == ["Touched begins", "and ends", "LinkUp begins", "and ends"]


@pytest.mark.logs("^kiosk.runtime.inbox: LinkUp could not be taken")
def test_an_event_that_cannot_be_taken_is_told_and_the_next_one_is(qtbot: QtBot) -> None:
    taken: list[Event] = []
    failures: list[int] = []

    def take(event: Event) -> None:
        if event == LinkUp():
            raise LookupError("a fault of ours")
        taken.append(event)

    inbox = Inbox(take, lambda: failures.append(1))
    inbox.post(LinkUp())
    inbox.post(LinkDown())
    qtbot.waitUntil(lambda: taken == [LinkDown()], timeout=2000)
    assert failures == [1]
