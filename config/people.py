"""Lists of persons (名单): Excel or CSV files in a protected folder outside the repository, kept by the office.

A target's address `名单:教职工` names the file 教职工.xlsx or 教职工.csv. Only the one column a channel sends to is read;
no name, number or address of a person ever stands in an error: the file, the row and the column do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.tables import Wrong, decode

PREFIX = "名单:"
MOST_BYTES = 20 * 1024 * 1024
ENDINGS = (".xlsx", ".csv")
#: What offices call the three columns; a name of more words that ends in one of these will do.
NAMES: dict[str, tuple[str, ...]] = {
    "手机号": ("手机号", "手机号码", "手机", "移动电话", "联系电话", "电话"),
    "账号": ("账号", "帐号", "userid", "工号"),
    "OpenID": ("openid", "open_id", "关注者标识"),
    "邮箱": ("邮箱", "电子邮箱", "电子邮件", "邮件地址", "email", "e-mail"),
}
#: A row with one of these words here is left out: who has left, or asked not to be written to.
OFF, OFF_WORDS = ("停用", "不接收", "退订"), ("是", "停用", "不接收", "退订", "y", "yes", "1", "√")


def is_list(address: str) -> bool:
    """True if a target's address names a list of persons."""
    return address.replace("：", ":").startswith(PREFIX)


@dataclass
class People:
    """The lists of one folder, each read again only when its file has changed."""

    folder: Path
    _read: dict[tuple[Path, str], tuple[tuple[int, int], tuple[str, ...]]] = field(default_factory=dict)

    def addresses(self, address: str, column: str) -> Sequence[str]:
        """The column's values, each once, in the file's order; raises Wrong for a list that cannot be used."""
        path = self._find(address.replace("：", ":").removeprefix(PREFIX).strip())
        stand = path.stat()
        mark = (stand.st_mtime_ns, stand.st_size)
        known = self._read.get((path, column))
        if known is None or known[0] != mark:
            known = self._read[path, column] = (mark, _read(path, column))
        return known[1]

    def _find(self, name: str) -> Path:
        if not name or any(part in name for part in ("/", "\\", "..")):
            raise Wrong(f"名单“{name}”的写法不对。请写成“{PREFIX}教职工”，文件放在 {self.folder} 下")
        for ending in ("", *ENDINGS):
            path = self.folder / f"{name}{ending}"
            if path.suffix in ENDINGS and path.is_file():
                return path
        raise Wrong(f"找不到名单 {name}.xlsx 或 {name}.csv。请放到 {self.folder} 下（XXGK_PEOPLE 可改这个目录）")


def _read(path: Path, column: str) -> tuple[str, ...]:
    if path.stat().st_size > MOST_BYTES:
        raise Wrong(f"名单 {path.name} 超过 20 MB。请只保留需要的列")
    rows = _excel(path) if path.suffix == ".xlsx" else _csv(path)
    header = next(((n, row) for n, row in rows if any(row)), (1, []))
    at = _column(path, header[1], column)
    off = [i for i, name in enumerate(header[1]) if name in OFF]
    found: dict[str, int] = {}
    for number, row in rows:
        value = row[at] if at < len(row) else ""
        if not any(row) or any(i < len(row) and row[i].lower() in OFF_WORDS for i in off):
            continue
        if not value:
            raise Wrong(f"名单 {path.name} 第{number}行“{column}”是空的。请补上，或删去这一行")
        found.setdefault(value, number)
    if not found:
        raise Wrong(f"名单 {path.name} 里没有人。请在“{column}”列下逐行填写")
    return tuple(found)


def _column(path: Path, header: Sequence[str], column: str) -> int:
    names = NAMES.get(column, (column,))
    at = [i for i, name in enumerate(header) if name and (name.lower() in names or name.endswith(names[:2]))]
    if len(at) == 1:
        return at[0]
    if at:
        raise Wrong(f"名单 {path.name} 第1行有几列都像“{column}”。请只留一列")
    raise Wrong(f"名单 {path.name} 第1行没有“{column}”列。请把列名写成 {'、'.join(names[:3])} 之一")


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(decode(path)))
    for row in reader:
        yield reader.line_num, [cell.strip() for cell in row]


def _excel(path: Path) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # late: most commands never read a list

    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl lets out whatever a broken part makes it stumble over
        raise Wrong(f"名单 {path.name} 打不开（{type(error).__name__}）。请在 Excel 或 WPS 中另存为新的 .xlsx") from None
    try:
        for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            yield number, [_text(cell) for cell in row]
    finally:
        book.close()


def _text(cell: object) -> str:
    """A number typed as a number loses nothing: 13800000000.0 is 13800000000."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()
