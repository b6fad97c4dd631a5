"""Reading what the office edits in Excel or WPS: the group register and the two taxonomies, all .csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from rules.item import Category, ListItem, Taxonomy
from rules.routing import Target

TARGET_HEADER = (
    "编号", "名称", "渠道", "地址", "受众", "人数", "群主", "责任部门", "备案号", "核对日期", "类别",
)  # fmt: skip


class Wrong(ValueError):
    """A row of a .csv that cannot be read: file, row, column, and what to do."""


def rows(path: Path, header: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its number as Excel shows it; raises Wrong for a missing file or column."""
    if not path.exists():
        raise Wrong(f"找不到文件 {path.name}。请放到 {path.parent.name}/ 目录下")
    reader = csv.DictReader(io.StringIO(decode(path)))
    missing = [name for name in header if name not in (reader.fieldnames or [])]
    if missing:
        raise Wrong(f"{path.name} 第1行缺少列“{'、'.join(missing)}”。请补上这些列名")
    for number, row in enumerate(reader, start=2):
        if any((value or "").strip() for value in row.values() if isinstance(value, str)):
            yield number, {name: (row.get(name) or "").strip() for name in header}


def decode(path: Path) -> str:
    """Excel and old editors save UTF-8 with a mark or GBK, WPS either; raises OSError."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def read_targets(path: Path) -> Iterator[Target | Wrong]:
    """Every row of targets.csv, as a target or as what is wrong with it."""
    seen: set[str] = set()
    places: dict[tuple[str, str], str] = {}
    for number, row in rows(path, TARGET_HEADER):
        where = f"{path.name} 第{number}行"
        empty = [name for name in ("编号", "名称", "渠道", "地址", "受众") if not row[name]]
        if empty:
            yield Wrong(f"{where}“{'、'.join(empty)}”未填写")
        elif row["编号"] in seen:
            yield Wrong(f"{where}编号“{row['编号']}”重复。每个目标的编号应唯一")
        elif (place := (row["渠道"], row["地址"])) in places:
            yield Wrong(f"{where}目标 {row['编号']} 与 {places[place]} 的渠道和地址相同，同一条会发两遍。请删去一行")
        else:
            seen.add(row["编号"])
            places[place] = row["编号"]
            yield _target(where, row)


def _target(where: str, row: dict[str, str]) -> Target | Wrong:
    try:
        members = int(row["人数"]) if row["人数"] else None
        checked = date.fromisoformat(row["核对日期"].replace("/", "-")) if row["核对日期"] else None
    except ValueError:
        return Wrong(f"{where}“人数”应为整数，“核对日期”应写成 2020-09-01")
    return Target(
        number=row["编号"],
        name=row["名称"],
        channel=row["渠道"],
        address=row["地址"],
        audience=row["受众"],
        members=members,
        owner=row["群主"],
        department=row["责任部门"],
        filed_no=row["备案号"],
        checked_on=checked,
        categories=tuple(part for part in row["类别"].replace("，", "、").split("、") if part),
    )


def read_taxonomy(folder: Path) -> Taxonomy:
    """school.csv (大类, 小项, 计入) and ministry.csv (编号, 事项, 适用, 责任部门); raises Wrong."""
    categories: dict[str, dict[str, bool]] = {}
    for number, row in rows(folder / "school.csv", ("大类", "小项", "计入")):
        if row["计入"] not in ("是", "否"):
            raise Wrong(f"school.csv 第{number}行“计入”应为 是 或 否")
        categories.setdefault(row["大类"], {})[row["小项"]] = row["计入"] == "是"
    return Taxonomy(tuple(Category(name, subs) for name, subs in categories.items()), _listed(folder / "ministry.csv"))


def _listed(path: Path) -> dict[int, ListItem]:
    found: dict[int, ListItem] = {}
    for number, row in rows(path, ("编号", "事项", "适用", "责任部门")):
        if not row["编号"].isdecimal() or int(row["编号"]) in found:
            raise Wrong(f"{path.name} 第{number}行“编号”应为不重复的整数")
        if row["适用"] not in ("是", "否"):
            raise Wrong(f"{path.name} 第{number}行“适用”应为 是 或 否")
        found[int(row["编号"])] = ListItem(row["事项"], row["责任部门"], row["适用"] == "是")
    return found
