"""docs/sip2.md, held against what it explains."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from kiosk.cli import main
from kiosk.config import read_configuration, sip2_profile
from sync.conflicts import Conflict
from sync.settings import Sip2Settings
from sync.sip2 import Codec, Profile, profile, profile_names
from sync.sip2.answers import CheckinResponse, ItemInformationResponse
from sync.sip2.compiling import layout
from sync.sip2.patron_answers import PatronInformationResponse

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "sip2.md").read_text("utf-8")


def table_after(heading: str) -> dict[str, tuple[str, ...]]:
    """The rows of all tables under a heading, by the name in their first column."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \|$", section, re.MULTILINE)
    return {name: tuple(re.split(r" \| ", rest)) for name, rest in rows}


@pytest.mark.parametrize(("struct", "heading"), [(Profile, "Profiles"), (Sip2Settings, "Settings")])
def test_every_value_is_explained_with_what_holds_without(struct: type[msgspec.Struct], heading: str) -> None:
    rows = table_after(heading)
    for field in msgspec.structs.fields(struct):
        assert field.name in rows, field.name
        if isinstance(field.default, bool | int | float | str):
            said = msgspec.json.encode(field.default).decode().replace("|", r"\|")
            assert rows[field.name][-1] == f"`{said}`", field.name


def test_nothing_is_explained_that_is_not_there() -> None:
    assert table_after("Settings").keys() == set(Sip2Settings.__struct_fields__)
    assert table_after("Profiles").keys() == {*Profile.__struct_fields__, *profile_names()}


def test_every_choice_is_explained() -> None:
    rows = table_after("Profiles")
    for name in ("error_detection", "checksums", "nb_due_date", "no_block"):
        choices = msgspec.json.schema(type(getattr(Profile(), name)))
        for choice in next(iter(choices["$defs"].values()))["enum"]:
            assert f'"{choice}"' in rows[name][0], (name, choice)


def test_the_meanings_of_fields_are_some() -> None:
    (said,) = re.findall(r"What `extensions` can say: (.*?)\n\n", PAGE, re.DOTALL)
    of = {"10": CheckinResponse, "18": ItemInformationResponse, "64": PatronInformationResponse}
    for command, meanings in re.findall(r"in\s(\d\d)\s(.*?)(?=;|$)", said, re.DOTALL):
        assert set(re.findall(r"`(\w+)`", meanings)) <= layout(of[command]).extensions.keys()


def test_its_examples_can_be_used(tmp_path: Path) -> None:
    settings, own = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    path, secret = tmp_path / "ours.toml", tmp_path / "password"
    path.write_text(own)
    secret.write_text("secret")
    assert Codec(profile(str(path))).profile.due_formats == ("%d.%m.%Y",)
    text = settings.replace("/etc/kiosk/our-system.toml", str(path)).replace("/etc/kiosk/sip2-password", str(secret))
    config = tmp_path / "kiosk.toml"
    config.write_text(f'[station]\nid = "s1"\n{text}')
    catalogue = read_configuration(config).catalogue
    assert isinstance(catalogue, Sip2Settings)
    assert sip2_profile(catalogue, "UTC").heartbeat_s == 45


def test_its_options_and_exceptions_are_there() -> None:
    shown = CliRunner().invoke(main, ["sip2", "probe", "--help"]).output
    shown += CliRunner().invoke(main, ["sip2", "log", "--help"]).output
    for option in set(re.findall(r"(?<=[ `])--[a-z-]+", PAGE)) - {"--check"}:
        assert option in shown, option
    assert {name.replace("-", "_") for name in table_after("Exceptions")} <= set(Conflict.__members__)
