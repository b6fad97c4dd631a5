"""Roll-ups (汇总) say what the rows say: after any sequence of events, late words and corrections among them."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, update

from jobs import amend, rollup
from jobs.freeze import freeze
from jobs.report import Report, report, report_in
from rules.dates import Period, SchoolYear, day_of, period_of
from rules.states import Status
from store import marks, rollups
from store import tables as t
from store.db import Db
from store.span import Span
from store.sums import Part
from tests.jobs.bench import START, Bench, make_bench, to_students
from tests.jobs.test_job_never_twice import ACTIONS, Life, begin

YEAR = SchoolYear.parse("2020-2021")
#: Where several write at a time.
SERVERS = ("postgresql", "mariadb")


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    """Nothing is counted here but what the tests count."""
    made = make_bench(sqlite_db)
    yield made
    made.close()


def kept(db: Db) -> set[tuple[str, date]]:
    with db.read() as conn:
        return set(rollups.kept(conn))


def marked(db: Db) -> set[tuple[str, date]]:
    with db.read() as conn:
        return marks.marked(conn)


def change(bench: Bench, delivery_id: int, status: Status) -> None:
    with bench.db.write() as conn:
        conn.execute(update(t.deliveries).where(t.deliveries.c.id == delivery_id).values(status=status))
        marks.touch(conn, deliveries=[delivery_id])


def roll(bench: Bench) -> rollup.Rolled:
    return rollup.roll(bench.db, bench.clock)


def both(bench: Bench, period: Period = YEAR) -> list[Report]:
    """The report from the roll-ups, and from the rows."""
    asked = (bench.db, bench.office.school, period)
    return [report(*asked, cut_off=bench.clock.now, rolled=rolled) for rolled in (True, False)]


def spoil(db: Db) -> None:
    """Make every roll-up say that nothing happened: whoever still reads one is found out."""
    with db.write() as conn:
        conn.execute(update(t.rollups).values(sums=rollups.Part().to_json()))


class Counted(Life):
    """A life in which the days are counted while it goes on."""

    def count(self) -> None:
        rollup.roll(self.bench.db, self.bench.clock)
        assert not rollup.check(self.bench.db).wrong

    def correct(self) -> None:
        changed = [row for row in self.bench.rows(t.items) if row.changed_at]
        if changed:
            amend.correct(self.bench.office, self.books.chance.choice(changed).id, "王老师", "改正")

    def withdraw(self) -> None:
        found = self.bench.rows(t.items)
        if found:
            amend.retract(self.bench.office, self.books.chance.choice(found).id, "王老师", "撤")


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.one_of(ACTIONS, st.sampled_from(["count", "count", "wait", "correct", "withdraw"])), min_size=6, max_size=24
    ),
    st.integers(0, 10**6),
)
def test_after_any_sequence_of_events_the_report_from_the_roll_ups_is_that_from_the_rows(
    sqlite_template: Path, actions: list[str], seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        life = begin(Path(folder), sqlite_template, seed)
        life.__class__ = Counted
        try:
            for action in actions:
                life.act(action)
            life.bench.clock.forward(days=1)
            quick, plain = both(life.bench)
            assert quick == plain
            assert isinstance(life, Counted)
            life.count()
            quick, plain = both(life.bench)
            assert quick == plain
        finally:
            life.bench.close()
            life.bench.db.close()


def a_month(bench: Bench) -> None:
    """An item on the 10th, the 20th and the next 10th; then the clock stands in November."""
    for n, day in enumerate((START, START + timedelta(days=10), START + timedelta(days=30))):
        bench.clock.now = day
        bench.publish(to_students(number=f"XX-{n}", title=f"通知{n}"))
        bench.deliver()
    bench.clock.now = START + timedelta(days=60)


def test_days_that_are_over_and_their_whole_months_are_counted_once(bench: Bench) -> None:
    a_month(bench)
    done = roll(bench)
    assert (done.days, done.months) == (69, 2)  # 1 September to 8 November
    assert roll(bench) == rollup.Rolled()
    assert both(bench)[0] == both(bench)[1]


def test_the_report_is_made_of_the_roll_ups_where_there_are_some(bench: Bench) -> None:
    a_month(bench)
    roll(bench)
    spoil(bench.db)
    quick, plain = both(bench)
    assert quick != plain
    with bench.db.write() as conn:
        rollups.forget(conn)


def test_a_late_word_marks_its_day_and_its_month_and_nothing_else(bench: Bench) -> None:
    a_month(bench)
    roll(bench)
    before = kept(bench.db)
    [first, *_] = bench.rows(t.deliveries)
    change(bench, first.id, Status.RETRACTED)
    assert before - kept(bench.db) == {("day", START.date()), ("month", date(2020, 9, 1))}
    assert both(bench)[0] == both(bench)[1]
    assert roll(bench) == rollup.Rolled(1, 1)


def test_an_item_that_is_edited_concerns_every_day_it_was_placed_on(bench: Bench) -> None:
    a_month(bench)
    roll(bench)
    bench.enter(to_students(number="XX-0", title="通知0改"))
    assert ("day", START.date()) not in kept(bench.db)


def test_a_change_that_is_given_up_marks_nothing(bench: Bench) -> None:
    a_month(bench)
    roll(bench)
    before = kept(bench.db)
    with pytest.raises(RuntimeError), bench.db.write() as conn:
        marks.touch(conn, pushes=[1])
        raise RuntimeError
    assert kept(bench.db) == before


def test_what_was_counted_after_the_cut_off_tells_nothing_of_it(bench: Bench) -> None:
    a_month(bench)
    roll(bench)
    spoil(bench.db)
    past = bench.clock.now - timedelta(minutes=1)
    asked = (bench.db, bench.office.school, YEAR)
    assert report(*asked, cut_off=past) == report(*asked, cut_off=past, rolled=False)
    with bench.db.write() as conn:
        rollups.forget(conn)


def test_what_an_older_bot_has_counted_counts_for_nothing(bench: Bench) -> None:
    a_month(bench)
    roll(bench)
    spoil(bench.db)
    with bench.db.write() as conn:
        conn.execute(update(t.rollups).values(form=rollups.FORM - 1))
    assert both(bench)[0] == both(bench)[1]
    assert roll(bench).days == 69


def test_a_row_that_somebody_has_changed_by_hand_is_found_and_counted_anew(bench: Bench) -> None:
    a_month(bench)
    roll(bench)
    with bench.db.write() as conn:
        conn.execute(update(t.deliveries).values(status=Status.FAILED))
    wrong = rollup.check(bench.db).wrong
    assert ("day", START.date()) in wrong and ("month", date(2020, 9, 1)) in wrong
    rollup.rebuild(bench.db, bench.clock)
    assert not rollup.check(bench.db).wrong
    assert both(bench)[0] == both(bench)[1]


def test_a_broken_month_is_made_of_its_days(bench: Bench) -> None:
    a_month(bench)
    roll(bench)
    quick, plain = both(bench, period_of(date(2020, 9, 15), date(2020, 10, 12)))
    assert quick == plain
    assert sum(line.due for line in quick.channels) == 2


def test_whoever_counts_while_others_change_keeps_nothing_that_is_wrong(bench3: Bench) -> None:
    """Two threads change rows while a third counts: no day keeps what was true before a change."""
    a_month(bench3)
    roll(bench3)
    ids = [row.id for row in bench3.rows(t.deliveries)]
    errors: list[Exception] = []

    def change(number: int, statuses: tuple[Status, ...]) -> None:
        db = Db(bench3.db.url.render_as_string(hide_password=False))
        try:
            for status in statuses * 6:
                with db.write() as conn:
                    conn.execute(update(t.deliveries).where(t.deliveries.c.id == number).values(status=status))
                    marks.touch(conn, deliveries=[number])
        except Exception as error:
            errors.append(error)
        finally:
            db.close()

    both_ways = (Status.RETRACTED, Status.DELIVERED, Status.FAILED)
    threads = [threading.Thread(target=change, args=(number, both_ways)) for number in ids[:2]]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        rollup.roll(bench3.db, bench3.clock)
        assert not rollup.check(bench3.db).wrong
    rollup.roll(bench3.db, bench3.clock)
    assert not errors
    assert not rollup.check(bench3.db).wrong


def test_a_change_that_no_count_has_seen_yet_is_counted_by_whoever_waits_for_the_count(bench3: Bench) -> None:
    """The day is counted, then the row is changed, then the count is kept: the change waits for nobody, its mark stays."""
    a_month(bench3)
    roll(bench3)
    first = bench3.rows(t.deliveries)[0]
    key = ("day", day_of(first.pushed_at))

    changing = threading.Thread(target=change, args=(bench3, first.id, Status.RETRACTED))
    counting = threading.Thread(target=roll, args=(bench3,))
    with bench3.db.write() as conn:
        marks.take(conn)
        rollups.keep_day(conn, key[1], bench3.clock.now)
        changing.start()
        changing.join(0.5)
        assert changing.is_alive() == (bench3.db.dialect == "sqlite")  # it has one writer
        counting.start()
        counting.join(0.5)
        assert counting.is_alive()
    changing.join()
    counting.join()
    assert (key in kept(bench3.db)) == (not marked(bench3.db))
    assert both(bench3)[0] == both(bench3)[1] and not rollup.check(bench3.db).wrong
    roll(bench3)
    assert key in kept(bench3.db) and not marked(bench3.db)
    assert both(bench3)[0] == both(bench3)[1] and not rollup.check(bench3.db).wrong


@pytest.mark.parametrize("db", SERVERS, indirect=True)
def test_a_mark_that_comes_while_others_are_cleared_stays(bench3: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    a_month(bench3)
    roll(bench3)
    first, second, *_ = bench3.rows(t.deliveries)
    change(bench3, first.id, Status.RETRACTED)
    keys = marks._keys

    def meanwhile(conn: Connection, found: Iterable[Any]) -> set[marks.Key]:
        monkeypatch.setattr(marks, "_keys", keys)
        change(bench3, second.id, Status.RETRACTED)
        return keys(conn, found)

    monkeypatch.setattr(marks, "_keys", meanwhile)
    rollup.clear(bench3.db)
    assert {key for key in marked(bench3.db) if key[0] == "day"} == {("day", day_of(second.pushed_at))}
    assert not rollup.check(bench3.db).wrong


@pytest.mark.parametrize("db", SERVERS, indirect=True)
def test_whoever_clears_waits_for_a_day_that_is_being_counted(bench3: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row changes when it has been counted: cleared before the count is kept, its mark would be lost."""
    a_month(bench3)
    roll(bench3)
    first = bench3.rows(t.deliveries)[0]
    change(bench3, first.id, Status.RETRACTED)
    counted, clearing = rollups._counted, threading.Thread(target=rollup.clear, args=(bench3.db,))

    def meanwhile(conn: Connection, span: Span) -> Part:
        found = counted(conn, span)
        if span.first == day_of(first.pushed_at) and not clearing.ident:
            change(bench3, first.id, Status.FAILED)
            clearing.start()
            clearing.join(0.3)
        return found

    monkeypatch.setattr(rollups, "_counted", meanwhile)
    roll(bench3)
    clearing.join()
    assert not rollup.check(bench3.db).wrong


def test_a_change_of_more_rows_than_one_mark_holds_marks_them_all(bench: Bench) -> None:
    a_month(bench)
    roll(bench)
    with bench.db.write() as conn:
        marks.touch(conn, deliveries=[1, *range(10**6, 10**6 + 700)], placements=[*range(-700, 0), 2])
    days = {first for level, first in marked(bench.db) if level == "day"}
    assert days == {day_of(bench.rows(t.placements)[n].created_at) for n in (0, 1)}
    assert len(bench.rows(t.marks)) == 4


def test_many_marks_are_cleared_some_at_a_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    a_month(bench)
    roll(bench)
    monkeypatch.setattr(marks, "CLEARED", 2)
    for row in bench.rows(t.deliveries) * 2:
        change(bench, row.id, Status.RETRACTED)
    rollup.clear(bench.db)
    assert not marked(bench.db) and not rollup.check(bench.db).wrong
    assert roll(bench).days == 3


def test_what_another_clock_wrote_a_moment_ahead_is_counted(bench: Bench) -> None:
    """A machine's clock is never quite another's: what stands in the rows is counted, whatever its moment says."""
    a_month(bench)
    [first, *_] = bench.rows(t.deliveries)
    soon = bench.clock.now + timedelta(seconds=1)
    with bench.db.write() as conn:
        retracted = update(t.deliveries).where(t.deliveries.c.id == first.id)
        conn.execute(retracted.values(status=Status.RETRACTED, changed_at=soon))
    roll(bench)
    bench.clock.forward(hours=5)
    quick, plain = both(bench)
    assert quick == plain
    assert not rollup.check(bench.db).wrong


def test_days_before_the_first_row_do_not_keep_the_roll_ups_from_being_used(bench: Bench) -> None:
    a_month(bench)
    roll(bench)
    spoil(bench.db)
    quick, plain = both(bench, period_of(date(2020, 5, 1), date(2020, 12, 31)))
    assert quick != plain
    with bench.db.write() as conn:
        rollups.forget(conn)


def test_one_old_row_opens_no_years_of_days_to_count_one_by_one(bench: Bench) -> None:
    a_month(bench)
    with bench.db.write() as conn:
        conn.execute(update(t.placements).where(t.placements.c.id == 1).values(taken_at=START - timedelta(days=1200)))
        marks.touch(conn, placements=[1])
    commits = [0]
    write = bench.db.write

    @contextmanager
    def counting() -> Iterator[Connection]:
        commits[0] += 1
        with write() as conn:
            yield conn

    bench.db.write = counting  # type: ignore[method-assign]
    done = roll(bench)
    assert done.days > 1200 and commits[0] < 150
    old = [("day", date(2017, 6, 1)), ("month", date(2017, 6, 1)), ("month", date(2017, 5, 1)), ("day", START.date())]
    assert set(old) <= kept(bench.db)
    assert not rollup.compare(bench.db, old).wrong and both(bench)[0] == both(bench)[1]


def test_a_year_that_was_handed_in_is_answered_from_its_rows(bench: Bench) -> None:
    a_month(bench)
    bench.clock.now = START + timedelta(days=400)
    roll(bench)
    freeze(bench.db, bench.office.school, YEAR, cut_off=bench.clock.now, by="张老师", now=bench.clock.now)
    spoil(bench.db)
    assert both(bench)[0] == both(bench)[1]


def test_papers_hold_the_roll_ups_against_wholes_that_the_rows_come_to(bench: Bench) -> None:
    a_month(bench)
    roll(bench)
    with bench.db.write() as conn:
        conn.execute(t.push_placements.delete().where(t.push_placements.c.push_id == 1))
    asked = (bench.office.school, YEAR)
    with bench.db.snapshot() as conn:
        assert report_in(conn, *asked, cut_off=bench.clock.now).checked
        assert not report_in(conn, *asked, cut_off=bench.clock.now, wholes=True).checked


def test_the_hourly_run_looks_at_some_roll_ups_in_turn_and_tells_of_a_wrong_one(bench: Bench) -> None:
    a_month(bench)
    roll(bench)
    spoil(bench.db)
    wrong = 0
    for _ in range(12):
        wrong += rollup.rollup(bench.office).wrong
        bench.clock.forward(hours=1)
    assert wrong == len(rollup.check(bench.db).wrong)
    [said] = bench.alarms()
    assert "汇总与推送日志的明细不符" in said and "rollup --rebuild" in said
    rollup.rebuild(bench.db, bench.clock)
    assert all(row.cleared_at for row in bench.rows(t.alarms))
