"""The console: a line does something at the station, waits for what it shows, and says in a line whether it worked."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.demo.peer import DemoError
from kiosk.demo.stage import Picture, Stage
from kiosk.flow.view import Press

Deed = Callable[..., Picture | str]


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its arguments as `help` shows them, what it does, and who does it."""

    usage: str
    help: str
    deed: Deed
    arguments: tuple[int, ...] = (1,)


class Quit(Exception):
    """`quit` was typed."""


class Console:
    """Carries out lines.

    Args:
        stage: where.
        say: takes each answer.
    """

    def __init__(self, stage: Stage, say: Callable[[str], None] = print) -> None:
        self._say = say
        self.done = 0
        self.failed = 0
        self._stage = stage
        self._commands: dict[str, Command] = {
            "tap": Command("NAME", "lay a card on the reader: anna (no PIN), ben (PIN 1234), … or stranger", stage.tap),
            "scan": Command("N", "scan the N-th item, a reader's card by name, or any code", stage.scan),
            "pin": Command("PIN", "type a PIN or a password and press OK", stage.pin),
            "press": Command(
                "NAME",
                "touch a button: finish, back, return, borrow, books …; undo:ID, renew:ID (look tells the rows' ids)",
                stage.press,
            ),
            "shot": Command("FILE", "save a picture of the screen (PNG)", lambda path: str(stage.shot(path))),
            "look": Command("", "say what is on the screen, and the ids of its rows", self._look, (0,)),
            "wait": Command("SCREEN", "wait for a screen: welcome, borrow, done …", self._wait),
            "unplug": Command("DEVICE", "pull a plug: scanner or nfc", stage.unplug),
            "plug": Command("DEVICE", "plug it in again", stage.plug),
            "centre": Command("down|up", "end the catalogue, or start it again", self._centre),
            "kill": Command("", "kill the station with -9 and start it again", stage.kill, (0,)),
            "help": Command("", "this", self._help, (0,)),
            "quit": Command("", "end the demo", self._quit, (0,)),
        }

    def run(self, line: str) -> bool:
        """Carry out one line. Returns whether it worked; raises `Quit`."""
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            return self._answer(line, str(error), ok=False)
        if not words:
            return True
        try:
            result = self._deed(words)
        except DemoError as error:
            return self._answer(line, str(error), ok=False)
        return self._answer(line, result if isinstance(result, str) else _told(result), ok=True)

    def _deed(self, words: list[str]) -> Picture | str:
        name, *arguments = words
        command = self._commands.get(name)
        if command is None:
            raise DemoError(f"there is no command {name!r}: try help")
        if len(arguments) not in command.arguments:
            raise DemoError(f"it goes: {name} {command.usage}".rstrip())
        return command.deed(*arguments)

    def _answer(self, line: str, text: str, *, ok: bool) -> bool:
        self.done += 1
        self.failed += not ok
        self._say(f"{'ok' if ok else 'failed'}  {line.strip()}  —  {text}")
        return ok

    # ── commands of its own ──

    def _look(self) -> str:
        picture = self._stage.view()
        ids = [row["id"] for row in picture.view.get("rows", [])]
        rows = [f"\n      {row_id}: {row}" for row_id, row in zip(ids, picture.words.rows, strict=True)]
        asks = " (asks: still there?)" if picture.view.get("still_there") else ""
        return _told(picture) + asks + "".join(rows)

    def _wait(self, screen: str) -> Picture:
        return self._stage.wait(timeout_s=120, screen=screen)

    def _centre(self, way: str) -> Picture:
        match way:
            case "down":
                return self._stage.centre_down()
            case "up":
                return self._stage.centre_up()
        raise DemoError("it goes: centre down|up")

    def _help(self) -> str:
        lines = [f"  {name + ' ' + command.usage:<16} {command.help}" for name, command in self._commands.items()]
        buttons = ", ".join(press.value for press in Press)
        return "\n".join(["commands:", *lines, f"buttons: {buttons}", self._people()])

    def _people(self) -> str:
        cards = [
            alias + (f" (PIN {patron.pin})" if patron.pin else "") for alias, patron in self._stage.patrons.items()
        ]
        return f"cards: {', '.join(cards)}\nitems: 1 to {len(self._stage.barcodes)}; 30–40 are special"

    def _quit(self) -> str:
        raise Quit


def _told(picture: Picture) -> str:
    offline = " (offline)" if picture.view.get("offline") else ""
    return f"{picture.screen}{offline}: {picture.words.line()}"
