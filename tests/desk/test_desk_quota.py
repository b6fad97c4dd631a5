"""额度账本: what is left of each allowance, what used it, and what waits for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from channels.base import Rate
from desk import quota as desk
from desk.errors import DeskError
from rules.outcome import Outcome
from store import quotas
from store import tables as t
from store.db import Db
from tests.jobs.bench import GROUPS, Bench, Recorder, make_bench, to_staff, to_students

DAILY = Rate(name="群发", most=1, per="day", of="channel")
MINUTE = Rate(name="每分钟", most=2, per=timedelta(seconds=60), of="address")
BUDGET = Rate(name="每月预算", most=100, per="month", of="delivery")


@pytest.fixture
def bench(db: Db) -> Iterator[Bench]:
    made = make_bench(db)
    yield made
    made.close()


def book(bench: Bench, capsys: pytest.CaptureFixture[str], channel: str = GROUPS) -> list[dict[str, Any]]:
    desk.show(bench.office, channel, as_json=True)
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["allowances"]
    return found


def test_a_used_allowance_names_the_push_that_used_it_and_what_waits_and_why(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.use(Recorder, rates=(DAILY,))
    bench.publish(to_staff(title="教职工体检"), to_students(title="评奖公示"))
    bench.deliver()
    [line] = book(bench, capsys)
    [share], [use], [wait] = line["shares"], line["uses"], line["waits"]
    assert (share["whose"], share["used"], share["left"]) == ("整个渠道", 1, 0)
    assert share["frees_at"] == "2020-09-11T00:00:00+08:00"
    assert (use["target_name"], use["titles"], use["n"]) == ("教职工群", ["教职工体检"], 1)
    assert (wait["many"], wait["unit"]) == (1, "人次") and wait["reason"].startswith("群发额度已用完")


def test_what_a_refusal_gave_back_is_not_used(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.use(Recorder, rates=(DAILY,))
    bench.vendor.says(GROUPS, Outcome.REFUSED)
    bench.publish(to_staff())
    bench.deliver()
    [line] = book(bench, capsys)
    assert (line["shares"], line["uses"]) == ([], [])


def test_weights_are_summed_and_what_is_given_back_is_taken_off(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.use(Recorder, rates=(BUDGET,))
    bench.publish(to_staff(title="教职工体检"), to_students())
    first, second = (row.id for row in bench.rows(t.pushes))
    with bench.db.write() as conn:
        key = f"{GROUPS}:每月预算"
        for push_id, n in ((first, 30), (first, -10), (second, 5), (second, -5)):
            quotas.take(conn, {(key, push_id): n}, bench.clock.now)
    [line] = book(bench, capsys)
    assert [(s["used"], s["left"]) for s in line["shares"]] == [(20, 80)]
    assert [(use["push_id"], use["n"]) for use in line["uses"]] == [(first, 20)]
    assert line["shares"][0]["frees_at"] == "2020-10-01T00:00:00+08:00"


def test_allowances_of_addresses_show_the_fullest_few_and_of_persons_only_the_last_two_signs(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.use(Recorder, rates=(MINUTE,))
    bench.publish(to_staff())
    [push] = bench.rows(t.pushes)
    with bench.db.write() as conn:
        for n in range(8):
            use = {(f"{GROUPS}:每分钟:1380000{n:04}", push.id): 1}
            for _ in range(2 if n == 7 else 1):
                quotas.take(conn, use, bench.clock.now)
        quotas.take(conn, {(f"{GROUPS}:每分钟:g1", push.id): 2}, bench.clock.now)
        quotas.take(conn, {(f"{GROUPS}:每分钟:g1", push.id): 1}, bench.clock.now - timedelta(hours=1))
    [line] = book(bench, capsys)
    assert [(s["whose"], s["left"]) for s in line["shares"][:2]] == [("…07", 0), ("教职工群（G1）", 0)]
    assert (len(line["shares"]), line["addresses"], line["full"]) == (5, 9, 2)
    desk.show(bench.office, None, as_json=False)
    out = capsys.readouterr().out
    assert "渠道groups“每分钟”：9 个地址用过，其中 2 个已用完" in out and "13800" not in out


def test_the_houses_own_two_a_day_are_in_the_book_with_the_placements_that_wait_for_tomorrow(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.set(pushes_a_day=1)
    bench.publish(to_staff(title="教职工体检"))
    bench.deliver()
    bench.publish(to_staff(title="教职工疗养"))
    [line] = book(bench, capsys)
    assert (line["name"], line["allowed"], line["shares"][0]["whose"]) == ("每日次数", "每天 1 次", "教职工群（G1）")
    assert [(wait["many"], wait["unit"]) for wait in line["waits"]] == [(1, "条次")]


def test_the_printed_book_says_what_used_it_and_a_channel_without_limits_says_so(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.use(Recorder, rates=(DAILY,))
    bench.publish(to_staff(title="教职工体检"), to_students())
    bench.deliver()
    desk.show(bench.office, None, as_json=False)
    out = capsys.readouterr().out
    used_by = bench.rows(t.pushes)[0].id
    assert f"渠道groups“群发”用于：2020-09-10 09:00 推送 {used_by}，教职工群（G1），“教职工体检”" in out
    assert "渠道groups“群发”在等：1 人次，群发额度已用完" in out and "不限次数" in out


def test_an_unknown_channel_is_named_with_those_there_are(bench: Bench) -> None:
    with pytest.raises(DeskError, match="没有渠道“没有的”。可用：groups、account、duty"):
        desk.show(bench.office, "没有的", as_json=False)
