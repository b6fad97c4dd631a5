"""Taking back and putting right as the person who orders it meets them: where, how, why, and what is left to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from bot import bot
from channels.base import Attempt, SendError, Sent
from desk import amend as desk
from desk import log, rounds, why
from desk.errors import DeskError
from rules.outcome import Outcome
from store import tables as t
from store.db import Db
from tests.jobs.bench import ACCOUNT, GROUPS, Bench, Recorder, entry, make_bench, sheet, to_students


class Recalling(Recorder):
    """One whose vendor takes back, or refuses where the text says so."""

    def retract(self, attempt: Attempt, piece: int = 0) -> Sent:
        if "乙" in attempt.text:
            raise SendError(Outcome.REFUSED, "没有权限", advice="请在平台后台删除")
        return Sent(address=attempt.address, outcome=Outcome.DELIVERED, reason="文章已删除")


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    made = make_bench(sqlite_db)
    made.use(Recalling, ACCOUNT, recall=timedelta.max, recalls_pieces=True, exposure="社会")
    yield made
    made.close()


def _sent(bench: Bench, *entries: Any) -> None:
    bench.publish(*entries)
    for name in (GROUPS, ACCOUNT):
        bench.deliver(name)


def _item(bench: Bench, title: str) -> str:
    return str(next(row.id for row in bench.rows(t.items) if row.title == title))


def _why(bench: Bench, title: str) -> str:
    story = why.tell(bench.db, bench.office.school, int(_item(bench, title)))
    assert story is not None
    return "\n".join(why.lines(story, bench.office.school))


def test_a_retraction_says_of_each_place_what_has_become_of_it(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    _sent(bench, entry(title="甲"), to_students(title="丙"))
    desk.retract(bench.office, _item(bench, "甲"), "附件有误")
    out = capsys.readouterr().out
    assert "已撤回：未发出的 0 条次不再推送，已发出的 1 处" in out and "学校账号（A1）：已办（文章已删除）" in out
    desk.retract(bench.office, _item(bench, "丙"), "附件有误")
    assert "学生群（Q1）：发撤回通知（该渠道不能撤回已发出的内容）" in capsys.readouterr().out
    desk.retract(bench.office, _item(bench, "丙"), "附件有误")
    assert "没有新的可撤回的，未作任何改动" in capsys.readouterr().out


def test_what_is_left_to_a_person_stands_in_the_list_until_it_is_done(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    _sent(bench, entry(title="乙"))
    desk.show_recalls(bench.office, as_json=False)
    assert "没有撤回或撤下的指令" in capsys.readouterr().out
    desk.retract(bench.office, _item(bench, "乙"), "附件有误")
    [order] = bench.rows(t.recalls)
    assert f"待人工处理（没有权限。请在平台后台删除，指令 {order.id}）" in capsys.readouterr().out
    desk.show_recalls(bench.office, as_json=False)
    out = capsys.readouterr().out
    assert (
        "撤回 学校账号（A1）" in out
        and "待人工处理，2020-09-10 09:00（北京时间）" in out
        and "recalls done 编号" in out
    )
    desk.done(bench.office, order.id)
    assert "已由人工处理（学校账号（A1），推送" in capsys.readouterr().out
    desk.show_recalls(bench.office, as_json=True)
    [shown] = json.loads(capsys.readouterr().out)
    assert (shown["status"], shown["ended_at"]) == ("done", "2020-09-10T09:00:00+08:00")
    with pytest.raises(DeskError, match="不是待人工处理的"):
        desk.done(bench.office, order.id)


def test_a_reason_is_asked_for(bench: Bench) -> None:
    _sent(bench, entry(title="甲"))
    for order in (desk.retract, desk.correct):
        with pytest.raises(DeskError, match="没有写原因"):
            order(bench.office, _item(bench, "甲"), "  ")
    for command in ("retract", "correct"):
        assert "--reason" in CliRunner().invoke(bot, [command, "1"], prog_name="bot.py").output


def test_log_and_why_show_what_follows_what(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    row = to_students(title="丙")
    bench.watch(sheet(row))
    bench.tick()
    bench.watch(sheet(replace(row, title="丙二")))
    bench.route()
    assert "bot.py correct" in _why(bench, "丙二")
    desk.correct(bench.office, _item(bench, "丙二"), "数字有误")
    assert "更正 1 条次：学生群（Q1），将在各渠道的时间内推送" in capsys.readouterr().out
    bench.tick()
    desk.retract(bench.office, _item(bench, "丙二"), "附件有误")
    bench.tick()
    said = _why(bench, "丙二")
    first = bench.rows(t.pushes)[0].id
    assert f"更正自推送 {first}，推送" in said and f"撤回自推送 {first}，推送" in said
    capsys.readouterr()
    log.show(bench.db, {}, register=lambda: bench.office.school.targets)
    assert f"撤回（自条次 {bench.placed('Q1')[0].id}）" in capsys.readouterr().out


def test_why_tells_an_order_and_what_came_of_it(bench: Bench) -> None:
    _sent(bench, entry(title="甲"), entry(title="丁"))
    desk.retract(bench.office, _item(bench, "甲"), "附件有误")
    said = _why(bench, "甲")
    assert "首发，推送" in said and "撤回（文章已删除）" in said
    assert "撤回（指令 " in said and "已办，文章已删除" in said
    assert "指令" not in _why(bench, "丁") and "成功" in _why(bench, "丁")


def test_a_correction_names_those_who_keep_the_older_version_and_why(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    row = to_students(title="丙")
    bench.watch(sheet(row))
    bench.tick()
    bench.watch(sheet(replace(row, title="丙二", audience=("教职工",))))
    desk.correct(bench.office, _item(bench, "丙二"), "范围有误")
    out = capsys.readouterr().out
    assert (
        "没有推送更正" in out
        and "学生群（Q1） 还是旧版本，没有更正：受众范围为教职工" in out
        and "bot.py retract" in out
    )


def test_why_says_what_becomes_of_a_notice_when_its_term_is_over(bench: Bench) -> None:
    _sent(bench, entry(title="评奖公示", notice_from=date(2020, 9, 10), notice_to=date(2020, 9, 17)))
    assert "公示期至 2020-09-17：期满后，能单独下架文章的渠道自动撤下；群里的消息不下架" in _why(bench, "评奖公示")
    bench.office.school = replace(bench.office.school, take_down=False)
    assert "不自动撤下" in _why(bench, "评奖公示")


def test_the_rounds_say_what_was_taken_down(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    _sent(bench, entry(title="评奖公示", notice_from=date(2020, 9, 10), notice_to=date(2020, 9, 17)))
    bench.clock.forward(days=9)
    rounds.run_once(bench.office, "takedown")
    assert "撤下 渠道account：撤下 1 次" in capsys.readouterr().out
    rounds.run_once(bench.office, "recall")
    assert "撤回 渠道account：撤回 1 次" in capsys.readouterr().out
