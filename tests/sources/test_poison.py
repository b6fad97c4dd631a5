"""A row that no office means to write gets a line of its own and stops neither its file nor the look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from sources.folder import Folder
from store import facts
from store import tables as t
from store.db import Db
from tests.jobs.bench import COLUMN, Shelf, make_bench, watch

Put = Callable[..., Path]
Good = Callable[..., dict[str, Any]]
LONG = "长" * 40_000


#: What stands in a row, the column that is told, and words of what is told.
POISON: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"标题": LONG}, "标题", "有40000个字，超过500个字"),
    ({"摘要": LONG}, "摘要", "超过5000个字"),
    ({"责任部门": LONG}, "责任部门", "超过100个字"),
    ({"大类": LONG}, "大类", "这一大类"),
    ({"受众范围": LONG}, "受众范围", "这一受众"),
    ({"审查结论": LONG[:60]}, "审查结论", "看不出是否同意公开"),
    ({"批准日期": "2121-03-01"}, "批准日期", "“2121-03-01”的年份不合理，应在1950年至2099年之间"),
    ({"形成日期": "1921年3月1日"}, "形成日期", "年份不合理"),
    ({"公开日期": "99999999"}, "公开日期", "不是有效的日期"),
    ({"批准日期": "2020-02-30"}, "批准日期", "不是有效的日期"),
    ({"标题": "#REF!"}, "标题", "公式出错，显示为#REF!"),
    ({"标题": "\x00\x1f"}, "标题", "标题为空"),
    ({"清单编号": "9" * 4000}, "清单编号", "不是清单编号"),
)


def test_poison_rows_are_told_and_the_rows_beside_them_are_kept(db: Db, folder: Folder, put: Put, good: Good) -> None:
    """On each database: what one of them cannot keep must not reach it."""
    plain = good(清单编号=1, 摘要="", 校内公开理由="", 正文=LONG, 备注=LONG)
    rows = [{**plain, "编号": f"XXGK-2020-{100 + n}", **over} for n, (over, _, _) in enumerate(POISON)]
    header = (*good(), "校内公开理由", "摘要", "正文", "备注", "公开日期")
    first, last = {**plain, "编号": "甲-1"}, {**plain, "编号": "乙-1"}
    put(first, *rows, last, name="登记表.csv", header=header)
    bench = make_bench(db)
    watch(bench.office, COLUMN, Shelf(folder.fetch(None)), bench.clock.now)
    bench.close()
    with db.read() as conn:
        assert set(conn.scalars(select(t.items.c.number))) == {"甲-1", "乙-1"}
        told = {problem.place.row: problem for problem in reversed(facts.list_problems(conn))}
    assert sorted(told) == list(range(3, 3 + len(POISON)))
    for row, (_, column, words) in enumerate(POISON, start=3):
        assert told[row].column == column
        assert words in told[row].text
        assert len(told[row].text) < 300


def test_what_nobody_sees_in_a_cell_is_taken_out_of_it(folder: Folder, put: Put, good: Good) -> None:
    put(good(标题="关于\x00放假\u200b的\x07通知\ud800".encode("utf-8", "ignore").decode()), name="登记表.csv")
    [entry] = folder.fetch(None).entries
    assert (entry.title, entry.problems) == ("关于放假的通知", ())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2121, 3, 1), "“2121-03-01”的年份不合理"),
        (datetime(1921, 3, 1), "“1921-03-01”的年份不合理"),
        (9_999_999, "无法识别为日期"),
        (-5, "无法识别为日期"),
        (0.5, "无法识别为日期"),
        (True, "无法识别为日期"),
        ("#VALUE!", "公式出错"),
        ("=TODAY()", "没有计算结果"),
    ],
)
def test_a_day_that_is_none_is_told_in_a_workbook_too(
    folder: Folder, put: Put, good: Good, value: object, words: str
) -> None:
    put(good(编号="XXGK-2020-100"), good(批准日期=value), good(编号="XXGK-2020-101"))
    before, odd, after = folder.fetch(None).entries
    assert [p.column for p in odd.problems] == ["批准日期"]
    assert words in odd.problems[0].text
    assert before.problems == after.problems == ()


def test_a_workbook_may_hold_the_longest_cell_excel_knows_and_an_error_in_each_row(
    folder: Folder, put: Put, good: Good
) -> None:
    def change(book: Workbook) -> None:
        sheet = book.worksheets[0]
        for row, error in enumerate(("#REF!", "#N/A", "#DIV/0!"), start=2):
            sheet.cell(row, 5).value = error
            sheet.cell(row, 5).data_type = "e"

    put(*[good(编号=f"XXGK-2020-{n}", 备注="长" * 32_767) for n in (100, 101, 102)], change=change)
    texts = [entry.problems[0].text for entry in folder.fetch(None).entries]
    assert [text.rsplit("为", 1)[1] for text in texts] == ["#REF!", "#N/A", "#DIV/0!"]
