"""A review beside a changed text counts only if it can have been made of that text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rules.item import Review
from rules.review import BY_ITEM, is_void

LAST = Review("李主任", "可以公开", date(2020, 9, 10), "制度", BY_ITEM)


@pytest.mark.parametrize(
    ("now", "void"),
    [
        (LAST, True),
        (replace(LAST, on=date(2020, 9, 1)), True),
        (replace(LAST, on=date(2020, 9, 11)), False),
        (replace(LAST, basis="修改后再次审查"), False),
        (replace(LAST, on=date(2020, 9, 1), kind="栏目审核"), False),
        (None, False),
    ],
)
def test_a_review_that_is_the_last_one_or_older_is_none_of_the_changed_text(now: Review | None, *, void: bool) -> None:
    assert is_void(LAST, now) is void
