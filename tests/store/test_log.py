"""The push log: one row a placement in a push, every filter, and pages by key, on each database."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, update

from rules.amend import ENDED_BACK
from rules.states import Result, Status, result_of
from store import log, placements
from store import tables as t
from store.db import Db
from store.log import Filter, Key
from store.standing import BITS, result_from
from tests import factory as f

NOON = f.moment("2020-10-01")


def rows(db: Db, **wanted: object) -> list[log.Row]:
    with db.read() as conn:
        return list(log.page(conn, Filter(**wanted), register=f.TARGETS).rows)  # type: ignore[arg-type]


@given(st.sets(st.sampled_from(Status)))
def test_a_standing_means_what_result_of_says(present: set[Status]) -> None:
    assert result_from(sum(BITS[status] for status in present)) is result_of(dict.fromkeys(present, 1))


def test_a_placement_in_a_push_shows_who_got_what_and_how_that_is_known(db: Db) -> None:
    with db.write() as conn:
        item_id = f.publish(conn, "Q01", NOON, title="关于评奖的公示", category=f.STUDENTS, sub_item="荣誉称号")
    (row,) = rows(db)
    assert (row.item_id, row.title, row.target, row.target_name) == (item_id, "关于评奖的公示", "Q01", "学生工作群")
    assert (row.status, row.basis, row.purpose, row.origin) == (Result.SUCCESS, "群内已发", "首发", "bot")
    assert row.audience == "学生" and row.category == f.STUDENTS and row.audience_class == "社会"
    assert row.vendor_id and row.taken_at == NOON and row.at == NOON


def test_a_resend_shows_as_another_row_and_only_to_those_who_did_not_get_it(db: Db) -> None:
    with db.write() as conn:
        placed = f.place(conn, f.add_item(conn, NOON), "Q01", NOON)
        first = f.send(conn, "Q01", [placed], NOON, Status.DELIVERED, Status.FAILED)
        placements.free(conn, first, NOON, alone=False)
        again = f.push(conn, "Q01", [placed], NOON + timedelta(hours=1), addresses=["Q01-1"], resend_of=first)
        f.settle(conn, [again], NOON + timedelta(hours=1), Status.DELIVERED)
    assert [(row.push_id, row.status) for row in rows(db)] == [(again, Result.SUCCESS), (first, Result.PARTIAL)]


def test_placements_without_a_push_show_why_they_wait_or_ended(db: Db) -> None:
    with db.write() as conn:
        ids = [f.place(conn, f.add_item(conn, NOON), "Q02", NOON + timedelta(minutes=n)) for n in range(3)]
        placements.explain(conn, {ids[0]: "等待 10-02 12:00 合并推送"})
        placements.end(conn, [ids[1]], "cancelled", "张老师 取消", NOON)
        placements.end(conn, [ids[2]], "expired", "期限已过", NOON)
    found = [(row.status, row.reason, row.push_id, row.target_name) for row in rows(db)]
    assert found == [
        (Result.EXPIRED, "期限已过", None, "信息工程系学生群"),
        (Result.CANCELLED, "张老师 取消", None, "信息工程系学生群"),
        (Result.WAITING, "等待 10-02 12:00 合并推送", None, "信息工程系学生群"),
    ]


def test_a_scrapped_push_stays_in_the_log_beside_the_placement_that_waits_again(db: Db) -> None:
    with db.write() as conn:
        push = f.push(conn, "Q01", [f.place(conn, f.add_item(conn, NOON), "Q01", NOON)], NOON)
        assert placements.scrap(conn, push, "条目已更新，重新编排", NOON)
    assert [(row.status, row.push_id) for row in rows(db)] == [(Result.CANCELLED, push), (Result.WAITING, None)]


def test_what_a_person_booked_counts_as_done_under_its_own_name(db: Db) -> None:
    with db.write() as conn:
        f.book(conn, f.add_item(conn, NOON), "G01", NOON)
    (row,) = rows(db, results=(Result.SUCCESS,))
    assert (row.origin, row.push_id, row.status) == ("booked", None, Result.SUCCESS)


def test_a_push_with_hundreds_of_addresses_is_one_row(db: Db) -> None:
    with db.write() as conn:
        placed = f.place(conn, f.add_item(conn, NOON), "Q01", NOON)
        f.send(conn, "Q01", [placed], NOON, *([Status.DELIVERED] * 299), Status.FAILED)
    (row,) = rows(db)
    assert row.status is Result.PARTIAL and row.vendor_id == ""


def _standing_of_every_kind(conn: Connection) -> Counter[Result]:
    """Pushes with each single status and some mixtures; returns how many rows each result must have."""
    mixtures = [{status} for status in Status]
    mixtures += [
        {Status.DELIVERED, Status.FAILED},
        {Status.FAILED, Status.UNCERTAIN},
        {Status.FAILED, Status.CANCELLED},
    ]
    mixtures += [{Status.ACCEPTED, Status.DELIVERED}, {Status.EXPIRED, Status.CANCELLED}]
    for n, present in enumerate(mixtures):
        at = NOON + timedelta(minutes=n)
        addresses = [status.value for status in present]
        f.push(conn, "Q01", [f.place(conn, f.add_item(conn, at), "Q01", at)], at, addresses=addresses)
    conn.execute(update(t.deliveries).values(status=t.deliveries.c.address))
    unpushed = {"": Result.WAITING, "cancelled": Result.CANCELLED, "expired": Result.EXPIRED, ENDED_BACK: Result.CANCELLED}
    for ended in unpushed:
        placed = f.place(conn, f.add_item(conn, NOON), "Q01", NOON)
        conn.execute(update(t.placements).where(t.placements.c.id == placed).values(ended=ended))
    f.book(conn, f.add_item(conn, NOON), "Q01", NOON)
    pushed = Counter(result_of(dict.fromkeys(present, 1)) for present in mixtures)
    return pushed + Counter([*unpushed.values(), Result.SUCCESS])


def test_the_filter_on_results_finds_what_the_rows_say(db: Db) -> None:
    with db.write() as conn:
        expected = _standing_of_every_kind(conn)
    assert Counter(row.status for row in rows(db)) == expected
    for result in Result:
        found = rows(db, results=(result,))
        assert {row.status for row in found} <= {result} and len(found) == expected[result]
    for some in combinations(Result, 2):
        assert Counter(row.status for row in rows(db, results=some)) == {each: expected[each] for each in some if expected[each]}


@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_pages_by_key_show_every_row_once_newest_first(db: Db, size: int) -> None:
    with db.write() as conn:
        f.a_year(conn, size=7, targets=("Q01", "A01"))
        for n in range(3):  # at the same instant, with and without a push
            f.place(conn, f.add_item(conn, NOON), "G01", NOON)
            f.publish(conn, "Q02", NOON, title=f"同时 {n}")
    with db.read() as conn:
        keys = [row.key for row in log.rows(conn, Filter(), size=size)]
    assert len(keys) == len(set(keys)) == 14 + 6
    assert keys == sorted(keys, reverse=True)


def test_a_key_survives_being_printed() -> None:
    key = Key(f.moment("2020-09-01", "12:00:00.000123"), 12, 34)
    assert Key.parse(str(key)) == key
    with pytest.raises(ValueError, match="翻页标记"):
        Key.parse("第二页")


def test_every_filter_narrows(db: Db) -> None:
    later = NOON + timedelta(days=2)
    with db.write() as conn:
        item_id = f.publish(conn, "Q01", NOON, department="教务处", category=f.MONEY, sub_item="费用支出情况")
        f.publish(conn, "A01", later, department="财务处")
        f.place(conn, f.add_item(conn, later), "G01", later)
    assert len(rows(db)) == 3
    for wanted in (
        {"until": later}, {"channel": "onebot"}, {"target": "Q01"}, {"audience": "学生"}, {"category": f.MONEY},
        {"department": "教务处"}, {"items": (item_id,)},
    ):  # fmt: skip
        assert [row.item_id for row in rows(db, **wanted)] == [item_id], wanted
    assert [row.target for row in rows(db, since=later)] == ["A01", "G01"]
    assert [row.target for row in rows(db, audience="教职工")] == [
        "G01"
    ]  # nothing pushed there yet: the register knows
    assert rows(db, items=(-1,)) == []
