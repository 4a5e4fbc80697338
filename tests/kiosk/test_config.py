"""What a technician meets who got the configuration wrong: which file, which place in it, what is expected there."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.config import catalogue_token, read_configuration, sip2_password, sip2_profile
from kiosk.errors import ConfigurationError
from sync.catalogue import Retry
from sync.settings import PinPolicy, Sip2Settings

KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
GOOD = f"""
[station]
id = "s1"
name = "Hall"

[catalogue]
url = "http://127.0.0.1:8000"
key = "{KEY}"
token = "secret"

[screen]
language = "en"

[[nfc]]
name = "nfc"
path = "pn532:/dev/ttyKIOSKNFC"

[[scanner]]
name = "scanner"
path = "/dev/serial/by-id/usb-1"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kiosk.toml"


def said_of(file: Path, content: str) -> str:
    """The message, without the file's name that it must begin with."""
    file.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(file)
    name, _, rest = str(caught.value).partition(": ")
    assert name == str(file)
    return rest


# ── a good one ──


def test_little_must_be_said(file: Path) -> None:
    file.write_text(f'[station]\nid = "s1"\n[catalogue]\nurl = "http://127.0.0.1:8000"\nkey = "{KEY}"\n')
    configuration = read_configuration(file)
    assert configuration.data == Path("/var/lib/kiosk")
    assert configuration.screen.language in configuration.screen.languages
    assert (configuration.nfc, configuration.scanner) == ((), ())


def test_the_flow_gets_what_the_file_says(file: Path) -> None:
    file.write_text(GOOD + "[visit]\nidle_s = 45\n")
    configuration = read_configuration(file)
    flow = configuration.flow()
    assert (flow.station_name, flow.language, flow.idle_s) == ("Hall", "en", 45)
    assert (flow.card_devices, flow.scan_devices) == (frozenset({"nfc"}), frozenset({"scanner"}))
    assert configuration.zone == ZoneInfo("Europe/Berlin")


# ── a wrong file ──


def test_a_missing_file(file: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"^{file}: No such file or directory$") as caught:
        read_configuration(file)
    assert (caught.value.code, caught.value.retry) == ("configuration", Retry.NEVER)


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"^{tmp_path}: Is a directory$"):
        read_configuration(tmp_path)


def test_no_toml(file: Path) -> None:
    assert "line 2, column 9" in said_of(file, "\n[station\n")


def test_a_key_said_twice(file: Path) -> None:
    assert "line 4" in said_of(file, '\n[station]\nid = "s1"\nid = "s2"\n')


def test_no_utf_8(file: Path) -> None:
    file.write_bytes(b'[station]\nid = "s1"\nname = "B\xfccherei"\n')
    with pytest.raises(ConfigurationError, match=f"^{file}: not UTF-8 text at byte 29$"):
        read_configuration(file)


def test_an_empty_file(file: Path) -> None:
    assert "required field `station`" in said_of(file, "")


# ── a wrong place ──


@pytest.mark.parametrize(
    ("instead_of", "write", "place", "why"),
    [
        pytest.param('id = "s1"', 'id = "s1"\nnmae = ""', "$.station", "unknown field `nmae`", id="unknown key"),
        pytest.param("[screen]", "[scren]", "", "unknown field `scren`", id="unknown table"),
        pytest.param('id = "s1"', "", "$.station", "required field `id`", id="missing key"),
        pytest.param('id = "s1"', "id = 1", "$.station.id", "Expected `str`, got `int`", id="wrong type"),
        pytest.param('id = "s1"', 'id = "Hall 1"', "$.station.id", "matching regex", id="wrong characters"),
        pytest.param("[screen]", "[visit]\nidle_s = 0\n[screen]", "$.visit.idle_s", ">= 1", id="too short"),
        pytest.param("[screen]", "[visit]\nidle_s = 86401\n[screen]", "$.visit.idle_s", "<= 86400", id="too long"),
        pytest.param("[screen]", "[visit]\nidle_s = '60'\n[screen]", "$.visit.idle_s", "got `str`", id="quoted number"),
        pytest.param('token = "secret"', "deadline_s = 0", "$.catalogue.deadline_s", "> 0", id="no deadline"),
        pytest.param(f'key = "{KEY}"', "", "$.catalogue", "key", id="no key"),
        pytest.param(KEY, KEY[4:], "$.catalogue.key", "32 bytes", id="no whole key"),
        pytest.param(KEY, "nonsense!", "$.catalogue.key", "base64", id="a key that is none"),
        pytest.param('token = "secret"', 'check_at = "25:00"', "$.catalogue.check_at", "regex", id="no such hour"),
        pytest.param("127.0.0.1:8000", "192.0.2.7:8000", "$.catalogue.url", "https", id="no TLS on a network"),
        pytest.param("[screen]", '[screen]\ntheme = "pink"', "$.screen.theme", "'pink'", id="unknown theme"),
        pytest.param("[screen]", '[screen]\nplayer = "aplay \'"', "$.screen.player", "quotation", id="open quotation"),
        pytest.param('"en"', '"de"', "$.screen.languages", "'de'", id="language not among languages"),
        pytest.param('"Hall"', '"Hall"\ntime_zone = "Mars"', "$.station.time_zone", "time zone", id="unknown zone"),
        pytest.param('"Hall"', '"Hall"\ntime_zone = "Europe"', "$.station.time_zone", "time zone", id="half a zone"),
        pytest.param('"Hall"', '"Hall"\ntime_zone = ""', "$.station.time_zone", "time zone", id="no zone"),
        pytest.param('"Hall"', '"Hall"\ntime_zone = "/etc/passwd"', "$.station.time_zone", "zone", id="no zone's file"),
        pytest.param('name = "scanner"', 'name = "nfc"', "$.scanner[].name", "'nfc'", id="one name for two devices"),
        pytest.param("ttyKIOSKNFC", "tty; reboot", "$.nfc[0]", "letters, digits", id="unsafe port"),
        pytest.param("ttyKIOSKNFC", "$(reboot)", "$.nfc[0]", "letters, digits", id="unsafe port in a shell's words"),
        pytest.param('"/dev/serial/by-id/usb-1"', '""', "$.scanner[0]", "needs a path", id="no path"),
        pytest.param('usb-1"', 'usb-1"\ngap_ms = 5', "$.scanner[0]", "20 to 1000", id="gap too short"),
        pytest.param(
            'usb-1"',
            'usb-1"\n[[scanner.rules]]\nkind = "item"\nmask = "^(["',
            "$.scanner[0].rules[0]",
            "mask",
            id="mask",
        ),
    ],
)
def test_a_wrong_place_is_named(file: Path, instead_of: str, write: str, place: str, why: str) -> None:
    assert GOOD.count(instead_of) == 1
    said = said_of(file, GOOD.replace(instead_of, write))
    assert place in said
    assert why in said
    assert "secret" not in said


def test_two_scanners_of_one_name(file: Path) -> None:
    assert "'scanner'" in said_of(file, GOOD + '[[scanner]]\nname = "scanner"\npath = "/dev/ttyS0"\n')


# ── the token ──


def with_token_file(file: Path, token_file: Path) -> str:
    return GOOD.replace('token = "secret"', f'token_file = "{token_file}"')


def test_a_token_from_the_file_it_is_kept_in(file: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    file.write_text(with_token_file(file, tmp_path / "token"))
    assert catalogue_token(read_configuration(file).centre) == "from-a-file"


def test_a_token_from_the_configuration(file: Path) -> None:
    file.write_text(GOOD)
    assert catalogue_token(read_configuration(file).centre) == "secret"


def test_a_token_file_that_is_missing(file: Path, tmp_path: Path) -> None:
    said = said_of(file, with_token_file(file, tmp_path / "token"))
    assert said == f"{tmp_path}/token: No such file or directory - at `$.catalogue.token_file`"


def test_a_token_file_that_holds_no_text(file: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff\xfe\x00")
    assert said_of(file, with_token_file(file, tmp_path / "token")).endswith("no text - at `$.catalogue.token_file`")


# ── a library system by SIP2 ──

SIP2 = '[station]\nid = "s1"\n[catalogue]\nkind = "sip2"\nhost = "ils.example.org"\n'


def test_little_must_be_said_of_a_library_system(file: Path) -> None:
    file.write_text(SIP2)
    system = read_configuration(file).catalogue
    assert isinstance(system, Sip2Settings)
    assert (system.port, system.profile, system.pin, system.tls) == (6001, "generic", PinPolicy.ALWAYS, False)


def test_a_command_that_takes_a_centre_says_so(file: Path) -> None:
    file.write_text(SIP2)
    configuration = read_configuration(file)
    with pytest.raises(ConfigurationError, match=r"library system by SIP2 \(ils\.example\.org\): for this it takes a"):
        _ = configuration.centre


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("port = 70000\n", "Expected `int` <= 65535 - at `$.catalogue.port`"),
        ('profile = "kohha"\n', "SIP2 profile 'kohha': there is none; one of "),
        ('override = {encoding = "utf-16"}\n', "encoding 'utf-16': unknown, or not ASCII where ASCII is meant"),
        ("override = {speed = 9}\n", "Object contains unknown field `speed`"),
        ('pin = "sometimes"\n', "Invalid enum value 'sometimes' - at `$.catalogue.pin`"),
        ('password_file = "/none"\n', "/none: No such file or directory - at `$.catalogue.password_file`"),
        ('tls = true\nca_file = "/none"\n', "/none: there is no such file - at `$.catalogue.ca_file`"),
        ('url = "http://127.0.0.1"\n', "Object contains unknown field `url`"),
    ],
)
def test_what_cannot_be_of_a_library_system(file: Path, more: str, said: str) -> None:
    assert said in said_of(file, SIP2 + more)


def test_another_kind_of_catalogue(file: Path) -> None:
    assert "Invalid value 'z3950' - at `$.catalogue.kind`" in said_of(file, SIP2.replace("sip2", "z3950"))


def test_the_profile_is_in_the_library_s_zone(file: Path) -> None:
    file.write_text(SIP2 + 'profile = "koha"\noverride = {heartbeat_s = 99}\n')
    configuration = read_configuration(file)
    assert isinstance(configuration.catalogue, Sip2Settings)
    profile = sip2_profile(configuration.catalogue, configuration.station.time_zone)
    assert (profile.zone, profile.heartbeat_s, profile.name) == ("Europe/Berlin", 99, "koha")


def test_a_password_from_the_file_it_is_kept_in(file: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("open sesame\n")
    file.write_text(SIP2 + f'password_file = "{tmp_path / "secret"}"\n')
    system = read_configuration(file).catalogue
    assert isinstance(system, Sip2Settings)
    assert sip2_password(system) == "open sesame"
