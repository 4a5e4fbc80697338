"""The file with the accounts' settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.catalogue import Block, BlockCode, Money, Outcome, PatronState, Verdict
from sync.central.sip2 import AccountSettings, Sip2Settings, read_settings
from sync.central.sip2.settings import SettingsError
from sync.central.sip2.words import WORDS, of_blocks, of_verdict
from sync.sip2 import ErrorDetection

DOCUMENT = Path(__file__).parents[3] / "docs" / "sip2-server.md"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sip2.toml"
    path.write_text(text)
    return path


def test_without_a_file_the_usual_holds() -> None:
    assert read_settings(None) == Sip2Settings()


def test_what_an_account_does_not_say_the_defaults_do(tmp_path: Path) -> None:
    settings = read_settings(
        written(
            tmp_path,
            """
            idle_s = 60
            [defaults]
            encoding = "cp850"
            pin_required = false
            [account.sorter]
            pin_required = true
            error_detection = "on"
            bins = { hold = "2" }
            """,
        )
    )
    assert (settings.idle_s, settings.of("gate")) == (60, AccountSettings(encoding="cp850", pin_required=False))
    sorter = settings.of("sorter")
    assert (sorter.encoding, sorter.pin_required, sorter.bins.hold) == ("cp850", True, "2")
    assert sorter.error_detection is ErrorDetection.ON


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("idle_s = 0", r"\$\.idle_s"),
        ("idle = 5", "`idle`"),
        ("account = 5", r"\$\.account"),
        ("[account.x]\npin = true", "`pin`"),
        ("[account.x]\nencoding = 'utf-16'", "utf-16"),
        ("[defaults]\ndelimiter = 'ab'", "delimiter"),
        ("[defaults]\nbins = 3", "bins"),
        ("[defaults", "sip2.toml"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(SettingsError, match=place):
        read_settings(written(tmp_path, text))


def test_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.toml"):
        read_settings(tmp_path / "nothing.toml")


def test_the_example_in_the_document_can_be_read(tmp_path: Path) -> None:
    example = DOCUMENT.read_text().split("```toml\n")[1].split("```")[0]
    assert read_settings(written(tmp_path, example)).account


# ── words ──


@pytest.mark.parametrize("language", WORDS)
def test_there_are_words_for_all_that_can_come_of_an_act(language: str) -> None:
    others = {Outcome.RETURNED_UNSEEN, Outcome.NOT_OFFLINE, Outcome.NO_ANSWER, Outcome.FEE_FIRST, Outcome.DECLINED}
    for outcome in set(Outcome) - others:  # those come of stations and of other catalogues
        assert outcome.value in WORDS[language]
    for state in set(PatronState) - {PatronState.WELCOME, PatronState.UNKNOWN, PatronState.NOT_OFFLINE}:
        assert state.value in WORDS[language]
    for code in BlockCode:
        assert list(of_blocks(language, (Block(code, amount=Money(150), limit=3),)))


def test_both_languages_have_the_same_sentences() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()


def test_a_fee_is_told_with_its_currency() -> None:
    late = Verdict(outcome=Outcome.RETURNED_LATE, days_late=2, fee=Money(40, "CHF"))
    assert of_verdict("en", late) == ("Returned, 2 days late.", "Fee: 0.40 CHF.")
