"""Orders as the person who gives them meets them: names, people, Beijing time, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from desk import amend, why
from desk import orders as desk
from desk.errors import DeskError
from jobs import orders
from rules.outcome import Outcome
from rules.states import Status
from store import tables as t
from store.db import Db
from tests import factory as f
from tests.jobs.bench import GROUPS, Bench, entry, make_bench, to_students


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    made = make_bench(sqlite_db)
    yield made
    made.close()


def _measured(bench: Bench, target: str, people: int) -> None:
    with bench.db.write() as conn:
        sample = {
            "channel": GROUPS,
            "target": target,
            "push_id": None,
            "metric": "应达",
            "value": people,
            "basis": "群成员数",
        }
        conn.execute(t.reach.insert().values(**sample, true_at=bench.clock.now, known_at=bench.clock.now))


def test_the_confirm_list_shows_beijing_time_names_and_people(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.office.school = replace(bench.office.school, confirm=True)
    bench.target("Q1", members=100)
    _measured(bench, "Q1", 168)
    bench.publish(to_students(title="关于评奖的公示"), entry(title="公开的", audience=("社会",)))
    desk.confirm(bench.office, None, None)
    out = capsys.readouterr().out
    assert "2020-09-10 09:00（北京时间）等待确认的清单" in out
    assert "学生群（Q1，渠道groups，学生，168 人）" in out and "学校账号（A1，渠道account，社会，人数未登记）" in out
    assert "2020-09-10 09:00 起等待  条目 1“关于评奖的公示”" in out and "以上 2 条次等待确认" in out


def test_only_some_of_the_list_are_shown_however_their_numbers_are_parted(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.office.school = replace(bench.office.school, confirm=True)
    bench.publish(*(to_students(title=f"第{n}件") for n in "甲乙丙"))
    one, two, _three = (row.id for row in bench.waiting())
    for only in (f"{one},{two}", f"{one}，{two}", f" {one} 、 {two},", f"{one},{two},0{one}"):
        desk.confirm(bench.office, None, only)
        out = capsys.readouterr().out
        assert "第甲件" in out and "第乙件" in out and "以上 2 条次" in out


def test_a_retry_of_one_push_leaves_the_other_failed_ones_alone(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.vendor.says(GROUPS, Outcome.UNKNOWN_CODE, Outcome.UNKNOWN_CODE)
    bench.publish(to_students(), entry(audience=("教职工",)))
    bench.deliver()
    _first, second = (row.id for row in bench.rows(t.pushes))
    desk.retry_failed(bench.office, {"failed": True, "push": second})
    assert f"推送 {second} 没有收到的地址已重新排队" in capsys.readouterr().out
    assert [row.resend_of for row in bench.rows(t.pushes)] == [None, None, second]


def test_a_cancel_says_which_targets_have_the_item_and_how_to_undo_it(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.publish(entry(audience=("校内",), title="关于评奖的公示"))
    bench.vendor.says(GROUPS, Outcome.DELIVERED, Outcome.UNAVAILABLE)
    bench.deliver()
    desk.cancel(bench.office, "关于评奖的公示", "")
    out = capsys.readouterr().out
    assert "条目 1 已取消：1 条次不再推送" in out and "python bot.py cancel 1 --undo" in out
    assert "已经收到，取消不了：教职工群（G1） 2020-09-10 09:00" in out
    desk.take_up(bench.office, "1")
    assert "条目 1 已恢复：1 条次重新等待编排" in capsys.readouterr().out
    with pytest.raises(DeskError, match="没有被取消，不用恢复"):
        desk.take_up(bench.office, "1")


def test_a_cancel_that_comes_too_late_says_that_nothing_has_changed(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.publish(to_students())
    bench.deliver()
    desk.cancel(bench.office, "1", "")
    out = capsys.readouterr().out
    assert "没有可取消的，未作任何改动" in out and "已经收到，取消不了：学生群（Q1）" in out and "--undo" not in out


def test_a_draft_that_a_person_holds_is_told_to_be_deleted_by_hand(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.publish(to_students())
    bench.deliver()
    with bench.db.write() as conn:
        conn.execute(t.deliveries.update().values(status=Status.HANDED))
    desk.cancel(bench.office, "1", "")
    assert "请到后台删除草稿：学生群（Q1）" in capsys.readouterr().out


def test_a_persons_judgment_is_told_in_her_words_and_a_code_stands_once(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    from channels.base import SendError
    from jobs.judge import judge

    bench.vendor.says(GROUPS, SendError(Outcome.UNCERTAIN, "答复不清", code="41002", advice="请核对"))
    bench.publish(to_students())
    bench.deliver()
    judge(bench.office, 1, "resend", "王老师")
    why.show(bench.db, bench.office.school, 1)
    out = capsys.readouterr().out
    assert "王老师，人工核实：没有发出，重新发送" in out and "平台暂不可用" not in out
    assert out.count("41002") == 1 and "发送，结果待定：答复不清（41002）。请核对" in out


def test_a_resend_is_called_a_resend(sqlite_db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    from desk import log

    now = f.moment("2020-10-01")
    with sqlite_db.write() as conn:
        item_id = f.add_item(conn, now)
        placed = f.place(conn, item_id, "Q01", now)
        failed = f.push(conn, "Q01", [placed], now)
        f.settle(conn, [failed], now, Status.FAILED)
        conn.execute(t.placements.update().values(push_id=None))
        f.settle(conn, [f.push(conn, "Q01", [placed], now, resend_of=failed)], now, Status.DELIVERED)
    why.show(sqlite_db, f.a_school(), item_id)
    told = capsys.readouterr().out
    assert f"首发，推送 {failed}：失败" in told and f"补推，推送 {failed + 1}：成功（群内已发）" in told
    log.show(sqlite_db, {}, register=lambda: f.TARGETS)
    lines = capsys.readouterr().out.splitlines()
    assert "补推" in lines[1] and "成功" in lines[1] and "首发" in lines[2] and "失败" in lines[2]


def test_a_part_of_the_list_is_confirmed_by_the_very_line_that_was_printed(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.office.school = replace(bench.office.school, confirm=True)
    bench.publish(*(to_students(title=f"第{n}件") for n in "甲乙丙"))
    one, two, _three = (row.id for row in bench.waiting())
    desk.confirm(bench.office, None, f"{one},{two}")
    found = re.search(r"confirm --yes (\w+) --only (\S+)；", capsys.readouterr().out)
    assert found is not None
    with pytest.raises(DeskError, match="列清单时写的 --only 与这一次不一样"):
        desk.confirm(bench.office, found[1], None)
    desk.confirm(bench.office, found[1], found[2])
    assert "已确认 2 条次" in capsys.readouterr().out


def test_urgent_says_what_it_still_waits_for_and_nothing_else(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.office.school = replace(bench.office.school, confirm=True)
    bench.publish(to_students(title="甲"), to_students(title="乙", number="2", review=None, approved_on=None))
    desk.hurry(bench.office, "1", "急", undo=False)
    assert "还没有确认" in capsys.readouterr().out
    orders.confirm(bench.office, orders.day_list(bench.office), "王老师")
    desk.hurry(bench.office, "1", "急", undo=False)
    desk.hurry(bench.office, "2", "急", undo=False)
    out = capsys.readouterr().out
    assert "还没有确认" not in out and out.count("还没有审查") == 1


def test_what_is_to_go_at_a_time_is_confirmed_before_it(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.office.school = replace(bench.office.school, confirm=True)
    bench.publish(to_students(title="报名通知"))
    desk.schedule(bench.office, "1", "2020-09-11 10:00")
    desk.confirm(bench.office, None, None)
    out = capsys.readouterr().out
    assert "定于 2020-09-11 10:00　条目 1“报名通知”" in out
    desk.confirm(bench.office, re.findall(r"--yes (\w+)", out)[0], None)
    bench.plan()
    assert bench.waiting()[0].reason == "定于 2020-09-11 10:00 推送"
    bench.clock.forward(days=1, hours=1)
    bench.tick()
    assert len(bench.vendor.calls) == 1


def test_a_time_for_what_has_left_or_is_held_says_so(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.publish(to_students(title="报名通知"))
    bench.tick()
    desk.schedule(bench.office, "1", "2020-09-11 10:00")
    assert "这一条现在没有等待推送的条次：可能已经发出" in capsys.readouterr().out


def test_a_correction_is_marked_in_the_list_to_confirm(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.publish(to_students(title="报名通知", number="XX-1"))
    bench.tick()
    bench.publish(to_students(title="报名通知（修订）", number="XX-1"))
    bench.office.school = replace(bench.office.school, confirm=True)
    amend.correct(bench.office, "1", "日期有误")
    desk.confirm(bench.office, None, None)
    assert "【更正】条目 1“报名通知（修订）”" in capsys.readouterr().out


def test_a_time_after_the_items_own_end_is_refused(bench: Bench) -> None:
    bench.publish(to_students(title="评奖公示", notice_from=date(2020, 9, 10), notice_to=date(2020, 9, 16)))
    with pytest.raises(DeskError, match="期限（公示止、截止日期）是 2020-09-16"):
        desk.schedule(bench.office, "1", "2020-09-18 10:00")
    desk.schedule(bench.office, "1", "2020-09-16 10:00")
