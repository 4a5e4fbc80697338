"""Every sentence, label and name that a reader can meet, by key. `kiosk.ui.words` puts them to words.

The comment gives the English and the arguments. `n` chooses the plural form.
"""

from __future__ import annotations

from enum import StrEnum


class Key(StrEnum):
    """What is said. Never text from a wire, never a code."""

    # ── welcome ──
    WELCOME = "welcome"  # Hold your card here to borrow. Scan books to return them.
    WELCOME_NO_CARD = (
        "welcome_no_card"  # reader of cards is away: Scan books to return them. Cards: please ask at the desk.
    )
    WELCOME_NO_SCANNER = (
        "welcome_no_scanner"  # Hold your card here to see your books. (scanner away, borrowing not now)
    )
    WELCOME_SCAN_CARD = "welcome_scan_card"  # Scan the barcode on your card to borrow. Scan books to return them.
    BORROW = "borrow"  # Borrow
    RETURN = "return"  # Return
    BOOKS = "books"  # My books
    OFFLINE = "offline"  # We are offline. You can borrow and return; it is sent later.
    # ── card ──
    CARD_TO_BORROW = "card_to_borrow"  # Hold your card to the reader.
    CARD_FOR_ITEM = "card_for_item"  # Hold your card to the reader to borrow {title}.
    CARD_FOR_BOOKS = "card_for_books"  # Hold your card to the reader to see your books.
    CARD_TO_SCAN = "card_to_scan"  # Scan the barcode on your card.
    ASKING_CARD = "asking_card"  # Looking up your card …
    BACK = "back"  # Back
    # ── PIN ──
    PIN = "pin"  # Your PIN, please.
    PIN_OR_LETTERS = "pin_or_letters"  # Your PIN or password, please.
    PIN_LETTERS = "pin_letters"  # Letters
    PIN_DIGITS = "pin_digits"  # Digits
    PIN_CAPITALS = "pin_capitals"  # Capitals
    PIN_DETAIL = "pin_detail"  # Nobody else sees it. It is not kept here.
    PIN_WRONG = "pin_wrong"  # That was not the PIN. {n} tries left.   args n
    PIN_WRONG_PLAIN = "pin_wrong_plain"  # That was not the PIN. Please try again.
    PIN_CHECKING = "pin_checking"  # Checking …
    PIN_OK = "pin_ok"  # OK
    PIN_ERASE = "pin_erase"  # Erase
    # ── messages at the door (whole screen, closes by itself) ──
    UNKNOWN_CARD = "unknown_card"  # We do not know this card.
    UNKNOWN_CARD_DETAIL = "unknown_card_detail"  # Is it your library card? Staff can link it to your account.
    PIN_LOCKED = "pin_locked"  # Too many tries.
    PIN_LOCKED_DETAIL = "pin_locked_detail"  # This card rests for {n} minutes. The desk can help at once.   args n
    NOT_OFFLINE = "not_offline"  # We are offline and cannot check this card.
    NOT_OFFLINE_DETAIL = "not_offline_detail"  # You can return books now. To borrow, please go to the desk.
    BLOCKED = "blocked"  # You cannot borrow just now.
    BLOCK_EXPIRED = (
        "block_expired"  # Your card ran out on {since}. The desk renews it.   args since (date, may be absent)
    )
    BLOCK_EXPIRED_PLAIN = "block_expired_plain"  # Your card has run out. The desk renews it.
    BLOCK_BARRED = "block_barred"  # Please speak to staff about your account.
    BLOCK_FEES = "block_fees"  # You owe {amount}. The desk can settle it.   args amount (Money)
    BLOCK_FEES_PLAIN = "block_fees_plain"  # There are fees to settle at the desk first.
    BLOCK_OVERDUE = "block_overdue"  # {n} of your books are overdue. Bring them back to borrow again.   args n
    BLOCK_OVERDUE_PLAIN = "block_overdue_plain"  # You have overdue books. Bring them back to borrow again.
    BLOCK_CARD_LOST = "block_card_lost"  # This card was reported lost. Please take it to the desk.
    TROUBLE = "trouble"  # That did not work.
    TROUBLE_DETAIL = "trouble_detail"  # Nothing was changed. Please try again, or go to the desk.
    # ── borrow ──
    SCAN_TO_BORROW = "scan_to_borrow"  # Scan your books one by one.
    COUNTS = "counts"  # {borrowed} of {limit} books, {n} left   args borrowed limit n
    COUNTS_PLAIN = "counts_plain"  # {n} books borrowed   args n
    BORROW_EMPTY = "borrow_empty"  # Your books appear here.
    FINISH = "finish"  # Finish
    FINISHING = "finishing"  # One moment: {n} book(s) still being recorded …   args n
    UNDO = "undo"  # Undo
    RENEW = "renew"  # Renew
    HOLD_READY = "hold_ready"  # {n} hold(s) ready for you on shelf {shelf}.   args n, shelf
    ASKED_BACK = "asked_back"  # {n} of your books are asked back: see My books.   args n
    # row states (what happened)
    ROW_WAITING = "row_waiting"  # Recording …
    ROW_LENT = "row_lent"  # Yours till {due}   args due (date)
    ROW_LENT_ABOUT = "row_lent_about"  # Yours till about {due}; sent later   args due
    ROW_RENEWED = "row_renewed"  # Renewed till {due}
    ROW_RENEWED_ABOUT = "row_renewed_about"  # Renewed till about {due}; sent later
    ROW_ALREADY_YOURS = "row_already_yours"  # Already yours till {due}
    ROW_ALREADY_YOURS_PLAIN = "row_already_yours_plain"  # Already yours
    ROW_UNDOING = "row_undoing"  # Taking it back …
    ROW_UNDONE = "row_undone"  # Taken back: not borrowed
    ROW_OTHER_LOAN = "row_other_loan"  # Still lent to somebody else
    ROW_NOT_FOR_LOAN = "row_not_for_loan"  # Not for loan
    ROW_RESERVED = "row_reserved"  # Reserved for somebody
    ROW_OVER_LIMIT = "row_over_limit"  # Over your limit: {borrowed} of {n}   args borrowed n
    ROW_OVER_LIMIT_PLAIN = "row_over_limit_plain"  # Over your limit
    ROW_OVER_KIND = "row_over_kind"  # Over your limit of this kind: {borrowed} of {limit}   args borrowed limit
    ROW_RECALLED = "row_recalled"  # The library needs this one back
    ROW_OVERDUE = "row_overdue"  # Overdue since {due}, not renewed   args due
    ROW_OVERDUE_PLAIN = "row_overdue_plain"  # Overdue, not renewed
    ROW_BLOCKED = "row_blocked"  # You cannot borrow just now
    ROW_UNKNOWN_ITEM = "row_unknown_item"  # We do not know this label
    ROW_UNKNOWN_PATRON = "row_unknown_patron"  # We do not know this card any more
    ROW_NOT_OFFLINE = "row_not_offline"  # Not possible while we are offline
    ROW_OFFLINE_QUOTA = "row_offline_quota"  # {n} borrowed while we are offline: no more for now
    ROW_OFFLINE_TOO_LONG = "row_offline_too_long"  # Offline for too long, only returns for now
    ROW_OFFLINE_CARD = "row_offline_card"  # With this card only while we are online
    ROW_OFFLINE_KIND = "row_offline_kind"  # This kind is lent only while we are online
    ROW_OFFLINE_ITEM = "row_offline_item"  # We cannot check this one while we are offline
    ROW_OFFLINE_LOAN = "row_offline_loan"  # We cannot see this loan while we are offline
    ROW_CARD_ENDS = "row_card_ends"  # Yours till {due}, as your card runs out on {since}   args due since
    ROW_TOO_EARLY = "row_too_early"  # Too early to renew: yours till {due}
    ROW_FEE_FIRST = "row_fee_first"  # This one costs {fee}   args fee (Money)
    ROW_FEE_FIRST_PLAIN = "row_fee_first_plain"  # This one costs a fee
    ROW_DECLINED = "row_declined"  # Not possible here
    ROW_NO_ANSWER = "row_no_answer"  # The catalogue did not answer: not borrowed
    ROW_NOT_YOURS = "row_not_yours"  # Not on your account
    ROW_RENEWAL_LIMIT = "row_renewal_limit"  # Cannot be renewed again
    ROW_TROUBLE = "row_trouble"  # That did not work: not recorded
    # row hints (what to do now)
    HINT_LEAVE_HERE = "hint_leave_here"  # Please leave it here.
    HINT_TO_DESK = "hint_to_desk"  # Please take it to the desk.
    HINT_RETURN_ONE = "hint_return_one"  # Return one to borrow another.
    HINT_RETURN_FIRST = "hint_return_first"  # Scan it under Return first, or take it to the desk.
    HINT_RENEW = "hint_renew"  # You can renew it.
    HINT_BRING_BACK = "hint_bring_back"  # Please bring it back by {due}.   args due
    HINT_BRING_BACK_SOON = "hint_bring_back_soon"  # Please bring it back soon.
    HINT_RETURN_KIND = "hint_return_kind"  # Return one of them to borrow another.
    HINT_TRY_AGAIN = "hint_try_again"  # Please scan it again.
    HINT_RED_SHELF = "hint_red_shelf"  # Put it on: {shelf}   args shelf
    # ── return ──
    SCAN_TO_RETURN = "scan_to_return"  # Scan what you bring back.
    RETURN_EMPTY = "return_empty"  # What you return appears here.
    RETURN_COUNT = "return_count"  # {n} returned   args n
    ROW_RETURNED = "row_returned"  # Returned, thank you
    ROW_RETURNED_LATE = "row_returned_late"  # Returned {n} day(s) late   args n
    ROW_RETURNED_LATE_FEE = "row_returned_late_fee"  # Returned {n} day(s) late, {fee}   args n, fee (Money)
    ROW_RETURNED_HOLD = "row_returned_hold"  # Returned. Somebody waits for it.
    ROW_RETURNED_ELSEWHERE = "row_returned_elsewhere"  # Returned. It belongs to {branch}.   args branch
    ROW_WAS_NOT_ON_LOAN = "row_was_not_on_loan"  # Already returned, thank you
    ROW_RETURNED_UNSEEN = "row_returned_unseen"  # Returned, thank you; sent later
    # ── item shown from the welcome screen ──
    ITEM_ASKING = "item_asking"  # Looking it up …
    ITEM_AVAILABLE = "item_available"  # This can be borrowed.
    ITEM_ON_LOAN = "item_on_loan"  # This is on loan. Are you bringing it back?
    ITEM_ON_HOLD_SHELF = "item_on_hold_shelf"  # This is reserved for somebody.
    ITEM_NOT_FOR_LOAN = "item_not_for_loan"  # This is to be read here.
    ITEM_IN_TRANSIT = "item_in_transit"  # This is on its way to another branch.
    ITEM_LOST = "item_lost"  # We have been missing this. Thank you for finding it.
    ITEM_UNKNOWN = "item_unknown"  # We do not know this label.
    ITEM_UNSURE = "item_unsure"  # We are offline. You can return this, or borrow it with your card.
    ITEM_RETURN = "item_return"  # Return it
    ITEM_BORROW = "item_borrow"  # Borrow it
    ITEM_RENEW = "item_renew"  # Renew it with my card
    # ── my books ──
    YOUR_BOOKS = "your_books"  # Yours now
    YOUR_BOOKS_EMPTY = "your_books_empty"  # You have no books at home.
    YOUR_BOOKS_OFFLINE = "your_books_offline"  # We are offline: only what was borrowed here is shown.
    LOAN_DUE = "loan_due"  # Due {due}   args due
    LOAN_DUE_ABOUT = "loan_due_about"  # Due about {due}; sent later
    LOAN_OVERDUE = "loan_overdue"  # Overdue since {due}   args due
    RENEW_SELECTED = "renew_selected"  # Renew {n} selected   args n
    RENEW_ALL = "renew_all"  # Renew all
    SELECT = "select"  # Select
    # ── done ──
    DONE_LENT = "done_lent"  # {n} book(s) till {due}.   args n, due
    DONE_LENT_FIRST = "done_lent_first"  # {n} books, the first one till {due}.
    DONE_LENT_ABOUT = "done_lent_about"  # {n} books till about {due}; sent later.
    DONE_RENEWED = "done_renewed"  # {n} renewed.   args n
    DONE_RETURNED = "done_returned"  # {n} returned, thank you.   args n
    DONE_NOTHING = "done_nothing"  # See you soon.
    DONE_NOT_TAKEN = "done_not_taken"  # {n} not recorded: please leave them here or go to the desk.   args n
    CLOSE = "close"  # Close
    # ── still there ──
    STILL_THERE = "still_there"  # Still there?
    STILL_THERE_DETAIL = "still_there_detail"  # This screen clears in {n} s.   args n
    STAY = "stay"  # Yes, go on
    # ── out of order ──
    SORRY = "sorry"  # This station is resting.
    SORRY_DETAIL = "sorry_detail"  # Please use another station, or go to the desk.
    # ── scan coach and notices ──
    COACH_ISBN = "coach_isbn"  # That was the shop's barcode. Scan the library's label.
    COACH_PATRON_CARD = "coach_patron_card"  # That is a library card, not a book.
    COACH_FOREIGN = "coach_foreign"  # That label is not from this library.
    COACH_UNREADABLE = "coach_unreadable"  # The scanner could not read that. Hold the label flat and try again.
    COACH_BAD_CARD = "coach_bad_card"  # This card cannot be read here. Please use your library card.
    COACH_HALF_READ = "coach_half_read"  # Hold the card a little longer.
    COACH_TWICE = "coach_twice"  # {title} is already on your list.   args title
    COACH_PIN_FIRST = "coach_pin_first"  # First your PIN, then your books.
    COACH_CARD_FIRST = "coach_card_first"  # Now hold your card to the reader.
    COACH_FINISH_FIRST = "coach_finish_first"  # Press Finish first, then hold the next card.
    COACH_NOT_IN_LIST = "coach_not_in_list"  # That is not among your books. Press Borrow to borrow it.
    COACH_WAIT = "coach_wait"  # One moment …
    DEVICE_CARD_AWAY = "device_card_away"  # The card reader is not working. The desk can help.
    DEVICE_SCANNER_AWAY = "device_scanner_away"  # The scanner is not working. The desk can help.
    # ── names for things without text (screen readers) ──
    LANGUAGE = "language"  # Language
