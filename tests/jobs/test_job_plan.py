"""Route and plan: who gets an item and why, and when it leaves: hours, slots, bundles, ends, a person's yes."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, time

import pytest

from jobs import orders
from rules.dates import at
from rules.outcome import Outcome
from store import tables as t
from tests.jobs.bench import ACCOUNT, DAY, GROUPS, ROUTES, Bench, entry, to_staff, to_students

# -- route


def test_every_target_gets_a_decision_with_its_reason(bench3: Bench) -> None:
    bench3.enter(to_students(), entry(audience=("校内",)), entry())
    bench3.route()
    found = bench3.rows(t.decisions)
    assert len(found) == 3 * len(bench3.office.school.targets)
    assert all(each.reason for each in found)
    granted = {(d.version_id, d.target) for d in found if d.granted}
    assert granted == {(1, "Q1"), (2, "Q1"), (2, "G1"), (3, "A1")} or len(granted) == 4
    assert sorted(p.target for p in bench3.rows(t.placements)) == ["A1", "G1", "Q1", "Q1"]


def test_two_processes_route_a_version_once(bench3: Bench) -> None:
    bench3.enter(*(to_students() for _ in range(6)))
    offices = [bench3.colleague() for _ in range(2)]
    done = together([office.route for office in offices])
    assert sum(each.versions for each in done) == 6
    assert len(bench3.rows(t.placements)) == 6


def together(jobs: list) -> list:
    """Run jobs at the same moment; their answers, or the error of one."""
    start, found = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(n: int) -> None:
        start.wait()
        try:
            found[n] = jobs[n]()
        except Exception as error:
            found[n] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in found:
        if isinstance(each, Exception):
            raise each
    return found


def test_an_item_that_nobody_gets_is_told_to_a_person(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, routes=())
    bench.enter(to_students())
    assert bench.route().nobody == 1
    assert bench.subjects() == ["无目标"]


def test_a_version_without_its_review_is_not_routed(bench: Bench) -> None:
    bench.enter(to_students())
    with bench.db.write() as conn:
        conn.execute(t.reviews.delete())
    assert bench.route().held == 1
    assert bench.rows(t.decisions) == []


def test_a_narrowed_item_no_longer_goes_where_it_had_not_gone_yet(bench: Bench) -> None:
    row = entry(audience=("校内",))
    bench.publish(row)
    bench.enter(replace(row, audience=("教职工",)))
    bench.tick()
    assert [call.addresses for call in bench.vendor.calls] == [("g1",)]
    assert [p.ended for p in bench.placed("Q1")] == ["cancelled"]


def test_an_item_narrowed_by_mistake_and_widened_again_goes_out(bench: Bench) -> None:
    row = entry(audience=("校内",))
    bench.enter(row)
    bench.route()
    bench.enter(replace(row, audience=("教职工",)))
    bench.route()
    bench.enter(row)
    bench.tick()
    assert sorted(call.addresses for call in bench.vendor.calls) == [("g1",), ("q1",)]


# -- when


@pytest.mark.parametrize(
    ("clock", "leaves"), [(time(7, 59), False), (time(8), True), (time(19, 59), True), (time(20), False), (time(0), False)]
)
def test_a_group_is_written_to_in_its_hours_only(bench: Bench, clock: time, leaves: bool) -> None:
    bench.clock.now = at(DAY, clock)
    bench.publish(to_students())
    assert bench.deliver().claimed == leaves
    if not leaves:
        assert "08:00—20:00" in bench.waiting()[0].reason


def test_what_comes_between_slots_waits_and_goes_as_one_digest(bench: Bench) -> None:
    bench.set(slots=(time(12), time(18)))
    rows = [to_students() for _ in range(3)]
    for row in rows:
        bench.publish(row)
        bench.clock.forward(minutes=10)
    assert all("12:00 合并推送" in each.reason for each in bench.waiting())
    bench.clock.now = at(DAY, time(12))
    bench.tick()
    bench.publish(to_students())
    assert bench.vendor.titles() == [tuple(row.title for row in rows)]
    assert "18:00 合并推送" in bench.waiting()[0].reason


def test_urgent_does_not_wait_for_a_slot_and_goes_first(bench: Bench) -> None:
    bench.set(slots=(time(18),))
    bench.publish(to_students(title="平常"))
    bench.publish(to_students(title="紧急", urgent=True))
    bench.deliver()
    assert bench.vendor.titles() == [("紧急", "平常")]


def test_a_group_gets_no_more_pushes_a_day_than_the_house_allows(bench3: Bench) -> None:
    bench3.set(pushes_a_day=2)
    for _ in range(4):
        bench3.publish(to_students())
        bench3.deliver()
        bench3.clock.forward(minutes=1)
    assert len(bench3.vendor.calls) == 2
    assert "今日已达每天 2 次" in bench3.waiting()[0].reason
    bench3.clock.now = at(date(2020, 9, 11), time(8))
    bench3.tick()
    assert [len(titles) for titles in bench3.vendor.titles()] == [1, 1, 2]


def test_one_push_at_a_time_is_on_its_way_to_a_group(bench: Bench) -> None:
    bench.vendor.says(GROUPS, Outcome.UNAVAILABLE)
    bench.publish(to_students(title="一"))
    bench.deliver()
    bench.publish(to_students(title="二"))
    assert "上一条推送尚未发出" in bench.waiting()[0].reason
    bench.clock.forward(minutes=5)
    bench.deliver()
    bench.tick()
    assert bench.vendor.titles() == [("一",), ("一",), ("二",)]


def test_a_push_of_unknown_end_does_not_hold_up_the_next_one_and_is_not_sent_twice(bench3: Bench) -> None:
    bench3.set(pushes_a_day=2)
    bench3.vendor.says(GROUPS, Outcome.UNCERTAIN)
    for title in ("一", "二", "三"):
        bench3.publish(to_students(title=title))
        bench3.deliver()
    assert bench3.vendor.titles() == [("一",), ("二",)]
    assert bench3.statuses() == ["uncertain", "delivered"]
    assert "今日已达每天 2 次" in bench3.waiting()[0].reason  # it counts as one of the day's


def test_a_refused_push_does_not_use_up_the_groups_day(bench: Bench) -> None:
    bench.set(pushes_a_day=1)
    bench.vendor.says(GROUPS, Outcome.REFUSED)
    bench.publish(to_students(title="坏"))
    bench.deliver()
    bench.publish(to_students(title="好"))
    bench.deliver()
    assert bench.vendor.titles() == [("坏",), ("好",)]


def test_a_bundle_carries_what_the_channel_can_and_the_rest_follows(bench: Bench) -> None:
    bench.enter(*(to_students(title=f"第{n}件") for n in range(10)))
    for _ in range(2):
        bench.tick()
    assert [len(titles) for titles in bench.vendor.titles()] == [8, 2]


def test_a_bundle_the_channel_cannot_show_is_halved(bench: Bench) -> None:
    bench.office.channels[GROUPS].room = 30  # type: ignore[attr-defined]
    bench.enter(*(to_students(title=str(n) * 10) for n in range(4)))
    for _ in range(3):
        bench.tick()
    assert [len(titles) for titles in bench.vendor.titles()] == [2, 2]


def test_an_item_the_channel_cannot_show_at_all_is_told_and_holds_up_nobody(bench: Bench) -> None:
    bench.office.channels[GROUPS].room = 30  # type: ignore[attr-defined]
    bench.enter(to_students(title="长" * 50), to_students(title="短"))
    for _ in range(3):
        bench.tick()
    assert bench.vendor.titles(GROUPS) == [("短",)]
    assert "无法编排" in bench.subjects()
    [left] = bench.waiting()
    assert "放不下" in left.reason


# -- ends


def test_what_has_passed_its_own_end_expires_with_an_alarm(bench3: Bench) -> None:
    bench3.set(window=bench3.office.setting(GROUPS).window, slots=(time(18),))
    bench3.publish(to_students(notice_from=DAY, notice_to=DAY, title="公示"))
    bench3.clock.now = at(date(2020, 9, 11), time(18))
    bench3.tick()
    assert bench3.vendor.keys(GROUPS) == []
    assert [p.ended for p in bench3.rows(t.placements)] == ["expired"]
    assert "过期" in bench3.subjects()


def test_the_last_day_of_a_notice_is_in_time(bench: Bench) -> None:
    bench.publish(to_students(ends_on=DAY))
    bench.clock.now = at(DAY, time(19, 59))
    bench.deliver()
    assert bench.statuses() == ["delivered"]


def test_a_push_that_waited_past_the_end_of_its_notice_does_not_leave(bench: Bench) -> None:
    bench.publish(to_students(notice_from=DAY, notice_to=DAY, title="公示"), to_students(title="通知"))
    orders.pause(bench.office, GROUPS, "王老师", "群在整顿")
    bench.clock.forward(days=2)
    orders.resume(bench.office, GROUPS, "王老师")
    for _ in range(3):
        bench.tick()
    assert bench.vendor.titles(GROUPS) == [("通知",)]
    assert sorted(p.ended for p in bench.rows(t.placements)) == ["", "expired"]
    assert "过期" in bench.subjects()


# -- a person's yes


@pytest.fixture
def asked(bench: Bench) -> Bench:
    bench.office.school = replace(bench.office.school, confirm=True)
    return bench


def test_nothing_leaves_before_a_person_has_confirmed_it(asked: Bench) -> None:
    asked.enter(to_students(title="一"), to_staff(title="二"))
    asked.tick()
    assert asked.vendor.calls == []
    assert all("确认模式" in each.reason for each in asked.waiting())
    dues = orders.day_list(asked.office)
    assert orders.confirm(asked.office, [d for d in dues if d.title == "一"], "王老师") == 1
    asked.tick()
    assert asked.vendor.titles() == [("一",)]
    [act] = asked.rows(t.acts)
    assert (act.person, act.act) == ("王老师", "确认")
    assert len(act.digest) == 64


def test_a_new_version_is_confirmed_anew(asked: Bench) -> None:
    row = to_students(title="看过的")
    asked.set(slots=(time(18),))
    asked.enter(row)
    asked.tick()
    orders.confirm(asked.office, orders.day_list(asked.office), "王老师")
    asked.enter(replace(row, title="没看过的"))
    asked.clock.now = at(DAY, time(18))
    asked.tick()
    assert asked.vendor.calls == []
    assert [d.title for d in orders.day_list(asked.office)] == ["没看过的"]


def test_a_version_that_came_after_the_list_was_read_is_not_confirmed_with_it(asked: Bench) -> None:
    row = to_students(title="看过的")
    asked.enter(row)
    asked.tick()
    seen = orders.day_list(asked.office)
    asked.enter(replace(row, title="没看过的"))
    asked.route()
    orders.confirm(asked.office, seen, "王老师")
    asked.tick()
    assert asked.vendor.calls == []


def test_the_days_list_shows_only_what_waits_for_a_person(asked: Bench) -> None:
    held = to_students(title="被拦下")
    asked.enter(held, to_students(title="等确认"))
    asked.route()
    asked.enter(replace(held, category="没有的"))
    assert [d.title for d in orders.day_list(asked.office)] == ["等确认"]


# -- several processes, and a register that changes


def test_two_processes_plan_each_placement_once(bench3: Bench) -> None:
    bench3.enter(*(entry(audience=("校内",)) for _ in range(4)))
    bench3.route()
    offices = [bench3.colleague() for _ in range(2)]
    done = together([office.plan for office in offices])
    assert sum(each.pushes for each in done) == 2
    assert len(bench3.rows(t.pushes)) == 2
    assert all(p.push_id for p in bench3.rows(t.placements))


def test_what_waits_for_a_target_that_is_gone_says_so(bench: Bench) -> None:
    bench.enter(to_students())
    bench.route()
    bench.target("Q1", channel=None)
    bench.plan()
    assert "不在登记册" in bench.waiting()[0].reason


def test_a_public_item_goes_to_the_account_and_a_students_item_never(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, routes=(*ROUTES, replace(ROUTES[0], targets=("A1",))))
    bench.enter(entry(title="公开"), to_students(title="学生"))
    for _ in range(2):
        bench.tick()
    assert bench.vendor.titles(ACCOUNT) == [("公开",)]
    assert bench.vendor.titles(GROUPS) == [("学生",)]
