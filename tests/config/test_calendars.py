"""The yearly calendar files and [calendar], [departments] of school.toml: what is wrong is told with file, row and column."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from config import places
from config.calendars import CalendarPart, read_calendar, read_year
from config.settings import load
from config.tables import Wrong
from rules.deadlines import Terms
from rules.workdays import Vacation
from tests.config.test_settings import NOBODY, change, folder, lines

__all__ = ["folder"]

NEXT = "日期,名称,休或班\n2026-12-31,元旦,班\n2027/1/1,元旦,休\n2027-05-01,劳动节,休\n2027年10月1日,国庆节,休\n"


def year(tmp_path: Path, text: str, name: str = "2027.csv", encoding: str = "utf-8-sig") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gbk"])
def test_a_year_is_read_as_excel_or_wps_saves_it(tmp_path: Path, encoding: str) -> None:
    found = read_year(year(tmp_path, NEXT, encoding=encoding))
    assert found == {
        date(2026, 12, 31): True, date(2027, 1, 1): False, date(2027, 5, 1): False, date(2027, 10, 1): False,
    }  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), [
    ("2027/1/1,元旦,休", "2027/1/1,元旦,放假", "calendar/2027.csv 第3行“休或班”列“放假”应为 休 或 班"),
    ("2027/1/1", "2027/1/32", "calendar/2027.csv 第3行“日期”列没有“2027/1/32”这一天"),
    ("2027/1/1", "元旦", "calendar/2027.csv 第3行“日期”列日期“元旦”应写成"),
    ("2027/1/1", "2028-01-01", "calendar/2027.csv 第3行“日期”列2028-01-01 不在 2027 年内"),
    ("2026-12-31,元旦,班", "2027-01-01,元旦,休", "calendar/2027.csv 第3行“日期”列2027-01-01 重复"),
    ("2027年10月1日,国庆节,休\n", "", "calendar/2027.csv 没有 2027-10-01，放假安排不全"),
    ("日期,名称,休或班", "日期,名称,安排", "2027.csv 第1行缺少列“休或班”"),
])  # fmt: skip
def test_what_is_wrong_is_told_with_file_row_and_column(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in NEXT
    with pytest.raises(Wrong) as wrong:
        read_year(year(tmp_path, NEXT.replace(old, new)))
    assert str(wrong.value).startswith(told)


@pytest.mark.parametrize("name", ["2027年.csv", "27.csv", "样例.csv", "1027.csv"])
def test_a_file_that_is_no_year_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(Wrong, match="文件名应为年份"):
        read_year(year(tmp_path, NEXT, name))


def test_a_year_that_cannot_be_read_stays_unknown_and_the_others_are_read(tmp_path: Path) -> None:
    shutil.copy(places.CONFIG / "calendar" / "2026.csv", tmp_path)
    year(tmp_path, "日期,名称,休或班\n")
    wrong: list[str] = []
    calendar = read_calendar(tmp_path, CalendarPart(), wrong)
    assert calendar.years == {2026}
    assert len(wrong) == 1 and "放假安排不全" in wrong[0]


def test_a_new_year_beside_the_others_ends_the_estimate(tmp_path: Path) -> None:
    shutil.copytree(places.CONFIG / "calendar", tmp_path / "calendar")
    assert read_calendar(tmp_path / "calendar", CalendarPart(), []).after(date(2026, 12, 4), 20).estimated
    year(tmp_path / "calendar", NEXT)
    found = read_calendar(tmp_path / "calendar", CalendarPart(), []).after(date(2026, 12, 4), 20)
    assert (found.day, found.estimated) == (date(2027, 1, 4), False)


def with_calendar(folder: Path, text: str) -> None:
    change(folder, "[[watch]]", f"[calendar]\n{text}\n[[watch]]")


def test_vacations_and_terms_arrive(folder: Path) -> None:
    with_calendar(
        folder,
        'vacations = [{ from = "2021-01-20", to = 2021-02-28, name = "寒假" }]\nnotice = "7个自然日"\nfiling = "11-10"\n'
        "publish = 10\nnear = 5\nurgent = 8\nconsult = 15",
    )
    school = load(folder, NOBODY).school
    assert school.calendar.vacations == (Vacation(date(2021, 1, 20), date(2021, 2, 28), "寒假"),)
    assert school.terms == Terms(
        publish=10, near=5, urgent=8, consult=15, notice=7, notice_working=False, filing=(11, 10)
    )


def test_a_school_that_sets_nothing_has_the_laws_terms_and_the_calendar_that_comes_with_the_bot(folder: Path) -> None:
    school = load(folder, NOBODY).school
    assert school.terms == Terms() and school.departments == {}
    assert school.calendar.after(date(2020, 9, 22), 20).day == date(2020, 10, 26)


def test_a_schools_own_calendar_folder_is_used_and_its_mistakes_are_told(folder: Path) -> None:
    (folder / "calendar").mkdir()
    year(folder / "calendar", NEXT.replace("休\n", "放\n", 1))
    [line] = lines(folder)
    assert line.startswith("calendar/2027.csv 第3行“休或班”列")


@pytest.mark.parametrize(("text", "key", "fix"), [
    ('notice = "五天"', "calendar.notice", "应写成 5个工作日 或 7个自然日"),
    ('filing = "11月10日"', "calendar.filing", "应写成月-日，如 11-10"),
    ('filing = "2-30"', "calendar.filing", "应写成月-日，如 11-10"),
    ("near = 19", "calendar", "应从小到大"),
    ('vacations = [{ from = "2021-02-28", to = "2021-01-20", name = "寒假" }]', "calendar.vacations.1", "早于开始"),
    ('vacations = [{ from = "寒假", to = "2021-01-20" }]', "calendar.vacations.1.from", "应写成 2021-06-01"),
])  # fmt: skip
def test_a_wrong_setting_is_told_with_its_key_and_its_fix(folder: Path, text: str, key: str, fix: str) -> None:
    with_calendar(folder, text)
    [line] = lines(folder)
    assert line.startswith(f"school.toml 的 {key}：") and fix in line


def with_department(folder: Path, number: str) -> None:
    change(folder, "[[watch]]", f'[departments]\n"教务处" = "{number}"\n\n[[watch]]')


def test_a_department_is_reminded_at_a_target_that_nothing_else_reaches(folder: Path) -> None:
    with_department(folder, "G09")
    assert load(folder, NOBODY).school.departments == {"教务处": "G09"}


@pytest.mark.parametrize(("number", "told"), [
    ("G77", "没有目标 G77"), ("G01", "目标 G01 是路由“教职工事项”通向的群，期限提醒只能发给值班人员"), ("A01", "目标 A01 面向校外"),
])  # fmt: skip
def test_a_department_is_not_reminded_where_others_read(folder: Path, number: str, told: str) -> None:
    with_department(folder, number)
    [line] = lines(folder)
    assert line.startswith(f"school.toml 的 departments.教务处：{told}")
