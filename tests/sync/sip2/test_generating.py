"""Functions from source that is put together."""

from __future__ import annotations

import traceback

import pytest

from sync.sip2.generating import function

LINES = ("def half(number):", "    return number / divisor")


def test_what_is_handed_in_is_used() -> None:
    assert function("halving", LINES, {"divisor": 2})(5) == 2.5
    assert function("halving", LINES, {"divisor": 4})(5) == 1.25


def test_tracebacks_show_the_lines() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        function("halving", LINES, {"divisor": 0})(1)
    shown = "".join(traceback.format_exception(caught.value))
    assert "<halving" in shown
    assert "return number / divisor" in shown
