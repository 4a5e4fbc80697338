"""A patron as a library system tells one (64), in the words of the port."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sync.catalogue import Block, BlockCode, Fee, Hold, Loan, Money, Patron
from sync.money import money
from sync.sip2.codes import Language, PatronCondition
from sync.sip2.patron_answers import PatronInformationResponse

LOCALES: dict[str, str] = {
    Language.ENGLISH: "en",
    Language.FRENCH: "fr",
    Language.GERMAN: "de",
    Language.SPANISH: "es",
    Language.JAPANESE: "ja",
    Language.RUSSIAN: "ru",
    Language.ARABIC: "ar",
    Language.CHINESE: "zh_CN",
    Language.KOREAN: "ko",
    Language.CANADIAN_FRENCH: "fr",
    Language.NORTH_AMERICAN_SPANISH: "es",
    Language.UNITED_KINGDOM: "en",
    Language.TAIWANESE: "zh_TW",
}

FEES = {PatronCondition.EXCESSIVE_FINES, PatronCondition.EXCESSIVE_FEES, PatronCondition.TOO_MANY_BILLED}
OVERDUE = {PatronCondition.TOO_MANY_OVERDUE, PatronCondition.RECALL_OVERDUE}
EXPIRY_FORMATS = ("%Y%m%d", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%Y%m%d    %H%M%S")


def patron_of(
    answer: PatronInformationResponse,
    *,
    today: date,
    currency: str,
    loans: tuple[Loan, ...] = (),
    holds: tuple[Hold, ...] = (),
) -> Patron:
    """The patron of an answer.

    Args:
        answer: with `valid_patron`.
        today: in the library's zone.
        currency: of amounts that come without one, by ISO 4217.
        loans: what is known of each.
        holds: what is known of each.
    """
    owed = owed_by(answer, currency)
    return Patron(
        ref=answer.patron or "",
        name=answer.name or "",
        language=LOCALES.get(answer.language, ""),
        category=answer.patron_class or answer.patron_group or answer.borrower_type or "",
        expires=_day(answer.expires),
        limit=answer.charged_items_limit if isinstance(answer.charged_items_limit, int) else None,
        borrowed=answer.charged_items_count if answer.charged_items_count is not None else len(loans),
        blocks=blocks_of(answer, today=today, owed=owed),
        loans=loans,
        holds=holds,
        fees=(Fee(reason="", amount=owed),) if owed is not None and owed.minor > 0 else (),
        messages=answer.screen_messages,
    )


def owed_by(answer: PatronInformationResponse, currency: str) -> Money | None:
    """What the patron owes; None where the answer does not say."""
    amount = answer.fee_amount
    return money(amount, answer.currency or currency) if isinstance(amount, Decimal) else None


def blocks_of(answer: PatronInformationResponse, *, today: date, owed: Money | None) -> tuple[Block, ...]:
    """Why the patron may not borrow, as far as the answer says. A system that denies borrowing and gives no reason has
    barred the reader: the desk knows why."""
    status = answer.status
    if PatronCondition.CARD_LOST in status:
        return (Block(BlockCode.CARD_LOST),)
    if PatronCondition.CHARGE_DENIED not in status:
        return ()
    reasons = []
    expires = _day(answer.expires)
    if expires is not None and expires < today:
        reasons.append(Block(BlockCode.EXPIRED, since=expires))
    if FEES & status:
        reasons.append(Block(BlockCode.FEES, amount=owed))
    if OVERDUE & status:
        reasons.append(Block(BlockCode.OVERDUE, limit=answer.overdue_items_count or None))
    if PatronCondition.TOO_MANY_CHARGED in status:
        reasons.append(Block(BlockCode.LIMIT))
    return tuple(reasons) or (Block(BlockCode.BARRED),)


def _day(text: str | None) -> date | None:
    """Systems write the expiry of a card as they like; what cannot be read is not believed."""
    for form in EXPIRY_FORMATS if text else ():
        try:
            return datetime.strptime(text or "", form).date()  # noqa: DTZ007 — a day has no zone
        except ValueError:
            continue
    return None
