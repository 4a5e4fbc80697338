"""One frozen, typed configuration, read from TOML and checked at start.

Precedence: the file, then defaults. Every error names the file, the place in it and what is expected there.
"""

from __future__ import annotations

import base64
import json
import shlex
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

import assets
from drivers.nfc.settings import NfcSettings
from drivers.scanner.settings import ScannerSettings
from kiosk.errors import ConfigurationError
from kiosk.flow.state import FlowSettings
from sync.settings import Sip2Settings

if TYPE_CHECKING:
    from sync.sip2.profile import Profile

KEY_BYTES = 32
LONGEST_PIN, LONGEST_PASSWORD = 8, 24

Seconds = Annotated[int, Meta(ge=1, le=86_400)]


class StationSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which station this is, and where it keeps its files."""

    id: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    name: str = ""
    data: str = "/var/lib/kiosk"  # journal, mirror and patrons; must survive restarts
    time_zone: str = "Europe/Berlin"


class CentreSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="centre"
):
    """The centre that the station speaks to. `token` or, better, `token_file` (readable by the station alone)."""

    url: str
    token: str = ""
    token_file: str = ""
    deadline_s: Annotated[float, Meta(gt=0, le=30)] = 2.0
    heartbeat_s: Seconds = 30
    retry_s: Seconds = 15  # while it is away, the longest pause before it is asked again
    mirror_every_s: Seconds = 60
    key: Annotated[str, Meta(min_length=1)]  # the centre's public one, base64: it has signed what the mirror is made of
    check_at: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "03:30"
    search_index: bool = True  # titles can be found while the line is down, at some 200 bytes each


class ScreenSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the screen looks and what it says."""

    language: str = "zh_CN"
    languages: tuple[str, ...] = ("zh_CN", "en")
    theme: Literal["light", "dark", "contrast"] = "light"
    fullscreen: bool = True
    width: Annotated[int, Meta(ge=600, le=7680)] = 1280
    height: Annotated[int, Meta(ge=600, le=4320)] = 800
    motion: bool = True
    sounds: bool = True
    player: str = "aplay -q"  # what plays a WAV file given as its last argument


class VisitSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A visit: the length of things in seconds, and how a PIN is typed."""

    idle_s: Seconds = 60
    warning_s: Seconds = 20
    done_s: Seconds = 12
    message_s: Seconds = 15
    blank_s: Seconds = 900
    pin_letters: bool = False  # PINs may be passwords: letters, digits and -._@


class RehearsalSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom and what `kiosk rehearse --config` may play with on a real catalogue: a test patron and test items, all of
    them on the shelf, whose loans do not matter. `kind`: uid, idm, ndef_text, ndef_uri or barcode."""

    card: Annotated[str, Meta(min_length=1)]
    kind: Literal["uid", "idm", "ndef_text", "ndef_uri", "barcode"] = "barcode"
    pin: str = ""
    items: Annotated[tuple[str, ...], Meta(min_length=1)]


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a station must be told."""

    station: StationSettings
    catalogue: CentreSettings | Sip2Settings
    screen: ScreenSettings = ScreenSettings()
    visit: VisitSettings = VisitSettings()
    nfc: tuple[NfcSettings, ...] = ()
    scanner: tuple[ScannerSettings, ...] = ()
    rehearsal: RehearsalSettings | None = None

    @property
    def data(self) -> Path:
        """The folder of the station's files."""
        return Path(self.station.data)

    @property
    def zone(self) -> ZoneInfo:
        """The library's time zone."""
        return ZoneInfo(self.station.time_zone)

    @property
    def centre(self) -> CentreSettings:
        """The centre. Raises `ConfigurationError` where the catalogue is a library system."""
        if isinstance(self.catalogue, CentreSettings):
            return self.catalogue
        raise ConfigurationError(
            f"the catalogue is a library system by SIP2 ({self.catalogue.host}): for this it takes a centre"
        )

    def flow(self) -> FlowSettings:
        """What the flow needs of all this."""
        return FlowSettings(
            station_name=self.station.name,
            languages=self.screen.languages,
            language=self.screen.language,
            idle_s=self.visit.idle_s,
            warning_s=self.visit.warning_s,
            done_s=self.visit.done_s,
            message_s=self.visit.message_s,
            blank_s=self.visit.blank_s,
            pin_letters=self.visit.pin_letters,
            pin_longest=LONGEST_PASSWORD if self.visit.pin_letters else LONGEST_PIN,
            cards_have_barcodes=any(rule.kind == "patron" for device in self.scanner for rule in device.rules),
            card_devices=frozenset(device.name for device in self.nfc),
            scan_devices=frozenset(device.name for device in self.scanner),
        )


def read_configuration(path: Path) -> Configuration:
    """The configuration in the TOML file at `path`.

    Raises:
        ConfigurationError: the file is missing, is no TOML, or says something that cannot be; or a file it names cannot
            be read.
    """
    try:
        configuration = _decoded(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}") from error
    except msgspec.DecodeError as error:  # ValidationError is one too; both name the place
        raise ConfigurationError(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 text at byte {error.start}") from error
    _check(path, configuration)
    return configuration


def _check(path: Path, configuration: Configuration) -> None:
    names = [reader.name for reader in configuration.nfc] + [scanner.name for scanner in configuration.scanner]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(f"{path}: two devices are called {twice[0]!r} - `$.nfc[].name`, `$.scanner[].name`")
    shipped = json.loads((assets.folder() / "translations" / "languages.json").read_text("utf-8"))
    unknown = [language for language in configuration.screen.languages if language not in shipped]
    if unknown:
        raise ConfigurationError(f"{path}: there is no translation {unknown[0]!r} - at `$.screen.languages`")
    if configuration.screen.language not in configuration.screen.languages:
        raise ConfigurationError(f"{path}: {configuration.screen.language!r} is not among `$.screen.languages`")
    try:
        configuration.zone  # noqa: B018 — looked up for its error
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(f"{path}: unknown time zone - at `$.station.time_zone`") from error
    try:
        shlex.split(configuration.screen.player)
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error} - at `$.screen.player`") from error
    if isinstance(configuration.catalogue, CentreSettings):
        _check_centre(path, configuration.catalogue)
    else:
        _check_sip2(path, configuration.catalogue)


def _decoded(toml: bytes) -> Configuration:
    """A catalogue that does not say what it is, is a centre."""
    values = msgspec.toml.decode(toml)
    if isinstance(values.get("catalogue"), dict):
        values["catalogue"].setdefault("kind", "centre")
    return msgspec.convert(values, Configuration)


def _check_centre(path: Path, centre: CentreSettings) -> None:
    if not _is_private(centre.url):
        raise ConfigurationError(f"{path}: expected `https://…`, or `http://` on loopback - at `$.catalogue.url`")
    if not _is_key(centre.key):
        raise ConfigurationError(f"{path}: expected 32 bytes in base64 - at `$.catalogue.key`")
    try:
        catalogue_token(centre)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _check_sip2(path: Path, system: Sip2Settings) -> None:
    from sync.sip2.errors import ProfileError

    try:
        sip2_profile(system, "UTC")
        sip2_password(system)
    except (ConfigurationError, ProfileError) as error:
        raise ConfigurationError(f"{path}: {error} - at `$.catalogue`") from error
    for name in ("ca_file", "certificate_file", "key_file"):
        file = getattr(system, name)
        if file and not Path(file).is_file():
            raise ConfigurationError(f"{path}: {file}: there is no such file - at `$.catalogue.{name}`")


def _is_private(url: str) -> bool:
    """Whether nobody on the way can read cards and tokens: TLS, or no way at all."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # looked up for its error
        if parts.scheme != "http":
            return parts.scheme == "https" and bool(parts.hostname)
        return parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _is_key(text: str) -> bool:
    """Whether it can be a public key (Ed25519, RFC 8032)."""
    try:
        return len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except ValueError:
        return False


def catalogue_token(settings: CentreSettings) -> str:
    """The bearer token, from the configuration or from the file it names.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    if not settings.token_file:
        return settings.token
    token = _secret_in(settings.token_file, "token_file")
    if not token.isascii() or not token.isprintable():
        raise ConfigurationError(f"{settings.token_file}: holds no token - at `$.catalogue.token_file`")
    return token


def sip2_password(settings: Sip2Settings) -> str:
    """The password of the login, from the configuration or from the file it names. Raises `ConfigurationError`."""
    return _secret_in(settings.password_file, "password_file") if settings.password_file else settings.password


def sip2_profile(settings: Sip2Settings, zone: str) -> Profile:
    """How the library system speaks: in the library's zone, where its profile names none. Raises
    `sync.sip2.errors.ProfileError`."""
    from sync.sip2.profile import profile

    return profile(settings.profile, settings.override, {"zone": zone})


def _secret_in(file: str, option: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror} - at `$.catalogue.{option}`") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file}: holds no text - at `$.catalogue.{option}`") from error
