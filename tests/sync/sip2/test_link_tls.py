"""The line encrypted: nobody is believed who cannot show whom the library trusts."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.catalogue import SyncError, Unreachable
from sync.sip2 import Profile
from sync.sip2.link import Account, Address, Link, Times, Tls
from tests.sync.sip2.certificates import Authority, server_context
from tests.sync.sip2.hand_timers import HandTimers
from tests.sync.sip2.misbehaving import PASSWORD, USER, Acs, silent


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def link_to(library: Acs, tls: Tls | None, times: Times | None = None) -> Link:
    return Link(
        Address(host="127.0.0.1", port=library.port, tls=tls),
        Profile(),
        account=Account(user=USER, password=PASSWORD),
        times=times,
        timers=HandTimers(),
    )


async def failure(library: Acs, tls: Tls | None, times: Times | None = None) -> SyncError:
    """Why the library system could not be asked."""
    link = link_to(library, tls, times)
    with pytest.raises(SyncError) as failed:
        await link.status()
    await link.aclose()
    assert type(failed.value) is Unreachable
    return failed.value


async def answers(library: Acs, tls: Tls) -> bool:
    link = link_to(library, tls)
    online = (await link.status()).online
    await link.aclose()
    return online


async def test_an_authority_of_the_librarys_own(authority: Authority) -> None:
    async with Acs(tls=server_context(authority.sign("library", "127.0.0.1"))) as library:
        assert await answers(library, Tls(ca_file=authority.ca_file))


async def test_an_authority_that_nobody_knows(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "stranger")
    async with Acs(tls=server_context(stranger.sign("library", "127.0.0.1"))) as library:
        for tls in (Tls(), Tls(ca_file=authority.ca_file)):
            assert "certificate verify failed" in str(await failure(library, tls))
        assert library.asked == []


async def test_a_certificate_for_another_machine(authority: Authority) -> None:
    async with Acs(tls=server_context(authority.sign("library", "127.0.0.2"))) as library:
        assert "127.0.0.1" in str(await failure(library, Tls(ca_file=authority.ca_file)))


async def test_a_library_system_that_wants_to_know_the_station(authority: Authority) -> None:
    own, key = authority.sign("station", "127.0.0.1")
    context = server_context(authority.sign("library", "127.0.0.1"), clients=authority.ca_file)
    async with Acs(tls=context) as library:
        await failure(library, Tls(ca_file=authority.ca_file))
        assert library.asked in ([], [[]])
        assert await answers(library, Tls(ca_file=authority.ca_file, certificate=own, key=key))


async def test_encrypted_to_who_is_not_and_the_other_way_round(authority: Authority) -> None:
    async with Acs(silent) as library:
        brief = Times(connect_s=0.05)  # of real time: nothing will ever come
        assert "no connection in time" in str(await failure(library, Tls(ca_file=authority.ca_file), brief))
    async with Acs(tls=server_context(authority.sign("library", "127.0.0.1"))) as library:
        await failure(library, None)
        assert library.asked == []


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(OSError):  # noqa: PT011  of two kinds
            Tls(ca_file=tmp_path / name).context()
