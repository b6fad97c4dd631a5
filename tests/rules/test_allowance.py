"""From when an allowance counts, when it frees up, and how it is said."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from rules.allowance import Per, frees_at, since, spoken
from rules.dates import at

NOW = at(date(2020, 12, 31), time(9, 30))
MINUTE = timedelta(seconds=60)


@pytest.mark.parametrize(
    ("per", "starts", "frees"),
    [
        (MINUTE, NOW - MINUTE, NOW + timedelta(seconds=31)),
        ("day", at(date(2020, 12, 31), time.min), at(date(2021, 1, 1), time.min)),
        ("month", at(date(2020, 12, 1), time.min), at(date(2021, 1, 1), time.min)),
    ],
)
def test_an_allowance_counts_from_its_own_beginning_and_frees_up_at_its_end(per: Per, starts: object, frees: object) -> None:
    assert since(per, NOW) == starts
    assert frees_at(per, NOW - timedelta(seconds=30), NOW) == frees


def test_an_old_use_frees_up_at_once_and_never_in_the_past() -> None:
    assert frees_at(MINUTE, NOW - timedelta(hours=1), NOW) == NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("per", "words"),
    [
        ("day", "每天 2 次"), ("month", "每月 2 次"), (MINUTE, "每 1 分钟 2 次"), (timedelta(hours=24), "每 24 小时 2 次"),
        (timedelta(seconds=30), "每 30 秒 2 次"),
    ],
)  # fmt: skip
def test_an_allowance_is_said_in_the_office_words(per: Per, words: str) -> None:
    assert spoken(2, per) == words
