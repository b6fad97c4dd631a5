"""What a clerk is told of a sheet's header: once for the sheet, never row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules.columns import PASSED_OVER
from rules.item import Entry, Place, Problem, needs
from sources.grids import Grid
from sources.headers import MANY, Header, Own, nearly_header

_LONGEST = 20


def nothing_like_a_header(place: Place) -> Problem:
    """For a file or a sheet in which no row looks like a header."""
    return Problem(place, "", "没有找到表头", "请在前15行内写明“标题”“责任部门”“大类”等列名，可从样表复制")


def no_header(file: str, grid: Grid, own: Own, *, expected: bool, alone: bool) -> list[Problem]:
    """For a sheet that was not read. `expected`: it was, the last time; `alone`: no sheet of the file was.

    Beside sheets that were read, one of notes or sums is nobody's to mend.
    """
    nearly = nearly_header(grid.rows, own)
    if nearly is None or not (expected or alone or len(nearly.columns) >= MANY):
        return [nothing_like_a_header(Place(file, grid.sheet))] if expected else []
    lacking = [name for name in ("标题", "责任部门", "大类") if name not in nearly.columns]
    end = "本表没有读取"
    return [_told(Place(file, grid.sheet, nearly.row), nearly, lacking, end)]


def about_header(place: Place, header: Header, lacking: Iterable[str], entries: Sequence[Entry]) -> list[Problem]:
    """For a sheet that was read: columns that mean the same, those nobody knows, and those its rows do without."""
    held = [wanting for entry in entries if (wanting := set(needs(entry)).intersection(lacking))]
    missed = [name for name in lacking if name in set().union(*held)]
    told = [_told(place, header, missed, f"{len(held)} 行因此不能推送")] if missed or header.unknown else []
    if not told and header.channels:
        told = [Problem(place, "", _channels(header), _pass_over(header.channels))]
    return [*_twice(place, header), *told]


def _twice(place: Place, header: Header) -> list[Problem]:
    return [
        Problem(place, name, f"“{first}”和“{later}”两列含义相同，只读取前一列“{first}”", "请删除或改名其中一列")
        for name, first, later in header.twice
    ]


def _told(place: Place, header: Header, lacking: Sequence[str], end: str) -> Problem:
    """Everything about one header in one line."""
    parts = [f"没有{_list(lacking)}列，{end}"] if lacking else []
    if header.unknown:
        parts.append(f"认不出的列名，未读取：{'、'.join(_guess(header, text) for text in header.unknown)}")
    if header.channels:
        parts.append(_channels(header))
    return Problem(place, "", "；".join(parts), _fix(header, lacking))


def _guess(header: Header, unknown: str) -> str:
    near = header.nearest(unknown)
    return f"“{_cut(unknown)}”" + (f"（最接近“{near}”）" if near else "（没有相近的列）")


def _fix(header: Header, lacking: Sequence[str]) -> str:
    near = [(text, name) for text in header.unknown if (name := header.nearest(text))]
    fixes = []
    if near:
        text, name = next((pair for pair in near if pair[1] in lacking), near[0])
        own = f'"{_cut(text)}" = "{name}"'
        fixes.append(f"请把列名改成括号中的叫法，或在 school.toml 的 [headers] 下写 {own}")
    named = {name for _, name in near}
    absent = [name for name in lacking if name not in named]
    if absent:
        fixes.append(f"请补上{_list(absent)}列")
    if "公开属性" in lacking and header.channels:
        fixes.append(f"如“{header.channels[0]}”列写的是主动公开、依申请公开，请把列名改为“公开属性”")
    far = [text for text in header.unknown if not header.nearest(text)]
    return "；".join(fixes + ([_pass_over(far)] if far else []))


def _channels(header: Header) -> str:
    return f"{_list(header.channels)}列不用填：发往哪些渠道由受众范围和路由决定"


def _pass_over(texts: Sequence[str]) -> str:
    return f'不需要的列可以保留，在 school.toml 的 [headers] 下写 "{_cut(texts[0])}" = "{PASSED_OVER}" 即不再提示'


def _list(names: Iterable[str]) -> str:
    return "".join(f"“{_cut(name)}”" for name in names)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
