"""`bot.py enter`: one item typed in; what is wrong is told at once, and nothing wrong is stored.

It gets no review here: it waits for one as every other item does.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from config.settings import load
from desk.errors import DeskError
from desk.start import now
from jobs.orders import whoami
from rules.dates import SHANGHAI, day_of
from rules.item import Entry, Problem, examine
from rules.school import Column, School
from sources.beside import BESIDE, MOST_BYTES, inside
from sources.entry import ENDING, read_typed, typed
from sources.sheets import read_book

#: The columns of a typed item, in the order in which they are stored; those of the review stay blank.
COLUMNS = (
    "编号", "标题", "文号", "责任部门", "其他部门", "大类", "小项", "清单编号", "公开属性", "受众范围", "校内公开理由", "形成日期", "公示起", "公示止",
    "截止日期", "紧急", "链接", "摘要", "备注", "附件", "审查人", "审查结论", "批准日期",
)  # fmt: skip
#: The same as `bot.py enter` names them.
OPTIONS = {
    "title": "标题", "doc_no": "文号", "department": "责任部门", "departments_beside": "其他部门", "category": "大类",
    "sub_item": "小项", "list_items": "清单编号", "disclosure": "公开属性", "audience": "受众范围", "reason": "校内公开理由",
    "formed_on": "形成日期", "notice_from": "公示起", "notice_to": "公示止", "ends_on": "截止日期", "urgent": "紧急",
    "url": "链接", "summary": "摘要", "note": "备注",
}  # fmt: skip
#: A review is given by a reviewer, later; its columns lack rightly.
REVIEW = frozenset(("审查人", "审查结论", "批准日期"))
MOST_A_DAY = 1000


def enter(
    said: Mapping[str, str | None], files: Sequence[Path], change: str | None, watch: str | None, as_json: bool
) -> None:
    """Store one item, or what is changed of one; raises DeskError with everything that is wrong with it."""
    school, clock = load().school, now()
    column = _column(school, watch)
    place = Path(column.place)
    place.mkdir(parents=True, exist_ok=True)
    row = dict.fromkeys(COLUMNS, "") if change is None else _stored(place, change)
    row.update({name: value for name, value in said.items() if value is not None})
    _check_files(files)
    _check(row, column, school, clock)
    row.update({"登记人": whoami(), "登记时间": f"{clock.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"})
    path = _write(place, change, row, files, clock)
    if as_json:
        click.echo(json.dumps({"编号": path.stem, "文件": str(path)}, ensure_ascii=False))
        return
    click.echo(f"已{'更改' if change else '登记'} {path.stem}：“{row['标题']}”，下一次监看时读取")
    if not column.review and row["公开属性"] == "主动公开":
        click.echo("还没有保密审查：先审查、后公开，审查通过之前不推送（python bot.py review）")


def _column(school: School, watch: str | None) -> Column:
    """The watch that takes typed items; raises DeskError."""
    found = [each for each in school.columns if each.kind == "entry" and watch in (None, each.name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise DeskError(f"有几处手工登记，请用 --watch 写明一处：{'、'.join(each.name for each in found)}")
    fix = '请在 school.toml 中加一段  [[watch]]  name = "手工登记"  kind = "entry"  place = "var/手工登记"'
    raise DeskError(f"没有名为“{watch}”的手工登记。{fix}" if watch else f"还没有设置手工登记的位置。{fix}")


def _stored(place: Path, number: str) -> dict[str, str]:
    """The columns of an item that was typed in before; raises DeskError."""
    try:
        path = inside(place, f"{number}{ENDING}")
        if path.parent != place:
            raise ValueError
        found = json.loads(path.read_bytes())
        if not isinstance(found, dict):
            raise ValueError
    except (OSError, ValueError):
        raise DeskError(f"没有编号为“{number[:60]}”的手工登记。编号见登记时的答复，或 {place} 中的文件名") from None
    return {name: str(value) for name, value in found.items()}


def _check_files(files: Sequence[Path]) -> None:
    names = [_plain(file.name) for file in files]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DeskError(f"附件“{'、'.join(twice)}”重名，请改其中一个的文件名")
    big = [file.name for file in files if file.stat().st_size > MOST_BYTES]
    if big:
        raise DeskError(f"附件“{'、'.join(big)}”超过50MB，请压缩或分成几个文件")


def _check(row: Mapping[str, str], column: Column, school: School, clock: datetime) -> None:
    """Raise DeskError with every problem, but for the review that is still to come."""
    entry = _entry(row, column)
    wrong = [
        each
        for each in examine(entry, school.taxonomy, school.audiences.parents, day_of(clock))
        if each.column not in REVIEW
    ]
    if wrong:
        raise DeskError("\n".join(["没有登记，请改正后再输入：", *(f"  · {_told(each)}" for each in wrong)]))


def _entry(row: Mapping[str, str], column: Column) -> Entry:
    """The row as the watch will read it."""
    content = typed({**row, "附件": ""})
    read = read_book(f"新登记{ENDING}", read_typed(content), column)
    if not read.entries:  # a row without a title is no row
        raise DeskError("没有登记：标题为空。请用 --title 写明标题")
    return read.entries[0]


def _told(problem: Problem) -> str:
    return f"{problem.column}：{problem.text}。{problem.fix}"


def _write(place: Path, change: str | None, row: dict[str, str], files: Sequence[Path], clock: datetime) -> Path:
    """Attachments first, then the item under a number that is free, each at once and whole."""
    if change is not None:
        _attach(place, change, row, files)
        temporary = _temporary(place, row)
        path = place / f"{change}{ENDING}"
        temporary.replace(path)
        return path
    day = f"{clock.astimezone(SHANGHAI):%Y%m%d}"
    for count in range(1, MOST_A_DAY):
        number = f"手工-{day}-{count:02}"
        path = place / f"{number}{ENDING}"
        if _reserved(path):
            break
    else:
        raise DeskError(f"一天之内手工登记已满 {MOST_A_DAY - 1} 条，请改用登记表")
    try:
        row["编号"] = number
        _attach(place, number, row, files)
        _temporary(place, row).replace(path)
    finally:
        _mark(path).unlink(missing_ok=True)
    return path


def _mark(path: Path) -> Path:
    """Stands beside a number while its item is being written; the watch passes over it."""
    return path.with_name(f".{path.name}.new")


def _reserved(path: Path) -> bool:
    """True if the number was free and is ours now, whoever else types at the same time."""
    try:
        _mark(path).touch(exist_ok=False)
    except FileExistsError:
        return False
    if path.exists():
        _mark(path).unlink()
        return False
    return True


def _attach(place: Path, number: str, row: dict[str, str], files: Sequence[Path]) -> None:
    """Copy the files into the folder of this item; named anew they replace those of before."""
    if not files:
        return
    folder = place / BESIDE / number
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        with NamedTemporaryFile(dir=folder, prefix=".", suffix=".tmp", delete=False) as copy, file.open("rb") as given:
            shutil.copyfileobj(given, copy)
        Path(copy.name).replace(folder / _plain(file.name))
    row["附件"] = "；".join(f"{number}/{_plain(file.name)}" for file in files)


def _plain(name: str) -> str:
    """A file's name without what separates names in the 附件 column."""
    return "".join("_" if mark in "；;\n:\\" else mark for mark in name)


def _temporary(place: Path, row: Mapping[str, str]) -> Path:
    """The item written down whole, under a name that the watch passes over."""
    with NamedTemporaryFile(dir=place, prefix=".", suffix=".tmp", delete=False) as file:
        file.write(typed(row))
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o640)
    return Path(file.name)
