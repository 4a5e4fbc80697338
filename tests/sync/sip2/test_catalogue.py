"""Library systems by SIP2 as a station's catalogue: the centre's own service, and two that others wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from sync.central.models import Card
from sync.central.sip2 import register_account
from sync.sip2.link import Account, Address
from sync.sip2.profile import Profile, profile
from tests.fakes.clock import MovableClock
from tests.sync.central_sip2.conftest import PASSWORD, SETTINGS, Serve
from tests.sync.central_sip2.conftest import serve as serve
from tests.sync.conftest import clock as clock
from tests.sync.conftest import engine as engine
from tests.sync.sip2.contract import ANNA, BEN, DORA, HANA, Sip2Contract
from tests.sync.sip2.peers import NOW, USER, Peer, running_invenio, running_pysip2
from tests.sync.sip2.peers import PASSWORD as PEER_PASSWORD

CARDS = {"04A1": ANNA, "04B2": BEN, "04D4": DORA, "04E5": HANA}


class TestTheCentreBySip2(Sip2Contract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/centre.db"

    @pytest.fixture
    def now(self, clock: MovableClock) -> Callable[[], datetime]:
        return clock.now

    @pytest.fixture
    def later(self, clock: MovableClock) -> Callable[[float], None]:
        return clock.advance

    @pytest.fixture
    def profile(self) -> Profile:
        return profile("generic", {"zone": "Europe/Berlin", "no_block": "as_due_date"})

    @pytest.fixture
    def account(self) -> Account:
        return Account(user="trusted", password=PASSWORD)

    @pytest.fixture
    def address(self, serve: Serve, engine: Engine) -> Iterator[Address]:
        register_account(engine, "trusted", PASSWORD, "main")
        with Session(engine) as db, db.begin():
            for uid, barcode in CARDS.items():
                card = db.get_one(Card, ("uid", uid))
                if db.get(Card, ("barcode", barcode.value)) is None:
                    db.add(Card(kind="barcode", value=barcode.value, patron=card.patron))
        with serve(SETTINGS) as (host, port):
            yield Address(host=host, port=port)


class OfOthers(Sip2Contract):
    """A server of the peers, which keeps a clock of its own."""

    ZONE = ZoneInfo("UTC")

    @pytest.fixture
    def now(self) -> Callable[[], datetime]:
        return lambda: NOW

    @pytest.fixture
    def later(self) -> Callable[[float], None]:
        return lambda _seconds: None

    @pytest.fixture
    def account(self) -> Account:
        return Account(user=USER, password=PEER_PASSWORD)

    @pytest.fixture
    def address(self, peer: Peer) -> Address:
        peer.lay_out()
        return Address(host="127.0.0.1", port=peer.port)


@pytest.fixture(scope="module", params=["auto", "required"])
def pysip2(request: pytest.FixtureRequest) -> Iterator[Peer]:
    with running_pysip2(error_detection=request.param) as peer:
        yield peer


@pytest.fixture(scope="module")
def invenio() -> Iterator[Peer]:
    with running_invenio() as peer:
        yield peer


class TestPysip2(OfOthers):
    @pytest.fixture
    def peer(self, pysip2: Peer) -> Peer:
        return pysip2

    @pytest.fixture
    def profile(self) -> Profile:
        return profile("generic", {"nb_due_date": "copy"})


class TestInvenioSip2(OfOthers):
    @pytest.fixture
    def peer(self, invenio: Peer) -> Peer:
        return invenio

    @pytest.fixture
    def profile(self) -> Profile:
        return profile("generic", {"fee_paid_swapped": True})
