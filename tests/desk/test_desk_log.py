"""`bot.py log` as its reader meets it: columns, .csv, JSON, filters in words; and it comes up at once."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from desk import evidence, logsums
from desk import log as desk
from desk.errors import DeskError
from rules.origin import BOOKED, BOT
from rules.states import Result
from store import log
from store.db import Db
from store.log import Filter
from tests import factory as f

NOON = f.moment("2020-10-01")


@pytest.fixture
def filled(sqlite_db: Db) -> Db:
    with sqlite_db.write() as conn:
        f.publish(conn, "Q01", NOON, title="=HYPERLINK(1) 的通知", number="GZ-1", department="教务处")
        f.publish(conn, "A01", NOON, title="收费公示", number="GZ-2")
        f.place(conn, f.add_item(conn, NOON, number="GZ-3"), "G01", NOON)
    return sqlite_db


def show(db: Db, **over: object) -> None:
    options = {name: over.pop(name) for name in list(over) if name not in ("page", "after", "as_json", "csv_path")}
    desk.show(db, options, register=lambda: f.TARGETS, **over)  # type: ignore[arg-type]


def test_one_push_alone_is_shown_and_nothing_that_is_in_none(filled: Db, capsys: pytest.CaptureFixture[str]) -> None:
    show(filled, push=2, as_json=True)
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [(row["push_id"], row["number"]) for row in rows] == [(2, "GZ-2")]
    show(filled, push=99, as_json=True)
    assert json.loads(capsys.readouterr().out)["rows"] == []


def test_a_day_that_a_site_gives_shows_no_hour_and_an_instant_of_the_bot_does(filled: Db) -> None:
    with filled.read() as conn:
        [row] = log.page(conn, Filter(), size=1).rows
    midnight = f.moment("2020-10-01", "00:00")
    assert desk.moment(row._replace(origin=BOOKED), midnight) == "2020-10-01"
    assert desk.moment(row._replace(origin=BOT), midnight) == "2020-10-01 00:00"


def test_a_name_that_is_looked_for_is_told_what_can_be(filled: Db, capsys: pytest.CaptureFixture[str]) -> None:
    show(filled, person="张三")
    assert "不能按姓名查找" in capsys.readouterr().out
    show(filled, push=99999)
    assert capsys.readouterr().out == "没有符合条件的条次。\n"


def test_a_page_names_target_result_and_how_it_is_known(filled: Db, capsys: pytest.CaptureFixture[str]) -> None:
    show(filled)
    out = capsys.readouterr().out
    assert "A01 学校官方公众号" in out and "群内已发" in out and "收费公示" in out
    assert "G01 全校教职工群" in out and "待发" in out and "等待编排" in out
    assert out.splitlines()[0].split()[:4] == ["产生时间", "发出时间", "目标", "人数"]
    assert "286 人" in out  # of the register: nobody has measured it
    assert out.rstrip().endswith("时间均为北京时间。本页 3 条次。已到末尾。")


def test_what_has_not_left_has_no_time_of_leaving_and_people_are_those_last_measured(
    filled: Db, capsys: pytest.CaptureFixture[str]
) -> None:
    with filled.write() as conn:
        f.measure(conn, "G01", "应达", 290, NOON)
        f.measure(conn, "G01", "应达", 291, NOON)
        f.measure(conn, "G01", "阅读", 5, NOON)
    show(filled, as_json=True)
    rows = {row["number"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert (rows["GZ-3"]["sent_at"], rows["GZ-3"]["people"]) == (None, 291)
    assert (rows["GZ-1"]["sent_at"], rows["GZ-1"]["people"]) == ("2020-10-01T12:00:00+08:00", None)


def test_the_key_printed_at_the_end_of_a_page_continues_it(filled: Db, capsys: pytest.CaptureFixture[str]) -> None:
    seen = []
    after = None
    for _ in range(3):
        show(filled, page=1, after=after, as_json=True)
        plain = json.loads(capsys.readouterr().out)
        seen += [row["number"] for row in plain["rows"]]
        after = plain["next"]
    assert sorted(seen) == ["GZ-1", "GZ-2", "GZ-3"] and after is None
    show(filled, page=2)
    assert "下一页：--after 20201001T" in capsys.readouterr().out


def test_the_json_has_the_documented_keys(filled: Db, capsys: pytest.CaptureFixture[str]) -> None:
    show(filled, item="GZ-1", as_json=True)
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert list(row) == ["key", *desk.COLUMNS.values()]
    assert row["at"] == "2020-10-01T12:00:00+08:00" and row["status"] == "成功" and row["push_id"]


def test_the_csv_holds_every_row_and_excel_computes_none(
    filled: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.csv"
    show(filled, csv_path=path, page=1)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    header, *rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert header == list(desk.COLUMNS) and len(rows) == 3 and "3 条次" in capsys.readouterr().out
    titles = {row[header.index("编号")]: row[header.index("标题")] for row in rows}
    assert titles["GZ-1"] == "'=HYPERLINK(1) 的通知" and titles["GZ-2"] == "收费公示"


def test_no_file_that_may_be_a_clerks_work_is_written_over(filled: Db, tmp_path: Path) -> None:
    ledger = tmp_path / "推送台账.xlsx"
    for path, words in ((ledger, "应以 .csv 结尾"), (tmp_path / "有.csv", "已存在，没有覆盖")):
        path.write_bytes(b"mine")
        with pytest.raises(DeskError, match=words):
            show(filled, csv_path=path)
        with pytest.raises(DeskError, match=words):
            logsums.show(filled, {}, "结果", as_json=False, csv_path=path)
        assert path.read_bytes() == b"mine"
    with pytest.raises(DeskError, match=r"应以 \.zip 结尾"):
        evidence.write(filled, "GZ-1", ledger)
    assert ledger.read_bytes() == b"mine"


def test_filters_are_understood_as_people_write_them(filled: Db) -> None:
    wanted = desk.asked(filled, {"since": "2020-09-01", "until": "2020-09-30", "status": "失败、待定", "channel": None})
    assert wanted == Filter(
        since=f.moment("2020-09-01", "00:00"),
        until=f.moment("2020-10-01", "00:00"),
        results=(Result.FAILURE, Result.PENDING),
    )
    assert desk.asked(filled, {"since": "2020-09-01T08:30"}).since == f.moment("2020-09-01", "08:30")
    assert desk.asked(filled, {"failed": True}).results == (Result.FAILURE, Result.PARTIAL)


@pytest.mark.parametrize("day", ["2021-06-01", "2021/6/1", "2021.6.1", "20210601", "2021年6月1日"])
def test_a_day_is_understood_however_it_is_written(filled: Db, day: str) -> None:
    wanted = desk.asked(filled, {"since": day, "until": day})
    assert (wanted.since, wanted.until) == (f.moment("2021-06-01", "00:00"), f.moment("2021-06-02", "00:00"))


@pytest.fixture
def school(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings that are read for a word that stands in no row."""
    monkeypatch.setattr("desk.find.settings", f.a_school)


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ({"channel": "学生工作QQ群"}, ["GZ-1"]),
        ({"channel": "QQ群"}, ["GZ-1"]),
        ({"channel": "企业微信群机器人"}, ["GZ-3"]),
        ({"target": "学校官方公众号"}, ["GZ-2"]),
        ({"target": "全校教职工群"}, ["GZ-3"]),
        ({"target": "Q02"}, []),
        ({"category": "学校工作"}, ["GZ-1", "GZ-2", "GZ-3"]),
        ({"department": "教务"}, ["GZ-1"]),
    ],
)
def test_a_filter_takes_what_the_office_calls_it(
    filled: Db, options: dict[str, str], numbers: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    show(filled, **options, as_json=True)
    assert sorted(row["number"] for row in json.loads(capsys.readouterr().out)["rows"]) == numbers


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"channel": "短信"}, "没有渠道“短信”。可用：onebot（学生工作QQ群）、wechat_oa（官方微信公众平台）"),
        ({"target": "Q99"}, "没有目标“Q99”。可用：.*Q01（学生工作群）"),
        ({"target": "群"}, "没有目标“群”。可用："),
        ({"audience": "家长"}, "没有目标受众“家长”。可用：.*学生"),
        ({"category": "后勤"}, "没有大类“后勤”。可用："),
        ({"department": "教导处"}, "没有责任部门“教导处”。可用：教务处"),
        ({"item": "GZ-11"}, "没有找到条目“GZ-11”。您要找的是不是：GZ-1"),
    ],
)
def test_an_unknown_word_of_a_filter_is_answered_with_what_there_is(
    filled: Db, options: dict[str, str], words: str
) -> None:
    with pytest.raises(DeskError, match=words):
        show(filled, **options)


@pytest.mark.usefixtures("school")
def test_of_many_words_those_that_look_alike_are_offered(filled: Db) -> None:
    with filled.write() as conn:
        for n in range(20):
            f.add_item(conn, NOON, department=f"第{n}教研室")
    with pytest.raises(DeskError, match=r"您要找的是不是：教务处？$"):
        show(filled, department="教务部")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_columns_are_those_the_readme_promises(readme: str) -> None:
    """Whoever reads the log by a program relies on them: a change here is a change there, in both languages."""
    text = (Path(desk.__file__).parent.parent / readme).read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| `(\w+)` \|", text, flags=re.MULTILINE)
    assert rows == list(desk.COLUMNS.items())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"status": "好的"}, "可用：成功、部分"),
        ({"since": "去年"}, "应写成 2020-09-01"),
        ({"since": "2021-06-31"}, "没有“2021-06-31”这一天"),
        ({"since": "2020-10-01", "until": "2020-09-01"}, "止时 2020-09-01 早于起时 2020-10-01"),
        ({"item": "没有的"}, "没有找到条目“没有的”"),
        ({"after": "第二页"}, "翻页标记"),
    ],
)
def test_words_that_mean_nothing_are_answered_with_what_to_do(filled: Db, options: dict[str, str], words: str) -> None:
    with pytest.raises(DeskError, match=words):
        show(filled, **options)


def test_the_log_loads_nothing_it_does_not_need() -> None:
    heavy = (
        "pydantic",
        "rich",
        "requests",
        "flask",
        "openpyxl",
        "wechatpy",
        "channels",
        "jobs",
        "config.settings",
        "rules.item",
    )
    code = f"import sys, desk.log; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
