"""Reading what the office edits in Excel or WPS: the group register and the two taxonomies, all .csv."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rules.item import Category, ListItem, Taxonomy
from rules.place import WEBSITE
from rules.routing import Target
from rules.site import why_no_site

TARGET_HEADER = (
    "编号", "名称", "渠道", "地址", "受众", "人数", "群主", "责任部门", "备案号", "核对日期", "类别",
)  # fmt: skip
#: Columns a register may have and need not.
TARGET_EXTRAS = ("备用",)


class Wrong(ValueError):
    """A row of a .csv that cannot be read: file, row, column, and what to do."""


@dataclass(frozen=True)
class Listed:
    """A target and the row it stands in, as Excel shows it."""

    row: int
    target: Target


def where(file: str, row: int, column: str) -> str:
    """A cell as a person finds it."""
    return f"{file} 第{row}行“{column}”列"


def rows(path: Path, header: tuple[str, ...], extras: tuple[str, ...] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its number as Excel shows it, `extras` empty where there is no such column.

    Raises Wrong for a missing file or column.
    """
    if not path.exists():
        raise Wrong(f"找不到文件 {path.name}。请放到 {path.parent.name}/ 目录下")
    reader = csv.DictReader(io.StringIO(_text(path)))
    missing = [name for name in header if name not in (reader.fieldnames or [])]
    if missing:
        raise Wrong(f"{path.name} 第1行缺少列“{'、'.join(missing)}”。请补上这些列名")
    for number, row in enumerate(reader, start=2):
        if any((value or "").strip() for value in row.values() if isinstance(value, str)):
            yield number, {name: (row.get(name) or "").strip() for name in (*header, *extras)}


def _text(path: Path) -> str:
    try:
        return decode(path)
    except PermissionError:
        raise Wrong(f"{path.name} 没有权限读取，或正被 Excel、WPS 打开。请关闭后再试") from None
    except UnicodeDecodeError:
        raise Wrong(f"{path.name} 不是 .csv 文本。请在 Excel 中另存为“CSV UTF-8（逗号分隔）”") from None


def decode(path: Path) -> str:
    """Excel and old editors save UTF-8 with a mark or GBK, WPS either; raises OSError, UnicodeDecodeError."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def read_targets(path: Path) -> Iterator[Target | Wrong]:
    """Every target of targets.csv, or what is wrong with it."""
    for each in read_register(path):
        yield each.target if isinstance(each, Listed) else each


def read_register(path: Path) -> Iterator[Listed | Wrong]:
    """The same with the row each stands in."""
    seen: set[str] = set()
    places: dict[tuple[str, str], str] = {}
    for number, row in rows(path, TARGET_HEADER, TARGET_EXTRAS):
        empty = [name for name in ("编号", "名称", "渠道", "地址", "受众") if not row[name]]
        if empty:
            yield Wrong(f"{where(path.name, number, '、'.join(empty))}未填写。请补上")
        elif row["编号"] in seen:
            yield Wrong(f"{where(path.name, number, '编号')}“{row['编号']}”重复。每个目标的编号应唯一，请改其中一个")
        elif (place := (row["渠道"], row["地址"])) in places:
            same = f"与 {places[place]} 的渠道和地址相同，同一条会发两遍"
            yield Wrong(f"{where(path.name, number, '地址')}目标 {row['编号']} {same}。请删去一行")
        else:
            seen.add(row["编号"])
            places[place] = row["编号"]
            wrong = _wrong_cell(path.name, number, row)
            yield wrong or Listed(number, _target(row))


#: The address of a group's robot, or its key alone: whoever has it can write there.
_SECRET = re.compile(r"://|key=|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _wrong_cell(file: str, number: int, row: dict[str, str]) -> Wrong | None:
    if row["渠道"] == WEBSITE:
        if why := why_no_site(row["地址"]):
            return Wrong(f"{where(file, number, '地址')}{why}")
    elif _SECRET.search(row["地址"]):  # and is not repeated
        fix = "请在 .env 中另起一个变量存放密钥（网址里 key= 后面的部分），这里只写变量名，样例见 config/targets.csv"
        return Wrong(f"{where(file, number, '地址')}写的是机器人的网址或密钥，不能放在登记表里。{fix}")
    if row["人数"] and not _is_number(row["人数"]):
        return Wrong(f"{where(file, number, '人数')}“{row['人数']}”应为整数，如 120；不知道可以留空")
    try:
        _day(row["核对日期"])
    except (ValueError, OverflowError):
        return Wrong(f"{where(file, number, '核对日期')}“{row['核对日期']}”应写成 2020-09-01；不知道可以留空")
    return None


def _is_number(text: str) -> bool:
    """True for what a column of numbers can hold."""
    return text.isdecimal() and len(text) <= 9


def _day(text: str) -> date | None:
    """2020-09-01, and as Excel writes it: 2020/9/1; raises ValueError."""
    if not text:
        return None
    year, month, day = text.replace("/", "-").split("-")
    return date(int(year), int(month), int(day))


def _target(row: dict[str, str]) -> Target:
    return Target(
        number=row["编号"],
        name=row["名称"],
        channel=row["渠道"],
        address=row["地址"],
        audience=row["受众"],
        members=int(row["人数"]) if row["人数"] else None,
        owner=row["群主"],
        department=row["责任部门"],
        filed_no=row["备案号"],
        checked_on=_day(row["核对日期"]),
        categories=tuple(part for part in row["类别"].replace("，", "、").split("、") if part),
        spare=row["备用"],
    )


def read_taxonomy(folder: Path) -> Taxonomy:
    """school.csv (大类, 小项, 计入) and ministry.csv (编号, 事项, 适用, 责任部门); raises Wrong."""
    categories: dict[str, dict[str, bool]] = {}
    for number, row in rows(folder / "school.csv", ("大类", "小项", "计入")):
        if row["计入"] not in ("是", "否"):
            raise Wrong(f"{where('taxonomy/school.csv', number, '计入')}“{row['计入']}”应为 是 或 否")
        categories.setdefault(row["大类"], {})[row["小项"]] = row["计入"] == "是"
    return Taxonomy(tuple(Category(name, subs) for name, subs in categories.items()), _listed(folder / "ministry.csv"))


def _listed(path: Path) -> dict[int, ListItem]:
    found: dict[int, ListItem] = {}
    for number, row in rows(path, ("编号", "事项", "适用", "责任部门"), ("更新月份",)):
        if not _is_number(row["编号"]) or int(row["编号"]) in found:
            raise Wrong(f"{where('taxonomy/ministry.csv', number, '编号')}“{row['编号']}”应为不重复的整数，如 1")
        if row["适用"] not in ("是", "否"):
            raise Wrong(f"{where('taxonomy/ministry.csv', number, '适用')}“{row['适用']}”应为 是 或 否")
        found[int(row["编号"])] = ListItem(row["事项"], row["责任部门"], row["适用"] == "是", _months(number, row["更新月份"]))
    return found


def _months(number: int, text: str) -> tuple[int, ...]:
    """`10` or `1、2` as months; raises Wrong."""
    parts = [each for each in re.split(r"[、,，;；\s]+", text.replace("月", " ")) if each]
    if not all(each.isascii() and each.isdecimal() and 1 <= int(each) <= 12 for each in parts):
        raise Wrong(f"{where('taxonomy/ministry.csv', number, '更新月份')}“{text}”应写成 10 或 1、2；不定期的留空")
    return tuple(int(each) for each in parts)
