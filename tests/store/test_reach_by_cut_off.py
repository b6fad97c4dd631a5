"""Reach and the cut-off: the latest figure known by it, whatever was measured before or became known after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from rules.dates import SchoolYear
from rules.states import Status
from store import figures, reach
from store import tables as t
from store.db import Db
from store.span import Span
from tests import factory as f

NOON = f.moment("2020-10-01")
YEAR = SchoolYear(2020)


@pytest.fixture(scope="module")
def pushed(sqlite_database: Db) -> Iterator[tuple[Db, list[int]]]:
    """Three pushes of one channel, and one of another."""
    with sqlite_database.write() as conn:
        for table in reversed(t.metadata.sorted_tables):
            conn.execute(table.delete())
        made = [
            f.send(conn, target, [f.place(conn, f.add_item(conn, NOON), target, NOON)], NOON, Status.DELIVERED)
            for target in ("Q01", "Q01", "Q02", "A01")
        ]
    yield sqlite_database, made
    with sqlite_database.write() as conn:
        for table in reversed(t.metadata.sorted_tables):
            conn.execute(table.delete())


#: (push, metric, value, true after hours, known so many hours later)
Sample = tuple[int, str, int, int, int]
SAMPLES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["阅读", "点击"]),
        st.integers(0, 10**6),
        st.integers(0, 50),
        st.integers(0, 30),
    ),
    max_size=25,
    unique_by=lambda each: (each[0], each[1], each[3]),
)


def expected(samples: list[Sample], metric: str, pushes: set[int], cut_off: int) -> tuple[int, list[int]] | None:
    """By hand: of each push the truest figure known by then, summed; and when they were true."""
    latest: dict[int, Sample] = {}
    for sample in samples:
        push, of, _, true, late = sample
        if push in pushes and of == metric and true + late <= cut_off:
            latest[push] = max(latest.get(push, sample), sample, key=lambda each: each[3])
    if not latest:
        return None
    return sum(each[2] for each in latest.values()), sorted(each[3] for each in latest.values())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(samples=SAMPLES, cut_offs=st.lists(st.integers(0, 90), min_size=1, max_size=4))
def test_each_push_counts_with_its_latest_figure_known_by_the_cut_off(
    pushed: tuple[Db, list[int]], samples: list[Sample], cut_offs: list[int]
) -> None:
    db, ids = pushed
    with db.write() as conn:
        conn.execute(t.reach.delete())
        for push, metric, value, true, late in samples:
            true_at = NOON + timedelta(hours=true)
            known_at = true_at + timedelta(hours=late)
            target = ("Q01", "Q01", "Q02", "A01")[push]
            basis = "点击" if metric == "点击" else "平台统计"
            f.measure(conn, target, metric, value, true_at, basis=basis, push_id=ids[push], known_at=known_at)
    for cut_off in cut_offs:
        with db.read() as conn:
            found = figures.measured(conn, Span(YEAR.start, YEAR.end, NOON + timedelta(hours=cut_off)))
        sums = {(each.channel, each.metric): each for each in found}
        for channel, pushes in (("onebot", {0, 1, 2}), ("wechat_oa", {3})):
            for metric in ("阅读", "点击"):
                wanted, got = expected(samples, metric, pushes, cut_off), sums.get((channel, metric))
                assert (got is None) == (wanted is None)
                if got is not None and wanted is not None:
                    hours = [NOON + timedelta(hours=n) for n in wanted[1]]
                    assert (got.value, got.known) == (wanted[0], len(hours)) and got.of_pushes
                    assert (got.true_from, got.true_to) == (hours[0], hours[-1])
    with db.read() as conn:  # nothing was overwritten on the way
        assert len(conn.execute(select(t.reach)).all()) == len(samples)


def test_the_latest_figure_of_each_metric_of_a_push_stands_beside_it(db: Db) -> None:
    with db.write() as conn:
        one, two = (
            f.send(conn, "A01", [f.place(conn, f.add_item(conn, NOON), "A01", NOON)], NOON, Status.DELIVERED)
            for _ in range(2)
        )
        for days, value in ((1, 10), (7, 25), (3, 20)):  # the last one came late, but was true before
            f.measure(conn, "A01", "阅读", value, NOON + timedelta(days=days), basis="平台统计", push_id=one)
        f.measure(conn, "A01", "点击", 4, NOON + timedelta(days=2), basis="点击", push_id=one)
    with db.read() as conn:
        found = reach.of_pushes(conn, [one, two])
    assert {each.metric: (each.value, each.basis) for each in found[one]} == {
        "阅读": (25, "平台统计"),
        "点击": (4, "点击"),
    }
    assert two not in found


def test_a_figure_of_a_push_of_several_says_that_it_is_of_all_of_them(db: Db) -> None:
    with db.write() as conn:
        placed = [f.place(conn, f.add_item(conn, NOON), "A01", NOON) for _ in range(3)]
        push = f.send(conn, "A01", placed, NOON, Status.DELIVERED)
        f.measure(conn, "A01", "阅读", 30, NOON, basis="平台统计", push_id=push)
        f.measure(conn, "A01", "送达", 500, NOON, basis="平台统计", push_id=push)
    with db.read() as conn:
        sent, read = reach.of_pushes(conn, [push])[push]
    assert read.words == "本次推送 3 条合计阅读 30"
    assert sent.words == "送达 500"  # the same people got each of the three


def test_an_item_of_several_in_a_push_has_its_own_articles_figure_as_known_at_the_cut_off(db: Db) -> None:
    with db.write() as conn:
        one, two, untold = items = [f.add_item(conn, NOON) for _ in range(3)]
        push = f.send(conn, "A01", [f.place(conn, each, "A01", NOON) for each in items], NOON, Status.DELIVERED)
        for position, (item, seen, reads) in enumerate(
            ((one, 0, {1: 20}), (two, 0, {1: 7, 3: 9}), (two, 5, {1: 5}), (None, 0, {1: 2})), start=1
        ):
            row = {"channel": "wechat_oa", "article_id": "100", "position": position, "title": "", "push_id": push}
            times = {"published_at": NOON, "seen_at": NOON + timedelta(days=seen)}
            conn.execute(t.articles.insert().values(**row, **times, item_id=item))
            for days, value in reads.items():
                own = {"basis": "平台统计", "push_id": push, "subject": f"100_{position}"}
                f.measure(conn, "A01", "阅读", value, NOON + timedelta(days=days), **own)
        f.measure(conn, "A01", "点击", 4, NOON, basis="点击", push_id=push)
        f.measure(conn, "A01", "阅读", 50, NOON, basis="人工填报", push_id=push)
    placed = [(push, each) for each in (*items, 999)]
    with db.read() as conn:
        now, then = reach.of_items(conn, placed), reach.of_items(conn, placed, NOON + timedelta(days=2))
    words = {item: [f"{each.words}（{each.basis}）" for each in known] for (_, item), known in now.items()}
    clicks, by_hand = "本次推送 3 条合计点击 4（点击）", "本次推送 3 条合计阅读 50（人工填报）"
    assert words[one] == [clicks, by_hand, "阅读 20（平台统计）"]
    assert words[two] == [clicks, by_hand, "阅读 14（平台统计）"]  # of two articles
    assert words[untold] == words[999] == [clicks, by_hand, "本次推送 3 条合计阅读 36（平台统计）"]
    assert [each.words for each in then[push, two]][-1] == "阅读 7"  # the other article was not seen yet
