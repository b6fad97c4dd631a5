"""The report's equations: they hold for any facts that have a place in it, and each is broken on purpose."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.dates import SchoolYear
from rules.figures import CLASSES, DISCLOSED, RESULTS, STATES, Counted, Identity, identities, months_of
from rules.item import Category, Taxonomy

TAXONOMY = Taxonomy((Category("甲", {"一": True, "二": True}), Category("乙", {"三": True, "二": True})), {})
MONTHS = months_of(SchoolYear(2020))
SUBS = [(category.name, sub) for category in TAXONOMY.categories for sub in category.sub_items]

items = st.fixed_dictionaries(
    {
        "sub_item": st.sampled_from(SUBS),
        "department": st.sampled_from(["教务处", "财务处"]),
        "month": st.sampled_from(MONTHS),
        "audience_class": st.sampled_from(CLASSES),
        "state": st.sampled_from(STATES),
        "evidenced": st.just(1),
    }
)
placements = st.tuples(st.sampled_from(["群", "号"]), st.sampled_from(["bot", "booked"]), st.sampled_from(RESULTS))


def count(facts: list[dict[str, Any]], placed: list[tuple[str, str, str]]) -> Counted:
    """Counts of these facts, as a store would give them."""
    out = [fact for fact in facts if fact["state"] == DISCLOSED]
    lines = {(channel, origin) for channel, origin, _ in placed}
    return Counted(
        disclosed=len(out),
        by_category=Counter(fact["sub_item"][0] for fact in out),
        by_sub_item=Counter(fact["sub_item"] for fact in out),
        by_department=Counter(fact["department"] for fact in out),
        by_month=Counter(fact["month"] for fact in out),
        by_class=Counter(fact["audience_class"] for fact in out),
        states=Counter(fact["state"] for fact in facts),
        registered=len(facts),
        evidenced=sum(fact["evidenced"] for fact in out),
        due=Counter((channel, origin) for channel, origin, _ in placed),
        results={line: Counter(r for c, o, r in placed if (c, o) == line) for line in lines},
        pieces=len(placed),
        carried=len(placed),
    )


def broken(counted: Counted) -> list[Identity]:
    return [each for each in identities(counted, TAXONOMY, MONTHS) if not each.holds]


@given(st.lists(items), st.lists(placements))
def test_every_equation_holds_for_facts_that_have_a_place_in_the_report(facts: Any, placed: Any) -> None:
    assert broken(count(facts, placed)) == []


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"sub_item": ("丙", "一")}, ("category",)),
        ({"sub_item": ("甲", "三")}, ("sub_item", "甲")),
        ({"department": ""}, ("department",)),
        ({"month": ""}, ("month",)),
        ({"audience_class": "未知"}, ("audience_class",)),
        ({"evidenced": 0}, ("evidenced",)),
    ],
)
@given(st.lists(items), items)
def test_one_item_without_a_place_breaks_just_the_equation_it_is_missing_from(
    wrong: dict[str, Any], key: tuple[str, ...], facts: list[dict[str, Any]], odd: dict[str, Any]
) -> None:
    found = broken(count([*facts, {**odd, "state": DISCLOSED, **wrong}], []))
    assert [each.key for each in found] == [key]
    assert found[0].left == found[0].right - 1


@given(st.lists(items), items)
def test_an_item_in_no_known_state_breaks_the_sum_of_the_states(
    facts: list[dict[str, Any]], odd: dict[str, Any]
) -> None:
    assert [each.key for each in broken(count([*facts, {**odd, "state": ""}], []))] == [("state",)]


@given(st.lists(placements), st.sampled_from(["群", "号"]))
def test_a_placement_without_a_result_breaks_its_own_channel(placed: Any, channel: str) -> None:
    found = broken(count([], [*placed, (channel, "bot", "")]))
    assert [each.key for each in found] == [("results", channel, "bot")]


@given(st.lists(placements), st.integers(1, 5))
def test_a_push_that_lost_a_placement_is_seen(placed: Any, lost: int) -> None:
    counted = count([], placed)
    assert [each.key for each in broken(replace(counted, pieces=counted.pieces + lost))] == [("pieces",)]


def test_an_equation_with_rows_against_it_does_not_hold_even_if_its_sides_agree() -> None:
    assert not Identity("甲＝乙", 3, 3, ("条目 1",)).holds


def test_a_school_year_has_twelve_months_from_september() -> None:
    assert (MONTHS[0], MONTHS[3], MONTHS[4], MONTHS[-1], len(MONTHS)) == (
        "2020-09",
        "2020-12",
        "2021-01",
        "2021-08",
        12,
    )
