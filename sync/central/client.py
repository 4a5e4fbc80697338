"""The centre as a `Catalogue`: HTTP on one kept connection."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

import httpcore
import msgspec

from sync.acts import Act, ClockReading
from sync.catalogue import (
    Credential,
    Item,
    NoAnswer,
    NotAuthorised,
    Overloaded,
    PatronAnswer,
    ProtocolFault,
    Retry,
    SyncError,
    Unreachable,
    Verdict,
)
from sync.conflicts import Decision, ExceptionView
from sync.stream import Contact, Delivery, Head, OutOfStep, Receipt, Welcome

T = TypeVar("T")

KEEP_S = 4.0
"""How long an idle connection is used again: shorter than the centre keeps it (uvicorn: 5 s), or a question would be
sent into a connection that is being closed, and its outcome unknown."""

TIMEOUT_S = 10.0
"""The longest any answer may take. Live questions have the shorter deadline of the LoanDesk."""

NOT_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout, httpcore.UnsupportedProtocol)
"""Errors after which nothing has left the station."""

UNKNOWN = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
"""Errors after which the centre may have done what it was asked."""


class Refused(SyncError):
    """A resolution that the centre does not take: 404, 409 or 422 (`sync.central.api.resolve`)."""

    code = "refused"
    retry = Retry.NEVER


class CentreCatalogue:
    """Implements `sync.catalogue.Catalogue` and `sync.stream.Centre`.

    Args:
        base_url: the centre's address, `https://…`; plain `http` only for loopback.
        token: the station's bearer token.
        clock: the station's clocks, told with every delivery.
    """

    def __init__(self, base_url: str, token: str, clock: Callable[[], ClockReading] | None = None) -> None:
        # httpcore alone, which httpx is built on: a station has no use for the rest, and 10 MB more to itself. It reads
        # no proxy variable, which would carry readers' cards elsewhere.
        self._http = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context() if base_url.startswith("https:") else None,
            keepalive_expiry=KEEP_S,
        )
        self._clock = clock
        self._base_url = base_url.rstrip("/")
        self._headers = [("Authorization", f"Bearer {token}"), ("Content-Type", "application/json")]

    async def aclose(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def heartbeat(self) -> None:
        self._checked(await self._send("GET", "/v1/health"))

    async def patron(self, credential: Credential, pin: str | None = None) -> PatronAnswer:
        answer = await self._send("POST", "/v1/patron", {"credential": credential, "pin": pin})
        return self._read(answer, PatronAnswer)

    async def item(self, barcode: str) -> Item | None:
        answer = await self._send("GET", f"/v1/items/{quote(barcode, safe='')}")
        return None if answer.status == HTTPStatus.NOT_FOUND else self._read(answer, Item)

    async def propose(self, act: Act) -> Verdict:
        return self._read(await self._send("POST", "/v1/proposals", act), Verdict)

    async def look_up(self, act: Act) -> Verdict | None:
        answer = await self._send("POST", "/v1/lookups", act)
        return None if answer.status == HTTPStatus.NOT_FOUND else self._read(answer, Verdict)

    async def contact(self, contact: Contact) -> Welcome:
        return self._read(await self._send("POST", "/v1/contact", contact, self._clock_header()), Welcome)

    async def cursors(self) -> dict[str, Head]:
        """The ends of this station's streams at the centre, as far as a journal should still have them. No contact: the
        centre notes nothing. Raises like the rest."""
        return self._read(await self._send("GET", "/v1/cursors"), dict[str, Head])

    async def deliver(self, delivery: Delivery) -> Receipt:
        answer = await self._send("POST", "/v1/facts", delivery, self._clock_header())
        if answer.status == HTTPStatus.CONFLICT:
            raise OutOfStep("the centre has another end of this stream")
        return self._read(answer, Receipt)

    async def exceptions(self) -> tuple[ExceptionView, ...]:
        """What staff of this station's branch should look at, oldest first."""
        return self._read(await self._send("GET", "/v1/exceptions"), tuple[ExceptionView, ...])

    async def resolve(self, number: int, decision: Decision) -> ExceptionView:
        """Resolve an exception, once.

        Raises:
            Refused: somebody was first, or it cannot be resolved in this way; the message says which.
        """
        answer = await self._send("POST", f"/v1/exceptions/{number}/resolution", decision)
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}:
            raise Refused(str(answer.status))
        return self._read(answer, ExceptionView)

    def _clock_header(self) -> list[tuple[str, str]]:
        return [("Station-Clock", msgspec.json.encode(self._clock()).decode())] if self._clock else []

    async def _send(
        self, method: str, path: str, body: Any = None, headers: Sequence[tuple[str, str]] = ()
    ) -> httpcore.Response:
        limits = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT_S)
        try:
            return await self._http.request(
                method,
                self._base_url + path,
                headers=[*self._headers, *headers],
                content=msgspec.json.encode(body) if body is not None else None,
                extensions={"timeout": limits},
            )
        except NOT_SENT as error:
            raise Unreachable(_why(error)) from error
        except UNKNOWN as error:
            raise NoAnswer(_why(error)) from error

    def _read(self, answer: httpcore.Response, kind: type[T]) -> T:
        self._checked(answer)
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProtocolFault(f"the centre's answer cannot be read: {error}") from error

    @staticmethod
    def _checked(answer: httpcore.Response) -> None:
        match answer.status:
            case HTTPStatus.OK:
                return
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                raise NotAuthorised(f"the centre says {answer.status}")
            case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
                raise Overloaded(f"the centre says {answer.status}", _retry_after_s(answer))
        raise ProtocolFault(f"the centre says {answer.status}")


def _why(error: Exception) -> str:
    """For technicians: refused, no such host, a certificate that is not trusted … Never what was asked."""
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _retry_after_s(answer: httpcore.Response) -> float | None:
    """Seconds of Retry-After (RFC 9110, 10.2.3); None for a date, which a station with a wrong clock would misread."""
    value = next((value for name, value in answer.headers if name.lower() == b"retry-after"), b"")
    return float(value) if value.isdigit() else None
