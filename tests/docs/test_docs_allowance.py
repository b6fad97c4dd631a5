"""The page on allowances shows real output of `plan` and `quota`, and its words are those of the program.

GOLDEN=write puts today's output into the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

import bot
import desk.start
from channels.wechat_oa.options import Options
from rules.dates import at
from rules.planner import SOON, Thrift
from rules.school import ChannelSetting
from store import quotas
from store import tables as t
from store.db import Db
from tests.docs.test_docs_output import BLOCK, hold, ran
from tests.jobs.bench import ACCOUNT, DUTY, GROUPS, Bench, entry, make_bench, setting, to_staff
from tests.jobs.sparing import MONTHLY, use_account

PAGE = Path(__file__).resolve().parents[2] / "docs" / "时间与额度.md"
MINE = ("python bot.py plan", "python bot.py quota")


@pytest.fixture
def office(sqlite_db: Db, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A school on a Thursday: three of the month's four mass sends are used, two of them by others."""
    bench = make_bench(sqlite_db)
    monkeypatch.setattr(bot, "_office", lambda: bench.office)
    monkeypatch.setattr(desk.start, "look_office", lambda: bench.office)
    monkeypatch.setenv("COLUMNS", "110")
    use_account(bench, MONTHLY, min_pieces=2)
    labels = {GROUPS: "教职工、学生群", ACCOUNT: "官方微信公众平台", DUTY: "值班群"}
    for name, label in labels.items():
        bench.set(name, label=label, pushes_a_day=2 if name == GROUPS else None)
    with bench.db.write() as conn:
        for day in (2, 7):
            quotas.book_others(conn, f"{ACCOUNT}:群发", 1, at(date(2020, 9, day), time()))
    bench.publish(entry(title="关于台风停课的通知", urgent=True, formed_on=date(2020, 9, 9)))
    bench.tick()
    bench.clock.now = at(date(2020, 9, 10), time(9, 30))
    bench.set(GROUPS, slots=(time(12), time(18)))
    bench.set(ACCOUNT, slots=(time(11),))
    bench.enter(
        entry(title="2020年秋季学期校历", formed_on=date(2020, 9, 1)),
        entry(title="学费收费标准", formed_on=date(2020, 9, 2)),
        to_staff(title="关于开展2020年职称评审工作的通知", formed_on=date(2020, 9, 3)),
        to_staff(title="关于教职工体检安排的通知", formed_on=date(2020, 9, 4)),
        to_staff(title="教职工代表大会议程", formed_on=date(2020, 9, 7)),
    )
    bench.route()
    with bench.db.write() as conn:
        conn.execute(t.items.update().where(t.items.c.id == 6).values(hold="附件待补"))
    yield bench
    bench.close()


def test_every_output_in_the_page_is_what_the_command_prints(office: Bench) -> None:
    page = PAGE.read_text(encoding="utf-8")
    blocks = [found for found in BLOCK.finditer(page) if found[1].startswith(MINE)]
    written = [(found[0], f"```\n$ {found[1]}\n{ran(found[1])}```") for found in blocks]
    assert len(written) == len(MINE)
    hold(PAGE, written)


def test_the_defaults_in_the_page_are_the_programs() -> None:
    page, options = PAGE.read_text(encoding="utf-8"), replace(setting("wechat_oa"), name="wechat_oa")
    service = Options.of(_with(options, account="service")).thrift
    assert service == Thrift(reserve=1, min_pieces=2, max_wait_days=5)
    assert Options.of(_with(options, account="subscription")).thrift.min_pieces == 1
    for said in (
        f"在 {SOON} 个工作日以内", f"每月留 {service.reserve} 次给紧急事项", f"不足 {service.min_pieces} 条（`min_pieces`）",
        f"最多等 {service.max_wait_days} 天（`max_wait_days`）",
    ):  # fmt: skip
        assert said in page


def _with(given: ChannelSetting, **options: str) -> ChannelSetting:
    return replace(given, options=options)
