from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from rules.item import Place, Problem
from sources.problem_sheet import write_problems

PROBLEMS = [
    Problem(Place("登记表.xlsx", "九月", 5), "形成日期", "“九月下旬”无法识别为日期", "请改为 2020-09-08 这样的日期"),
    Problem(Place("=cmd|'/C calc'!A1.xlsx"), "", '=HYPERLINK("http://x")\x07', "+1"),
]


def test_the_list_says_where_what_and_how(tmp_path: Path) -> None:
    path = tmp_path / "问题清单.xlsx"
    assert write_problems(path, PROBLEMS) is True
    sheet = load_workbook(path).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("文件", "工作表", "行", "列", "问题", "怎么改")
    assert rows[1] == ("登记表.xlsx", "九月", 5, "形成日期", "“九月下旬”无法识别为日期", "请改为 2020-09-08 这样的日期")
    assert (sheet.freeze_panes, sheet.column_dimensions["E"].width) == ("A2", 60)
    assert [path.name for path in tmp_path.iterdir()] == ["问题清单.xlsx"]


def test_no_text_of_it_is_ever_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "问题清单.xlsx"
    write_problems(path, PROBLEMS)
    sheet = load_workbook(path).worksheets[0]
    assert [sheet.cell(3, column).data_type for column in (1, 5, 6)] == ["s", "s", "s"]
    assert sheet["E3"].value == '=HYPERLINK("http://x")'
    assert sheet["E3"].quotePrefix
    assert not sheet["E2"].quotePrefix


def test_with_nothing_to_mend_the_list_goes_away(tmp_path: Path) -> None:
    path = tmp_path / "问题清单.xlsx"
    write_problems(path, PROBLEMS)
    assert write_problems(path, []) is True
    assert not path.exists()
    assert write_problems(path, []) is True


@pytest.mark.parametrize("problems", [PROBLEMS[:1], []])
def test_a_list_that_somebody_has_open_is_left_alone(tmp_path: Path, problems: list[Problem]) -> None:
    path = tmp_path / "问题清单.xlsx"
    write_problems(path, PROBLEMS)
    before = path.read_bytes()
    (tmp_path / "~$问题清单.xlsx").write_bytes(b"")
    assert write_problems(path, problems) is False
    assert path.read_bytes() == before


def test_a_list_that_cannot_be_replaced_leaves_no_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "replace", locked)
    assert write_problems(tmp_path / "问题清单.xlsx", PROBLEMS) is False
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_told_by_false(tmp_path: Path) -> None:
    assert write_problems(tmp_path / "没有" / "问题清单.xlsx", PROBLEMS) is False
