"""The centre as a `Catalogue`: HTTP on one kept connection."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from sync.acts import Act
from sync.catalogue import (
    Credential,
    Item,
    NoAnswer,
    NotAuthorised,
    Overloaded,
    PatronAnswer,
    ProtocolFault,
    Unreachable,
    Verdict,
)
from sync.feed.snapshot import MirrorSnapshot

T = TypeVar("T")

TIMEOUT_S = 10.0
"""The longest any answer may take. Live questions have the shorter deadline of the LoanDesk."""

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
"""Errors after which nothing has left the station."""


class CentreCatalogue:
    """Implements `sync.catalogue.Catalogue`.

    Args:
        base_url: the centre's address, `https://…`; plain `http` only for loopback.
        token: the station's bearer token.
    """

    def __init__(self, base_url: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            trust_env=False,  # a proxy variable must not carry readers' cards elsewhere
        )

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
        return None if answer.status_code == httpx.codes.NOT_FOUND else self._read(answer, Item)

    async def propose(self, act: Act) -> Verdict:
        return self._read(await self._send("POST", "/v1/proposals", act), Verdict)

    async def look_up(self, act: Act) -> Verdict | None:
        answer = await self._send("GET", f"/v1/proposals/{act.key}")
        return None if answer.status_code == httpx.codes.NOT_FOUND else self._read(answer, Verdict)

    async def tell(self, acts: tuple[Act, ...]) -> tuple[Verdict, ...]:
        verdicts = self._read(await self._send("POST", "/v1/facts", acts), tuple[Verdict, ...])
        if len(verdicts) != len(acts):
            raise ProtocolFault(f"{len(acts)} facts told, {len(verdicts)} verdicts")
        return verdicts

    async def mirror(self) -> MirrorSnapshot:
        """The snapshot for the time without a line. Raises like the rest."""
        return self._read(await self._send("GET", "/v1/mirror"), MirrorSnapshot)

    async def _send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        content = msgspec.json.encode(body) if body is not None else None
        try:
            return await self._http.request(
                method, path, content=content, headers={"Content-Type": "application/json"} if content else None
            )
        except NOT_SENT as error:
            raise Unreachable(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise NoAnswer(type(error).__name__) from error

    def _read(self, answer: httpx.Response, kind: type[T]) -> T:
        self._checked(answer)
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProtocolFault(f"{answer.request.url.path}: {error}") from error

    @staticmethod
    def _checked(answer: httpx.Response) -> None:
        match answer.status_code:
            case 200:
                return
            case 401 | 403:
                raise NotAuthorised(f"the centre says {answer.status_code}")
            case 429 | 503:
                raise Overloaded(f"the centre says {answer.status_code}", _retry_after_s(answer))
        raise ProtocolFault(f"{answer.request.url.path}: the centre says {answer.status_code}")


def _retry_after_s(answer: httpx.Response) -> float | None:
    """Seconds of Retry-After (RFC 9110, 10.2.3); None for a date, which a station with a wrong clock would misread."""
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None
