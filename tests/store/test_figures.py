"""The counts behind the report: which year, known by when, and what is unknown, on each database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from rules.dates import SchoolYear
from rules.figures import ARRIVED
from rules.item import Review
from rules.states import Result, Status
from store import figures, history, placements
from store import tables as t
from store.db import Db
from store.span import Span
from store.standing import result_from, standings_of
from tests import factory as f

YEAR = SchoolYear(2020)
HANDED_IN = f.moment("2021-10-29")
NOON = f.moment("2020-10-01")


def span(cut_off: Any = HANDED_IN) -> Span:
    return Span(YEAR.start, YEAR.end, cut_off)


def states(db: Db, **asked: Any) -> dict[str, int]:
    with db.read() as conn:
        return figures.group_items(conn, span(**asked), "state")


def results(db: Db, **asked: Any) -> dict[Any, int]:
    with db.read() as conn:
        found = figures.count_placements(conn, span(**asked), "standing")
    counted: dict[Any, int] = {}
    for standing, n in found.items():  # several standings may come to one result
        counted[result_from(standing)] = counted.get(result_from(standing), 0) + n
    return counted


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        (("2020-08-31", "23:59:59"), False),
        (("2020-09-01", "00:00"), True),
        (("2021-08-31", "23:59:59"), True),
        (("2021-09-01", "00:00"), False),
    ],
)
def test_a_day_belongs_to_its_school_year_whatever_the_hour_in_shanghai(
    db: Db, moment: tuple[str, str], inside: bool
) -> None:
    at = f.moment(*moment)
    with db.write() as conn:
        f.publish(conn, "Q01", at, approved_on=date(2021, 8, 1))
    with db.read() as conn:
        assert figures.group_items(conn, span(), "state", "counted") == ({("已公开", True): 1} if inside else {})
        assert figures.count_due(conn, span()) == ({("onebot", "bot"): 1} if inside else {})
        assert figures.count_pushes(conn, span(), "target") == ({"Q01": 1} if inside else {})


def test_each_item_has_exactly_one_state(db: Db) -> None:
    with db.write() as conn:
        f.publish(conn, "Q01", NOON)
        f.add_item(conn, NOON)
        f.add_item(conn, NOON, published_on=date(2020, 9, 30))
        f.add_item(conn, NOON, disclosure="依申请公开")
        f.add_item(conn, NOON, disclosure="不予公开")
        f.add_item(conn, NOON, review=Review("张老师", "不宜公开", date(2020, 9, 10)))
    assert states(db) == {"已公开": 2, "待公开": 1, "依申请公开": 1, "不予公开": 1, "退回": 1}


def test_a_date_in_the_sheet_does_not_disclose_what_is_not_for_disclosure(db: Db) -> None:
    with db.write() as conn:
        f.add_item(conn, NOON, disclosure="依申请公开", published_on=date(2020, 10, 8))
    assert states(db) == {"依申请公开": 1}
    with db.read() as conn:
        assert [each.state for each in history.items(conn, history.Wanted())] == ["依申请公开"]


def test_what_was_pushed_before_it_was_closed_is_disclosed_in_the_list_and_in_the_figures(db: Db) -> None:
    with db.write() as conn:
        pushed = f.publish(conn, "Q01", NOON)
        conn.execute(update(t.items).where(t.items.c.id == pushed).values(disclosure="不予公开"))
    assert states(db) == {"已公开": 1}
    with db.read() as conn:
        assert [each.state for each in history.items(conn, history.Wanted())] == ["已公开"]


def test_consent_in_other_words_is_no_return_and_no_missing_review(db: Db) -> None:
    with db.write() as conn:
        f.add_item(conn, NOON, review=Review("张老师", "同意", date(2020, 9, 10)))
    assert states(db) == {"待公开": 1}
    with db.read() as conn:
        assert [each.state for each in history.items(conn, history.Wanted())] == ["待公开"]


def test_an_item_not_yet_disclosed_belongs_to_the_year_of_its_approval_else_of_its_entry(db: Db) -> None:
    with db.write() as conn:
        f.add_item(conn, f.moment("2021-09-02"), approved_on=date(2021, 8, 31))
        f.add_item(conn, f.moment("2021-09-02"), approved_on=date(2021, 9, 1))
        entered = f.add_item(conn, NOON, disclosure="不予公开")
        conn.execute(update(t.versions).where(t.versions.c.item_id == entered).values(approved_on=None))
    assert states(db) == {"待公开": 1, "不予公开": 1}


def test_an_item_whose_only_push_failed_afterwards_shows_no_evidence(db: Db) -> None:
    with db.write() as conn:
        f.send(conn, "A01", [f.place(conn, f.add_item(conn, NOON), "A01", NOON)], NOON, Status.ACCEPTED)
        f.publish(conn, "Q01", NOON)
        f.book(conn, f.add_item(conn, NOON), "G01", NOON)
        conn.execute(update(t.deliveries).where(t.deliveries.c.channel == "wechat_oa").values(status=Status.FAILED))
    with db.read() as conn:
        assert figures.group_items(conn, span(), "evidenced") == {0: 1, 1: 2}


def test_a_cut_off_in_the_past_shows_what_was_known_then(db: Db) -> None:
    first, second = NOON, NOON + timedelta(days=10)
    with db.write() as conn:
        early = f.place(conn, f.add_item(conn, first), "Q01", first)
        failed = f.send(conn, "Q01", [early], first, Status.FAILED)
        late = f.add_item(conn, first)
        f.push(conn, "Q02", [f.place(conn, late, "Q02", first)], first)
        placements.free(conn, failed, second, alone=False)
        again = f.push(conn, "Q01", [early], second, resend_of=failed)
        waiting = [row for row in conn.execute(t.deliveries.select()) if row.status == Status.QUEUED]
        f.settle(conn, [again, *(row.push_id for row in waiting)], second, Status.DELIVERED)
    between = first + timedelta(days=5)
    assert results(db, cut_off=between) == {Result.FAILURE: 1, Result.WAITING: 1}
    assert states(db, cut_off=between) == {"待公开": 2}
    assert results(db) == {Result.SUCCESS: 2}
    assert states(db) == {"已公开": 2}


def test_what_was_cancelled_or_expired_after_the_cut_off_still_waited_at_it(db: Db) -> None:
    then, later = NOON + timedelta(days=5), NOON + timedelta(days=10)
    with db.write() as conn:
        waiting, expiring, sent, old = (f.place(conn, f.add_item(conn, NOON), "Q01", NOON) for _ in range(4))
        scrapped = f.push(conn, "Q01", [sent], NOON)
        assert placements.end(conn, [waiting], "cancelled", "王老师 取消", later) == 1
        placements.end(conn, [expiring], "expired", "期限已过", later)
        placements.end(conn, [old], "cancelled", "王老师 取消", NOON)
        placements.scrap(conn, scrapped, "王老师 取消", later)
        placements.end(conn, [sent], "cancelled", "王老师 取消", later)
    assert results(db, cut_off=then) == {Result.WAITING: 3, Result.CANCELLED: 1}
    assert results(db) == {Result.CANCELLED: 3, Result.EXPIRED: 1}


def test_a_placement_whose_push_was_taken_apart_waited_until_its_next_one(db: Db) -> None:
    then, later = NOON + timedelta(days=5), NOON + timedelta(days=10)
    with db.write() as conn:
        placed = f.place(conn, f.add_item(conn, NOON), "Q01", NOON)
        placements.scrap(conn, f.push(conn, "Q01", [placed], NOON), "条目已更新，重新编排", NOON)
        f.send(conn, "Q01", [placed], later, Status.DELIVERED)
    assert results(db, cut_off=then) == {Result.WAITING: 1}
    assert results(db) == {Result.SUCCESS: 1}


def test_an_ending_without_a_time_is_taken_as_known_at_any_cut_off(db: Db) -> None:
    with db.write() as conn:
        placed = f.place(conn, f.add_item(conn, NOON), "Q01", NOON)
        placements.end(conn, [placed], "cancelled", "王老师 取消", NOON)
        conn.execute(update(t.placements).values(ended_at=None))
    assert results(db, cut_off=NOON + timedelta(days=1)) == {Result.CANCELLED: 1}


def test_the_list_of_the_ministry_counts_an_item_under_each_of_its_numbers(db: Db) -> None:
    with db.write() as conn:
        f.publish(conn, "Q01", NOON, list_items=(1, 2))
        f.publish(conn, "Q01", NOON, list_items=(2,))
        f.add_item(conn, NOON, list_items=(21,))
    with db.read() as conn:
        assert figures.list_items(conn, span()) == {1: 1, 2: 2}


def test_items_pushes_and_deliveries_are_three_numbers(db: Db) -> None:
    with db.write() as conn:
        ids = [f.add_item(conn, NOON) for _ in range(3)]
        for target in ("Q01", "Q02"):
            placed = [f.place(conn, item_id, target, NOON) for item_id in ids]
            f.send(conn, target, placed, NOON, Status.DELIVERED, Status.DELIVERED)
    with db.read() as conn:
        reached = standings_of(ARRIVED)
        assert figures.count_reached_items(conn, span(), reached, "channel", "target") == {
            "channel": {("bot", "onebot"): 3},
            "target": {("bot", "Q01"): 3, ("bot", "Q02"): 3},
        }
        assert figures.count_placements(conn, span(), "channel") == {"onebot": 6}
        assert figures.count_pushes(conn, span(), "channel") == {"onebot": 2}
        assert figures.count_deliveries(conn, span(), "channel") == {"onebot": 4}
        assert figures.count_carrying(conn, span(), reached) == {("bot", f.WORK): (2, 4)}
        assert figures.count_pieces(conn, span()) == (6, 6)


def test_members_are_the_latest_of_each_target_and_reads_the_latest_of_each_push(db: Db) -> None:
    with db.write() as conn:
        f.publish(conn, "Q01", NOON)
        f.publish(conn, "Q02", NOON)
        for day, value in (("2020-10-01", 100), ("2021-06-01", 180), ("2021-05-01", 170)):
            f.measure(conn, "Q01", "应达", value, f.moment(day))
        f.measure(conn, "Q02", "应达", 620, f.moment("2021-07-01"))
        pushes = [
            f.send(conn, "A01", [f.place(conn, f.add_item(conn, NOON), "A01", NOON)], NOON, Status.DELIVERED)
            for _ in (1, 2)
        ]
        for push, values in zip(pushes, ((10, 25), (40, 41)), strict=True):
            for later, value in enumerate(values):
                f.measure(conn, "A01", "阅读", value, NOON + timedelta(days=later), basis="平台统计", push_id=push)
    with db.read() as conn:
        found = {(each.metric, each.channel): each for each in figures.measured(conn, span())}
    members, reads = found["应达", "onebot"], found["阅读", "wechat_oa"]
    assert (members.value, members.known, members.basis, members.of_pushes) == (800, 2, "群成员数", False)
    assert (members.true_from, members.true_to) == (f.moment("2021-06-01"), f.moment("2021-07-01"))
    assert (reads.value, reads.known, reads.of_pushes) == (66, 2, True)


def test_reach_that_became_known_after_the_cut_off_is_not_used(db: Db) -> None:
    with db.write() as conn:
        f.publish(conn, "Q01", NOON)
        f.measure(conn, "Q01", "应达", 100, f.moment("2021-06-01"))
        f.measure(conn, "Q01", "应达", 999, f.moment("2021-07-01"), known_at=f.moment("2021-11-02"))
    with db.read() as conn:
        assert [each.value for each in figures.measured(conn, span())] == [100]
        assert figures.measured(conn, span(f.moment("2021-05-01"))) == []


def test_figures_of_unlike_basis_are_never_added(db: Db) -> None:
    with db.write() as conn:
        f.publish(conn, "Q01", NOON)
        f.publish(conn, "Q02", NOON)
        f.measure(conn, "Q01", "应达", 100, NOON)
        f.measure(conn, "Q02", "应达", 50, NOON, basis="人工填报")
    with db.read() as conn:
        assert {each.basis: each.value for each in figures.measured(conn, span())} == {"群成员数": 100, "人工填报": 50}
