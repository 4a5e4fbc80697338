"""What machines of other makers show to readers (AF): short, and with what the reader can do now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sync.catalogue import Block, BlockCode, Money, Outcome, PatronState, Verdict

_ENGLISH = {
    "lent": "Borrowed until {due}.",
    "renewed": "Renewed until {due}.",
    "returned": "Returned. Thank you.",
    "returned_late": "Returned, {days} days late.",
    "fee": "Fee: {fee}.",
    "returned_for_hold": "Reserved: {shelf}",
    "returned_elsewhere": "Belongs to {branch}.",
    "was_not_on_loan": "This was not on loan. Thank you.",
    "cancelled": "Taken back: it is not borrowed.",
    "already_yours": "You have borrowed this already, until {due}.",
    "on_loan_to_other": "Lent to somebody else. Please give it to the staff.",
    "not_for_loan": "This is for use in the library only.",
    "reserved": "Reserved for another reader.",
    "recalled": "The library needs this back. Please give it to the staff.",
    "over_limit": "You have as many as you may borrow ({limit}).",
    "patron_blocked": "You cannot borrow at present. Please ask the staff.",
    "unknown_item": "The library does not know this item. Please give it to the staff.",
    "unknown_patron": "This card is not known. Please ask the staff.",
    "not_yours": "This is not on your account.",
    "renewal_limit": "Renewed as often as possible. Due on {due}.",
    "overdue": "This must come back first: it was due on {due}.",
    "too_early": "Renewed now, it would not be due any later than {due}.",
    "pin_needed": "Please enter your PIN.",
    "pin_wrong": "This PIN is not right.",
    "pin_locked": "Too many wrong PINs. Please try again in a few minutes.",
    "expired": "The card ran out on {since}.",
    "barred": "The account is blocked. Please ask the staff.",
    "fees": "Unpaid fees: {amount}.",
    "overdue_items": "Too many overdue items: {limit}.",
    "card_lost": "This card is blocked. Please ask the staff.",
    "unsupported": "This is not possible here. Please ask the staff.",
    "not_cancelled": "This cannot be taken back here. Please ask the staff.",
}
_CHINESE = {
    "lent": "借阅成功，应还日期 {due}。",
    "renewed": "续借成功，应还日期 {due}。",
    "returned": "还书成功，谢谢。",
    "returned_late": "还书成功，逾期 {days} 天。",
    "fee": "费用：{fee}。",
    "returned_for_hold": "已被预约：{shelf}",
    "returned_elsewhere": "属于{branch}。",
    "was_not_on_loan": "此书未借出，谢谢。",
    "cancelled": "已撤销，此书未借出。",
    "already_yours": "您已借阅此书，应还日期 {due}。",
    "on_loan_to_other": "此书已借给其他读者，请交给工作人员。",
    "not_for_loan": "此书仅供馆内阅览。",
    "reserved": "此书已被其他读者预约。",
    "recalled": "图书馆需要收回此书，请交给工作人员。",
    "over_limit": "已达到借阅上限（{limit}）。",
    "patron_blocked": "您目前不能借书，请咨询工作人员。",
    "unknown_item": "系统中没有此书，请交给工作人员。",
    "unknown_patron": "无法识别此卡，请咨询工作人员。",
    "not_yours": "此书不在您的借阅记录中。",
    "renewal_limit": "已达到续借次数上限，应还日期 {due}。",
    "overdue": "此书已逾期（{due}），请先归还。",
    "too_early": "现在续借不会延长应还日期 {due}。",
    "pin_needed": "请输入密码。",
    "pin_wrong": "密码不正确。",
    "pin_locked": "密码错误次数过多，请几分钟后再试。",
    "expired": "读者卡已于 {since} 到期。",
    "barred": "账户已停用，请咨询工作人员。",
    "fees": "未缴费用：{amount}。",
    "overdue_items": "逾期图书过多：{limit}。",
    "card_lost": "此卡已停用，请咨询工作人员。",
    "unsupported": "此处不能办理，请咨询工作人员。",
    "not_cancelled": "此处不能撤销，请咨询工作人员。",
}
WORDS = {"en": _ENGLISH, "zh": _CHINESE}

_BLOCKS = {BlockCode.OVERDUE: "overdue_items", BlockCode.LIMIT: "over_limit"}
_BACK = frozenset(
    {Outcome.RETURNED_LATE, Outcome.RETURNED_FOR_HOLD, Outcome.RETURNED_ELSEWHERE}
)  # each of which can be late as well


def say(language: str, key: str, **values: object) -> str:
    """The sentence."""
    return WORDS[language][key].format_map(values).strip()


def amount(money: Money) -> Decimal:
    """What BV says: the amount with two places."""
    return Decimal(money.minor).scaleb(-2)


def of_verdict(language: str, verdict: Verdict) -> tuple[str, ...]:
    """What is said of an act."""
    return tuple(_of_verdict(language, verdict))


def _of_verdict(language: str, verdict: Verdict) -> Iterator[str]:
    key = verdict.outcome.value
    yield say(
        language,
        key if key in WORDS[language] else "unsupported",
        due=_day(verdict.due),
        days=verdict.days_late or 0,
        limit=verdict.limit,
        shelf=verdict.shelf,
        branch=verdict.branch,
    )
    if verdict.outcome in _BACK and verdict.fee is not None:
        yield say(language, "fee", fee=_money(verdict.fee))
    yield from of_blocks(language, verdict.blocks)


def of_blocks(language: str, blocks: tuple[Block, ...]) -> Iterator[str]:
    """Why a reader may not borrow, each with its number."""
    for block in blocks:
        values = {"since": _day(block.since), "limit": block.limit}
        money = _money(block.amount) if block.amount else ""
        yield say(language, _BLOCKS.get(block.code, block.code.value), amount=money, **values)


def of_state(language: str, state: PatronState) -> str:
    """Why nothing is told of a reader."""
    return say(language, "unknown_patron" if state is PatronState.UNKNOWN else state.value)


def _day(day: date | None) -> str:
    return day.isoformat() if day else "?"


def _money(money: Money) -> str:
    return f"{amount(money)} {money.currency}"
