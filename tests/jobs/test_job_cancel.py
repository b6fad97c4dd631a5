"""Cancelling an item, and taking it up again: what is stopped, what is not, and what a clerk can still change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from jobs import orders
from rules.dates import at
from rules.outcome import Outcome
from store import tables as t
from tests.jobs.bench import ACCOUNT, DAY, GROUPS, Bench, Resolving, entry, to_students


def _item(bench: Bench) -> int:
    [item] = bench.rows(t.items)
    return int(item.id)


def _stopped(bench: Bench) -> str:
    return str(bench.rows(t.items)[0].stopped)


def test_an_item_that_has_left_everywhere_has_nothing_to_cancel_and_stays_as_it_is(bench3: Bench) -> None:
    bench3.publish(to_students())
    bench3.deliver()
    before = (bench3.rows(t.items), bench3.rows(t.placements), bench3.rows(t.deliveries))
    done = orders.cancel(bench3.office, _item(bench3), "王老师", "")
    assert done.why_not and done.placements == 0
    assert [each.target for each in done.left.have] == ["Q1"]
    assert (bench3.rows(t.items), bench3.rows(t.placements), bench3.rows(t.deliveries)) == before
    assert bench3.rows(t.acts) == []


def test_of_an_item_partly_sent_the_queued_part_is_cancelled_and_the_rest_is_named(bench3: Bench) -> None:
    bench3.publish(entry(audience=("校内",)))
    bench3.vendor.says(GROUPS, Outcome.DELIVERED, Outcome.UNAVAILABLE)
    bench3.deliver()
    done = orders.cancel(bench3.office, _item(bench3), "王老师", "材料有误")
    assert (done.why_not, done.placements) == ("", 1)
    assert [each.target for each in done.left.have] == ["G1"] and done.left.have[0].at == bench3.clock.now
    assert done.left.unsure == [] and _stopped(bench3) == "王老师 取消：材料有误"
    [ended] = [p for p in bench3.rows(t.placements) if p.ended]
    assert (ended.target, ended.ended, ended.ended_at) == ("Q1", "cancelled", bench3.clock.now)
    for _ in range(3):
        bench3.clock.forward(hours=1)
        bench3.tick()
    assert [call.addresses for call in bench3.vendor.calls] == [("g1",), ("q1",)]  # the second was refused before


def test_what_may_have_been_sent_is_named_as_such_and_still_stopped(bench: Bench) -> None:
    bench.use(Resolving)
    bench.vendor.says(GROUPS, Outcome.UNCERTAIN)
    bench.publish(to_students())
    bench.deliver()
    done = orders.cancel(bench.office, _item(bench), "王老师", "")
    assert not done.why_not and [each.target for each in done.left.unsure] == ["Q1"]
    bench.track()  # the group's history says that nothing came: it would be sent again
    bench.tick()
    assert len(bench.vendor.keys(GROUPS)) == 1


def test_an_item_that_waits_for_its_routing_can_be_cancelled(bench: Bench) -> None:
    bench.enter(to_students())
    done = orders.cancel(bench.office, _item(bench), "王老师", "")
    assert not done.why_not and done.placements == 0
    bench.tick()
    assert bench.vendor.calls == []


def test_an_item_is_cancelled_once(bench: Bench) -> None:
    bench.publish(to_students())
    orders.cancel(bench.office, _item(bench), "王老师", "重复")
    again = orders.cancel(bench.office, _item(bench), "李老师", "")
    assert "王老师 取消：重复" in again.why_not
    assert _stopped(bench) == "王老师 取消：重复" and len(bench.rows(t.acts)) == 1


def test_a_cancelled_item_taken_up_again_goes_out_once(bench3: Bench) -> None:
    bench3.publish(to_students())
    orders.cancel(bench3.office, _item(bench3), "王老师", "")
    bench3.tick()
    assert bench3.vendor.calls == []
    done = orders.take_up(bench3.office, _item(bench3), "王老师")
    assert done == orders.TakenUp(placements=1, expired=0)
    for _ in range(2):
        bench3.tick()
    assert [call.addresses for call in bench3.vendor.calls] == [("q1",)]
    assert bench3.statuses() == ["cancelled", "delivered"]  # the first push stays what it was
    assert [act.act for act in bench3.rows(t.acts)] == ["取消", "恢复"]
    assert orders.take_up(bench3.office, _item(bench3), "王老师") is None


def test_what_has_passed_its_end_meanwhile_is_not_taken_up(bench: Bench) -> None:
    bench.publish(to_students(ends_on=DAY))
    orders.cancel(bench.office, _item(bench), "王老师", "")
    bench.clock.now = at(date(2020, 9, 11), time(9))
    assert orders.take_up(bench.office, _item(bench), "王老师") == orders.TakenUp(placements=0, expired=1)
    bench.tick()
    assert bench.vendor.calls == []
    assert [p.ended for p in bench.rows(t.placements)] == ["cancelled"]


def test_what_the_routes_had_ended_is_not_taken_up_with_a_persons_order(bench: Bench) -> None:
    row = entry(audience=("校内",))
    bench.enter(row)
    bench.route()
    bench.enter(replace(row, audience=("教职工",)))
    bench.route()
    orders.cancel(bench.office, _item(bench), "王老师", "")
    orders.take_up(bench.office, _item(bench), "王老师")
    bench.tick()
    assert [call.addresses for call in bench.vendor.calls] == [("g1",)]


def test_what_was_confirmed_before_is_confirmed_anew_after_it_was_taken_up(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, confirm=True)
    bench.publish(to_students())
    orders.confirm(bench.office, orders.day_list(bench.office), "王老师")
    orders.cancel(bench.office, _item(bench), "王老师", "")
    orders.take_up(bench.office, _item(bench), "王老师")
    bench.tick()
    assert bench.vendor.calls == [] and len(orders.day_list(bench.office)) == 1


def test_a_bundle_of_which_one_item_is_cancelled_goes_on_without_it(bench: Bench) -> None:
    bench.publish(to_students(title="一"), to_students(title="二"))
    orders.cancel(bench.office, int(bench.rows(t.items)[0].id), "王老师", "")
    bench.tick()
    assert bench.vendor.titles(GROUPS) == [("二",)] and bench.vendor.keys(ACCOUNT) == []
