"""invenio-sip2's server over the small library. Runs in `.venv-peers`:

python -m tests.sync.sip2.servers.invenio_server NOW REDIS_SOCKET ERROR_DETECTION
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, time
from typing import Any

from flask import Flask  # type: ignore[import-not-found]
from invenio_sip2 import InvenioSIP2  # type: ignore[import-not-found]
from invenio_sip2 import models as m
from invenio_sip2.server import SocketServer  # type: ignore[import-not-found]

from tests.sync.sip2.servers.control import obey
from tests.sync.sip2.servers.library import Item, Library, Said, money

REMOTE = "library"
CURRENCY = "EUR"
MEDIA = {"book": "BOOK", "dvd": "VIDEO"}
STATUS = {"01": "OTHER", "03": "AVAILABLE", "04": "CHARGED", "08": "WAITING_ON_HOLD_SHELF"}


class Desk:
    """What is done with each request, as invenio-sip2's handlers. Their results are dictionaries with names for fields;
    what is false must be put in afterwards, for their constructors leave it out."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def handlers(self) -> dict[str, Any]:
        """For SIP2_REMOTE_ACTION_HANDLERS. 01, 19 and 65 cannot be handled: invenio-sip2 says 'None' to them."""
        return {
            "login_handler": self.login,
            "system_status_handler": self.status,
            "patron_handlers": {
                "validate_patron": self.validate,
                "authorize_patron": self.authorize,
                "enable_patron": self.enable,
                "patron_status": self.patron_status,
                "account": self.account,
            },
            "item_handlers": {"item": self.item},
            "circulation_handlers": {
                "checkout": self.checkout,
                "checkin": self.checkin,
                "hold": self.hold,
                "renew": self.renew,
            },
            "fee_paid_handler": self.fee_paid,
        }

    def login(self, user: str, password: str, **_more: Any) -> dict[str, Any]:
        return {
            "authenticated": self._library.admits(user, password),
            "terminal": user,
            "transaction_user_id": user,
            "institution_id": self._library.institution,
            "library_name": self._library.name,
        }

    def status(self, _user: str, **_more: Any) -> dict[str, Any]:
        return {"institution_id": self._library.institution}

    # ── patrons ──

    def validate(self, card: str, **_more: Any) -> bool:
        return card in self._library.patrons

    def authorize(self, card: str, pin: str, **_more: Any) -> bool:
        patron = self._library.patrons.get(card)
        return patron is not None and patron.knows(pin)

    def enable(self, card: str, **_more: Any) -> Any:
        if patron := self._library.patrons.get(card):
            patron.blocked = False
        return m.SelfcheckEnablePatron(**self._standing(card))

    def patron_status(self, card: str, **_more: Any) -> Any:
        return self._marked(card, m.SelfcheckPatronStatus(**self._standing(card)))

    def account(self, card: str, **_more: Any) -> Any:
        account = self._marked(card, m.SelfcheckPatronInformation(**self._standing(card)))
        if patron := self._library.patrons.get(card):
            account["hold_items"] = _barcodes(self._library.ready(patron))
            account["overdue_items"] = _barcodes(self._library.overdue(patron))
            account["charged_items"] = _barcodes(self._library.loans(patron))
            account["fine_items"] = [f"{money(patron.fees)} owed"] if patron.fees > 0 else []
            account["charged_items_limit"] = str(self._library.rules["loans"])
        return account

    def _standing(self, card: str) -> dict[str, Any]:
        patron = self._library.patrons.get(card)
        conditions = self._library.conditions(patron) if patron else {0, 1, 2, 3}
        status = m.PatronStatus()
        for place, kind in enumerate(m.PatronStatusTypes):
            if place in conditions:
                status.add_patron_status_type(kind)
        return {
            "patron_id": card,
            "patron_name": patron.name if patron else "",
            "patron_status": status,
            "institution_id": self._library.institution,
        }

    def _marked(self, card: str, answer: Any) -> Any:
        patron = self._library.patrons.get(card)
        answer["valid_patron"] = patron is not None
        if patron and patron.fees:
            answer |= {"currency_type": CURRENCY, "fee_amount": money(patron.fees)}
        return answer

    # ── items ──

    def item(self, barcode: str, **_more: Any) -> Any:
        item = self._library.items.get(barcode)
        if item is None:
            return _with_message(m.SelfcheckItemInformation(item_id=barcode), "Unknown item")
        answer = m.SelfcheckItemInformation(
            item_id=barcode,
            title_id=item.title.name,
            circulation_status=STATUS[self._library.circulation(item)],
            media_type=MEDIA[item.title.media],
            permanent_location=item.branch,
            owner=self._library.institution,
            due_date=_due(item),
        )
        answer["hold_queue_length"] = len(item.title.queue)
        return answer

    def checkout(self, _user: str, barcode: str, card: str, **_more: Any) -> Any:
        said = self._library.checkout(card, barcode)
        return self._lent(barcode, said, m.SelfcheckCheckout(title_id="", checkout=said.ok, renewal=said.renewed))

    def renew(self, _user: str, barcode: str, patron_id: str, **_more: Any) -> Any:
        said = self._library.renew(patron_id, barcode)
        return self._lent(barcode, said, m.SelfcheckRenew(title_id="", success=said.ok, renewal=said.renewed))

    def _lent(self, barcode: str, said: Said, answer: Any) -> Any:
        item = self._library.items.get(barcode)
        answer["desensitize"] = said.ok
        answer["due_date"] = _due(item) if item and said.ok else ""
        if item:
            answer |= {"title_id": item.title.name, "media_type": MEDIA[item.title.media]}
        return _with_message(answer, said.message)

    def checkin(self, _user: str, barcode: str, **_more: Any) -> Any:
        item = self._library.items.get(barcode)
        said = self._library.checkin(barcode)
        answer = m.SelfcheckCheckin(
            permanent_location=item.branch if item else "",
            checkin=said.ok,
            alert=said.alert,
            title_id=item.title.name if item else None,
        )
        answer["resensitize"] = said.ok
        return _with_message(answer, said.message)

    def hold(self, _user: str, barcode: str, patron_id: str, **_more: Any) -> Any:
        said = self._library.hold(patron_id, barcode)
        item = self._library.items.get(barcode)
        available = item is not None and self._library.circulation(item) == "03"
        return _with_message(m.SelfcheckHold(hold=said.ok, available=available), said.message)

    def fee_paid(self, _user: str, card: str, _fee: str, _by: str, _currency: str, amount: str, **_more: Any) -> Any:
        said = self._library.pay(card, amount)
        return _with_message(m.SelfcheckFeePaid(accepted=said.ok), said.message)


def _barcodes(items: list[Item]) -> list[str]:
    return [item.barcode for item in items]


def _due(item: Item) -> datetime | None:
    return datetime.combine(item.due, time(23, 59)) if item.due else None


def _with_message(answer: Any, message: str) -> Any:
    if message:
        answer["screen_messages"].append(message)
    return answer


def serve(library: Library, redis: str, error_detection: str) -> None:
    """Serve on loopback, on a port of the kernel's choosing."""
    app = Flask("library")
    app.config.update(
        SIP2_DATASTORE_REDIS_URL=f"unix://{redis}",
        SIP2_ERROR_DETECTION=error_detection == "on",
        SIP2_LOGGING_CONSOLE=False,
        SIP2_REMOTE_ACTION_HANDLERS={REMOTE: Desk(library).handlers()},
    )
    InvenioSIP2(app)
    with app.app_context():
        server = SocketServer("peer", "127.0.0.1", 0, remote=REMOTE, process_id=os.getpid())
        [listener] = server.selector.get_map().values()
        obey(library, listener.fileobj.getsockname()[1])
        server.run()


if __name__ == "__main__":
    _, now, redis, error_detection = sys.argv
    serve(Library(datetime.fromisoformat(now)), redis, error_detection)
