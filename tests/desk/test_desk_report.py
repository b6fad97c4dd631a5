"""`bot.py report`, `why` and `items` as their reader meets them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

import config.settings
from desk import items as desk_items
from desk import report as desk
from desk import why
from desk.errors import DeskError
from desk.papers.facts import gather
from desk.papers.prose import document
from desk.start import now
from jobs.office import Office
from jobs.registers import changed_later
from jobs.report import report
from jobs.seal import seal
from rules.dates import SchoolYear, day_of
from rules.deadlines import Clock
from rules.item import Place, Problem, Review
from rules.registry import APPLICATIONS, REVIEWS, TRAININGS
from rules.seal import SHORT
from rules.states import Status
from store import facts, items, placements, registers, seals
from store import tables as t
from store.db import Db
from store.history import STATES
from store.span import Span
from tests import factory as f
from tests.desk.papers import some_year

NOON = f.moment("2020-10-01")


def printed(db: Db, capsys: pytest.CaptureFixture[str]) -> str:
    desk.show(report(db, f.a_school(), SchoolYear(2020), cut_off=f.moment("2021-10-29")))
    return capsys.readouterr().out


def test_every_figure_stands_with_its_word(sqlite_db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite_db.write() as conn:
        f.a_year(conn, size=16)
        f.measure(conn, "Q01", "应达", 180, NOON)
    out = printed(sqlite_db, capsys)
    assert "统计期限：2020-09-01 至 2021-08-31（含首尾两日）" in out and "截至：2021-10-29 12:00" in out
    assert "登记 14 条：已公开 14 条" in out and "另有不计入条目：登记 2 条" in out
    assert "3 个大类、8 个小项，已公开 14 条。" in out
    assert "180 人" in out and "群成员数" in out and "1/2 个目标" in out
    assert "✗" not in out and "未核对" not in out and "各项均已核对。" in out
    assert not {word for word in ("job", "payload", "endpoint", "record", "None") if word in out}


@pytest.mark.parametrize(
    "asked", [(None, None, None), ("2020-2021", "2020-09-01", None), (None, "2020-09-01", None), (None, "昨天", "今天")]
)
def test_a_period_that_is_none_is_told_how_it_is_written(asked: tuple[str | None, str | None, str | None]) -> None:
    with pytest.raises(DeskError, match=r"2020-09-01|2021-06-01"):
        desk.asked(*asked)


def test_a_log_that_was_sealed_says_so_with_the_number_of_that_time(
    sqlite_db: Db, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "封存号" not in printed(sqlite_db, capsys)
    with sqlite_db.write() as conn:
        f.publish(conn, "Q01", NOON)
    seal(Office(f.a_school(), sqlite_db, {}, lambda: f.moment("2020-10-02"), seal_key="a key of sixteen signs"))
    with sqlite_db.read() as conn:
        assert f"推送日志封存号：{seals.head(conn)[:SHORT]}（" in printed(sqlite_db, capsys)
    with sqlite_db.write() as conn:
        conn.execute(update(t.seals).values(sealed_at=f.moment("2021-10-30")))
    assert "封存号" not in printed(sqlite_db, capsys)  # made after the cut-off


def test_an_unknown_figure_is_a_dash_and_an_unused_sub_item_a_zero(
    sqlite_db: Db, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite_db.write() as conn:
        f.publish(conn, "Q01", NOON)
    out = printed(sqlite_db, capsys)
    [reads] = [line.split()[1:] for line in out.splitlines() if "阅读合计" in line]
    assert reads == ["送达合计、阅读合计", "—", "—", "0/1", "次推送", "—"]  # of both nothing is known
    honours = next(line for line in out.splitlines() if line.strip().startswith("荣誉称号"))
    assert honours.split()[1:] == ["0", "条"]


def test_what_the_ministry_asks_for_and_the_year_has_nothing_of_is_named_by_who_answers_for_it(
    sqlite_db: Db, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite_db.write() as conn:
        f.publish(conn, "Q01", NOON, list_items=(2,))
    out = printed(sqlite_db, capsys)
    assert "清单第2项（学校办公室）" in out
    assert "本期没有条目的清单事项 2 项：\n  学校办公室：第1项\n  财务处：第21项\n" in out
    assert "不适用于本校的清单事项 1 项" in out and "招生就业处" not in out


def test_an_item_under_what_does_not_apply_to_the_school_is_shown_as_such(
    sqlite_db: Db, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite_db.write() as conn:
        f.publish(conn, "Q01", NOON, list_items=(11,))
    assert "清单第11项（招生就业处，不适用）" in printed(sqlite_db, capsys)


def test_a_table_without_rows_has_no_header(sqlite_db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(sqlite_db, capsys).splitlines()
    section = lines[next(n for n, line in enumerate(lines) if line.startswith("八、")) :]
    headers = [line.split()[0] for line in section if line.strip().endswith("单位")]
    assert headers == ["受众类别"]


def test_a_broken_sum_is_stamped_and_names_its_rows(sqlite_db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite_db.write() as conn:
        odd = f.publish(conn, "Q01", NOON, title="放错的条目")
        conn.execute(update(t.items).values(department=""))
    out = printed(sqlite_db, capsys)
    assert "【未核对】" in out and "✗ 各责任部门之和＝已公开条数：0 ≠ 1" in out
    assert f"条目 {odd} " in out and "放错的条目：责任部门为空" in out


@pytest.fixture
def of_a_school(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command reads of config/ is the tests' own school."""
    monkeypatch.setattr(config.settings, "load", lambda *_: SimpleNamespace(school=f.a_school()))


def run(db: Db, cut_off: str | None = "2021-10-29", year: int = 2020, **options: Any) -> None:
    desk.run(db, SchoolYear(year), cut_off, **options)


@pytest.mark.usefixtures("of_a_school")
def test_the_report_can_be_read_by_a_program_and_tells_it_what_was_frozen_and_changed_since(
    sqlite_db: Db, capsys: pytest.CaptureFixture[str]
) -> None:
    some_year(sqlite_db)
    run(sqlite_db, as_json=True)
    plain = json.loads(capsys.readouterr().out)
    assert plain["checked"] is True and plain["frozen"] is None
    run(sqlite_db, freezing=True, by="王老师")
    with sqlite_db.write() as conn:
        f.publish(conn, "Q01", NOON)
    capsys.readouterr()
    run(sqlite_db, as_json=True)
    now = json.loads(capsys.readouterr().out)
    assert now["frozen"]["frozen_by"] == "王老师" and now["frozen"]["cut_off"].startswith("2021-10-29T23:59:59")
    changes = {each["place"]: (each["then"], each["now"]) for each in now["frozen"]["changes"]}
    assert changes["items.disclosed"] == (plain["items"]["disclosed"], now["items"]["disclosed"])
    assert plain["items"]["disclosed"] + 1 == now["items"]["disclosed"] and now["frozen"]["same_rows"] is False


@pytest.mark.usefixtures("of_a_school")
def test_a_cut_off_to_come_and_options_that_do_not_go_together_are_told(sqlite_db: Db, tmp_path: Path) -> None:
    with pytest.raises(DeskError, match="截止日 2099-01-01 还没有到"):
        run(sqlite_db, "2099-01-01")
    out = tmp_path / "年报"
    for options in (
        {"out": out, "as_json": True}, {"freezing": True, "place": "items.disclosed"}, {"out": out, "place": "items.disclosed"}
    ):  # fmt: skip
        with pytest.raises(DeskError, match="不能同时写"):
            run(sqlite_db, **options)
    for options in ({"by": "张三"}, {"by": " ", "freezing": True}):
        with pytest.raises(DeskError, match="须与 --freeze 合用"):
            run(sqlite_db, **options)
    with pytest.raises(DeskError, match="2098-2099学年还没有到"):
        run(sqlite_db, None, year=2098)
    assert not out.exists()


@pytest.mark.usefixtures("of_a_school")
def test_of_a_year_without_a_row_nothing_is_called_checked(sqlite_db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    some_year(sqlite_db)
    run(sqlite_db, "2016-10-30", year=2015)
    out = capsys.readouterr().out
    assert "各项均已核对" not in out and out.endswith("没有数不等于零，请不要报送。\n")


@pytest.mark.usefixtures("of_a_school")
def test_what_a_register_learnt_after_the_cut_off_is_counted_and_told(
    sqlite_db: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some_year(sqlite_db)
    cut_off = f.moment("2021-10-29")
    with sqlite_db.write() as conn:
        registers.open_it(conn, REVIEWS.name, "王老师", f.moment("2021-09-10"))
        for day, entered in (("2020-10-01", cut_off + timedelta(days=1)), ("2021-09-03", cut_off + timedelta(days=1))):
            registers.add(conn, REVIEWS, {"日期": day, "事由": "一"}, "王老师", entered)
    for options in ({"freezing": True, "by": "张三"}, {"out": tmp_path / "年报"}):
        run(sqlite_db, **options)
    assert "登记簿在截止日以后有登记、更正或作废" in capsys.readouterr().out
    plain = json.loads((tmp_path / "年报" / "统计数据.json").read_text(encoding="utf-8"))
    assert plain["registers"]["reviews"] is None and plain["frozen"]["frozen_by"] == "张三"
    run(sqlite_db, "2021-11-30", out=tmp_path / "再出")
    assert "截止日以后" not in capsys.readouterr().out
    book = load_workbook(tmp_path / "再出" / "推送台账.xlsx")
    assert book.worksheets[0]["A2"].value.split("　")[2:] == ["数据截至：2021-11-30", f"制表日期：{day_of(now())}"]


def test_only_what_would_change_a_register_s_figures_is_told_to_have_come_too_late(sqlite_db: Db) -> None:
    school, year = f.a_school(), Span(SchoolYear(2020).start, SchoolYear(2020).end, f.moment("2021-10-29"))
    said = {"收到日期": "2021-08-20", "方式": "信函", "申请人类别": "社会", "事项": "三"}
    training = {"日期": "2020-10-01", "内容": "培训", "人数": 45}
    with sqlite_db.write() as conn:
        for register in (APPLICATIONS, TRAININGS):
            registers.open_it(conn, register.name, "王老师", f.moment("2020-09-01"))
        old = registers.add(conn, APPLICATIONS, said, "王老师", f.moment("2021-08-21"))
        held = registers.add(conn, TRAININGS, training, "王老师", f.moment("2020-10-01"))
        late = f.moment("2021-11-02")
        registers.void(conn, old, "王老师", "办结", late)
        answer = {"答复类型": "同意公开", "答复日期": "2021-11-02"}
        registers.add(conn, APPLICATIONS, {**said, **answer}, "王老师", late, replaces=old)
        assert not changed_later(conn, school, year, late)  # answered after the year: nothing of it changes
        registers.void(conn, held, "王老师", "误登", late)
        assert changed_later(conn, school, year, late)


@pytest.mark.usefixtures("of_a_school")
def test_a_year_that_nobody_counted_is_compared_with_none(sqlite_db: Db) -> None:
    some_year(sqlite_db)
    clock = Clock(f.moment("2022-10-29").date(), f.a_school().calendar)
    made = gather(sqlite_db, f.a_school(), SchoolYear(2021), cut_off=f.moment("2022-10-29"), clock=clock)
    text = "\n".join(block.text for block in document(made))
    assert made.before is not None and not made.has_rows
    assert "与上一学年比较" not in text and "（上一学年" not in text and "没有公开条目，需要责任部门核对" not in text


@pytest.mark.usefixtures("of_a_school")
def test_a_paper_that_was_written_beside_a_clerks_own_says_why(
    sqlite_db: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some_year(sqlite_db)
    run(sqlite_db, out=tmp_path)
    assert "原样保留" not in capsys.readouterr().out
    (tmp_path / "推送台账.csv").write_text("改过", encoding="utf-8")
    run(sqlite_db, out=tmp_path)
    said = [line for line in capsys.readouterr().out.splitlines() if "原样保留" in line]
    assert said == [f"已写入 {tmp_path / '推送台账（2）.csv'}（同名的旧文件有人改过，原样保留）"]


def _item_with_a_story(db: Db) -> int:
    with db.write() as conn:
        item_id = f.add_item(conn, NOON, title="关于评奖的通知", number="GZ-7")
        f.decide(conn, item_id, NOON, A01="+面向社会的渠道默认推送", G01="-范围允许，但没有路由", Q01="+按路由“学生”")
        f.send(conn, "A01", [f.place(conn, item_id, "A01", NOON)], NOON, Status.UNCERTAIN)
        first = f.place(conn, item_id, "Q01", NOON)
        failed = f.push(conn, "Q01", [first], NOON)
        f.settle(conn, [failed], NOON, Status.FAILED, reason="群已禁言")
        placements.free(conn, failed, NOON, alone=False)
        again = f.push(conn, "Q01", [first], NOON + timedelta(hours=1), resend_of=failed)
        f.settle(conn, [again], NOON + timedelta(hours=1), Status.DELIVERED)
    return item_id


def test_why_tells_for_every_target_what_was_decided_and_what_came_of_it(
    sqlite_db: Db, capsys: pytest.CaptureFixture[str]
) -> None:
    item_id = _item_with_a_story(sqlite_db)
    why.show(sqlite_db, f.a_school(), item_id)
    out = capsys.readouterr().out
    assert "关于评奖的通知" in out and "逐项审查，学校办公室主任 2020-09-10 可以公开" in out
    assert "A01 学校官方公众号（官方微信公众平台，面向社会）：推送。面向社会的渠道默认推送" in out and "结果待定" in out
    assert "G01 全校教职工群（教职工企业微信群，面向教职工）：不推送。范围允许，但没有路由" in out
    assert out.index("失败（群已禁言）") < out.index("成功（群内已发）")
    assert "Q02 信息工程系学生群（学生工作QQ群，面向学生）：不推送。该目标在本版本路由之后才登记" in out
    assert "700000001" not in out


def test_why_in_json_keeps_the_whole_chain(sqlite_db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    why.show(sqlite_db, f.a_school(), _item_with_a_story(sqlite_db), as_json=True)
    targets = {each["target"]: each for each in json.loads(capsys.readouterr().out)["targets"]}
    assert [each["granted"] for each in targets.values()] == [True, False, True, False]
    assert [row["status"] for row in targets["Q01"]["log"]] == ["失败", "成功"]
    assert targets["Q01"]["log"][0]["said"][0]["reason"] == "群已禁言"


def test_why_says_what_an_undecided_item_waits_for(sqlite_db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite_db.write() as conn:
        held = f.add_item(conn, NOON)
        items.set_hold(conn, held, "条目已从文件中消失")
        old = f.add_item(conn, NOON, baseline=True)
        fresh = f.add_item(conn, NOON)
        blind = f.add_item(conn, NOON, review=None)
    said = {}
    for item_id in (held, old, fresh, blind):
        why.show(sqlite_db, f.a_school(), item_id)
        said[item_id] = capsys.readouterr().out
    assert "尚未决定。条目已从文件中消失" in said[held] and "只登记和统计" in said[old]
    assert "尚未决定。等待路由" in said[fresh] and "尚未决定。没有完整的审查记录" in said[blind]
    with pytest.raises(DeskError, match="没有条目"):
        why.show(sqlite_db, f.a_school(), -1)


def test_the_items_show_their_state_their_targets_and_the_problems(db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    with db.write() as conn:
        out = f.publish(conn, "Q01", NOON, title="已发")
        f.place(conn, out, "Q02", NOON)
        f.add_item(conn, NOON, title="待发")
        f.add_item(conn, NOON, title="没审", review=None)
        f.add_item(conn, NOON, title="退了", review=Review("李主任", "退回", NOON.date(), "请补充依据"))
        f.add_item(conn, NOON, title="申请", disclosure="依申请公开")
        f.add_item(conn, NOON, title="不公开", disclosure="不予公开")
        items.set_hold(conn, f.add_item(conn, NOON, title="停住"), "登记内容有问题")
        items.stop(conn, f.add_item(conn, NOON, title="叫停"), "张老师 取消")
        items.set_changed(conn, f.publish(conn, "Q01", NOON, title="改过"), NOON)
        problem = Problem(Place("登记表.xlsx", "2020", 7), "大类", "大类未填写", "请填写")
        facts.replace_problems(conn, "登记表", ["登记表.xlsx"], [problem], NOON)
    desk_items.show(db, as_json=True)
    plain = json.loads(capsys.readouterr().out)
    states = {each["title"]: each["state"] for each in plain["items"]}
    assert states == {
        "已发": "已公开", "待发": "待公开", "没审": "待审", "退了": "退回", "申请": "依申请公开", "不公开": "不予公开", "停住": "暂停",
        "叫停": "停止", "改过": "已变更",
    }  # fmt: skip
    assert set(states.values()) == set(STATES)
    first = next(each for each in plain["items"] if each["id"] == out)
    assert (first["due"], first["reached"]) == (2, 1) and plain["problems"][0]["row"] == 7
    desk_items.show(db, status="暂停")
    shown = capsys.readouterr().out
    assert "登记内容有问题" in shown and "本页 1 条。" in shown
    assert "另有 1 处登记问题需要更正：python bot.py items --problems" in shown and "登记表.xlsx" not in shown
    desk_items.show(db, only_problems=True)
    assert "1. 登记表.xlsx工作表“2020”第7行" in capsys.readouterr().out


def test_the_items_come_in_pages_and_can_be_searched(sqlite_db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite_db.write() as conn:
        ids = [f.add_item(conn, NOON, title=f"第{n}条") for n in range(3)]
    desk_items.show(sqlite_db, page=2, as_json=True)
    plain = json.loads(capsys.readouterr().out)
    assert [each["id"] for each in plain["items"]] == [ids[2], ids[1]] and plain["next"] == ids[1]
    desk_items.show(sqlite_db, before=plain["next"], as_json=True)
    assert [each["id"] for each in json.loads(capsys.readouterr().out)["items"]] == [ids[0]]
    desk_items.show(sqlite_db, text="第1条", as_json=True)
    assert [each["id"] for each in json.loads(capsys.readouterr().out)["items"]] == [ids[1]]
    with pytest.raises(DeskError, match="可用：停止、暂停"):
        desk_items.show(sqlite_db, status="好")


def test_a_year_of_which_nothing_is_known_says_so_before_its_noughts(sqlite_db: Db, tmp_path: Path) -> None:
    some_year(sqlite_db)
    for year, said in ((2015, True), (2020, False)):
        facts, _ = desk.write_papers(
            sqlite_db, f.a_school(), SchoolYear(year), f.moment("2021-10-29"), tmp_path / "out"
        )
        assert ("没有登记" in document(facts)[0].text) is said and facts.has_rows is not said


def test_of_a_month_that_is_still_to_come_nothing_is_said(sqlite_db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite_db.write() as conn:
        f.publish(conn, "Q01", f.moment("2020-09-10"), title="已推送")
    desk.show(report(sqlite_db, f.a_school(), SchoolYear(2020), cut_off=f.moment("2020-10-05")))
    lines = {
        line.split()[0]: line.split()[1:]
        for line in capsys.readouterr().out.splitlines()
        if line.strip().startswith("202")
    }
    assert lines["2020-10"] == ["0"] * 7 and lines["2020-11"] == ["—"] * 7 == lines["2021-08"]


def test_a_month_of_which_nobody_knows_is_null_in_json_and_never_0(sqlite_db: Db) -> None:
    with sqlite_db.write() as conn:
        f.publish(conn, "Q01", f.moment("2020-11-10"), title="已推送")
        facts.set_watch(
            conn, "登记表", now=f.moment("2020-11-02"), since=date(2020, 11, 2), cursor={}, health="good", note=""
        )
    found = report(sqlite_db, f.a_school(), SchoolYear(2020), cut_off=f.moment("2021-01-05"))
    plain = found.as_json()
    known = [each["name"] for each in plain["months"] if each["due"] is not None]
    assert known == ["2020-11", "2020-12", "2021-01"]
    assert [month for month, n in plain["items"]["months"].items() if n is not None] == known
