"""A source that nobody answers for: once or twice passes by itself, the third time in a row is told."""

from __future__ import annotations

import pytest

from jobs.watch import AWAY_FOR
from sources.base import Fetched, Health
from store import stand
from store import tables as t
from tests.jobs.bench import COLUMN, Bench

AWAY = Fetched(health=Health.BAD, note="网站连接不上", away=True)
GARBAGE = Fetched(health=Health.BAD, note="页面中认不出栏目列表")
WAITS = Fetched(health=Health.BAD, note="网站连接不上；09:30之后再读取", asked=False)
WHOLE = Fetched(health=Health.UNCHANGED)


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([AWAY], 0),
        ([AWAY, AWAY], 0),
        ([AWAY, AWAY, AWAY], 3),
        ([AWAY, AWAY, WHOLE, AWAY, AWAY], 0),
        ([AWAY, AWAY, WAITS, WAITS, WAITS], 0),
        ([AWAY, AWAY, WAITS, AWAY], 4),
        ([AWAY, AWAY, Fetched(health=Health.PARTIAL, note="一篇未读"), AWAY], 0),
        ([GARBAGE], 1),
        ([AWAY, GARBAGE], 2),
        ([AWAY, AWAY, AWAY, AWAY, AWAY], 3),
    ],
)
def test_a_source_that_nobody_answers_for_is_told_at_the_third_look_and_what_is_no_list_at_once(
    bench3: Bench, looks: list[Fetched], told: int
) -> None:
    found = []
    for number, look in enumerate(looks, start=1):
        bench3.colleague().watch(look)  # a bot started anew for each look: the count outlives it
        bench3.clock.forward(minutes=10)
        found += [number] if len(bench3.alarms()) > len(found) else []
    assert found == ([told] if told else [])
    with bench3.db.read() as conn:
        assert stand.watches(conn)[COLUMN.name].health == looks[-1].health


def test_the_alarm_of_a_source_that_is_away_says_how_often_and_is_over_once_it_answers(bench: Bench) -> None:
    for _ in range(AWAY_FOR):
        bench.watch(AWAY)
    assert bench.alarms() == [f"监看“{COLUMN.name}”连续 3 次读取失败：网站连接不上"]
    bench.watch(WHOLE)
    assert bench.rows(t.alarms)[0].cleared_at is not None
    bench.watch(AWAY)
    assert len(bench.alarms()) == 1
