"""The conversation as bytes: logging in, error detection, what is sent again, what makes no sense."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from sync.central.models import LoanRow, VerdictRow
from sync.central.sip2 import Sip2Settings, register_account
from sync.central.sip2.conversation import RETRIED_FOR, TRIES
from sync.central.sip2.recent import KEPT
from sync.central.sip2.server import LONGEST_REQUEST
from sync.sip2 import Codec, Request
from sync.sip2.requests import REQUESTS, Checkin, Checkout, ItemInformation, Login, RequestACSResend, SCStatus
from sync.sip2.wire import checksum
from tests.fakes.clock import MovableClock
from tests.sync.central_sip2.conftest import PASSWORD, Connect, Machine, Serve
from tests.sync.sip2.strategies import WIDE, messages

ANNA = "2001"


def sealed(body: str) -> bytes:
    """A message with the checksum that belongs to it."""
    data = (body + "AZ").encode()
    return data + f"{checksum(data):04X}\r".encode()


def renewal(when: datetime, item: str = "309") -> Checkout:
    """A checkout that renews, each time that it is carried out."""
    return Checkout(renewal_policy=True, transaction_date=when, patron=ANNA, item=item)


def renewals(engine: Engine, item: str = "309") -> int:
    with Session(engine) as db:
        return db.scalars(select(LoanRow.renewals).where(LoanRow.item == item)).one()


def verdicts(engine: Engine) -> int:
    with Session(engine) as db:
        return db.scalar(select(func.count()).select_from(VerdictRow)) or 0


# ── logging in ──


@pytest.mark.logs("a login failed")
def test_a_wrong_password_is_a_no_and_three_end_the_connection(connect: Connect) -> None:
    machine = connect("")
    for _ in range(TRIES):
        assert not machine.log_in("gate", "something else")
    assert machine.line() == b""


@pytest.mark.logs("a login failed")
@pytest.mark.parametrize("name", ["nobody", "", "x" * 200, "s1"])
def test_nobody_else_is_let_in(connect: Connect, name: str) -> None:
    assert not connect("").log_in(name, "a-token-of-the-tests"), "nor a station by its token"


@pytest.mark.logs("a login failed")
def test_a_password_that_was_hidden_somehow_is_refused(connect: Connect) -> None:
    machine = connect("")
    assert not machine.ask(Login(password_algorithm="1", user="gate", password=PASSWORD)).ok
    assert machine.log_in("gate")


@pytest.mark.logs("message 99 ignored: not logged in")
def test_nothing_is_answered_before(connect: Connect) -> None:
    machine = connect("")
    machine.send(machine.encode(SCStatus()))
    assert machine.log_in("gate")
    machine = connect("")
    for _ in range(TRIES):
        machine.send(machine.encode(SCStatus()))
    assert machine.line() == b""


def test_but_the_status_where_the_library_allows_it(serve: Serve) -> None:
    with serve(Sip2Settings(status_before_login=True)) as address:
        machine = Machine(address)
        assert machine.ask(SCStatus()).online
        machine.close()


@pytest.mark.logs("a login failed")
@pytest.mark.logs("message 99 ignored: not logged in")
def test_who_logs_in_again_and_fails_is_nobody(gate: Machine) -> None:
    assert not gate.log_in("gate", "something else")
    gate.send(gate.encode(SCStatus()))
    assert gate.log_in("gate")


def test_a_login_that_came_broken_is_asked_for_again(connect: Connect) -> None:
    machine = connect("")
    broken = sealed(f"9300CNgate|CO{PASSWORD}|AY1").replace(b"|AY1", b"|AY2")
    for _ in range(TRIES + 1):
        assert machine.exchange(broken) == b"96AZFEF6"
    assert machine.log_in("gate")


def test_a_machine_whose_checksums_nobody_looks_at_logs_in_with_any(connect: Connect) -> None:
    assert connect("").exchange(f"9300CNsilent|CO{PASSWORD}|AY1AZ0000\r".encode()) == b"941"


def test_a_new_password_makes_the_old_one_void(connect: Connect, engine: Engine) -> None:
    register_account(engine, "gate", "another one", "main")
    assert connect("").log_in("gate", "another one")


# ── error detection ──


def test_answers_have_numbers_where_their_requests_have(gate: Machine, when: datetime) -> None:
    question = ItemInformation(transaction_date=when, item="301")
    with_number = gate.exchange(gate.codec.encode(question, 7))
    without = gate.exchange(gate.codec.encode(question))
    assert with_number.startswith(without)
    assert with_number[len(without) : len(without) + 3] == b"AY7"
    assert gate.codec.open(gate.exchange(gate.codec.encode(question, 3))).sequence == 3


def test_what_comes_broken_is_asked_for_again(gate: Machine, when: datetime, engine: Engine) -> None:
    right = gate.codec.encode(renewal(when), 4)
    assert gate.exchange(right.replace(b"AB309", b"AB308")) == b"96AZFEF6"
    assert renewals(engine) == 0
    assert gate.codec.open(gate.exchange(right)).sequence == 4
    assert renewals(engine) == 1


def test_a_checksum_in_small_letters_counts(gate: Machine) -> None:
    assert gate.exchange(b"9900802.00AY1AZfca0\r").startswith(b"98")


def test_where_it_is_wanted_a_request_without_is_asked_for_again(connect: Connect) -> None:
    machine = connect("strict")
    assert machine.exchange(machine.codec.encode(SCStatus())) == b"96AZFEF6"
    assert machine.exchange(sealed("9900802.00")) == b"96AZFEF6", "there is no number"
    last = machine.exchange(machine.encode(SCStatus()))
    assert last.startswith(b"98")
    assert machine.exchange(b"97\r") == b"96AZFEF6"
    assert machine.exchange(b"97AZFEF5\r") == b"96AZFEF6", "that was the last message"


def test_where_it_is_not_wanted_nobody_looks(connect: Connect) -> None:
    machine = connect("silent")
    assert b"AZ" not in machine.exchange(b"9900802.00AY1AZ0000\r")


def test_the_last_answer_is_sent_again_as_it_was(gate: Machine, when: datetime) -> None:
    answer = gate.exchange(gate.codec.encode(ItemInformation(transaction_date=when, item="301"), 5))
    assert gate.exchange(b"97AZFEF5\r") == answer
    assert gate.exchange(gate.codec.encode(RequestACSResend())) == answer
    gate.send(b"97\r9900802.00\r")
    assert [gate.line(), gate.line()[:2]] == [answer, b"98"], "with its terminator"


def test_where_nothing_was_said_yet_there_is_nothing_to_send_again(connect: Connect) -> None:
    assert connect("").exchange(b"97AZFEF5\r") == b"96AZFEF6"


# ── what is sent again ──


def test_a_checkout_that_is_sent_again_is_no_renewal(gate: Machine, when: datetime, engine: Engine) -> None:
    data = gate.encode(Checkout(renewal_policy=True, transaction_date=when, patron=ANNA, item="301"))
    first = gate.exchange(data)
    assert first.startswith(b"121N")
    assert gate.exchange(data) == first
    assert (renewals(engine, "301"), verdicts(engine)) == (0, 1)


def test_also_after_the_line_was_lost(connect: Connect, when: datetime, engine: Engine) -> None:
    machine = connect()
    request = renewal(when)
    machine.send(machine.encode(request))
    machine.line()
    machine.close()
    again = connect()
    again.number = 6
    assert again.ask(request).renewal_ok
    assert renewals(engine) == 1


def test_also_without_error_detection(gate: Machine, when: datetime, engine: Engine) -> None:
    data = gate.codec.encode(renewal(when))
    assert gate.exchange(data) == gate.exchange(data)
    assert renewals(engine) == 1


def test_a_return_that_is_sent_again_is_one_return(gate: Machine, when: datetime, engine: Engine) -> None:
    data = gate.encode(Checkin(transaction_date=when, return_date=when, item="309"))
    assert gate.exchange(data) == gate.exchange(data)
    assert verdicts(engine) == 1


def test_the_same_wish_at_another_time_is_another_one(gate: Machine, clock: MovableClock) -> None:
    assert gate.ask(renewal(clock.now())).ok
    clock.advance(1)
    again = gate.ask(renewal(clock.now()))
    assert (again.ok, again.screen_messages) == (
        False,
        ("Renewed now, it would not be due any later than 2026-03-30.",),
    )


def test_what_happened_in_between_counts(gate: Machine, when: datetime, engine: Engine) -> None:
    """The clock of a machine that stands still says nothing: what comes in between tells two wishes apart."""
    borrow = Checkout(transaction_date=when, patron=ANNA, item="301")
    for request in (borrow, Checkin(transaction_date=when, return_date=when, item="301"), borrow):
        assert gate.ask(request).ok
    with Session(engine) as db:
        assert db.scalar(select(func.count()).where(LoanRow.item == "301", LoanRow.returned_at.is_(None))) == 1


def test_after_a_while_it_is_a_new_wish(gate: Machine, clock: MovableClock) -> None:
    said_at = clock.now()
    assert gate.ask(renewal(said_at)).ok
    clock.advance(KEPT.total_seconds())
    assert not gate.ask(renewal(said_at)).ok


def test_two_items_with_the_same_checksum_are_two(gate: Machine, when: datetime) -> None:
    first, second = (gate.codec.encode(ItemInformation(transaction_date=when, item=item), 0) for item in ("301", "310"))
    assert first[-5:] == second[-5:]
    assert b"AB301|" in gate.exchange(first)
    assert b"AB310|" in gate.exchange(second)


def test_a_machine_that_does_not_count_hears_what_time_it_is(gate: Machine, clock: MovableClock) -> None:
    data = gate.codec.encode(SCStatus(), 0)
    first = gate.exchange(data)
    clock.advance(RETRIED_FOR.total_seconds() - 1)
    assert gate.exchange(data) == first
    clock.advance(1)
    assert gate.exchange(data) != first


def test_two_connections_that_repeat_one_wish_have_it_done_once(
    connect: Connect, when: datetime, engine: Engine
) -> None:
    machines = [connect() for _ in range(4)]
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda one=one: answers.append(one.ask(renewal(when)))) for one in machines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.renewal_ok for answer in answers] == [True] * len(machines)
    assert renewals(engine) == 1


# ── what makes no sense ──


@pytest.mark.logs("gate: message 42 ignored: unexpected message 42")
def test_an_unknown_command_is_ignored(gate: Machine) -> None:
    gate.send(sealed("42hello|AY1") + b"4200\r")
    assert gate.ask(SCStatus()).online


@pytest.mark.logs("ignored: no SIP message")
@pytest.mark.logs("message 11 ignored: message 11: its fixed fields are not all there")
def test_what_is_no_message_is_ignored(gate: Machine) -> None:
    gate.send(b"GET / HTTP/1.1\r\n\r\n11YN2026\r")
    assert gate.ask(SCStatus()).online


def test_unknown_fields_are_ignored_and_the_order_is_free(gate: Machine) -> None:
    assert gate.exchange(b"1720260302    100000ZZunknown|AB301|QQ|AO|\r").startswith(b"1803")


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r\n\n"])
def test_a_message_ends_somehow(gate: Machine, end: bytes) -> None:
    for _ in range(2):
        assert gate.exchange(b"9900802.00" + end).startswith(b"98")


def test_a_message_in_pieces_and_several_in_one(gate: Machine) -> None:
    for piece in (b"99", b"00802.", b"00"):
        gate.send(piece)
    gate.send(b"\r9900802.00\r9900802.00AY3AZFC9E\r")
    assert [gate.line()[:2] for _ in range(3)] == [b"98"] * 3


def test_a_message_without_what_it_needs_gets_a_no(gate: Machine) -> None:
    assert gate.exchange(b"11YN20260302    100000" + b" " * 18 + b"\r").startswith(b"120N")
    assert gate.exchange(b"09N20260302    10000020260302    100000\r").startswith(b"100N")
    assert gate.exchange(b"63001something else  " + b" " * 16 + b"\r").startswith(b"64YYYY")


def test_a_message_without_end_ends_the_connection(gate: Machine) -> None:
    gate.send(b"9" * (LONGEST_REQUEST + 1))
    assert gate.line() == b""


COMMANDS = ["01", "09", "11", "15", "17", "19", "23", "25", "29", "35", "37", "63", "65", "93", "96", "97", "99", "42"]
almost = st.builds(
    lambda code, rest: code.encode() + rest,
    st.sampled_from(COMMANDS),
    st.binary(max_size=90) | st.text(st.sampled_from("YN 0123|AB"), max_size=120).map(str.encode),
)


@pytest.mark.logs("ignored")
@pytest.mark.logs("a login failed")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.binary(max_size=200) | almost, max_size=4))
def test_nothing_that_is_sent_keeps_the_next_machine_from_being_served(
    address: tuple[str, int], lines: list[bytes]
) -> None:
    rude, next_one = Machine(address), Machine(address)
    assert rude.log_in("gate")
    rude.send(b"\r".join(lines))
    rude.connection.shutdown(1)
    while rude.line():
        pass
    assert next_one.log_in("gate")
    assert next_one.ask(SCStatus()).online
    rude.close()
    next_one.close()


WIDE_CODEC = Codec(WIDE)
ASKED = [request for request in REQUESTS if request not in (Login, RequestACSResend)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request_=st.sampled_from(ASKED).flatmap(messages), known=st.booleans(), number=st.integers(0, 9))
def test_whatever_is_asked_is_answered(gate: Machine, request_: Request, known: bool, number: int) -> None:
    if known:
        fields = {"patron": ANNA, "item": "301"}
        request_ = replace(request_, **{key: fields[key] for key in fields if hasattr(request_, key)})
    frame = gate.codec.open(gate.exchange(WIDE_CODEC.encode(request_, number)))
    assert (frame.sound, frame.sequence) == (True, number)
    assert type(gate.codec.answer(frame)) is request_.answered_by
