"""What a SIP2 message costs: our codec beside those of pysip2 and invenio-sip2, and beside a bare split and sum.

Encoding and decoding, with sequence number and checksum, of what a patron's visit is full of: a Patron Information
Response (64) with ten loans, and a Checkout Response (12). All have the same bytes to read, and give them back. The
peers live in an environment of their own (`.venv-peers`), so a process of it measures them (`codec_peers`); all take
turns in short rounds, and each one's quickest counts, which a busy machine cannot make quicker.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.report import Figure
from sync.sip2 import Answer, Codec, profile
from sync.sip2.answers import CheckoutResponse
from sync.sip2.codes import Language, MediaType
from sync.sip2.patron_answers import PatronInformationResponse

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
PEERS = ("pysip2", "invenio")
ROUNDS = 200
MESSAGES = 200  # in a round
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

PATRON = PatronInformationResponse(
    language=Language.ENGLISH,
    transaction_date=NOW,
    hold_items_count=0,
    overdue_items_count=0,
    charged_items_count=10,
    fine_items_count=0,
    recall_items_count=0,
    unavailable_holds_count=0,
    institution="main",
    patron="21234000012345",
    name="Anna Berg",
    valid_patron=True,
    valid_password=True,
    charged_items=tuple(f"3123400045{number:04d}" for number in range(10)),
    screen_messages=("Greetings from the library.",),
)
CHECKOUT = CheckoutResponse(
    ok=True,
    desensitize=True,
    transaction_date=NOW,
    institution="main",
    patron="21234000012345",
    item="31234000456789",
    title="The Origin of Species",
    due_date=NOW,
    media_type=MediaType.BOOK,
    screen_messages=("Due on 30 March.",),
)
SAMPLES: Mapping[str, Answer] = {"64": PATRON, "12": CHECKOUT}

Round = Callable[[int], float]
"""Seconds for so many messages, each read and written once."""


def measure(short: bool) -> list[Figure]:
    """Who takes how long, and how often we would fit into that."""
    rounds = 10 if short else ROUNDS
    codec = Codec(profile("generic"))
    figures = []
    for name, message in SAMPLES.items():
        data = codec.encode(message, 1)
        with _peers(data) as peers:
            contestants = {"ours": _ours(codec, data), **peers, "floor": _floor(data)}
            best_us = _take_turns(contestants, rounds)
        figures += _figures(name, best_us)
    return figures


def _figures(name: str, best_us: Mapping[str, float]) -> list[Figure]:
    ours, floor = best_us["ours"], best_us["floor"]
    peer = min(PEERS, key=best_us.__getitem__)
    return [
        Figure(f"ours_{name}_us", ours, "a message read and written"),
        *(Figure(f"{one}_{name}_us", best_us[one], "peer") for one in PEERS),
        Figure(f"ratio_{name}", best_us[peer] / ours, f"times as quick as {peer}; goal 3"),
        Figure(f"floor_{name}", ours / floor, f"times a bare split and sum of {floor:.2f} us"),
    ]


def _take_turns(contestants: Mapping[str, Round], rounds: int) -> dict[str, float]:
    """Microseconds for a message, in the quickest round of each."""
    best_s = dict.fromkeys(contestants, float("inf"))
    for _ in range(rounds):
        for name, run in contestants.items():
            best_s[name] = min(best_s[name], run(MESSAGES))
    return {name: seconds / MESSAGES * 1e6 for name, seconds in best_s.items()}


def _ours(codec: Codec, data: bytes) -> Round:
    [line] = codec.framer().feed(data)
    message = codec.answer(codec.open(line))

    def once() -> None:
        codec.answer(codec.open(line))
        codec.encode(message, 1)

    assert codec.encode(message, 1) == data
    return _timed(once)


def _floor(data: bytes) -> Round:
    """The least that both directions can be: split, join, and sum twice."""
    line = data[:-1]

    def once() -> bytes:
        fields = line.decode("utf-8").split("|")
        assert -sum(line[:-4]) & 0xFFFF == int(fields[-1][-4:], 16)
        written = "|".join(fields)[:-4].encode("utf-8")
        return b"%b%04X\r" % (written, -sum(written) & 0xFFFF)

    assert once() == data
    return _timed(once)


def _timed(once: Callable[[], object]) -> Round:
    def run(messages: int) -> float:
        began_s = time.perf_counter()
        for _ in range(messages):
            once()
        return time.perf_counter() - began_s

    return run


@contextmanager
def _peers(data: bytes) -> Iterator[dict[str, Round]]:
    """The peers, in their process: it is given the message first, then a name and a number for every round."""
    command = [str(PYTHON), "-m", "benchmarks.codec_peers", data.hex()]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield {name: _round_of(process, name) for name in PEERS}


def _round_of(process: subprocess.Popen[str], name: str) -> Round:
    def run(messages: int) -> float:
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{name} {messages}\n")
        process.stdin.flush()
        return float(process.stdout.readline())

    return run
