"""Sounds of outcomes: WAV files handed to a player program. The newest wins; a station without sound works on."""

from __future__ import annotations

import logging
import shlex
import shutil
import subprocess
from pathlib import Path

from kiosk.flow.view import Tone

log = logging.getLogger(__name__)

FILES = {
    Tone.DONE: "done.wav",
    Tone.MIND: "mind.wav",
    Tone.STOP: "stop.wav",
    Tone.TOLD: "mind.wav",
    Tone.WAIT: "card.wav",
}


class Sounds:
    """Plays the sound of a tone.

    Args:
        folder: where the WAV files are.
        player: the command; the file is its last argument. '' for silence.
    """

    def __init__(self, folder: Path, player: str) -> None:
        self._folder = folder
        self._command = shlex.split(player)
        self._playing: subprocess.Popen[bytes] | None = None
        if self._command and shutil.which(self._command[0]) is None:
            log.info("no sound: %s is not installed", self._command[0])
            self._command = []

    def play(self, tone: Tone) -> None:
        """Start the sound of `tone`, cutting off the one before it. Returns at once."""
        name = FILES.get(tone)
        if not self._command or name is None:
            return
        self.stop()
        try:
            self._playing = subprocess.Popen(
                [*self._command, str(self._folder / name)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            log.warning("no sound: %s does not start: %s", self._command[0], error.strerror)

    def stop(self) -> None:
        """Silence."""
        if self._playing is not None:
            self._playing.kill()
            self._playing.wait()
            self._playing = None
