"""A clerk puts her own folder in: what she is told is about her folder, her years, and what she can type next."""

from __future__ import annotations

import csv
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bot import bot
from config import places
from demo.replay import opened
from demo.result import result_of
from desk import demo as desk
from desk.errors import NO_DEMO, explain
from store.db import Db
from tests.desk.papers import Written, by_mark, marked

HEADER = ["具体事项", "处室", "类别", "小类", "属性", "公开范围", "审核人", "审核结论", "审核时间"]
WORK, SUB = "学校工作的重大事项", "重要改革举措和有关政策"


def row(title: str, day: str, **over: str) -> list[str]:
    said = {"具体事项": title, "处室": "教务处", "类别": WORK, "小类": SUB, "属性": "主动公开", "公开范围": "社会"}
    said |= {"审核人": "张主任", "审核结论": "同意公开", "审核时间": day, **over}
    return [said[name] for name in HEADER]


def own_folder(folder: Path, *rows: list[str], header: list[str] = HEADER) -> Path:
    folder.mkdir(exist_ok=True)
    with (folder / "目录.csv").open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return folder


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any], Path]:
    """Two school years of another school, with one row that is held."""
    under = tmp_path_factory.mktemp("own")
    rows = [row("关于改革的通知", "2022-10-08"), row("关于规划的通知", "2023-11-08")]
    held = row("关于收费的公告", "2023-11-09", 审核结论="部分公开")
    folder = own_folder(under / "我校信息公开", *rows, held)
    with pytest.MonkeyPatch.context() as patch:
        lines: list[str] = []
        patch.setattr("click.echo", lambda text="", **_: lines.append(str(text)))
        patch.setattr("rich.console.Console.print", lambda _self, thing, **_: lines.append(_title(thing)))
        with opened(folder, None, keep=False, under=under / "demo") as replay:
            replay.run(lambda day, done: None)
            result = result_of(replay, 0, 1.0)
            desk._show(replay, result, replay.problem_sheets(), desk._papers(replay, result))
    return "\n".join(lines), result.as_json(), under


def _title(thing: Any) -> str:
    return str(getattr(thing, "title", thing))


def test_the_years_follow_the_rows_and_each_table_names_its_own(shown: tuple[str, dict[str, Any], Path]) -> None:
    text, plain, _ = shown
    assert plain["ok"]
    assert [each["year"] for each in plain["reports"]] == ["2022-2023学年", "2023-2024学年"]
    assert (plain["items"], plain["categories"][WORK]) == (2, 2)
    captions = [line for line in text.split("\n") if "各渠道" in line or "按大类" in line]
    assert len(captions) == len(set(captions)) == 4
    assert [line[:11] for line in captions] == ["2022-2023学年"] * 2 + ["2023-2024学年"] * 2


def test_the_list_of_problems_is_named_after_her_folder_and_its_place_is_whole(
    shown: tuple[str, dict[str, Any], Path],
) -> None:
    text, plain, under = shown
    sheet = under / "demo" / "last" / "问题清单-我校信息公开.xlsx"
    assert len(plain["problems"]) == 1
    assert f"全部写在问题清单里：{sheet}" in text
    assert sheet.exists()
    assert "sample" not in text


def test_each_hint_stands_on_a_line_of_its_own_with_a_command_that_exists(
    shown: tuple[str, dict[str, Any], Path],
) -> None:
    hints = [line for line in shown[0].split("\n") if "bot.py" in line]
    assert len(hints) == 7
    for hint in hints:
        [command] = re.findall(r"bot\.py (?:--demo )?(\w+)", hint)
        assert command in bot.commands
    assert "--demo report --year 2022-2023" in shown[0]
    assert "--demo report --year 2023-2024" in shown[0]


def test_the_papers_of_her_years_say_the_same_as_the_store(shown: tuple[str, dict[str, Any], Path]) -> None:
    text, _, under = shown
    last = under / "demo" / "last"
    for year in ("2022-2023", "2023-2024"):
        folder = last / f"年度报告-{year}"
        assert str(folder) in text
        papers = Written(folder)
        known, found = by_mark(papers.plain), marked(papers.letter)
        assert [(name, read) for name, read in found if str(known.get(name)) != read] == [] and found
        first, end = f"{year[:4]}-09-01", f"{year[5:]}-08-31"
        counted = f"SELECT count(*) FROM items WHERE counted AND disclosed_on BETWEEN '{first}' AND '{end}'"
        with sqlite3.connect(last / "demo.sqlite3") as conn:
            assert conn.execute(counted).fetchone() == (papers.plain["items"]["disclosed"],) == (1,)
            placed = "SELECT channel, count(*) FROM placements p JOIN items i ON i.id = p.item_id"
            due = dict(conn.execute(f"{placed} WHERE i.disclosed_on BETWEEN '{first}' AND '{end}' GROUP BY channel"))
        assert due == {each["name"]: each["due"] for each in papers.plain["channels"] if each["due"]}


def test_the_schools_own_headers_hold_in_its_own_demonstration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = (places.CONFIG / "school.toml").read_text(encoding="utf-8")
    own = tmp_path / "config"
    own.mkdir()
    (own / "school.toml").write_text(settings + '\n[headers]\n"议定的是" = "标题"\n', encoding="utf-8")
    monkeypatch.setenv("XXGK_CONFIG", str(own))
    header = ["议定的是" if name == "具体事项" else name for name in HEADER]
    folder = own_folder(tmp_path / "表", row("关于改革的通知", "2022-10-08"), header=header)
    with opened(folder, None, keep=False, under=tmp_path / "demo") as replay:
        replay.run(lambda day, done: None)
        assert result_of(replay, 0, 1.0).as_json()["items"] == 1


@pytest.mark.parametrize("what", ["empty", "no header", "broken"])
def test_a_folder_that_holds_no_register_leaves_the_last_demonstration_alone(tmp_path: Path, what: str) -> None:
    last = tmp_path / "demo" / "last" / "demo.sqlite3"
    last.parent.mkdir(parents=True)
    last.write_bytes(b"the last one")
    folder = tmp_path / "空文件夹"
    folder.mkdir()
    if what == "no header":
        own_folder(folder, header=["甲", "乙"])
    elif what == "broken":
        (folder / "登记表.xlsx").write_bytes(b"PK\x03\x04")
    with (
        pytest.raises(ValueError, match="没有开始演练；上一次演练的数据没有动") as refused,
        opened(folder, None, keep=False, under=tmp_path / "demo"),
    ):
        pass
    words = {"empty": "文件夹还是空的", "no header": "没有找到表头", "broken": "暂时打不开"}
    assert words[what] in str(refused.value)
    assert last.read_bytes() == b"the last one"


def test_without_a_demonstration_a_look_at_it_says_how_to_run_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XXGK_CONFIG", places.DEMO_CONFIG)
    with pytest.raises(Exception) as found, (db := Db(f"sqlite:///{tmp_path / 'none.sqlite3'}")).read() as conn:
        conn.exec_driver_sql("SELECT * FROM items")
    db.close()
    assert explain(found.value) == [NO_DEMO]  # type: ignore[arg-type]
