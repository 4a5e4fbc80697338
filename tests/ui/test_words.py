"""Every sentence has its words, in every language, with the arguments that the flow gives it."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import date
from pathlib import Path
from shutil import copy
from string import Formatter
from xml.etree import ElementTree as ET

import pytest

from kiosk.flow.keys import Key
from kiosk.flow.view import say
from kiosk.ui.picture import initial_of
from kiosk.ui.words import CONTEXT, WORDS, put, put_money, shipped, shortened, translated
from scripts.update_translations import FOLDER, update
from sync.catalogue import Money

ROOT = Path(__file__).resolve().parents[2]
FLOW = ROOT / "kiosk" / "flow"
SOURCE = ROOT / "kiosk" / "ui" / "words.py"
ENGLISH_PLURAL = 2


def fields(template: str) -> set[str]:
    """The arguments that a sentence names."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def messages(locale: str) -> dict[str, list[str]]:
    """Source → its translation, or its plural forms, as the .ts file has them."""
    tree = ET.parse(FOLDER / f"kiosk_{locale}.ts")  # noqa: S314  our own file
    found = {}
    for message in tree.iter("message"):
        translation = message.find("translation")
        assert translation is not None
        forms = [form.text or "" for form in translation.findall("numerusform")]
        found[message.findtext("source", "")] = forms or [translation.text or ""]
    return found


def said_in_flow() -> list[tuple[Key, set[str]]]:
    """Every `say(Key.X, a=…, b=…)` that stands in the flow."""
    calls = [
        node
        for path in FLOW.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args
    ]
    keyed = [(call, call.args[0]) for call in calls]
    return [
        (Key[key.attr], {word.arg or "" for word in call.keywords})
        for call, key in keyed
        if isinstance(key, ast.Attribute) and getattr(key.value, "id", "") == "Key"
    ]


def test_every_key_has_words() -> None:
    assert set(WORDS) == set(Key)
    assert all(WORDS.values())


def test_chinese_and_english_are_shipped() -> None:
    assert set(shipped()) >= {"en", "zh_CN"}


@pytest.mark.parametrize("locale", [name for name in shipped() if name != "en"])
def test_every_sentence_is_translated(locale: str) -> None:
    known = messages(locale)
    missing = [source for source in WORDS.values() if not all(known.get(source, [""]))]
    assert missing == []


@pytest.mark.parametrize("locale", shipped())
def test_translations_name_the_same_arguments(locale: str) -> None:
    wrong = {
        source: forms for source, forms in messages(locale).items() if any(fields(f) != fields(source) for f in forms)
    }
    assert wrong == {}


def test_english_has_both_plural_forms_wherever_a_number_decides() -> None:
    forms = messages("en")
    assert forms
    assert all(len(each) == ENGLISH_PLURAL and all(each) for each in forms.values())


def test_the_flow_gives_exactly_the_arguments_that_are_named() -> None:
    said = said_in_flow()
    assert len(said) > 20
    wrong = [(key, given) for key, given in said if given != fields(WORDS[key])]
    assert wrong == []


@pytest.mark.parametrize("locale", shipped())
def test_no_translation_lags_behind_the_words(locale: str, tmp_path: Path) -> None:
    kept = FOLDER / f"kiosk_{locale}.ts"
    renewed = tmp_path / kept.name
    copy(kept, renewed)
    update(SOURCE, renewed)
    assert renewed.read_text("utf-8") == kept.read_text("utf-8"), "run scripts/update_translations.py"
    assert "unfinished" not in kept.read_text("utf-8")


def test_a_sentence_that_is_gone_is_noticed(tmp_path: Path) -> None:
    renewed = tmp_path / "kiosk_zh_CN.ts"
    copy(FOLDER / renewed.name, renewed)
    fewer = tmp_path / "words.py"
    fewer.write_text(SOURCE.read_text("utf-8").replace("Scan your books one by one.", "Scan them."), "utf-8")
    update(fewer, renewed)
    assert "unfinished" in renewed.read_text("utf-8")


@pytest.mark.parametrize(
    ("locale", "n", "text"),
    [
        ("en", 1, "1 book till 14 December."),
        ("en", 3, "3 books till 14 December."),
        ("zh_CN", 3, "已借3本，12月14日前归还"),
    ],
)
def test_plural_and_dates_in_words(locale: str, n: int, text: str) -> None:
    assert put(say(Key.DONE_LENT, n=n, due=date(2026, 12, 14)), locale) == text


@pytest.mark.parametrize(
    ("money", "text"),
    [(Money(80), "€0.80"), (Money(1250, "CNY"), "¥12.50"), (Money(300, "JPY"), "¥300"), (Money(5, "XTS"), "XTS")],
)
def test_money_by_its_minor_unit(money: Money, text: str) -> None:
    assert put_money(money, "en").startswith(text)


def test_a_missing_argument_is_an_error() -> None:
    with pytest.raises(KeyError):
        put(say(Key.ROW_LENT), "en")


def test_a_title_with_braces_stays_as_it_is() -> None:
    assert put(say(Key.COACH_TWICE, title="{due}"), "en") == "“{due}” is on your list already."


@pytest.mark.parametrize(
    ("text", "short"), [("abcdef", "abcdef"), ("abcdefg", "abcde…"), ("红楼梦", "红楼梦"), ("中国古代", "中国…")]
)
def test_titles_inside_a_sentence_are_shortened(text: str, short: str) -> None:
    assert shortened(text, 6) == short


def test_a_title_from_right_to_left_is_fenced_in_a_sentence() -> None:
    assert put(say(Key.COACH_TWICE, title="النحو"), "en") == "“\u2068النحو\u2069” is on your list already."


@pytest.mark.parametrize(
    ("title", "initial"),
    [
        ("the Sea", "T"),
        ("“Émile”", "É"),
        ("《活着》", "活"),
        ("1984", "1"),
        ("موسم", "م"),
        ("𠮷野家", "𠮷"),
        ("…", "…"),
        ("", ""),
    ],
)
def test_a_drawn_cover_shows_the_first_letter_of_any_script(title: str, initial: str) -> None:
    assert initial_of(title) == initial


def test_an_unknown_language_is_an_error_with_the_remedy() -> None:
    with pytest.raises(FileNotFoundError, match="build_translations"):
        translated(WORDS[Key.BACK], "xx")


def test_no_sentence_shouts_and_none_is_a_code() -> None:
    every = [*WORDS.values(), *(form for name in shipped() for forms in messages(name).values() for form in forms)]
    assert [text for text in every if "!" in text or "！" in text or "error" in text.lower()] == []


def test_the_context_is_the_one_that_is_marked() -> None:
    assert f'"{CONTEXT}", ' in SOURCE.read_text("utf-8")


def test_set_up_compiles_what_is_newer(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "build_translations.py"
    assert subprocess.run([sys.executable, str(script)], check=False).returncode == 0
    assert (FOLDER / "kiosk_zh_CN.qm").exists()
