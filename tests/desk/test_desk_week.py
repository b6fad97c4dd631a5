"""The printed plan of a small school is what then really happens when the clock runs."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from desk.week import show
from jobs import orders
from rules.dates import Window, at
from rules.planner import Other
from rules.school import Lessons
from store import quotas
from store import tables as t
from store.db import Db
from tests.jobs.bench import ACCOUNT, DAY, DUTY, GROUPS, Bench, Recorder, entry, make_bench, to_staff, to_students
from tests.jobs.sparing import DAILY, MONTHLY, use_account

#: The account is called 群发 and its other way 发布; groups are pushed to.
SUBJECTS = [
    "校历",
    "预算",
    "决算",
    "招生",
    "停水",
    "体检",
    "职称",
    "奖学金",
    "图书馆",
    "食堂",
    "校车",
    "选课",
    "考试",
    "毕业",
    "招标",
    "捐赠",
    "规划",
    "章程",
]
Left = tuple[datetime, str, str, tuple[str, ...]]


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    made = make_bench(sqlite_db)
    yield made
    made.close()


def printed(bench: Bench, capsys: pytest.CaptureFixture[str], days: int = 7) -> dict[str, Any]:
    show(bench.office, days, as_json=True)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def as_printed(found: dict[str, Any]) -> list[Left]:
    return sorted(
        (datetime.fromisoformat(each["at"]), each["target"], each["way"], tuple(each["titles"]))
        for each in found["leaving"]
    )


def run(bench: Bench, days: int) -> list[Left]:
    """The days happen: by day a round every half hour, again as long as something leaves; reminders are no pushes."""
    targets = {each.address: each for each in bench.office.school.targets.values()}
    end = at(DAY + timedelta(days=days), time())
    while bench.clock.now < end:
        many = -1
        while many != len(bench.vendor.calls):
            many = len(bench.vendor.calls)
            bench.tick()
        by_day = 7 <= bench.clock.now.hour < 20
        bench.clock.forward(minutes=30 if by_day else 60 * (24 - bench.clock.now.hour) if bench.clock.now.hour else 420)
    rows = {row.push_key: row.payload for row in bench.rows(t.pushes)}
    left: list[Left] = []
    for call in [each for each in bench.vendor.calls if each.channel != DUTY]:
        target = targets[call.addresses[0]]
        way = "推送" if len(call.titles) == 1 else "合并推送"
        if call.channel == ACCOUNT:
            way = "发布" if rows[call.key].get("spares") else "群发"
        left.append((call.at, target.number, way, call.titles))
    return sorted(left)


def a_school(bench: Bench, seed: int) -> None:
    """A week of a school: slots, classes, rest days, a day's limit, few sends, and items of every kind."""
    dice = random.Random(seed)
    lessons = (Lessons("学生", (Window(time(8), time(11, 30)), Window(time(14), time(17, 30)))),)
    bench.office.school = replace(bench.office.school, lessons=lessons)
    bench.use(Recorder, GROUPS, pieces=dice.choice([1, 2, 8]))
    slots = dice.choice([(), (time(12), time(18))])
    bench.set(GROUPS, slots=slots, pushes_a_day=dice.choice([1, 2, None]), holidays=dice.choice([True, False]))
    thrift = {
        "reserve": dice.choice([0, 1]), "min_pieces": dice.choice([1, 3]), "max_wait_days": dice.choice([0, 2, 5]),
        "other": dice.choice(list(Other)),
    }  # fmt: skip
    channel = use_account(
        bench, *dice.choice([(DAILY,), (MONTHLY,), (DAILY, replace(MONTHLY, name="每月群发"))]), **thrift
    )
    channel._limits = replace(channel.limits, pieces=dice.choice([1, 2, 8]))
    bench.set(ACCOUNT, slots=dice.choice([(), (time(11),)]), pushes_a_day=dice.choice([None, 2]))
    with bench.db.write() as conn:
        quotas.book_others(
            conn, f"{ACCOUNT}:群发", dice.choice([1, 2, 3]), bench.clock.now - timedelta(days=dice.choice([0, 3]))
        )
    formed = dice.sample([date(2020, 8, 8) + timedelta(days=n) for n in range(30)], 20)
    for subject in dice.sample(SUBJECTS, dice.randint(10, 18)):
        make = dice.choice([entry, to_staff, to_students])
        over: dict[str, Any] = {"title": f"关于{subject}的通知", "urgent": dice.random() < 0.05}
        if dice.random() < 0.3:
            over["ends_on"] = DAY + timedelta(days=dice.randint(0, 9))
        over["formed_on"] = formed.pop()
        bench.enter(make(**over))
        bench.clock.forward(seconds=1)
    bench.route()
    for item in range(1, 4):
        if dice.random() < 0.4:
            when = at(DAY + timedelta(days=dice.randint(0, 5)), time(dice.choice([6, 10, 19])))
            orders.schedule(bench.office, item, "王老师", when)
    with bench.db.write() as conn:
        conn.execute(t.items.update().where(t.items.c.id == 4).values(hold="待核对" if dice.random() < 0.3 else ""))
    bench.clock.now = at(DAY, time(9))


@pytest.mark.parametrize("seed", (3, 5, 8, 11, 14, 17, 20, 24))
def test_the_printed_plan_is_what_then_happens(bench: Bench, capsys: pytest.CaptureFixture[str], seed: int) -> None:
    a_school(bench, seed)
    if seed % 3 == 0:  # part of it is planned already when the plan is printed
        bench.plan()
    plan = printed(bench, capsys)
    happened = run(bench, days=7)
    assert as_printed(plan) == happened and happened
    stays = sorted((each["target"], each["title"]) for each in plan["staying"])
    titles = {row.id: row.title for row in bench.rows(t.versions)}
    assert stays == sorted(
        (row.target, titles[row.version_id]) for row in bench.rows(t.placements) if row.push_id is None
    )


def test_a_week_is_printed_by_day_and_time_with_ways_reasons_and_what_waits(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    use_account(bench, MONTHLY)
    for name, label in {ACCOUNT: "官方账号", GROUPS: "教职工、学生群", DUTY: "值班群"}.items():
        bench.set(name, label=label)
    bench.set(ACCOUNT, label="官方账号", slots=(time(11),))
    with bench.db.write() as conn:
        quotas.book_others(conn, f"{ACCOUNT}:群发", 3, bench.clock.now)
        bench.office.school = replace(bench.office.school)
    bench.enter(entry(title="2020年秋季学期校历"), entry(title="2020年部门预算"), to_staff(title="职称评审通知"))
    bench.route()
    with bench.db.write() as conn:
        conn.execute(t.items.update().where(t.items.c.id == 2).values(hold="待核对"))
    show(bench.office, 7, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "2020-09-10 至 2020-09-16 的推送计划，按现有条目和设置推算，不改变任何登记。",
        "",
        "2020-09-10 周四",
        "  09:00  教职工、学生群 教职工群（G1）：推送，1 条",
        "         1. 职称评审通知",
        "  11:00  官方账号 学校账号（A1）：发布，1 条",
        "         本月群发还剩 1 次，留给紧急事项；本条改为发布",
        "         1. 2020年秋季学期校历",
        "",
        "这几天不推送的 1 条次：",
        "  待核对",
        "    条目 2“2020年部门预算”，学校账号（A1）",
    ]


def test_an_empty_week_says_so(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    show(bench.office, 1, as_json=False)
    assert capsys.readouterr().out.splitlines()[0].startswith("2020-09-10 至 2020-09-10")
    show(bench.office, 1, as_json=False)
    assert "这几天没有要推送的。" in capsys.readouterr().out


def test_what_waits_for_a_review_or_is_held_by_the_guard_is_counted_beside_the_plan(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.enter(entry(title="未审", review=None, approved_on=None), entry(title="甲", summary="身份证号 110101199003070011"))
    bench.route()
    show(bench.office, 1, as_json=False)
    assert "另有 1 条待审、1 条被保密检查拦下，通过后才进入计划" in capsys.readouterr().out
