"""A mended row is never pushed as a new item; a new one beside it goes out; an old one goes out when approved anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from rules import advice
from rules.item import CLOSED, ON_REQUEST, Review
from rules.outcome import Outcome
from store import tables as t
from tests.jobs.bench import ABSENT, DAY, GROUPS, Bench, Resolving, sheet, to_students

TITLE, NUMBER, DOC = "关于评优的通知", "XXGK-2020-07", "示办〔2020〕5号"


def pushed(bench: Bench) -> list[str]:
    return [title for each in bench.vendor.titles(GROUPS) for title in each]


def look(bench: Bench, *rows: Any) -> tuple[int, int, int]:
    """One round with these rows in the file; returns how many items were new, how many changed, how many problems."""
    done = bench.watch(sheet(*rows))
    bench.tick()
    return done.new, done.changed, done.problems


MENDED = [
    ({"number": "3"}, {"title": "关于评优评先的通知"}),
    ({"number": "5", "formed_on": DAY}, {"title": "关于评优评先的通知"}),
    ({"number": "5"}, {"title": "关于评优评先的通知", "number": "6"}),
    ({}, {"title": "关于评优评先的通知"}),
    ({}, {"department": "学工处"}),
    ({}, {"formed_on": date(2020, 9, 1)}),
    ({}, {"formed_on": date(2020, 9, 1), "title": "关于评优评先的通知"}),
    ({}, {"number": NUMBER, "title": "关于评优评先的通知"}),
    ({}, {"doc_no": DOC, "title": "关于评优评先的通知"}),
    ({"number": NUMBER}, {"number": "XXGK-2020-007"}),
    ({"number": NUMBER}, {"number": ""}),
    ({"number": NUMBER, "formed_on": DAY}, {"number": "XXGK-2020-007", "title": "关于评优评先的通知"}),
    ({"number": NUMBER, "doc_no": DOC}, {"number": "XXGK-2020-007", "title": "关于评优评先的通知"}),
    ({"doc_no": DOC}, {"doc_no": "示办〔2020〕15号"}),
    ({"doc_no": DOC}, {"doc_no": ""}),
]


@pytest.mark.parametrize(("over", "change"), MENDED)
def test_a_row_mended_where_it_is_recognised_by_is_held_and_asked_about(
    bench: Bench, over: dict[str, Any], change: dict[str, Any]
) -> None:
    row = to_students(**{"title": TITLE, "number": "", **over})
    look(bench, row)
    for _ in range(2):  # it stays held however often the file is read
        assert look(bench, replace(row, **change)) == (0, 0, 1)
    assert pushed(bench) == [TITLE]
    [item] = bench.rows(t.items)
    [problem] = bench.rows(t.problems)
    assert problem.text == f"可能是改过的条目 {item.id}“{TITLE}”，为免重复推送先拦下"
    assert problem.fix == advice.mended(item.id)


@pytest.mark.parametrize(
    ("over", "change"),
    [
        ({"doc_no": DOC}, {"doc_no": "示办[2020]5号"}),
        ({"doc_no": DOC}, {"doc_no": "示办（２０２０） 5号", "title": "关于评优评先的通知"}),
        ({"doc_no": DOC, "number": "3"}, {"number": "4"}),
        ({"number": "3"}, {"number": NUMBER}),
        ({"number": "3"}, {"number": "4"}),
        ({"number": "3"}, {"doc_no": DOC}),
    ],
)
def test_a_row_that_is_still_recognised_is_a_new_version_and_no_second_push(
    bench: Bench, over: dict[str, Any], change: dict[str, Any]
) -> None:
    row = to_students(**{"title": TITLE, "number": "", **over})
    look(bench, row)
    assert look(bench, replace(row, **change)) == (0, 1, 0)
    assert pushed(bench) == [TITLE]


@pytest.mark.parametrize(("over", "change"), MENDED)
def test_the_row_put_back_lets_the_new_one_beside_it_go_out(
    bench: Bench, over: dict[str, Any], change: dict[str, Any]
) -> None:
    row = to_students(**{"title": TITLE, "number": "", **over})
    fresh = replace(row, **change, place=replace(row.place, row=99), summary="另一件事")
    look(bench, row)
    look(bench, fresh)
    if fresh.doc_no and fresh.doc_no == row.doc_no:
        return  # one 文号 twice: which is which is asked elsewhere
    assert look(bench, row, fresh) == (1, 0, 0)
    assert sorted(pushed(bench)) == sorted([TITLE, fresh.title])
    assert look(bench, fresh) == (0, 0, 0)


def test_the_original_put_back_with_a_number_may_be_retitled(bench: Bench) -> None:
    row = to_students(title=TITLE, number="")
    numbered = replace(row, number=NUMBER)
    retitled = replace(numbered, title="关于评优评先的通知")
    assert [look(bench, each) for each in (row, retitled, numbered, retitled)] == [
        (1, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 0),
    ]  # fmt: skip
    assert pushed(bench) == [TITLE]
    [item] = bench.rows(t.items)
    assert (item.title, item.hold) == ("关于评优评先的通知", "")


def test_true_new_rows_beside_unrelated_removals_go_out(bench: Bench) -> None:
    gone = [
        to_students(number="", department="学工处"), to_students(number="7", formed_on=DAY), to_students(),
        to_students(doc_no=DOC, number=""),
    ]  # fmt: skip
    stays = to_students()
    look(bench, *gone, stays)
    fresh = [
        to_students(number="", department="教务处"), to_students(number="8", formed_on=date(2020, 9, 9), department="财务处"),
        to_students(department="图书馆", doc_no="示图〔2020〕1号"), to_students(department="保卫处", formed_on=DAY),
    ]  # fmt: skip
    assert look(bench, stays, *fresh) == (4, 0, 0)
    assert {row.title for row in fresh} <= set(pushed(bench))


def test_numbered_rows_of_one_department_come_and_go_in_a_sheet_without_dates(bench: Bench) -> None:
    old, new = [to_students() for _ in range(3)], [to_students() for _ in range(3)]
    look(bench, *old)
    assert look(bench, *new) == (3, 0, 0)
    assert {row.title for row in new} <= set(pushed(bench))


CELLS = [
    *({cell: value} for cell in ("number", "doc_no") for value in ("", "9", "改-9")),
    *({"formed_on": day} for day in (None, date(2020, 9, 2))), {"title": "改"}, {"department": "改"},
]  # fmt: skip


@pytest.mark.parametrize("number", ["", "3", NUMBER])
@pytest.mark.parametrize("doc_no", ["", DOC])
@pytest.mark.parametrize("formed_on", [None, date(2020, 9, 1)])
def test_no_single_mending_of_any_row_pushes_it_twice(
    bench: Bench, number: str, doc_no: str, formed_on: date | None
) -> None:
    """Every kind of row, and every cell it is recognised by, changed or cleared, again and again."""
    row = to_students(title=TITLE, number=number, doc_no=doc_no, formed_on=formed_on)
    look(bench, row)
    for change in CELLS:
        look(bench, replace(row, **change))
        assert look(bench, row)[0] == 0
        assert bench.rows(t.items)[0].hold == ""
    assert pushed(bench) == [TITLE]
    assert len(bench.rows(t.items)) == 1


# -- dates to come


def test_a_review_or_approval_of_a_day_to_come_is_held_and_listed_until_it_is_mended(bench: Bench) -> None:
    later = DAY + timedelta(days=7)
    review = Review("主任", "可以公开", later)
    row = to_students(title=TITLE, approved_on=later, review=review)
    assert look(bench, row) == (0, 0, 1)
    assert [p.text for p in bench.rows(t.problems)] == [f"审查日期{later}晚于今天，先拦下"]
    assert pushed(bench) == []
    assert look(bench, replace(row, approved_on=DAY, review=replace(review, on=DAY))) == (1, 0, 0)
    assert pushed(bench) == [TITLE]


def test_a_review_moved_to_a_day_to_come_holds_what_waits(bench: Bench) -> None:
    row = to_students()
    bench.publish(row)
    bench.watch(sheet(replace(row, review=Review("主任", "可以公开", DAY + timedelta(days=1)))))
    bench.tick()
    assert pushed(bench) == []
    assert "晚于今天" in bench.waiting()[0].reason


# -- baseline

OLD = date(2020, 9, 1)


def test_an_old_item_approved_anew_after_the_first_watch_goes_out(bench3: Bench) -> None:
    row = to_students(approved_on=OLD)
    bench3.enter(row)
    bench3.enter(replace(row, title=TITLE, approved_on=DAY))
    bench3.tick()
    assert pushed(bench3) == [TITLE]
    assert [item.baseline for item in bench3.rows(t.items)] == [False]


@pytest.mark.parametrize(
    "over", [{"title": "改"}, {"approved_on": date(2020, 9, 9)}, {"disclosure": CLOSED, "approved_on": None}]
)
def test_a_mere_edit_of_an_old_item_sends_nothing(bench: Bench, over: dict[str, Any]) -> None:
    row = to_students(approved_on=OLD)
    bench.enter(row)
    for each in (replace(row, **over), replace(row, summary="又改")):
        bench.enter(each)
        bench.tick()
    assert pushed(bench) == []
    assert [item.baseline for item in bench.rows(t.items)] == [True]


def test_an_item_that_was_pushed_never_becomes_an_old_one(bench: Bench) -> None:
    row = to_students()
    bench.publish(row)
    bench.enter(replace(row, approved_on=OLD))
    assert [item.baseline for item in bench.rows(t.items)] == [False]


# -- withdrawn


@pytest.mark.parametrize("disclosure", [CLOSED, ON_REQUEST])
def test_an_uncertain_push_found_absent_ends_where_the_row_may_no_longer_be_disclosed(
    bench3: Bench, disclosure: str
) -> None:
    bench3.use(Resolving)
    bench3.vendor.says(GROUPS, Outcome.UNCERTAIN)
    row = to_students(title=TITLE)
    bench3.publish(row)
    bench3.deliver()
    bench3.enter(replace(row, disclosure=disclosure))
    bench3.route()
    bench3.vendor.resolutions.append(ABSENT)
    for _ in range(3):
        bench3.clock.forward(minutes=5)
        bench3.tick()
    [placement] = bench3.rows(t.placements)
    assert (placement.ended, placement.reason) == ("cancelled", f"公开属性已改为{disclosure}，不再推送")
    assert pushed(bench3) == [TITLE]
    assert bench3.waiting() == []


def test_a_target_that_the_newest_version_knows_nothing_of_gets_nothing_more(bench: Bench) -> None:
    """It was out of the register when that version was routed: no decision says yes, and none will."""
    row = to_students(title="旧")

    def meanwhile(_call: object) -> Outcome:
        kept = bench.office.school.targets
        bench.target("Q1", channel=None)
        bench.enter(replace(row, title="新"))
        bench.route()
        bench.office.school = replace(bench.office.school, targets=kept)
        return Outcome.UNAVAILABLE

    bench.vendor.says(GROUPS, meanwhile)
    bench.publish(row)
    bench.deliver()
    for _ in range(3):
        bench.clock.forward(minutes=5)
        bench.tick()
    [placement] = bench.rows(t.placements)
    assert (placement.ended, placement.reason) == ("cancelled", "新版本不再发往此目标")
    assert pushed(bench) == ["旧"]
