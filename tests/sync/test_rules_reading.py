"""rules.toml as a librarian writes it: what is wrong is said with its place, and the page explains every option."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from sync.central.__main__ import main
from sync.rules import (
    Calendar,
    ClosedRange,
    LendingRule,
    LendingRules,
    OfflineQuota,
    OfflineRules,
    RulesError,
    TrustStep,
    read_rules,
)
from tests.sync.library import write_library

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
SAMPLE = Path(__file__).resolve().parents[2] / "assets" / "sample" / "rules.toml"
STRUCTS = (LendingRules, Calendar, ClosedRange, LendingRule, OfflineRules, OfflineQuota, TrustStep)

STEPS = """
[[offline.trust]]
mirror_hours = {}
max_items = {}
[[offline.trust]]
mirror_hours = {}
max_items = {}
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fee_limit = ", "Invalid value"),
        ("fee_limits = 10", "unknown field `fee_limits`"),
        ("fee_limit = -1", r">= 0 - at `\$.fee_limit`"),
        ("renew_overdue = 1", r"`bool`, got `int` - at `\$.renew_overdue`"),
        ("rule = 3", r"`array`, got `int` - at `\$.rule`"),
        ("offline = 3", r"`object`, got `int` - at `\$.offline`"),
        ("[[rule]]\n[[rule]]\nmedia = 'dvd'\nloan_days = -1", r">= 0 - at `\$.rule\[1\].loan_days`"),
        ("[[rule]]\nmedia = 'dvd'\n[[rule]]\nmedia = 'dvd'", "two rules for the category '\\*' and the media 'dvd'"),
        ("[[rule]]\nfixed_due = [0206-07-15]", r"0206-07-15: that year cannot be meant - at `\$.rule\[0\]`"),
        ("[[calendar]]\nclosed_weekdays = [7]", r"<= 6 - at `\$.calendar\[0\].closed_weekdays\[0\]`"),
        ("[[calendar]]\nclosed_dates = ['tomorrow']", r"date.* - at `\$.calendar\[0\].closed_dates\[0\]`"),
        (
            "[[calendar]]\nclosed_ranges = [{ first = 2026-12-24, last = 2026-01-01 }]",
            r"closed from 2026-12-24 to 2026-01-01: that ends before it begins - at `\$.calendar\[0\].closed_r",
        ),
        (
            "[[calendar]]\nclosed_weekdays = [5, 6]\n[[calendar]]\nbranch = 'east'\nclosed_weekdays = [0, 1, 2, 3, 4]",
            "the branch 'east' is never open",
        ),
        (STEPS.format(24, 5, 24, 3), "go from young to old: mirror_hours = 24 comes after 24"),
        (STEPS.format(168, 5, 24, 3), "go from young to old: mirror_hours = 24 comes after 168"),
        (STEPS.format(24, 3, 168, 5), "may not allow more: max_items = 5 up to 168 hours, but 3 up to 24"),
        (STEPS.format(24, 3, 0, 1), r">= 1 - at `\$.offline.trust\[1\].mirror_hours`"),
        ("[[offline.quota]]\nmax_items = 3", r"`category` - at `\$.offline.quota\[0\]`"),
        (
            "[[offline.quota]]\ncategory = 'child'\nmax_items = 1\n" * 2,
            "two quotas for the category 'child'",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(RulesError, match=message) as raised:
        read_rules(path)
    assert str(raised.value).startswith(f"{path}: ")


def test_a_file_that_is_missing_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="No such file"):
        read_rules(tmp_path / "rules.toml")
    (tmp_path / "rules.toml").write_bytes(b"version = '\xff'")
    with pytest.raises(RulesError, match="not UTF-8 text at byte 11"):
        read_rules(tmp_path / "rules.toml")


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").touch()
    assert read_rules(tmp_path / "rules.toml") == LendingRules()


def test_a_category_that_nobody_has_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("[[rule]]\ncategory = 'astronauts'\nlimit = 3")
    assert read_rules(tmp_path / "rules.toml").limit_for("astronauts") == 3


def test_the_sample_can_be_read() -> None:
    rules = read_rules(SAMPLE)
    assert (rules.limit_for("child"), rules.offline.quota_for("child"), rules.offline.quota_for("adult")) == (5, 3, 5)


def test_a_centre_is_not_made_with_rules_that_cannot_be(tmp_path: Path) -> None:
    sample = write_library(tmp_path / "sample")
    (sample / "rules.toml").write_text("[[rule]]\nloan_days = -1")
    database, token = tmp_path / "centre.db", tmp_path / "token"
    options = {"database": f"sqlite:///{database}", "sample": sample, "station": "s1", "token-file": token}
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    done = CliRunner().invoke(main, ["init", *arguments])
    assert done.exit_code == 1
    assert "rules.toml: Expected `int` >= 0 - at `$.rule[0].loan_days`" in done.output
    assert not token.exists()


# ── the page ──


@pytest.mark.parametrize("struct", STRUCTS)
def test_the_page_names_every_option(struct: type[msgspec.Struct]) -> None:
    named = set(re.findall(r"`(\w+)`", PAGE.read_text("utf-8")))
    assert {field.name for field in msgspec.structs.fields(struct)} - named == set()


def test_the_page_says_what_holds_without() -> None:
    page = PAGE.read_text("utf-8")
    for struct in (LendingRules, LendingRule, OfflineRules):
        for field in msgspec.structs.fields(struct):
            if isinstance(field.default, bool | int | str):
                said = msgspec.json.encode(field.default).decode()
                assert re.search(rf"^\| `{field.name}` \|.*\| `{re.escape(said)}` \|$", page, re.MULTILINE), field.name


def test_the_page_s_examples_make_a_file(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "rules.toml").write_text("\n".join(blocks))
    rules = read_rules(tmp_path / "rules.toml")
    assert [step.mirror_hours for step in rules.offline.trust] == [24, 168]
    assert len(rules.rule) == 3
    assert rules.calendars_of("west") == rules.calendar
