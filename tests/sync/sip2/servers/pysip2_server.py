"""pysip2's server over the small library. Runs in `.venv-peers`:

python -m tests.sync.sip2.servers.pysip2_server NOW ENCODING ERROR_DETECTION
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import anyio
from pysip2 import SIP2Server, models, routes  # type: ignore[import-not-found]

from tests.sync.sip2.servers.control import obey
from tests.sync.sip2.servers.library import Item, Library, Patron, Said, moment, money

MEDIA = {"book": "001", "dvd": "005"}
CURRENCY = "EUR"
UNSUPPORTED = "    "
SUMMARY = (
    "hold_items",
    "overdue_items",
    "charged_items",
    "fine_items",
    "recall_items",
    "unavailable_hold_items",
)  # by position

# pysip2 is not where types are checked: to us its messages are Any.
Handler = Callable[[Any], Any]


class Desk:
    """What is done with each request."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def handlers(self) -> list[tuple[Any, Handler]]:
        """By pysip2's routes. 19 has none: pysip2 answers for itself that it is not supported."""
        return [
            (routes.LOGIN, self.login),
            (routes.PATRON_STATUS, self.patron_status),
            (routes.PATRON_INFORMATION, self.patron_information),
            (routes.END_PATRON_SESSION, self.end_session),
            (routes.BLOCK_PATRON, self.block_patron),
            (routes.PATRON_ENABLE, self.enable_patron),
            (routes.ITEM_INFORMATION, self.item_information),
            (routes.CHECKOUT, self.checkout),
            (routes.CHECKIN, self.checkin),
            (routes.RENEW, self.renew),
            (routes.RENEW_ALL, self.renew_all),
            (routes.HOLD, self.hold),
            (routes.FEE_PAID, self.fee_paid),
        ]

    def login(self, request: Any) -> Any:
        known = self._library.admits(request.login_user_id, request.login_password)
        return models.LoginResponse(ok="1" if known else "0")

    # ── patrons ──

    def patron_status(self, request: Any) -> Any:
        return models.PatronStatusResponse(**self._standing(request), **self._fees(request))

    def block_patron(self, request: Any) -> Any:
        if patron := self._patron(request):
            patron.blocked = True
        return models.PatronStatusResponse(**self._standing(request), **self._fees(request))

    def enable_patron(self, request: Any) -> Any:
        if patron := self._patron(request):
            patron.blocked = False
        return models.PatronEnableResponse(**self._standing(request))

    def patron_information(self, request: Any) -> Any:
        lists = self._lists(request)
        counts = {f"{name}_count": f"{len(lists[name]):04d}" for name in SUMMARY[:4]}
        wanted = request.summary.find("Y")
        shown = {SUMMARY[wanted]: _page(lists[SUMMARY[wanted]], request)} if 0 <= wanted < len(SUMMARY) else {}
        return models.PatronInformationResponse(
            **self._standing(request),
            **self._fees(request),
            **counts,
            **shown,
            recall_items_count=UNSUPPORTED,
            unavailable_holds_count=f"{len(lists['unavailable_hold_items']):04d}",
            charged_items_limit=f"{self._library.rules['loans']:04d}",
            fee_limit=money(self._library.rules["fee_limit"]),
        )

    def end_session(self, request: Any) -> Any:
        return models.EndSessionResponse(end_session="Y", **self._patron_fields(request))

    def _patron(self, request: Any) -> Patron | None:
        return self._library.patrons.get(request.patron_identifier)

    def _patron_fields(self, request: Any) -> dict[str, Any]:
        return {"patron_identifier": request.patron_identifier, **self._here()}

    def _here(self) -> dict[str, Any]:
        return {"institution_id": self._library.institution, "transaction_date": moment(self._library.now)}

    def _standing(self, request: Any) -> dict[str, Any]:
        patron, pin = self._patron(request), getattr(request, "patron_password", None)
        conditions = self._library.conditions(patron) if patron else {0, 1, 2, 3}
        return {
            **self._patron_fields(request),
            "patron_status": "".join("Y" if place in conditions else " " for place in range(14)),
            "language": getattr(request, "language", "000"),
            "personal_name": patron.name if patron else "",
            "valid_patron": "Y" if patron else "N",
            "valid_patron_password": _yes(patron.knows(pin)) if patron and pin is not None else None,
            "screen_message": ("Patron expired",) if patron and patron.expired else (),
        }

    def _fees(self, request: Any) -> dict[str, Any]:
        patron = self._patron(request)
        return {"currency_type": CURRENCY, "fee_amount": money(patron.fees)} if patron and patron.fees else {}

    def _lists(self, request: Any) -> dict[str, tuple[str, ...]]:
        patron = self._patron(request)
        if patron is None:
            return dict.fromkeys(SUMMARY, ())
        return {
            "hold_items": _barcodes(self._library.ready(patron)),
            "overdue_items": _barcodes(self._library.overdue(patron)),
            "charged_items": _barcodes(self._library.loans(patron)),
            "fine_items": (f"{money(patron.fees)} owed",) if patron.fees > 0 else (),
            "recall_items": (),
            "unavailable_hold_items": tuple(title.name for title in self._library.waiting(patron)),
        }

    # ── items ──

    def item_information(self, request: Any) -> Any:
        item = self._library.items.get(request.item_identifier)
        known = self._about(item) if item else {"circulation_status": "01", "title_identifier": ""}
        return models.ItemInformationResponse(
            security_marker="00",
            fee_type="01",
            item_identifier=request.item_identifier,
            transaction_date=moment(self._library.now),
            screen_message=() if item else ("Unknown item",),
            **known,
        )

    def _about(self, item: Item) -> dict[str, Any]:
        return {
            "circulation_status": self._library.circulation(item),
            "title_identifier": item.title.name,
            "due_date": self._library.due_text(item) or None,
            "hold_queue_length": str(len(item.title.queue)),
            "media_type": MEDIA[item.title.media],
            "permanent_location": item.branch,
            "owner": self._library.institution,
        }

    def checkout(self, request: Any) -> Any:
        card, barcode = request.patron_identifier, request.item_identifier
        if request.cancel == "Y":
            said = self._library.cancel(card, barcode)
        elif request.no_block == "Y":
            said = self._library.checkout(card, barcode, force_until=_day(request.nb_due_date))
        else:
            said = self._library.checkout(card, barcode)
        return models.CheckoutResponse(**self._lent(request, said))

    def renew(self, request: Any) -> Any:
        said = self._library.renew(request.patron_identifier, request.item_identifier or "")
        return models.RenewResponse(**self._lent(request, said))

    def _lent(self, request: Any, said: Said) -> dict[str, Any]:
        item = self._library.items.get(request.item_identifier or "")
        return {
            **self._patron_fields(request),
            "ok": _one(said.ok),
            "renewal_ok": _yes(said.renewed),
            "magnetic_media": "U",
            "desensitize": _yes(said.ok),
            "item_identifier": request.item_identifier or "",
            "title_identifier": item.title.name if item else "",
            "due_date": self._library.due_text(item) if item and said.ok else "",
            "media_type": MEDIA[item.title.media] if item else None,
            "screen_message": _message(said),
        }

    def checkin(self, request: Any) -> Any:
        item = self._library.items.get(request.item_identifier)
        said = self._library.checkin(request.item_identifier)
        return models.CheckinResponse(
            **self._here(),
            ok=_one(said.ok),
            resensitize=_yes(said.ok),
            magnetic_media="U",
            alert=_yes(said.alert),
            item_identifier=request.item_identifier,
            permanent_location=item.branch if item else "",
            title_identifier=item.title.name if item else None,
            screen_message=_message(said),
        )

    def renew_all(self, request: Any) -> Any:
        patron = self._patron(request)
        items = self._library.loans(patron) if patron else []
        done = {item.barcode: self._library.renew(request.patron_identifier, item.barcode).ok for item in items}
        renewed = tuple(barcode for barcode, ok in done.items() if ok)
        others = tuple(barcode for barcode, ok in done.items() if not ok)
        return models.RenewAllResponse(
            **self._here(),
            ok=_one(patron is not None),
            renewed_count=f"{len(renewed):04d}",
            unrenewed_count=f"{len(others):04d}",
            renewed_items=renewed,
            unrenewed_items=others,
        )

    def hold(self, request: Any) -> Any:
        barcode = request.item_identifier or ""
        said = self._library.hold(request.patron_identifier, barcode, request.hold_mode)
        item = self._library.items.get(barcode)
        return models.HoldResponse(
            **self._patron_fields(request),
            ok=_one(said.ok),
            available=_yes(item is not None and self._library.circulation(item) == "03"),
            item_identifier=barcode,
            queue_position=str(len(item.title.queue)) if item and said.ok else None,
            screen_message=_message(said),
        )

    def fee_paid(self, request: Any) -> Any:
        said = self._library.pay(request.patron_identifier, request.fee_amount)
        return models.FeePaidResponse(
            **self._patron_fields(request),
            payment_accepted=_yes(said.ok),
            transaction_id=request.transaction_id,
            screen_message=_message(said),
        )


def _yes(so: bool) -> str:
    return "Y" if so else "N"


def _one(so: bool) -> str:
    return "1" if so else "0"


def _message(said: Said) -> tuple[str, ...]:
    return (said.message,) if said.message else ()


def _barcodes(items: list[Item]) -> tuple[str, ...]:
    return tuple(item.barcode for item in items)


def _page(texts: tuple[str, ...], request: Any) -> tuple[str, ...]:
    """Those from BP to BQ, counted from 1."""
    return texts[int(request.start_item or 1) - 1 : int(request.end_item or len(texts))]


def _day(text: str) -> date:
    return datetime.strptime(text[:8], "%Y%m%d").date()  # noqa: DTZ007  a day


def _one_after_the_other(handle: Handler) -> Callable[[Any, Any], Any]:
    """In the server's own thread: the library is one, and knows no locks."""

    async def handler(request: Any, _context: Any) -> Any:
        return handle(request)

    return handler


async def serve(library: Library, encoding: str, error_detection: str) -> None:
    """Serve on loopback, on a port of the kernel's choosing."""
    server = SIP2Server(
        encoding=encoding,
        error_detection=error_detection,
        institution_id=library.institution,
        library_name=library.name,
        login_required=True,
    )
    for route, handle in Desk(library).handlers():
        server.route(route)(_one_after_the_other(handle))
    async with server.start() as port:
        obey(library, port)
        await anyio.sleep_forever()


if __name__ == "__main__":
    _, now, encoding, error_detection = sys.argv
    anyio.run(serve, Library(datetime.fromisoformat(now)), encoding, error_detection)
