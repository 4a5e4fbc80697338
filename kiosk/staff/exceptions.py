"""Exceptions in the words of whoever has to look at them: what happened, what was done by itself, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from sync.conflicts import Conflict, ExceptionView, Resolution


@dataclass(frozen=True, slots=True)
class Explanation:
    """`happened`: what does not fit. `done`: what was done about it by itself, so that no reader waits for staff.
    `advice`: what staff can look at before they decide."""

    happened: str
    done: str
    advice: str = ""


EXPLAINED: dict[Conflict, Explanation] = {
    Conflict.SAME: Explanation(
        "Lent to a reader who had it on loan already.",
        "The loan went on as it was: nothing was renewed.",
    ),
    Conflict.NOT_ON_LOAN: Explanation(
        "Returned although it was not on loan.",
        "It was noted as seen here.",
        "If it happens again with the same item, two items may carry one label.",
    ),
    Conflict.REISSUED: Explanation(
        "Told under the number that the reader had before.",
        "It went to the reader's account of today.",
    ),
    Conflict.OTHER_OLD: Explanation(
        "Lent while the catalogue still had it on loan to another reader, who had borrowed it before.",
        "The earlier loan was ended at that moment, without a fee. The reader who took it has it now.",
        "The earlier reader has brought it back, or passed it on. Ask before you charge anybody for it.",
    ),
    Conflict.OTHER_NEW: Explanation(
        "Told late: by now another reader has borrowed the item, and has it.",
        "It was written down as over. The later loan stands.",
    ),
    Conflict.BLOCKED: Explanation(
        "Lent, while the station was alone, to a reader who could not borrow by then.",
        "The loan stands, and the reader is asked to speak to the desk.",
    ),
    Conflict.LIMIT: Explanation(
        "Lent, while the station was alone, although somebody waits for it or the reader had enough.",
        "The loan stands, for a week at most, and the reader is asked to bring it back soon.",
    ),
    Conflict.UNKNOWN_ITEM: Explanation(
        "The catalogue does not know this label.",
        "The act is kept under the label as it was read.",
        "Catalogue the item, or put the right label on it.",
    ),
    Conflict.UNKNOWN_CARD: Explanation(
        "The catalogue does not know this reader.",
        "The loan is kept under the number that the station had.",
        "If the card was replaced, find the reader by the old number.",
    ),
    Conflict.TIME: Explanation(
        "It cannot be told which came first: the clock of one of the stations was wrong, or not yet set.",
        "What is kinder to the reader was taken for true.",
        "Look where the item is. Then see to the station's clock.",
    ),
    Conflict.POISON: Explanation(
        "It could not be applied: the catalogue made an error over it.",
        "It is kept as it came. What follows for the same item waits behind it.",
        "Send the error to whoever looks after the software. Once it is mended, apply it again.",
    ),
    Conflict.WAITS: Explanation(
        "It waits behind another act of the same item that could not be applied.",
        "It is kept as it came.",
        "Resolve the one before it first.",
    ),
    Conflict.FORK: Explanation(
        "The station told another story than before: its disk was copied, or put back from an image.",
        "Both stories are kept, and each act counts once.",
        "If there are two machines with the same disk, stop one of them.",
    ),
    Conflict.RESTORED: Explanation(
        "The station's journal was put back from a backup.",
        "What the catalogue had of it stands.",
        "If the journal of before is still there, carry it over: kiosk journal export, then import.",
    ),
    Conflict.TWO_MACHINES: Explanation(
        "Two machines work under the name of one station.",
        "Each act counts once.",
        "Give one of them a name and a token of its own.",
    ),
    Conflict.DECLINED: Explanation(
        "The library system did not take what was done here while it was away.",
        "Nothing: it is as if it had not happened there. The station keeps it.",
        "Mend the cause in the library system, then send it again. Or note there by hand who has the item.",
    ),
    Conflict.COUNTED_AGAIN: Explanation(
        "A loan was told twice, for its first answer was lost, and the library system made a renewal of it.",
        "The loan stands, with one renewal too many.",
        "Take the renewal back in the library system if the reader needs it.",
    ),
    Conflict.DATED_NOW: Explanation(
        "The library system took a loan of an earlier day as one of the day on which it was told.",
        "The loan stands, due later than the reader was told.",
        "Set the dates in the library system if they matter.",
    ),
    Conflict.LATE: Explanation(
        "What was done at this station has been waiting for a week to be told to the catalogue.",
        "It is safe in the station's journal, and will be told when the line is back.",
        "See to the line. If the machine has to go, carry the journal over first: kiosk journal export.",
    ),
}

DECISIONS: dict[Resolution, str] = {
    Resolution.ACCEPT: "Leave it as it was done",
    Resolution.REVERSE: "Take back what was done",
    Resolution.AGAIN: "Apply it again",
    Resolution.WRITE_OFF: "Let it go; the record stays",
}

UNHEARD_OF = Explanation(
    "Something that this version of the station does not know.", "See the catalogue.", "Update the station."
)


def explain(conflict: str) -> Explanation:
    """What a class means. One that is not known here came from a newer catalogue."""
    try:
        return EXPLAINED[Conflict(conflict)]
    except ValueError:
        return UNHEARD_OF


def in_words(exception: ExceptionView) -> tuple[str, ...]:
    """An exception for people, a line each: what, when and where, what was done, what to do, and the ways out."""
    why = explain(exception.conflict)
    about = f", item {exception.item}" if exception.item else ""
    lines = [
        f"{exception.severity.upper()} {exception.id}: {why.happened}",
        f"  {exception.happened_at:%Y-%m-%d %H:%M} UTC, station {exception.station}{about}",
        f"  {why.done}",
    ]
    if why.advice:
        lines.append(f"  {why.advice}")
    lines += [f"  {way}: {DECISIONS[way]}{_suggested(exception, way)}" for way in exception.possible]
    return tuple(lines)


def _suggested(exception: ExceptionView, way: Resolution) -> str:
    return " (suggested)" if way == exception.suggested else ""
