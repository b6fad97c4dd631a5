"""After an outage nothing floods: what is late is named, follows the school's policy, and a person can decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from desk import backlog as desk
from jobs import backlog, orders
from rules.backlog import Policy
from rules.outcome import Outcome
from store import late
from store import tables as t
from tests.jobs.bench import ABSENT, GROUPS, Bench, Resolving, to_students


@pytest.fixture
def away(bench: Bench) -> Bench:
    """The bot was at work, then away for three days; it comes back at nine."""
    bench.office.school = replace(bench.office.school, confirm=False)
    bench.tick()
    backlog.beat(bench.office)
    bench.clock.forward(days=3)
    return bench


def gone_for_three_days(bench: Bench) -> None:
    backlog.beat(bench.office)
    bench.clock.forward(days=3)
    backlog.come_back(bench.office)


def policy(bench: Bench, how: Policy, most: int = 20) -> None:
    bench.office.school = replace(bench.office.school, backlog=how, backlog_most=most)


def come_back(bench: Bench, many: int = 1) -> None:
    assert backlog.come_back(bench.office) is not None
    day = (bench.clock.now - timedelta(days=2)).date()
    bench.publish(*(to_students(title=f"停机{n}", number=str(n), approved_on=day) for n in range(many)))
    bench.tick()


def sent(bench: Bench) -> int:
    return sum(len(call.titles) for call in bench.vendor.calls if call.channel == GROUPS and "停机0" in call.titles)


def test_what_is_late_waits_for_a_person_who_is_told(away: Bench) -> None:
    come_back(away)
    assert away.rows(t.pushes) == []
    assert any("停机 3 天后恢复" in text for text in away.alarms())
    [row] = away.rows(t.placements)
    assert (row.late, "backlog" in row.reason) == ("ask", True)


@pytest.mark.parametrize("how", ["send", "digest"])
def test_a_person_lets_it_go(away: Bench, how: str, capsys: pytest.CaptureFixture[str]) -> None:
    come_back(away)
    desk.show(away.office, as_json=False)
    desk.decide(away.office, how, ["停机0"])
    away.tick()
    assert sent(away) == 1
    said = capsys.readouterr().out
    assert "最近一次停机" in said and "停机0" in said and "1 条次" in said
    assert away.rows(t.acts)[-1].act.startswith("补推")


def test_a_person_drops_it(away: Bench) -> None:
    come_back(away)
    desk.decide(away.office, "drop", [])
    away.tick()
    assert away.rows(t.pushes) == []
    assert [row.ended for row in away.rows(t.placements)] == ["cancelled"]


def test_what_may_go_by_itself_goes_up_to_the_cap_and_the_rest_is_asked(away: Bench) -> None:
    policy(away, Policy.DIGEST, most=2)
    come_back(away, many=5)
    assert sorted(row.late for row in away.rows(t.placements)) == ["ask"] * 3 + ["digest"] * 2
    assert len(away.rows(t.pushes)) == 1


def test_what_waited_before_the_outage_is_late_too(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, confirm=False)
    bench.clock.forward(hours=13)
    bench.publish(to_students(title="停机0"))
    gone_for_three_days(bench)
    assert [row.late for row in bench.rows(t.placements)] == ["ask"]


def test_what_was_in_a_push_already_is_late_too(bench: Bench) -> None:
    bench.publish(to_students(title="停机0"))
    gone_for_three_days(bench)
    bench.tick()
    assert sent(bench) == 0 and bench.statuses()[0] == "cancelled"
    assert [row.late for row in bench.rows(t.placements)] == ["ask"]
    desk.decide(bench.office, "send", ["停机0"])
    bench.tick()
    assert sent(bench) == 1


def test_a_push_that_may_have_left_before_the_outage_is_cleared_up_and_not_asked_about(bench: Bench) -> None:
    bench.vendor.says(GROUPS, Outcome.UNCERTAIN)
    bench.publish(to_students(title="停机0"))
    bench.deliver()
    gone_for_three_days(bench)
    assert [row.late for row in bench.rows(t.placements)] == [None]
    assert bench.statuses() == ["uncertain"]


def test_what_proves_afterwards_not_to_have_left_is_asked_about_then(bench: Bench) -> None:
    bench.use(Resolving)
    bench.vendor.says(GROUPS, Outcome.UNCERTAIN)
    bench.publish(to_students(title="停机0"))
    bench.deliver()
    gone_for_three_days(bench)
    bench.vendor.resolutions.append(ABSENT)
    calls = sent(bench)
    for _ in range(3):
        bench.clock.forward(minutes=10)
        bench.tick()
    assert sent(bench) == calls
    assert [row.late for row in bench.rows(t.placements)] == ["ask"]


@pytest.mark.parametrize("how", [Policy.SEND, Policy.DIGEST])
def test_the_cap_holds_for_what_waited_before_the_outage(bench: Bench, how: Policy) -> None:
    policy(bench, how, most=3)
    bench.clock.forward(hours=13)
    bench.publish(*(to_students(title=f"停机{n}", number=str(n)) for n in range(12)))
    bench.clock.forward(minutes=5)
    gone_for_three_days(bench)
    assert sorted(row.late for row in bench.rows(t.placements)) == ["ask"] * 9 + [str(how)] * 3


def test_what_a_person_calls_urgent_is_not_asked_about(away: Bench) -> None:
    come_back(away)
    orders.hurry(away.office, 1, "王老师", "急")
    away.tick()
    assert sent(away) == 1


def test_a_short_stop_and_a_first_start_make_nothing_late(bench: Bench) -> None:
    assert backlog.come_back(bench.office) is None
    bench.clock.forward(hours=11)
    assert backlog.come_back(bench.office) is None


def test_what_is_approved_after_the_return_is_not_late(away: Bench) -> None:
    backlog.come_back(away.office)
    away.publish(to_students(title="停机0", approved_on=away.clock.now.date()))
    away.tick()
    assert sent(away) == 1


def test_a_night_makes_nothing_late_that_the_hours_would_have_kept(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, confirm=False)
    bench.clock.forward(hours=11)
    first = to_students(title="停机0", number="0")
    second = to_students(title="停机1", number="1", approved_on=bench.clock.now.date())
    bench.publish(first)
    backlog.beat(bench.office)
    bench.clock.forward(hours=13)
    assert backlog.come_back(bench.office) is not None
    bench.publish(first, second)
    assert [row.late for row in bench.rows(t.placements)] == [None, None]
    bench.tick()
    assert (sent(bench), bench.alarms()) == (2, [])


def test_what_waits_at_a_channel_that_is_switched_off_is_late_and_stops_no_start(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, confirm=False)
    bench.clock.forward(hours=13)
    bench.publish(to_students(title="停机0"))
    rest = {name: each for name, each in bench.office.school.channels.items() if name != GROUPS}
    bench.office.school = replace(bench.office.school, channels=rest)
    gone_for_three_days(bench)
    assert [row.late for row in bench.rows(t.placements)] == ["ask"]


def test_a_night_leaves_a_push_alone_that_waited_for_the_morning(bench: Bench) -> None:
    bench.publish(to_students(title="停机0"))
    bench.clock.forward(hours=12)
    backlog.beat(bench.office)
    bench.clock.forward(hours=12)
    backlog.come_back(bench.office)
    assert "停机前没有发出" not in str([row.reason for row in bench.rows(t.deliveries)])


@pytest.mark.parametrize(("days", "late"), [(1, ["ask"]), (4, [None])])
def test_what_is_to_go_at_a_time_is_late_if_that_time_has_passed(bench: Bench, days: int, late: list[str]) -> None:
    bench.office.school = replace(bench.office.school, confirm=False)
    bench.clock.forward(hours=13)
    bench.publish(to_students(title="停机0"))
    orders.schedule(bench.office, 1, "王老师", bench.clock.now + timedelta(days=days))
    gone_for_three_days(bench)
    assert [row.late for row in bench.rows(t.placements)] == late


def test_a_push_that_is_made_waits_for_no_fixed_time_and_is_late_all_the_same(bench: Bench) -> None:
    bench.set(slots=(time(9),))
    bench.publish(to_students(title="停机0"))
    backlog.beat(bench.office)
    bench.clock.forward(hours=23)
    backlog.come_back(bench.office)
    assert [row.late for row in bench.rows(t.placements)] == ["ask"]


def test_what_was_refused_after_a_fixed_time_leaves_that_time_open(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, confirm=False)
    bench.set(slots=(time(9),))
    bench.vendor.says(GROUPS, Outcome.REFUSED)
    bench.publish(to_students(title="停机0", number="0"))
    bench.tick()
    with bench.db.read() as conn:
        assert late.last_push(conn, "Q1", bench.clock.now) is None
