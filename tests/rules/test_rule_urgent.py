"""紧急 is an order for one event."""

from __future__ import annotations

from datetime import timedelta

from rules.bundle import CORRECTION, FIRST, RETRACTION
from rules.urgent import GOOD_FOR, is_ordered
from tests.jobs.bench import START

LATER = timedelta(seconds=1)


def test_without_an_order_nothing_is_urgent() -> None:
    assert not is_ordered(None, FIRST, START, START)


def test_an_order_covers_what_is_placed_when_it_is_given() -> None:
    assert all(is_ordered(START, purpose, START - LATER, START) for purpose in (FIRST, CORRECTION, RETRACTION))


def test_an_order_given_before_the_item_is_routed_covers_its_first_push_for_a_day() -> None:
    assert is_ordered(START, FIRST, START + GOOD_FOR, START + GOOD_FOR)
    assert not is_ordered(START, FIRST, START + GOOD_FOR + LATER, START + GOOD_FOR + LATER)


def test_a_correction_or_retraction_ordered_later_is_not_covered() -> None:
    assert not any(is_ordered(START, purpose, START + LATER, START + LATER) for purpose in (CORRECTION, RETRACTION))


def test_an_order_holds_for_a_day_whatever_was_placed_when() -> None:
    assert is_ordered(START, FIRST, START - LATER, START + GOOD_FOR)
    assert not any(is_ordered(START, each, START - LATER, START + GOOD_FOR + LATER) for each in (FIRST, CORRECTION))
