"""What persons disclosed without the bot, written down under its own name; on all three databases."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from jobs.book import book
from jobs.handoff import Refused
from jobs.report import report
from rules.dates import SchoolYear
from rules.outcome import Outcome
from rules.place import BY_HAND
from store import tables as t
from tests.factory import moment
from tests.jobs.bench import Bench, Resolving, entry
from tests.jobs.by_hand import BOARD, deed, hand_over, with_places

INNER = {"audience": ("校内",), "title": "关于校内停电的通知"}
BEFORE = moment("2020-09-02", "10:00")


@pytest.fixture
def places(bench3: Bench) -> Bench:
    return with_places(bench3)


def test_what_was_posted_before_the_bot_was_there_counts_under_its_own_name(places: Bench) -> None:
    places.enter(entry(**INNER))
    done = book(places.office, places.rows(t.items)[0].id, BOARD, deed(BEFORE, amount=2, unit="处"), "clerk")
    assert done.against == ""
    [placed], [push], [delivery] = places.placed("B1"), places.rows(t.pushes), places.rows(t.deliveries)
    assert (placed.origin, push.origin, delivery.status, delivery.basis) == (
        "booked",
        "booked",
        "delivered",
        "人工登记",
    )
    assert placed.taken_at == push.created_at == BEFORE
    assert places.rows(t.items)[0].disclosed_on == date(2020, 9, 2)
    places.tick()  # the bot does what is due elsewhere, and nothing here
    assert [row.origin for row in places.rows(t.pushes, target="B1")] == ["booked"]
    made = report(places.db, places.office.school, SchoolYear(2020), cut_off=places.clock.now)
    lines = {(line.name, line.origin): (line.items, line.results["成功"], line.pushes) for line in made.channels}
    assert lines[BY_HAND, "booked"] == (1, 1, 1) and lines[BY_HAND, "bot"][1] == 0
    assert {each.name: (each.placements, each.booked) for each in made.targets}["B1"] == (0, 1)
    assert made.checked


def test_the_same_booking_twice_is_refused(places: Bench) -> None:
    places.enter(entry(**INNER))
    item_id = places.rows(t.items)[0].id
    book(places.office, item_id, BOARD, deed(BEFORE), "clerk")
    with pytest.raises(Refused, match="已经补录过：一号楼公告栏 2020-09-02 10:00"):
        book(places.office, item_id, BOARD, deed(BEFORE), "clerk")
    assert len(places.rows(t.pushes)) == len(places.rows(t.handoffs)) == 1


def test_what_the_bot_has_pushed_there_is_told_and_not_booked(places: Bench) -> None:
    places.publish(entry(**INNER))
    places.deliver()
    item_id = places.rows(t.items)[0].id
    with pytest.raises(Refused, match=r"公开达已于 2020-09-10 09:00 推送到教职工群（推送 \d+），不用补录"):
        book(places.office, item_id, places.office.school.targets["G1"], deed(BEFORE), "clerk")
    assert {row.origin for row in places.rows(t.placements)} == {"bot"}


def test_what_a_person_holds_is_to_be_recorded_as_a_hand_off(places: Bench) -> None:
    hand_over(places, entry(**INNER))
    with pytest.raises(Refused, match=r"hand-off done \d+"):
        book(places.office, places.rows(t.items)[0].id, BOARD, deed(BEFORE), "clerk")


def test_a_push_of_unknown_end_is_cleared_up_before_anything_is_booked(places: Bench) -> None:
    places.use(Resolving)
    places.vendor.usual = Outcome.UNCERTAIN
    places.publish(entry(**INNER))
    places.deliver()
    with pytest.raises(Refused, match=r"bot\.py uncertain"):
        book(places.office, places.rows(t.items)[0].id, places.office.school.targets["G1"], deed(BEFORE), "clerk")


def test_a_person_who_was_faster_than_the_queue_keeps_the_bot_from_a_second_push(places: Bench) -> None:
    places.publish(entry(**INNER))  # queued, not yet sent
    target = places.office.school.targets["G1"]
    book(places.office, places.rows(t.items)[0].id, target, deed(BEFORE), "clerk")
    places.tick()
    assert ("关于校内停电的通知",) not in [c.titles for c in places.vendor.calls if c.addresses == ("g1",)]
    pushes = places.rows(t.pushes, target="G1")
    assert [row.origin for row in pushes] == ["bot", "booked"]
    assert [places.rows(t.deliveries, push_id=row.id)[0].status for row in pushes] == ["cancelled", "delivered"]
    assert report(places.db, places.office.school, SchoolYear(2020), cut_off=places.clock.now).checked


def test_a_refused_push_may_be_made_good_by_hand(places: Bench) -> None:
    places.vendor.usual = Outcome.REFUSED
    places.publish(entry(**INNER))
    places.deliver()
    book(places.office, places.rows(t.items)[0].id, places.office.school.targets["G1"], deed(BEFORE), "clerk")
    assert places.placed("G1")[0].origin == "booked"
    assert report(places.db, places.office.school, SchoolYear(2020), cut_off=places.clock.now).checked


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"audience": ("教职工",)}, "该渠道校内均可阅读，超出范围|该目标面向校内，超出范围"),
        ({"disclosure": "不予公开"}, "公开属性为不予公开"),
    ],
)
def test_what_should_never_have_been_posted_is_booked_with_an_alarm(
    bench: Bench, over: dict[str, object], words: str
) -> None:
    with_places(bench).enter(entry(**{**INNER, **over}))
    done = book(bench.office, bench.rows(t.items)[0].id, BOARD, deed(BEFORE), "clerk")
    assert re.search(words, done.against)
    [told] = bench.alarms()
    assert done.against in told and "李四" in told
    assert bench.placed("B1")[0].taken_at == BEFORE
    assert report(bench.db, bench.office.school, SchoolYear(2020), cut_off=bench.clock.now).checked


def test_a_later_booking_of_an_earlier_day_moves_the_day_of_disclosure(places: Bench, tmp_path: Path) -> None:
    places.publish(entry(**INNER))
    places.deliver()
    assert places.rows(t.items)[0].disclosed_on == date(2020, 9, 10)
    places.clock.forward(days=20)
    book(places.office, places.rows(t.items)[0].id, BOARD, deed(BEFORE), "clerk")
    assert places.rows(t.items)[0].disclosed_on == date(2020, 9, 2)


def test_what_has_not_happened_yet_is_not_booked(bench: Bench) -> None:
    with_places(bench).enter(entry(**INNER))
    with pytest.raises(Refused, match="还没有到"):
        book(bench.office, bench.rows(t.items)[0].id, BOARD, deed(moment("2020-09-11")), "clerk")
    assert bench.rows(t.placements) == []
