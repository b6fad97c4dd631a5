"""The working days: config/calendar/YYYY.csv, which the administrator edits in Excel or WPS, and [calendar] of school.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from config.tables import Wrong, rows, where
from rules.dates import parse_day
from rules.deadlines import Terms
from rules.workdays import Calendar, Vacation

HEADER = ("日期", "名称", "休或班")
#: 元旦, 劳动节 and 国庆节 have their fixed days: a notice without them has not been entered whole.
FIXED = ((1, 1), (5, 1), (10, 1))


def _day(text: object) -> date:
    """TOML has days of its own, and texts."""
    return text if type(text) is date else parse_day(str(text))


def _month_day(text: object) -> object:
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", str(text).strip())
    try:
        day = date(2001, int(found[1]), int(found[2])) if found else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"“{text}”应写成月-日，如 11-10；没有就删去这一项")
    return day.month, day.day


def _notice(text: object) -> object:
    found = re.fullmatch(r"(\d{1,3})\s*个?\s*(工作日|自然日)", str(text).strip())
    if not found or not int(found[1]):
        raise ValueError(f"公示期“{text}”应写成 5个工作日 或 7个自然日")
    return int(found[1]), found[2] == "工作日"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Vacation(_Part):
    first: Annotated[date, BeforeValidator(_day)] = Field(alias="from")
    last: Annotated[date, BeforeValidator(_day)] = Field(alias="to")
    name: str = "假期"

    @model_validator(mode="after")
    def _in_order(self) -> _Vacation:
        if self.last < self.first:
            raise ValueError(f"{self.name}的结束 {self.last} 早于开始 {self.first}，请核对")
        return self


class CalendarPart(_Part):
    """[calendar] of school.toml: the school's vacations and terms."""

    vacations: tuple[_Vacation, ...] = ()
    publish: int = Field(default=20, ge=1, le=250)
    near: int = Field(default=15, ge=1, le=250)
    urgent: int = Field(default=18, ge=1, le=250)
    consult: int = Field(default=10, ge=1, le=250)
    answer: int = Field(default=15, ge=1, le=250)
    notice: Annotated[Any, BeforeValidator(_notice)] = (5, True)
    filing: Annotated[Any, BeforeValidator(_month_day)] = None

    @model_validator(mode="after")
    def _in_order(self) -> CalendarPart:
        if not self.near <= self.urgent <= self.publish:
            raise ValueError(f"near（{self.near}）、urgent（{self.urgent}）、publish（{self.publish}）应从小到大")
        return self

    def terms(self) -> Terms:
        """What the rules count with."""
        days, working = self.notice
        return Terms(
            publish=self.publish, near=self.near, urgent=self.urgent, consult=self.consult, answer=self.answer,
            notice=days, notice_working=working, filing=self.filing,
        )  # fmt: skip


def read_calendar(folder: Path, part: CalendarPart, wrong: list[str]) -> Calendar:
    """Every year's file, and the school's vacations; what cannot be read is told in `wrong` and leaves its year unknown."""
    days: dict[date, bool] = {}
    years: set[int] = set()
    for path in sorted(folder.glob("*.csv")):
        try:
            days |= read_year(path)
            years.add(int(path.stem))
        except Wrong as error:
            wrong.append(str(error))
    return Calendar(days, frozenset(years), tuple(Vacation(v.first, v.last, v.name) for v in part.vacations))


def read_year(path: Path) -> dict[date, bool]:
    """One year's days as its notice has them: True 班, False 休. Raises Wrong with file, row, column and fix."""
    name = f"calendar/{path.name}"
    if not re.fullmatch(r"(19|2\d)\d\d", path.stem) or not path.stem.isascii():
        raise Wrong(f"{name} 的文件名应为年份，如 2027.csv。请改名，不用的请移走")
    year, found = int(path.stem), {}
    for number, row in rows(path, HEADER):
        day = _read_day(name, number, row["日期"], year)
        if day in found:
            raise Wrong(f"{where(name, number, '日期')}{day} 重复。请删去一行")
        if row["休或班"] not in ("休", "班"):
            raise Wrong(f"{where(name, number, '休或班')}“{row['休或班']}”应为 休 或 班")
        found[day] = row["休或班"] == "班"
    _whole(name, year, found)
    return found


def _read_day(name: str, number: int, text: str, year: int) -> date:
    """A notice may name days of the December before: 元旦 has its 调休 too."""
    try:
        day = parse_day(text)
    except ValueError as error:
        raise Wrong(f"{where(name, number, '日期')}{error}") from None
    if not date(year - 1, 12, 1) <= day <= date(year, 12, 31):
        raise Wrong(f"{where(name, number, '日期')}{day} 不在 {year} 年内。请改正日期，或写进那一年的文件")
    return day


def _whole(name: str, year: int, found: Iterable[date]) -> None:
    lacking = [day for month, n in FIXED if (day := date(year, month, n)) not in found]
    if lacking:
        named = "、".join(map(str, lacking))
        raise Wrong(f"{name} 没有 {named}，放假安排不全。请照国务院办公厅的通知逐日填写；还没有通知的，请移走这个文件")
