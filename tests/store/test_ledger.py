"""The ledger (台账) as the papers print it: whose figure stands beside which item, and by which way it was reached."""

from __future__ import annotations

import pytest

from desk import log, why
from desk.evidence import trace
from desk.papers.rows import LEDGER, ledger_rows
from rules.dates import SchoolYear
from rules.states import Status
from store import ledger
from store import tables as t
from store.db import Db
from store.span import Span
from tests import factory as f
from tests.desk.papers import a_clock, facts_of

NOON, MIDNIGHT = f.moment("2020-10-01"), f.moment("2020-10-01", "00:00")
YEAR = SchoolYear(2020)


def two_in_a_push(db: Db) -> list[int]:
    """Two items that one push brought, each with an article and readers of its own."""
    with db.write() as conn:
        both = [f.add_item(conn, NOON, title=title) for title in "甲乙"]
        push = f.send(conn, "A01", [f.place(conn, each, "A01", NOON) for each in both], NOON, Status.DELIVERED)
        for position, (item, reads) in enumerate(zip(both, (20, 7), strict=True), start=1):
            row = {"channel": "wechat_oa", "article_id": "100", "position": position, "title": "", "push_id": push}
            conn.execute(t.articles.insert().values(**row, item_id=item, published_at=NOON, seen_at=NOON))
            f.measure(conn, "A01", "阅读", reads, NOON, basis="平台统计", push_id=push, subject=f"100_{position}")
    return both


def test_each_item_of_a_push_has_its_own_readers_beside_it(db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = two_in_a_push(db)
    with db.read() as conn:
        found = ledger.went(conn, Span(YEAR.start, YEAR.end, f.moment("2021-10-29")))
    assert [found[each][0].reach for each in (one, two)] == ["阅读 20（平台统计）", "阅读 7（平台统计）"]
    why.show(db, f.a_school(), two)
    assert "触达：阅读 7（平台统计，2020-10-01）" in capsys.readouterr().out


def test_an_items_readers_stand_under_the_way_that_has_them(sqlite_db: Db) -> None:
    one, _ = two_in_a_push(sqlite_db)
    with sqlite_db.write() as conn:
        push = f.send(conn, "Q01", [f.place(conn, one, "Q01", NOON)], NOON, Status.DELIVERED)
        f.measure(conn, "Q01", "点击", 3, NOON, basis="点击", push_id=push)
    column = list(LEDGER).index("阅读/覆盖")
    told = [row[column] for row in ledger_rows(facts_of(sqlite_db), a_clock())]
    assert told == ["学生工作QQ群：点击 3（点击）；官方微信公众平台：阅读 20（平台统计）", "官方微信公众平台：阅读 7（平台统计）"]


def test_what_a_person_wrote_down_of_a_day_shows_no_hour_anywhere(
    sqlite_db: Db, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite_db.write() as conn:
        item = f.add_item(conn, MIDNIGHT, title="张贴的通知")
        f.book(conn, item, "Q02", MIDNIGHT)
    log.show(sqlite_db, {}, register=lambda: f.TARGETS)
    why.show(sqlite_db, f.a_school(), item)
    trace(sqlite_db, str(item))
    out = capsys.readouterr().out
    for words in ("2020-10-01  2020-10-01  Q02", "    2020-10-01 首发", "  2020-10-01 登记第 1 版"):
        assert words in out
    assert "2020-10-01 00:00 首发" not in out and "2020-10-01 00:00  " not in out
