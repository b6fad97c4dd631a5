"""公开属性 as forms tick it, in a line or in cells: 不予公开 holds, 主动公开 passes, whatever the tick looks like."""

from __future__ import annotations

import pytest

from rules.guard import Cells, Grid, Hit, Kind, Part, scan


def kinds(text: str) -> set[Kind]:
    return {hit.kind for hit in scan([Part("正文", text)])}


def beside(*row: str) -> tuple[Hit, ...]:
    return scan([Grid("表", (row,), Cells.COUNTED)])


@pytest.mark.parametrize(
    "text",
    [
        "公开属性：☐主动公开 ☐依申请公开 ☒不予公开", "公开属性：☐主动公开 ☑不予公开", "公开属性：□主动公开 □依申请公开 ✔不予公开", "公开属性：□主动公开 □依申请公开 ●不予公开", "公开属性：○主动公开 ○依申请公开 ●不予公开",
        "公开属性：[ ]主动公开 [ ]依申请公开 [√]不予公开", "公开属性：（ ）主动公开（√）不予公开", "公开属性：主动公开☐ 不予公开☒", "公开属性：主动公开（ ） 不予公开（√）", "公开属性：主动公开（　） 依申请公开（　） 不予公开（ √ ）",
        "公开属性：主动公开 依申请公开 √不予公开", "公开属性：□主动公开 ■不予公开", "公开属性：主动公开□ 依申请公开□ 不予公开☑ 理由：涉密", "公 开 属 性 ： ☐ 主动公开 ☒ 不予公开", "公开属性：不予公开（理由：√涉密）", "公开属性：●不予公开",
        "公开方式：【】主动公开 【√】不予公开", "信息公开选项：☐主动公开 ☐依申请公开 🗹不予公开",
    ],
)  # fmt: skip
def test_what_is_ticked_as_closed_is_held(text: str) -> None:
    assert kinds(text) == {Kind.INTERNAL}


@pytest.mark.parametrize(
    "text",
    [
        "公开属性：☒主动公开 ☐依申请公开 ☐不予公开", "公开属性：☑主动公开 ☐不予公开", "公开属性：✔主动公开 □不予公开", "公开属性：●主动公开 ○依申请公开 ○不予公开", "公开属性：[√]主动公开 [ ]不予公开", "公开属性：（√）主动公开（ ）不予公开",
        "公开属性：主动公开☒ 不予公开☐", "公开属性：主动公开（√） 不予公开", "公开属性：主动公开√ 依申请公开 不予公开", "公开属性：主动公开（√）　依申请公开（ ）　不予公开（ ）", "公开属性：√主动公开 不予公开",
        "公开属性：☐主动公开 ☐依申请公开 ☐不予公开", "公开属性：主动公开·依申请公开·不予公开", "公开属性：·主动公开 ·依申请公开 ·不予公开", "公开属性：[ ]不予公开 [√]主动公开", "公开属性：不予公开☐ 主动公开☑",
        "公开属性：不予公开（ ） 主动公开（√）", "公开方式：主动公开□ 依申请公开□ 不予公开□", "困难等级：☐特别困难 ☐困难 ☐一般困难", "公开属性：□主动公开 □依申请公开 不予公开", "公开属性：主动公开  依申请公开  不予公开",
    ],
)  # fmt: skip
def test_what_is_ticked_as_open_and_blank_choices_pass(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("公开属性", "☐主动公开 ☒不予公开"), 2), (("公开属性", "主动公开", "☐", "不予公开", "☑"), 2), (("公开属性", "", "☑不予公开"), 3), (("公开属性", "", "不予公开"), 3), (("公开属性", "☐", "主动公开", "☑", "不予公开"), 2),
        (("公开属性", "☐主动公开", "☑不予公开"), 2), (("发文字号", "1号", "公开属性", "□主动公开\n□依申请公开\n●不予公开", "密级", ""), 4), (("公开属性", "不予公开", "☑"), 2),
    ],
)  # fmt: skip
def test_a_tick_in_the_cells_right_of_the_label_is_held_there(row: tuple[str, ...], column: int) -> None:
    assert [(hit.kind, hit.where) for hit in beside(*row)] == [(Kind.INTERNAL, f"表第1行第{column}列")]


@pytest.mark.parametrize(
    "row",
    [
        ("公开属性", "主动公开", "☑", "不予公开", "☐"), ("公开属性", "主动公开", "√", "不予公开", ""), ("公开属性", "☑", "主动公开", "☐", "不予公开"), ("公开属性", "☑主动公开", "☐不予公开"), ("公开属性", "主动公开", "不予公开理由", "无"),
        ("公开属性", "主动公开", "依申请公开", "不予公开"), ("公开属性", "☑主动公开", "备注", "√不予公开"), ("公开属性", ""), ("公开属性", "", "", ""),
    ],
)  # fmt: skip
def test_a_row_that_ticks_open_or_nothing_passes(row: tuple[str, ...]) -> None:
    assert beside(*row) == ()
