"""A library small enough to read: five titles, three readers, two branches."""

from __future__ import annotations

from pathlib import Path

LIBRARY = """
name = "Small Library"
[[branch]]
code = "main"
name = "Main"
hold_shelf = "red shelf"
transit_shelf = "yellow shelf"
[[branch]]
code = "east"
name = "East"
hold_shelf = "east shelf"
transit_shelf = "blue shelf"
"""
RULES = """
fee_limit = 1000
overdue_limit = 1
[[calendar]]
closed_weekdays = [6]
[[rule]]
loan_days = 28
limit = 3
renewals = 2
fee_per_day = 20
[[rule]]
media = "dvd"
limit = 1
loan_days = 7
"""
TITLES = """id\ttitle\tauthor\tlanguage\tyear\tisbn\tmedia\taudience\tshelf
1\tEmma\tJane Austen\ten\t1815\t\tbook\tadult\tA 1
2\t红楼梦\t曹雪芹\tzh\t1791\t\tbook\tadult\tB 2
3\tMetropolis\tFritz Lang\tde\t1927\t\tdvd\tadult\tD 3
4\tPersuasion\tJane Austen\ten\t1817\t\tbook\tadult\tA 4
"""
ITEMS = """barcode\ttitle_id\tbranch\tstatus
301\t1\tmain\tavailable
302\t2\tmain\tavailable
303\t3\tmain\tavailable
304\t4\tmain\tavailable
305\t1\tmain\tavailable
306\t2\teast\tavailable
307\t3\tmain\tavailable
308\t4\tmain\tnot_for_loan
309\t2\tmain\tavailable
"""
PATRONS = """
[[patron]]
alias = "anna"
name = "Anna Berg"
language = "en"
cards = [{kind = "uid", value = "04A1"}, {kind = "barcode", value = "2001"}]
loans = [{item = "309", due_in_days = 2}]
[[patron]]
alias = "ben"
name = "Ben Holt"
pin = "1234"
cards = [{kind = "uid", value = "04B2"}]
[[patron]]
alias = "dora"
name = "Dora Lind"
cards = [{kind = "uid", value = "04D4"}]
expires_in_days = -5
fees = [{reason = "late", minor = 1500}]
loans = [{item = "306", due_in_days = -4}]
[[patron]]
alias = "hana"
name = "Hana Sato"
cards = [{kind = "uid", value = "04E5"}]
holds = [{title_id = 4, ready_item = "304"}]
"""


def write_library(folder: Path) -> Path:
    """Write the files; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"library.toml": LIBRARY, "rules.toml": RULES, "titles.tsv": TITLES, "items.tsv": ITEMS}
    for name, text in (texts | {"patrons.toml": PATRONS}).items():
        (folder / name).write_text(text.lstrip("\n"), encoding="utf-8")
    return folder
