"""A snapshot on its way: a SQLite file, compressed (zstd), with a signed manifest (Ed25519, RFC 8032).

Nothing of a file is believed before its manifest's signature and its own hash were right.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.catalogue import SyncError
from sync.feed.schema import SCHEMA, Half

CHUNK = 1 << 20
LEVEL = 3  # 125 MB -> 62 MB in 2.4 s; level 9 takes five times as long for 9 MB less


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot is. `cursor`: where the change feed goes on from it. `branch`: whose patrons; '' for everybody's.
    `min_app`: the oldest station that understands it."""

    snapshot: str
    half: Half
    branch: str = ""
    schema: int
    rows: dict[str, int]
    cursor: str
    made_at: datetime
    expires: datetime
    min_app: str = "0"
    size: int
    sha256: str
    plain_size: int
    plain_sha256: str


class Signed(msgspec.Struct, frozen=True):
    """A manifest as it was signed: the bytes, not what they mean. `signature` in base64."""

    manifest: str
    signature: str


class SnapshotRefused(SyncError):
    """A snapshot was not taken; what was there stays. `code` says why."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = f"snapshot_{reason}"


# ── keys ──


class SigningKey:
    """The centre's key. Who has it can tell stations anything about items and patrons."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def open(cls, path: Path) -> SigningKey:
        """The key in a file (PEM, PKCS 8) that its owner alone may read; drawn where there is none."""
        try:
            pem = path.read_bytes()
        except FileNotFoundError:
            return cls._draw(path)
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError(f"{path}: not an Ed25519 key")
        return cls(key)

    @classmethod
    def _draw(cls, path: Path) -> SigningKey:
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # whoever is first wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        return cls.open(path)

    @property
    def public(self) -> str:
        """What stations pin: 32 bytes in base64."""
        raw = self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    def sign(self, manifest: Manifest) -> Signed:
        """Sign a manifest."""
        text = msgspec.json.encode(manifest, order="sorted")
        return Signed(text.decode(), base64.b64encode(self._key.sign(text)).decode())


# ── checking ──


def verify(signed: Signed, key: str) -> Manifest:
    """The manifest, if the pinned key has signed it. Raises `SnapshotRefused`."""
    try:
        pinned = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        pinned.verify(base64.b64decode(signed.signature, validate=True), signed.manifest.encode())
    except (InvalidSignature, ValueError) as error:
        raise SnapshotRefused("signature", "not signed by the key that this station trusts") from error
    try:
        return msgspec.json.decode(signed.manifest, type=Manifest)
    except msgspec.DecodeError as error:
        raise SnapshotRefused("schema", f"a manifest of another kind: {error}") from error


def check(manifest: Manifest, *, half: Half, now: datetime, app: str, in_use: datetime | None) -> None:
    """Whether a station may take it. `in_use`: when the snapshot was made that it has. Raises `SnapshotRefused`."""
    if manifest.half is not half:
        raise SnapshotRefused("other", f"it holds the {manifest.half}, not the {half}")
    if manifest.schema != SCHEMA or _version(app) < _version(manifest.min_app):
        raise SnapshotRefused("schema", f"schema {manifest.schema} for {manifest.min_app}, here {SCHEMA} and {app}")
    if now > manifest.expires:
        raise SnapshotRefused("expired", f"good until {manifest.expires}")
    if in_use is not None and manifest.made_at < in_use:
        raise SnapshotRefused("rolled_back", f"made {manifest.made_at}, the one in use {in_use}")


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


# ── files ──


def pack(plain: Path, packed: Path) -> tuple[str, str]:
    """Compress a file; the SHA-256 (hex) of it and of what came out."""
    before, after = hashlib.sha256(), hashlib.sha256()
    compressor = zstandard.ZstdCompressor(level=LEVEL).compressobj(size=plain.stat().st_size)
    with plain.open("rb") as source, packed.open("wb") as target:
        while chunk := source.read(CHUNK):
            before.update(chunk)
            _put(compressor.compress(chunk), target.write, after.update)
        _put(compressor.flush(), target.write, after.update)
        target.flush()
        os.fsync(target.fileno())
    return before.hexdigest(), after.hexdigest()


def unpack(packed: Path, plain: Path, manifest: Manifest) -> None:
    """Decompress what the manifest describes. Its hash is looked at first: what nobody signed is not unpacked.

    Raises:
        SnapshotRefused: it is something else. `plain` holds nothing to be used then.
        OSError: there is no room.
    """
    if packed.stat().st_size != manifest.size or sha256_of(packed) != manifest.sha256:
        raise SnapshotRefused("hash", "not the file that was signed")
    digest = hashlib.sha256()
    with packed.open("rb") as source, plain.open("wb") as target:
        try:
            for chunk in zstandard.ZstdDecompressor().read_to_iter(source):
                _put(chunk, target.write, digest.update)
        except zstandard.ZstdError as error:
            raise SnapshotRefused("hash", f"it cannot be unpacked: {error}") from error
    if digest.hexdigest() != manifest.plain_sha256:
        raise SnapshotRefused("hash", "it holds another file than was signed")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put(content: bytes, *takers: Callable[[bytes], object]) -> None:
    for take in takers:
        take(content)
