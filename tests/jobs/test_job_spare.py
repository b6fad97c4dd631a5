"""A target that stays closed: a person may send what nobody got there to its spare. Never the bot by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk import orders as desk
from jobs import orders
from rules.outcome import Outcome
from rules.states import Status
from store import tables as t
from store.marks import touch
from tests.jobs.bench import ACCOUNT, DUTY, GROUPS, Bench, failed_pushes, to_staff, to_students

TITLE = "关于评奖的公示"


def closed(bench: Bench, *entries: object, outcome: Outcome = Outcome.UNKNOWN_CODE) -> int:
    """A push to the students' group that nobody got; the students' other group is its spare."""
    bench.target("Q2", audience="学生", address="q2")
    bench.target("Q1", spare="Q2")
    bench.vendor.says(GROUPS, outcome)
    bench.publish(*(entries or (to_students(title=TITLE),)))  # type: ignore[arg-type]
    bench.deliver()
    return int(bench.rows(t.pushes, target="Q1")[0].id)


def calls_to(bench: Bench, address: str) -> list[tuple[str, ...]]:
    return [call.titles for call in bench.vendor.calls if call.addresses == (address,)]


def test_what_nobody_got_goes_to_the_spare_as_a_resend_linked_to_the_first_push(bench3: Bench) -> None:
    first = closed(bench3)
    came = orders.send_to_spare(bench3.office, first, "王老师")
    bench3.deliver()
    [push] = bench3.rows(t.pushes, id=came.push_id)
    assert (push.target, push.resend_of, push.made_by) == ("Q2", first, "王老师")
    assert calls_to(bench3, "q2") == [(TITLE,)]
    [placed] = bench3.placed("Q2")
    assert placed.taken_at is not None and placed.confirmed_by == "王老师"
    [act] = bench3.rows(t.acts)
    assert act.act == "补推" and "备用目标 Q2" in act.subject


def test_nothing_goes_to_a_spare_without_a_persons_order(bench: Bench) -> None:
    closed(bench)
    for _ in range(5):
        bench.clock.forward(hours=1)
        bench.tick()
    assert calls_to(bench, "q2") == []


def test_a_second_order_doubles_nothing(bench: Bench) -> None:
    first = closed(bench)
    orders.send_to_spare(bench.office, first, "王老师")
    before = orders.send_to_spare(bench.office, first, "王老师")
    bench.deliver()
    again = orders.send_to_spare(bench.office, first, "王老师")
    bench.deliver()
    assert before.push_id is None and again.push_id is None
    assert again.left == ((TITLE, "备用目标已有这一条，或正在等待推送"),)
    assert calls_to(bench, "q2") == [(TITLE,)]


def test_a_spare_that_a_route_serves_too_does_not_get_it_twice(bench: Bench) -> None:
    bench.office.school = replace(
        bench.office.school, routes=(replace(bench.office.school.routes[0], targets=("Q1", "Q2")),)
    )
    first = closed(bench)
    assert len(calls_to(bench, "q2")) == 1
    assert orders.send_to_spare(bench.office, first, "王老师").push_id is None
    bench.tick()
    assert len(calls_to(bench, "q2")) == 1


def test_the_fence_is_asked_of_the_spare(bench: Bench) -> None:
    first = closed(bench)
    bench.target("Q1", spare="A1")  # a mistake in the register: the account is read by everybody
    came = orders.send_to_spare(bench.office, first, "王老师")
    assert came.push_id is None and [title for title, _why in came.left] == [TITLE]
    bench.target("Q1", spare="G1")
    assert orders.send_to_spare(bench.office, first, "王老师").push_id is None
    bench.tick()
    assert bench.vendor.titles(ACCOUNT) == [] and calls_to(bench, "g1") == []


def test_the_fence_is_asked_again_before_it_leaves(bench: Bench) -> None:
    first = closed(bench)
    assert orders.send_to_spare(bench.office, first, "王老师").push_id is not None
    bench.target("Q2", audience="教职工")
    bench.tick()
    assert calls_to(bench, "q2") == []


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.UNCERTAIN, Outcome.THROTTLED])
def test_what_somebody_may_have_or_still_gets_is_not_sent_to_the_spare(bench: Bench, outcome: Outcome) -> None:
    first = closed(bench, outcome=outcome)
    came = orders.send_to_spare(bench.office, first, "王老师")
    assert came.push_id is None and "会重复" in came.why_not


def test_a_list_of_which_some_have_got_it_stays_with_its_own_persons(bench: Bench) -> None:
    first = closed(bench)
    with bench.db.write() as conn:
        reached = {"push_id": first, "channel": GROUPS, "address": "某人", "status": Status.DELIVERED}
        conn.execute(t.deliveries.insert().values(**reached, changed_at=bench.clock.now))
        touch(conn, pushes=[first])
    assert "会重复" in orders.send_to_spare(bench.office, first, "王老师").why_not


def test_a_target_without_a_spare_or_with_one_that_is_switched_off_says_so(bench: Bench) -> None:
    first = closed(bench)
    bench.target("Q1", spare="")
    assert "没有登记备用目标" in orders.send_to_spare(bench.office, first, "王老师").why_not
    bench.target("Q1", spare="Q2")
    bench.target("Q2", channel="没有启用的")
    assert "渠道没有启用" in orders.send_to_spare(bench.office, first, "王老师").why_not


def test_the_spare_may_stand_in_another_channel(bench: Bench) -> None:
    first = closed(bench)
    bench.target("Q2", channel=DUTY)
    assert orders.send_to_spare(bench.office, first, "王老师").push_id is not None
    bench.deliver(DUTY)
    assert bench.vendor.titles(DUTY) == [(TITLE,)]


def test_a_spare_that_was_closed_too_takes_it_when_it_is_ordered_again(bench: Bench) -> None:
    first = closed(bench)
    bench.vendor.says(GROUPS, Outcome.UNKNOWN_CODE)
    orders.send_to_spare(bench.office, first, "王老师")
    bench.deliver()
    orders.send_to_spare(bench.office, first, "王老师")
    bench.deliver()
    assert len(calls_to(bench, "q2")) == 2 and len(set(bench.vendor.keys())) == 3
    assert [row.status for row in bench.rows(t.deliveries, address="q2")] == ["failed", "delivered"]


def test_the_command_names_what_went_where_and_what_did_not(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    first = closed(bench)
    bench.vendor.says(GROUPS, Outcome.UNKNOWN_CODE)
    bench.publish(to_staff(title="教职工体检"))
    bench.deliver()
    [other] = [push for push in failed_pushes(bench.office) if push != first]
    desk.retry_at_spares(bench.office, {"failed": True})
    out = capsys.readouterr().out
    assert f"推送 {first} 改发备用目标 Q2（Q2），作为推送 " in out and "共改发备用目标 1 次" in out
    assert f"推送 {other} 没有改发：教职工群（G1）没有登记备用目标" in out
