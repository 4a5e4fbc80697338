"""The centre's snapshots and feed, asked for by a process that has nothing else to do: one question at a time."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlencode

import httpcore
import msgspec

from sync.catalogue import NoAnswer, NotAuthorised, Overloaded, ProtocolFault, Unreachable
from sync.feed.package import Manifest, Signed
from sync.feed.pages import Counts, Gone, Page
from sync.feed.schema import Half

T = TypeVar("T")

TIMEOUT_S = 20.0
"""The longest silence. Nobody waits for these answers."""

NOT_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout, httpcore.UnsupportedProtocol)
CUT = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


class FeedClient:
    """Asks the centre what a mirror is made of. All calls raise a `SyncError` where no answer can be had.

    Args:
        base_url: the centre's address, `https://…`; plain `http` only for loopback.
        token: the station's bearer token.
    """

    def __init__(self, base_url: str, token: str) -> None:
        self._http = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context() if base_url.startswith("https:") else None, keepalive_expiry=4.0
        )
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def offer(self, half: Half, newer_than: datetime | None = None) -> Signed:
        """The manifest of a snapshot that can be fetched. Raises `Overloaded` while it is being made."""
        query = f"?{urlencode({'newer_than': newer_than.isoformat()})}" if newer_than else ""
        return self._read(f"/v1/snapshots/{half}{query}", Signed)

    def fetch(self, manifest: Manifest, target: Path) -> None:
        """Bring a snapshot's file into `target`, from where an earlier try was cut off. Whether it is the right file is
        for the caller to check.

        Raises:
            Gone: the centre has it no more.
            OSError: there is no room.
        """
        have = target.stat().st_size if target.exists() else 0
        if have > manifest.size:
            target.unlink()
            have = 0
        if have == manifest.size:
            return
        wanted = {"Range": f"bytes={have}-", "If-Range": f'"{manifest.sha256}"'} if have else {}
        path = f"/v1/snapshots/{manifest.half}/{quote(manifest.snapshot, safe='')}"
        with self._asked(path, wanted) as answer, target.open("ab") as file:
            if answer.status == HTTPStatus.OK:
                file.truncate(0)  # the whole of it, whatever was asked for
            with _as_our_errors():
                for piece in answer.iter_stream():
                    file.write(piece)

    def page(self, half: Half, after: str) -> Page:
        """What has changed since. Raises `Gone` where only a snapshot helps."""
        return self._read(f"/v1/feed/{half}?{urlencode({'after': after})}", Page)

    def counts(self, half: Half) -> Counts:
        """What this mirror should count. Raises `Overloaded` while it is being counted."""
        return self._read(f"/v1/feed/{half}/counts", Counts)

    def _read(self, path: str, kind: type[T]) -> T:
        with self._asked(path, {}) as answer:
            with _as_our_errors():
                body = answer.read()
            try:
                return msgspec.json.decode(body, type=kind)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise ProtocolFault(f"the centre's answer cannot be read: {error}") from error

    @contextmanager
    def _asked(self, path: str, headers: Mapping[str, str]) -> Iterator[httpcore.Response]:
        """The answer while it comes in, if it is one."""
        limits = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT_S)
        with _as_our_errors():
            stream = self._http.stream(
                "GET",
                self._base_url + path,
                headers=list((self._headers | dict(headers)).items()),
                extensions={"timeout": limits},
            )
            answer = stream.__enter__()
        try:
            _check(answer)
            yield answer
        finally:
            stream.__exit__(None, None, None)


@contextmanager
def _as_our_errors() -> Iterator[None]:
    try:
        yield
    except NOT_SENT as error:
        raise Unreachable(f"{type(error).__name__}: {error}".rstrip(": ")) from error
    except CUT as error:
        raise NoAnswer(f"{type(error).__name__}: {error}".rstrip(": ")) from error


def _check(answer: httpcore.Response) -> None:
    match answer.status:
        case HTTPStatus.OK | HTTPStatus.PARTIAL_CONTENT:
            return
        case HTTPStatus.GONE | HTTPStatus.NOT_FOUND:
            raise Gone(f"the centre says {answer.status}")
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            raise NotAuthorised(f"the centre says {answer.status}")
        case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
            after = next((value for name, value in answer.headers if name.lower() == b"retry-after"), b"")
            raise Overloaded(f"the centre says {answer.status}", float(after) if after.isdigit() else None)
    raise ProtocolFault(f"the centre says {answer.status}")
