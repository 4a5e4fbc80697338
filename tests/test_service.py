"""What lies beside the program for technicians: units, example configuration, device rules, instructions.

systemd itself reads the units; it need not run for that.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import psutil
import pytest
from click.testing import CliRunner
from nfc.clf.device import usb_device_map

import kiosk.cli
import sync.central.__main__ as centre_cli
from kiosk.config import Configuration, StationSettings, read_configuration

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
BIN = Path(sys.executable).parent
INSTALLED = "/opt/library-kiosk"
UNITS = {"kiosk.service": ROOT / "kiosk.service", "centre.service": DOCS / "centre.service"}
SANDBOX = "# ── What it may not do ──\n"
EXPOSURE = {"kiosk.service": 20, "centre.service": 15}
"""The most that `systemd-analyze security` may find, in tenths: 100 is no sandbox at all."""


class Unit:
    """A unit file: every value of a key, in order. No key of ours stands in two sections."""

    def __init__(self, path: Path) -> None:
        text = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
        pairs = [line.split("=", 1) for line in text.splitlines() if re.match(r"[A-Z]\w*=", line)]
        self.values = {name: [value for key, value in pairs if key == name] for name, _ in pairs}

    def one(self, key: str) -> str:
        """The value of a key that is set once."""
        (value,) = self.values[key]
        return value

    def environment(self) -> dict[str, str]:
        """The variables that the unit sets."""
        return dict(value.split("=", 1) for value in self.values["Environment"])


@pytest.fixture
def station() -> Unit:
    return Unit(UNITS["kiosk.service"])


@pytest.fixture
def centre() -> Unit:
    return Unit(UNITS["centre.service"])


# ── systemd reads the units ──


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"SYSTEMD_COLORS": "0", "LC_ALL": "C.UTF-8"}
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, env=environment, timeout=60)


def verify(folder: Path, name: str, text: str) -> subprocess.CompletedProcess[str]:
    """What systemd finds in `text`. Programs are looked for where this checkout has them, not where stations do."""
    unit = folder / name
    unit.write_text(text.replace(f"{INSTALLED}/.venv/bin", str(BIN)), encoding="utf-8")
    return analyze("verify", "--recursive-errors=no", str(unit))


def exposure(folder: Path, name: str, text: str) -> subprocess.CompletedProcess[str]:
    """Fails where more is exposed than `EXPOSURE` allows."""
    unit = folder / name
    unit.write_text(text, encoding="utf-8")
    return analyze("security", "--offline=true", f"--threshold={EXPOSURE[name]}", str(unit))


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_no_fault(name: str, tmp_path: Path) -> None:
    found = verify(tmp_path, name, UNITS[name].read_text(encoding="utf-8"))
    assert name not in found.stderr
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Restart=always", "Restarts=always"),
        ("Restart=always", "Restart=allways"),
        ("ProtectSystem=strict", "ProtectSystem=stricter"),
        ("SystemCallFilter=@system-service", "SystemCallFilter=@system-servant"),
        ("ExecStart=", "ExecStart=/no/such/program "),
    ],
)
def test_systemd_finds_a_fault_made_on_purpose(name: str, right: str, wrong: str, tmp_path: Path) -> None:
    text = UNITS[name].read_text(encoding="utf-8")
    assert text.count(right) == 1
    found = verify(tmp_path, name, text.replace(right, wrong))
    assert name in found.stderr


@pytest.mark.parametrize("name", UNITS)
def test_little_is_exposed(name: str, tmp_path: Path) -> None:
    found = exposure(tmp_path, name, UNITS[name].read_text(encoding="utf-8"))
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("name", UNITS)
def test_much_is_exposed_without_the_sandbox(name: str, tmp_path: Path) -> None:
    open_to_all, _ = UNITS[name].read_text(encoding="utf-8").split(SANDBOX)
    assert exposure(tmp_path, name, open_to_all).returncode != 0


# ── the units name what is there ──


def options(group: click.Group, words: list[str]) -> dict[str, object]:
    """The options that `words` give to a command of `group`. Fails where the command does not know them."""
    command = group.commands[words[0]]
    return command.make_context(words[0], words[1:]).params


def test_station_checks_its_configuration_and_then_shows_itself(station: Unit) -> None:
    shell, flag, script = shlex.split(station.one("ExecStart"))
    check, show = (shlex.split(part) for part in script.split("&&"))
    assert (shell, flag) == ("/bin/sh", "-c")
    assert show[:2] == ["exec", "/usr/bin/cage"]
    run = show[show.index("--") + 1 :]
    assert check[0] == run[0] == f"{INSTALLED}/.venv/bin/kiosk"
    assert (BIN / "kiosk").is_file()
    assert options(kiosk.cli.main, check[1:]) == {"config": Path("/etc/kiosk/kiosk.toml"), "check": True}
    assert options(kiosk.cli.main, run[1:]) == {"config": Path("/etc/kiosk/kiosk.toml"), "check": False}


def test_centre_serves(centre: Unit) -> None:
    variables = centre.environment()
    words = shlex.split(centre.one("ExecStart"))
    words = [part for word in words for part in variables.get(word.strip("${}"), word).split()]
    assert words[:3] == [f"{INSTALLED}/.venv/bin/python", "-m", "sync.central"]
    given = options(centre_cli.main, words[3:])
    assert given["database"] == f"sqlite:////var/lib/{centre.one('StateDirectory')}/centre.db"
    assert given["host"] == "127.0.0.1"


@pytest.mark.parametrize("path", UNITS.values(), ids=UNITS)
def test_documentation_is_there(path: Path) -> None:
    where = Unit(path).one("Documentation").removeprefix(f"file://{INSTALLED}/")
    assert (ROOT / where).is_file()


def test_station_may_write_where_it_keeps_its_files(station: Unit) -> None:
    assert StationSettings(id="s").data == f"/var/lib/{station.one('StateDirectory')}"


def test_wrong_configuration_is_not_tried_again(station: Unit, tmp_path: Path) -> None:
    wrong = tmp_path / "kiosk.toml"
    wrong.write_text("[station]\n")
    ended = kiosk_run_check(wrong)
    assert ended.returncode == int(station.one("RestartPreventExitStatus"))
    assert ended.stderr.startswith("<3>")


def test_centre_without_tls_is_not_tried_again(centre: Unit) -> None:
    ended = CliRunner().invoke(centre_cli.main, ["serve", "--database", "sqlite://", "--host", "192.0.2.1"])
    assert ended.exit_code == int(centre.one("RestartPreventExitStatus"))


def test_stopping_ends_the_station_before_the_compositor(station: Unit) -> None:
    """A parent that waits for its child stands for cage: it would end by a signal, were it sent one."""
    waits = "import subprocess, sys; sys.exit(subprocess.call(['sleep', '60']) + 20)"
    with subprocess.Popen([sys.executable, "-c", waits]) as main:
        wait_for_child(main.pid)
        command = shlex.split(station.one("ExecStop"))
        with subprocess.Popen(command, env=os.environ | {"MAINPID": str(main.pid)}) as stop:
            assert main.wait(10) == 20 - 15  # SIGTERM's number, which the child was ended by
            assert stop.wait(10) == 0


def wait_for_child(pid: int) -> None:
    until_s = time.monotonic() + 10
    while not psutil.Process(pid).children():
        assert time.monotonic() < until_s
        time.sleep(0.01)


# ── docs/kiosk.toml ──


def kiosk_run_check(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kiosk", "run", "--check", "--config", str(path)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)


EXAMPLE = DOCS / "kiosk.toml"


def test_example_is_accepted() -> None:
    ended = kiosk_run_check(EXAMPLE)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_what_the_example_says_of_defaults_is_true(tmp_path: Path) -> None:
    """Each line `# key = value` says what holds without it: with all of them the station is the same."""
    spelled_out = tmp_path / "kiosk.toml"
    text, lines = re.subn(r"^# (?=\[|\w+ = )", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    spelled_out.write_text(text, encoding="utf-8")
    assert lines > 20
    whole = read_configuration(spelled_out)
    assert whole.rehearsal is not None
    assert whole == msgspec.structs.replace(read_configuration(EXAMPLE), rehearsal=whole.rehearsal)


def structs_in(kind: msgspec.inspect.Type) -> Iterator[msgspec.inspect.StructType]:
    """All structs that a value of `kind` may hold."""
    if isinstance(kind, msgspec.inspect.StructType):
        yield kind
        for field in kind.fields:
            yield from structs_in(field.type)
    elif isinstance(kind, msgspec.inspect.UnionType):
        for one in kind.types:
            yield from structs_in(one)
    elif isinstance(kind, msgspec.inspect.VarTupleType):
        yield from structs_in(kind.item_type)


def test_example_mentions_every_key() -> None:
    """Each in its own section, live or in a comment."""
    parts = re.split(r"^#? ?\[+(\w+)[\w.]*\]+$", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    sections: dict[str, str] = {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        sections[name] = sections.get(name, "") + text
    root = msgspec.inspect.type_info(Configuration)
    assert isinstance(root, msgspec.inspect.StructType)
    assert set(sections) == {field.encode_name for field in root.fields}
    missing = [
        f"{section.encode_name}: {word}"
        for section in root.fields
        for struct in structs_in(section.type)
        for word in words_of(struct)
        if not re.search(rf"(?<!\w){word}", sections[section.encode_name])
    ]
    assert not missing


def words_of(struct: msgspec.inspect.StructType) -> list[str]:
    """What a struct looks like in TOML: its keys, and its tag where it has one."""
    tables = [field.encode_name for field in struct.fields if field.encode_name == "rules"]
    words = [f"{field.encode_name}( =|:)" for field in struct.fields if field.encode_name not in tables]
    return words + ([f'{struct.tag_field} = "{struct.tag}"'] if struct.tag_field else [])


def test_example_holds_no_secret() -> None:
    assert read_configuration(EXAMPLE).centre.token == ""


# ── docs/99-kiosk.rules, docs/kiosk-nfc.conf ──

RULES = DOCS / "99-kiosk.rules"
PAIR = re.compile(r'([A-Z]+)(?:\{(\w+)\})?(==|!=|\+=|=)"([^"]*)"')
OPERATORS = {
    "ACTION": {"==", "!="},
    "KERNEL": {"==", "!="},
    "SUBSYSTEM": {"==", "!="},
    "ATTR": {"==", "!="},
    "ENV": {"==", "!=", "="},
    "SYMLINK": {"==", "+="},
    "GROUP": {"="},
    "MODE": {"="},
    "GOTO": {"="},
    "LABEL": {"="},
}
"""Of udev(7), what our rules use, and how: `ATTR{...}="..."` would be a legal rule that writes to a device."""
WITH_NAME = {"ATTR", "ENV"}


def rules() -> list[str]:
    """All rules, and the examples that wait behind a '#'."""
    lines = RULES.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("#") for line in lines if re.match(r"#?[A-Z]", line)]


def slip(rule: str) -> str | None:
    """What udev would stumble over in `rule`."""
    sets_something = False
    for part in rule.split(", "):
        pair = PAIR.fullmatch(part)
        if pair is None:
            return part
        key, name, operator, _ = pair.groups()
        if operator not in OPERATORS.get(key, ()) or (name is not None) != (key in WITH_NAME):
            return part
        sets_something |= operator in ("=", "+=")
    return None if sets_something else rule


def test_rules_have_no_slip() -> None:
    assert len(rules()) > 15
    assert [found for rule in rules() if (found := slip(rule))] == []


@pytest.mark.parametrize(
    "rule",
    [
        'ATTR{idVendor}="054c", MODE="0660"',
        'ATTR=="054c", MODE="0660"',
        'SUBSYSTEM=="usb", GRUOP="plugdev"',
        'SUBSYSTEM=="usb" GROUP="plugdev"',
        'SUBSYSTEM=="usb, GROUP="plugdev"',
        'SUBSYSTEM=="tty", SYMLINK="ttyKIOSKNFC"',
        'SUBSYSTEM=="tty", KERNEL=="ttyAMA0"',
    ],
)
def test_slips_are_seen(rule: str) -> None:
    assert slip(rule)


def test_jumps_in_the_rules_end_somewhere() -> None:
    text = "\n".join(rules())
    assert set(re.findall('GOTO="(.*?)"', text)) == set(re.findall('LABEL="(.*?)"', text))


def test_every_usb_reader_of_nfcpy_may_be_opened() -> None:
    found = re.findall(
        r'ATTR\{idVendor\}=="(\w{4})", ATTR\{idProduct\}=="(\w{4})", GROUP="plugdev"', "\n".join(rules())
    )
    assert sorted((int(vendor, 16), int(product, 16)) for vendor, product in found) == sorted(usb_device_map)


def test_service_is_in_the_group_of_the_usb_readers(station: Unit) -> None:
    assert {"plugdev", "dialout"} <= set(station.one("SupplementaryGroups").split())


def test_example_uses_the_names_that_the_rules_give() -> None:
    given = set(re.findall(r'SYMLINK\+="(\w+)"', "\n".join(rules())))
    example = read_configuration(EXAMPLE)
    paths = [reader.path for reader in example.nfc] + [scanner.path for scanner in example.scanner]
    used = {path.removeprefix("pn532:") for path in paths}
    assert {f"/dev/{name}" for name in given} == used


def test_kernel_drivers_keep_away_from_readers() -> None:
    lines = (DOCS / "kiosk-nfc.conf").read_text(encoding="utf-8").splitlines()
    kept_away = {line.split()[1] for line in lines if re.fullmatch(r"blacklist \w+", line)}
    assert {"pn533_usb", "port100"} <= kept_away
    assert len(kept_away) == sum(not line.startswith("#") for line in lines)


# ── docs/install.md ──

INSTALL = (DOCS / "install.md").read_text(encoding="utf-8")


def test_instructions_name_files_that_are_there() -> None:
    named = re.findall(rf"(?:{INSTALLED}/|install -m 0644 )((?:docs|assets)/[\w.-]+|\w+\.service)", INSTALL)
    assert {"kiosk.service", "docs/centre.service", "docs/kiosk.toml", "docs/99-kiosk.rules"} <= set(named)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_instructions_make_the_users_of_the_services(station: Unit, centre: Unit) -> None:
    assert re.findall(r"^useradd .* ([\w-]+)$", INSTALL, re.MULTILINE) == [station.one("User"), centre.one("User")]


def test_instructions_start_the_centre_with_options_that_it_has() -> None:
    (given,) = re.findall(r"CENTRE_OPTIONS=(.*?)'", INSTALL)
    (init,) = re.findall(r"sync\.central init \\\n(.*?)\n```", INSTALL, re.DOTALL)
    assert set(re.findall(r"--[\w-]+", given)) <= option_names("serve")
    assert set(re.findall(r"--[\w-]+", init)) == option_names("init") - {"--folder"}, "where it is, is good"


def option_names(command: str) -> set[str]:
    return {name for option in centre_cli.main.commands[command].params for name in option.opts}
