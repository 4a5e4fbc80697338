"""Connections: how many, how long they are silent, and machines that do not read."""

from __future__ import annotations

import socket
import threading
from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from sync.central.sip2 import Sip2Settings
from sync.sip2.requests import Checkin, Checkout, PatronInformation, SCStatus
from tests.sync.central_sip2.conftest import Connect, Machine, Serve

OPEN = Sip2Settings(status_before_login=True)
STATUS = b"9900802.00\r"


def test_two_machines_at_once(connect: Connect, when: datetime) -> None:
    """Each has its own conversation: a reader's answer never goes to another machine."""
    answers: dict[str, list[str]] = {"2001": [], "04E5": []}

    def ask(card: str) -> None:
        machine = connect()
        for _ in range(20):
            answers[card].append(machine.ask(PatronInformation(transaction_date=when, patron=card)).name)

    threads = [threading.Thread(target=ask, args=(card,)) for card in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {"2001": ["Anna Berg"] * 20, "04E5": ["Hana Sato"] * 20}


def test_two_machines_that_want_one_book(connect: Connect, when: datetime) -> None:
    machines = {card: connect(account) for card, account in (("2001", "gate"), ("04E5", "sorter"))}
    lent: list[bool] = []
    threads = [
        threading.Thread(
            target=lambda card=card, machine=machine: lent.append(
                machine.ask(Checkout(transaction_date=when, patron=card, item="301")).ok
            )
        )
        for card, machine in machines.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(lent) == [False, True]


def test_a_silent_connection_is_closed(serve: Serve) -> None:
    with serve(Sip2Settings(status_before_login=True, idle_s=0.2)) as address:
        machine = Machine(address)
        assert machine.exchange(STATUS).startswith(b"98")
        assert machine.line() == b""
        machine.close()


def test_a_machine_that_never_reads_is_let_go(serve: Serve) -> None:
    with serve(Sip2Settings(status_before_login=True, unread_s=0.2)) as address:
        rude = socket.socket()
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        rude.connect(address)
        rude.settimeout(20)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            rude.sendall(STATUS * 1_000_000)
        rude.close()
        machine = Machine(address)
        assert machine.exchange(STATUS).startswith(b"98")
        machine.close()


@pytest.mark.logs("more than 1 connections")
def test_there_are_only_so_many_connections(serve: Serve) -> None:
    with serve(Sip2Settings(status_before_login=True, most_connections=1)) as address:
        first, second = Machine(address), Machine(address)
        assert first.exchange(STATUS).startswith(b"98")
        assert second.line() == b""
        for machine in (first, second):
            machine.close()


@pytest.mark.logs("the database cannot be used: OperationalError")
def test_without_the_database_nothing_is_answered_and_nothing_done(
    connect: Connect, when: datetime, engine: Engine
) -> None:
    """A no would be believed, and a yes would be wrong: the machine goes on by itself, as when the line is down."""
    machine, request = connect(), Checkin(transaction_date=when, return_date=when, item="309")
    with engine.begin() as db:
        db.execute(text("ALTER TABLE sightings RENAME TO gone"))
    machine.send(machine.encode(request))
    assert machine.line() == b""
    with engine.begin() as db:
        db.execute(text("ALTER TABLE gone RENAME TO sightings"))
    assert connect().ask(request).ok


@pytest.mark.logs("gate: a request cannot be answered")
def test_an_error_that_nobody_thought_of_ends_one_connection(connect: Connect, when: datetime, engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("UPDATE patrons SET block_codes = '[\"no such block\"]'"))
    machine = connect()
    machine.send(machine.encode(PatronInformation(transaction_date=when, patron="2001")))
    assert machine.line() == b""
    assert connect().ask(SCStatus()).online


def test_what_is_open_is_closed_in_the_end(serve: Serve) -> None:
    with serve(OPEN) as address:
        machine = Machine(address)
        assert machine.exchange(STATUS).startswith(b"98")
    assert machine.line() == b""
    machine.close()
