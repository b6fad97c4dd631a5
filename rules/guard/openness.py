"""公开属性, ticked: which of 主动公开, 依申请公开 and 不予公开 a form's boxes say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rules.guard.plain import plain, squeezed

CLOSED = "(?:不予以?|不宜|不得|不可|免予|不)(?:对外)?公开"
OPENNESS = "公开(?:属性|方式|类别|类型|形式|选项)"
#: The label of a form's cell, whose marks stand in the cells to its right.
_LABEL = re.compile(rf"(?:信息)?{OPENNESS}:?")
_CALLED = re.compile(rf"{' ?'.join('公开')} ?(?:属 ?性|方 ?式|类 ?别|类 ?型|形 ?式|选 ?项) ?:(?P<said>[^。;]*)")
#: In brackets a sign ticks, and nothing leaves open; ● is plain as ·.
_TICKED = re.compile(r"[\[(【〔] ?[☑✓√■·VvXx] ?[\])】〕]|[☑✓√■]")
_BLANK = re.compile(r"[\[(【〔][ _]*[\])】〕]|[□○◯]")
#: A cross beside a tick says no; alone it ticks. × is plain as X.
_CROSSED = re.compile(r"[\[(【〔] ?[Xx] ?[\])】〕]")
_BULLET = re.compile("·(?=[主依不部免暂])|(?<=公开)·")
_CHOICE = re.compile(rf"(?:{CLOSED}|(?:主动|依?申请|部分|全文|对外|向?社会|暂不|暂缓)?公开)")
_BEFORE, _BEHIND = re.compile(rf"☑ ?{CLOSED}"), re.compile(rf"{CLOSED} ?☑")
#: Cells that hold choices and marks alone.
_OF_CHOICES = re.compile(rf"(?:{_CHOICE.pattern}|{_TICKED.pattern}|{_BLANK.pattern}|[·、,/])*")
_MOST_SAID = 100


def closed_by_tick(line: str) -> str:
    """The words 不予公开 with their tick, in a plain line that ticks them behind 公开属性; "" if it does not."""
    for found in _CALLED.finditer(" ".join(line.split())):
        if ticked := _ticked(found["said"][:_MOST_SAID]):
            return ticked
    return ""


def _ticked(said: str) -> str:
    if re.search("[√☑✓]", said):
        said = _CROSSED.sub("□", said)
    signs = _BLANK.sub("□", _TICKED.sub("☑", said))
    if "□" in signs:
        signs = _BULLET.sub("☑", signs)
    if "☑" not in signs or not (choices := list(_CHOICE.finditer(signs))):
        return ""
    found = next(filter(None, (way.search(signs) for way in _ways(signs, choices))), None)
    return found[0] if found else ""


def _ways(signs: str, choices: Sequence[re.Match[str]]) -> tuple[re.Pattern[str], ...]:
    """On which side of the choices the marks stand, as the first and the last have them; either, if they do not tell."""
    if signs[: choices[0].start()].rstrip().endswith(("☑", "□")):
        return (_BEFORE,)
    if signs[choices[-1].end() :].lstrip().startswith(("☑", "□")):
        return (_BEHIND,)
    # 主动公开☑ 不予公开: the blank tells which of the two it belongs to
    return (_BEHIND,) if re.search("公开☑ ", signs) else (_BEFORE, _BEHIND)


def said_beside(row: Sequence[str]) -> Iterator[tuple[int, str]]:
    """What a form's row says behind 公开属性, label and all, and the column of its first word; cells as they are."""
    for column, label in enumerate(row[:-1]):
        if "公开" in label and _LABEL.fullmatch(called := squeezed(plain(label)).rstrip(":")):
            cells = [(at, " ".join(plain(cell).split())) for at, cell in enumerate(row[column + 1 :], start=column + 1)]
            first = next((at for at, text in cells if text), column + 1)
            yield first, f"{called}:{_joined(_of_choices([text for at, text in cells if at >= first]))}"


def _of_choices(cells: list[str]) -> list[str]:
    """The first cell, and those right of it that hold nothing but choices and marks."""
    more = next((n for n, text in enumerate(cells) if n and not _OF_CHOICES.fullmatch(squeezed(text))), len(cells))
    return [text for text in cells[:more] if text]


def _joined(cells: list[str]) -> str:
    """The cells with blanks between; where the first is a choice, a mark belongs to the one on its left."""
    behind = bool(cells) and _CHOICE.fullmatch(squeezed(cells[0])) is not None
    marks = [bool(behind and not _CHOICE.search(text)) for text in cells]
    return "".join(f"{'' if mark else ' '}{text}" for mark, text in zip(marks, cells, strict=True))
