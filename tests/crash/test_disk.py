"""The disk that power cuts are tried on: what was synced is certain, and everything else is not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crash.disk import (
    EVERYTHING,
    LARGE_SECTOR,
    NOTHING,
    SMALL_SECTOR,
    Disk,
    Fate,
    Files,
    Link,
    Step,
    Sync,
    SyncFolder,
    Truncate,
    Unlink,
    Write,
    torn,
)

BEFORE = {"a": b"0" * 3000}
SEVERAL = 60
TORN = Fate(kept=0.5, names=0.5)


def found(steps: list[Step], fate: Fate, seed: int = 0, before: Files = BEFORE) -> Files:
    disk = Disk(before)
    for step in steps:
        disk.do(step)
    return disk.after_power_cut(fate, random.Random(seed))


def all_found(steps: list[Step], fate: Fate) -> set[bytes | None]:
    """What was seen of the file `a` after several cuts."""
    return {found(steps, fate, seed).get("a") for seed in range(SEVERAL)}


# ── writes ──


@given(st.lists(st.tuples(st.integers(0, 9000), st.binary(min_size=1, max_size=3000)), max_size=6), st.integers())
def test_what_was_synced_is_there_to_the_byte(writes: list[tuple[int, bytes]], seed: int) -> None:
    content = bytearray(BEFORE["a"])
    for offset, data in writes:
        content.extend(bytes(max(0, offset - len(content))))
        content[offset : offset + len(data)] = data
    steps: list[Step] = [Write(0, offset, data) for offset, data in writes]
    assert found([*steps, Sync(0)], torn(random.Random(seed)), seed) == {"a": bytes(content)}
    assert found(steps, EVERYTHING, seed) == {"a": bytes(content)}
    assert found(steps, NOTHING, seed) == BEFORE


def test_a_write_that_was_not_synced_is_there_or_not_there() -> None:
    after = b"0" * 100 + b"1" * 100 + b"0" * 2800
    assert all_found([Write(0, 100, b"1" * 100)], TORN) == {BEFORE["a"], after}


@pytest.mark.parametrize("sector", [SMALL_SECTOR, LARGE_SECTOR])
def test_a_write_is_torn_where_the_file_s_sectors_begin(sector: int) -> None:
    write = Write(0, sector - 8, b"1" * 16)
    seen = all_found([write], Fate(kept=0.5, names=1, sector=sector))
    before, after = found([write], NOTHING)["a"], found([write], EVERYTHING)["a"]
    halves = {before[:sector] + after[sector:], after[:sector] + before[sector:]}
    short = {before[:sector] + bytes(max(0, sector - len(before))) + after[sector:], after[:sector]}
    assert seen == {before, after} | (halves if len(before) > sector else short)


def test_later_writes_may_be_there_without_earlier_ones() -> None:
    steps: list[Step] = [Write(0, 0, b"1"), Write(0, 1000, b"2"), Write(0, 2000, b"3")]
    kept = {"".join(chr(content[at]) for at in (0, 1000, 2000)) for content in all_found(steps, TORN) if content}
    assert kept == {"000", "100", "020", "003", "120", "103", "023", "123"}


def test_garbage_is_only_where_the_write_was_to_be() -> None:
    seen = all_found([Write(0, 100, b"1" * 100)], Fate(kept=0, names=0, garbled=1))
    assert len(seen) == SEVERAL
    assert {content[:100] + content[200:] for content in seen if content} == {b"0" * 2900}


def test_a_sync_says_nothing_of_another_file() -> None:
    before = {"a": b"0", "b": b"0"}
    steps: list[Step] = [Write(0, 0, b"1"), Write(1, 0, b"1"), Sync(1)]
    assert found(steps, NOTHING, before=before) == {"a": b"0", "b": b"1"}


def test_a_sync_of_the_data_does_not_make_a_file_shorter() -> None:
    steps: list[Step] = [Write(0, 0, b"1"), Truncate(0, 10)]
    assert found([*steps, Sync(0)], NOTHING) == {"a": b"1" + b"0" * 9}
    assert found([*steps, Sync(0, data_only=True)], NOTHING) == {"a": b"1" + b"0" * 2999}
    assert found([*steps, Sync(0, data_only=True)], EVERYTHING) == {"a": b"1" + b"0" * 9}


# ── names ──


def test_a_new_file_is_certain_once_its_folder_is_synced() -> None:
    new: list[Step] = [Link("b", 1), Write(1, 0, b"1"), Sync(1)]
    assert found(new, NOTHING) == BEFORE, "the file's own sync does not do it"
    assert found([*new, SyncFolder()], NOTHING) == {**BEFORE, "b": b"1"}
    assert {"b" in found(new, TORN, seed) for seed in range(SEVERAL)} == {True, False}


def test_a_deleted_file_comes_back_until_its_folder_is_synced() -> None:
    gone: list[Step] = [Write(0, 0, b"1"), Sync(0), Write(0, 1, b"2"), Unlink("a")]
    assert found(gone, NOTHING) == {"a": b"1" + b"0" * 2999}
    assert all_found(gone, TORN) == {None, b"1" + b"0" * 2999, b"12" + b"0" * 2998}
    assert all_found([*gone, SyncFolder()], TORN) == {None}


def test_a_name_that_was_given_anew_may_still_be_the_old_file() -> None:
    anew: list[Step] = [Unlink("a"), Link("a", 1), Write(1, 0, b"new"), Sync(1)]
    assert all_found(anew, TORN) == {None, BEFORE["a"], b"new"}
    assert found([*anew, SyncFolder()], NOTHING) == {"a": b"new"}
