"""A folder with registers in it, as an office keeps them; and a site on loopback, asked without pauses."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from rules.school import Column
from sources import listing
from sources.folder import Folder
from tests.sources.list_kinds import Clock
from tests.sources.webplus_site import FakeSite, serving

HEADER = (
    "序号", "编号", "标题", "文号", "责任部门", "大类", "小项", "清单编号", "公开属性", "受众范围", "校内公开理由", "形成日期",
    "审查人", "审查结论", "审查依据", "批准日期", "公开日期", "公示起", "公示止", "紧急", "链接", "备注",
)  # fmt: skip
GOOD: dict[str, Any] = {
    "编号": "XXGK-2020-001",
    "标题": "关于公布教学安排的通知",
    "责任部门": "教务处",
    "大类": "学校工作的重大事项",
    "小项": "专业设置、教学改革、学科建设",
    "清单编号": 28,
    "公开属性": "主动公开",
    "受众范围": "社会",
    "形成日期": date(2020, 9, 1),
    "审查人": "张审查",
    "审查结论": "可以公开",
    "审查依据": "保密审查制度",
    "批准日期": date(2020, 9, 3),
}


def now() -> datetime:
    return datetime(2020, 9, 10, 4, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "登记表"
    folder.mkdir()
    return folder


@pytest.fixture
def good() -> Callable[..., dict[str, Any]]:
    """One good row, with what a test wants otherwise."""
    return lambda **changes: {**GOOD, **changes}


@pytest.fixture
def put(place: Path) -> Callable[..., Path]:
    """Write a workbook (or with a name that ends in .csv a text file) of rows into the folder."""

    def write(
        *rows: dict[str, Any], name: str = "登记表.xlsx", header: Sequence[str] = HEADER, change: Any = None
    ) -> Path:
        lines = [header, *([row.get(column) for column in header] for row in rows)]
        path = place / name
        if name.endswith(".csv"):
            with path.open("w", encoding="gb18030", newline="") as file:
                csv.writer(file).writerows(lines)
            return path
        book = Workbook()
        for line in lines:
            book.worksheets[0].append(list(line))
        if change:
            change(book)
        book.save(path)
        return path

    return write


@pytest.fixture
def folder(place: Path) -> Folder:
    return Folder(Column(name="登记表", kind="folder", place=str(place)), now)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAUSE", 0.0)


@pytest.fixture
def site() -> Iterator[FakeSite]:
    with serving(FakeSite()) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()
