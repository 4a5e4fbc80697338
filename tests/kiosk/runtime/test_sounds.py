"""Sounds, by a player that is a real program."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

import assets
from kiosk.flow.view import Tone
from kiosk.runtime.sounds import FILES, Sounds

PLAYER = """#!/bin/sh
# Notes who plays what, then plays for a long time.
echo "$$ $*" >> "$(dirname "$0")/played"
exec sleep 60
"""


class Player:
    """A player program that tells what it was given."""

    def __init__(self, folder: Path) -> None:
        self.program = folder / "my player"
        self.program.write_text(PLAYER)
        self.program.chmod(0o755)
        self._notes = folder / "played"
        self._notes.touch()

    def notes(self) -> list[tuple[int, str]]:
        """Process id and arguments of each that has begun."""
        lines = self._notes.read_text().splitlines()
        return [(int(pid), words) for pid, _, words in (line.partition(" ") for line in lines)]


@pytest.fixture
def player(tmp_path: Path) -> Player:
    return Player(tmp_path)


@pytest.fixture
def sounds(player: Player) -> Iterator[Sounds]:
    sounds = Sounds(Path("/sounds"), f"{shlex.quote(str(player.program))} -q")
    yield sounds
    sounds.stop()


def plays(pid: int) -> bool:
    return psutil.pid_exists(pid)


def has(player: Player, count: int) -> Callable[[], bool]:
    return lambda: len(player.notes()) == count


def test_the_file_is_the_player_s_last_argument(sounds: Sounds, player: Player, qtbot: QtBot) -> None:
    sounds.play(Tone.DONE)
    qtbot.waitUntil(has(player, 1), timeout=5000)
    ((pid, words),) = player.notes()
    assert words == "-q /sounds/done.wav"
    assert plays(pid)


def test_the_newest_wins(sounds: Sounds, player: Player, qtbot: QtBot) -> None:
    for count, tone in enumerate((Tone.DONE, Tone.MIND, Tone.STOP), start=1):
        sounds.play(tone)
        qtbot.waitUntil(has(player, count), timeout=5000)
    pids = [pid for pid, _ in player.notes()]
    assert [words for _, words in player.notes()][-1] == "-q /sounds/stop.wav"
    assert [plays(pid) for pid in pids] == [False, False, True]
    sounds.stop()
    assert not plays(pids[-1])
    sounds.stop()


def test_a_sound_that_has_ended_does_not_stand_in_the_way(tmp_path: Path, qtbot: QtBot) -> None:
    sounds = Sounds(tmp_path, f"touch {shlex.quote(str(tmp_path / 'ended'))}")
    sounds.play(Tone.DONE)
    assert sounds._playing
    assert sounds._playing.wait(5) == 0
    sounds.play(Tone.STOP)
    assert sounds._playing.wait(5) == 0
    assert (tmp_path / "stop.wav").exists(), "touch has made both of its arguments"
    sounds.stop()


def test_what_needs_no_sound_has_none(sounds: Sounds, player: Player, qtbot: QtBot) -> None:
    sounds.play(Tone.DONE)
    qtbot.waitUntil(has(player, 1), timeout=5000)
    sounds.play(Tone.PLAIN)
    assert plays(player.notes()[0][0]), "and cuts nothing off"


@pytest.mark.parametrize("command", ["", "no-such-player -q"])
def test_without_a_player_there_is_silence(command: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        sounds = Sounds(Path("/sounds"), command)
    sounds.play(Tone.DONE)
    assert sounds._playing is None
    sounds.stop()
    assert caplog.messages == (["no sound: no-such-player is not installed"] if command else [])


@pytest.mark.logs(r"^kiosk\.runtime\.sounds: no sound: ")
def test_a_player_that_does_not_start_is_silence_too(player: Player, caplog: pytest.LogCaptureFixture) -> None:
    sounds = Sounds(Path("/sounds"), shlex.quote(str(player.program)))
    player.program.write_bytes(b"\x7fELF and nothing that could be run")
    sounds.play(Tone.DONE)
    player.program.unlink()
    sounds.play(Tone.STOP)
    sounds.stop()
    assert caplog.messages == [
        f"no sound: {player.program} does not start: {why}"
        for why in ("Exec format error", "No such file or directory")
    ]


@pytest.mark.parametrize("tone", FILES)
def test_every_sound_is_there(tone: Tone) -> None:
    assert (assets.folder() / "sounds" / FILES[tone]).read_bytes().startswith(b"RIFF")
