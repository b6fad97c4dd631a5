"""The queue at the command line and in Excel: written out, filled in, dropped back, applied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

import bot
from desk import exchange, items, orders, review
from desk.errors import DeskError
from desk.rounds import say
from rules.advice import vanished
from rules.school import Column
from store import tables as t
from tests.jobs.bench import Bench, to_students
from tests.jobs.conftest import bench as bench

SHEET = "待审清单.xlsx"


@pytest.fixture
def folder(bench: Bench, tmp_path: Path) -> Iterator[Path]:
    """An office whose register lies in a folder, with two items that wait for their review."""
    place = tmp_path / "登记表"
    place.mkdir()
    bench.office.school = replace(
        bench.office.school, columns=(Column(name="登记表", kind="folder", place=str(place)),)
    )
    bench.publish(
        to_students(review=None, approved_on=None, title="甲"),
        to_students(review=None, approved_on=None, title="=乙", number="2"),
    )
    yield tmp_path


def fill(path: Path, to: Path | None = None, **cells: dict[int, str]) -> None:
    book = load_workbook(path)
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[1]]
    for name, rows in cells.items():
        for row, text in rows.items():
            sheet.cell(row, names.index(name) + 1, text)
    book.save(to or path)


def titles(path: Path) -> list[object]:
    sheet = load_workbook(path).worksheets[0]
    return [row[2].value for row in sheet.iter_rows(min_row=2)]


def test_the_queue_lies_beside_the_folder_and_is_not_written_again_while_it_stands(bench: Bench, folder: Path) -> None:
    exchange.exchange(bench.office)
    assert len(titles(folder / SHEET)) == 2
    before = (folder / SHEET).stat().st_mtime_ns
    exchange.exchange(bench.office)
    assert (folder / SHEET).stat().st_mtime_ns == before


@pytest.mark.parametrize("where", [".", "登记表"])
def test_a_filled_sheet_is_applied_where_it_lies_or_is_dropped_and_kept_with_what_came_of_it(
    bench: Bench, folder: Path, where: str
) -> None:
    exchange.exchange(bench.office)
    fill(
        folder / SHEET, folder / where / SHEET, 审查结论={2: "可以公开", 3: "看情况"}, 审查人={2: "李主任", 3: "李主任"}
    )
    done = exchange.exchange(bench.office)
    assert (done.applied, done.refused) == (1, 1)
    assert [(row.reviewer, row.conclusion) for row in bench.rows(t.reviews)] == [("李主任", "可以公开")]
    assert len(titles(folder / SHEET)) == 1
    [kept] = folder.glob("待审清单-已读-*.xlsx")
    rows = [[cell.value for cell in row] for row in load_workbook(kept).worksheets[0].iter_rows()]
    assert rows[0][-1] == "处理结果"
    assert "可以公开" in str(rows[1][-1]) and "“审查结论”列" in str(rows[2][-1])
    assert any("没有登记" in text for text in bench.alarms())
    assert not list((folder / "登记表").iterdir())


def test_a_sheet_that_somebody_has_open_is_left_alone(bench: Bench, folder: Path) -> None:
    exchange.exchange(bench.office)
    fill(folder / SHEET, 审查结论={2: "可以公开"}, 审查人={2: "李主任"})
    (folder / f"~${SHEET}").touch()
    assert exchange.exchange(bench.office).applied == 0
    (folder / f"~${SHEET}").unlink()
    assert exchange.exchange(bench.office).applied == 1


def test_the_sheet_goes_when_the_queue_is_empty(bench: Bench, folder: Path) -> None:
    exchange.exchange(bench.office)
    fill(
        folder / SHEET, 审查结论={2: "可以公开", 3: "不予公开"}, 审查人={2: "李", 3: "李"}, 审查依据={3: "涉及个人隐私"}
    )
    assert exchange.exchange(bench.office).applied == 2
    assert not (folder / SHEET).exists()


def test_a_file_that_is_no_such_sheet_is_told_and_kept(bench: Bench, folder: Path) -> None:
    (folder / "登记表" / SHEET).write_bytes(b"not a sheet")
    exchange.exchange(bench.office)
    assert any(f"{SHEET} 没有读取" in text for text in bench.alarms())
    assert (folder / "登记表" / SHEET).exists()


def test_the_words_of_the_command_line_do_the_same(
    bench: Bench, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    review.show(bench.office, as_json=False)
    review.say(bench.office, "退回", "1", by="李主任", basis="请补充依据")
    review.say(bench.office, "可以公开", "2", by="李主任", basis="")
    shown = capsys.readouterr().out
    assert "共 2 条待审" in shown and "已退回" in shown and "条目 2 可以公开" in shown
    with pytest.raises(DeskError, match="不在待审之列"):
        review.say(bench.office, "可以公开", "2", by="李主任", basis="")
    with pytest.raises(DeskError, match="没有被保密检查拦下"):
        review.release(bench.office, "2", "核对无误")


def test_the_days_list_says_what_the_guard_found_in_what_a_person_released(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.office.school = replace(bench.office.school, confirm=True)
    bench.publish(to_students(title="甲", summary="身份证号码：110101199003070118"))
    review.release(bench.office, "1", "本人书面同意")
    bench.tick()
    capsys.readouterr()
    orders.confirm(bench.office, None, None)
    out = capsys.readouterr().out
    assert "保密检查发现 1 处" in out and "本人书面同意" in out and "199003070118" not in out


def test_a_release_in_the_sheet_lets_pass_what_the_sheet_said_was_found(bench: Bench, tmp_path: Path) -> None:
    number = "身份证号 110101199003070011\n手机 13800138000"
    bench.publish(to_students(review=None, approved_on=None, title="甲", summary=number))
    review.write_sheet(bench.office, tmp_path / SHEET)
    fill(tmp_path / SHEET, 审查结论={2: "可以公开"}, 审查人={2: "李主任"}, 放行理由={2: "已征得同意"})
    done, wrong, _ = review.applied(bench.office, tmp_path / SHEET)
    assert wrong == [] and len(done) == 1 and "放行" in done[0]
    [scan] = bench.rows(t.scans)
    assert (scan.released_by, scan.released_why) == ("李主任", "已征得同意")


def test_every_wrong_cell_of_a_row_is_named(bench: Bench, folder: Path) -> None:
    review.write_sheet(bench.office, folder / "审查.xlsx")
    fill(folder / "审查.xlsx", 审查结论={2: "看情况"}, 审查依据={2: "通则", 3: "通则"})
    with pytest.raises(DeskError) as told:
        review.read_sheet(bench.office, folder / "审查.xlsx")
    first, second, _ = str(told.value).splitlines()
    assert "“审查结论”列：“看情况”应为其中之一" in first and first.endswith("“审查人”列：未填写，请补上")
    assert second.endswith("“审查结论”列：未填写，请补上；“审查人”列：未填写，请补上")


def test_once_review_names_the_sheet_that_says_why(bench: Bench, folder: Path) -> None:
    exchange.exchange(bench.office)
    fill(folder / SHEET, 审查结论={2: "看情况"})
    said = say(exchange.exchange(bench.office))
    [kept] = folder.glob("待审清单-已读-*.xlsx")
    assert said == f"没有登记 1 行，原因写在 {kept.name} 的“处理结果”列"


def test_what_the_guard_holds_is_listed_by_the_same_words_as_what_waits_for_a_review(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.publish(to_students(title="名单", summary="身份证号 110101199003070118"))
    monkeypatch.setattr(bot, "_office", lambda: bench.office)
    said = [CliRunner().invoke(bot.bot, words) for words in (["guard"], ["guard", "list"], ["guard", "list", "--json"])]
    assert [each.exit_code for each in said] == [0, 0, 0]
    assert said[0].output == said[1].output and "共 1 条暂停推送" in said[1].output and '"found"' in said[2].output


def test_the_list_of_items_gives_the_reason_of_a_return_and_cuts_a_long_one(
    bench: Bench, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    review.say(bench.office, "退回", "1", by="李主任", basis="附件缺页")
    with bench.db.write() as conn:
        conn.execute(t.items.update().where(t.items.c.id == 2).values(hold=vanished(2, "登记表.xlsx")))
    capsys.readouterr()
    items.show(bench.db)
    out = capsys.readouterr().out
    [returned] = [line for line in out.splitlines() if "退回" in line]
    assert "附件缺页" in returned
    [gone] = [line for line in out.splitlines() if "消失" in line]
    assert gone.rstrip().endswith("…") and "retract" not in out
