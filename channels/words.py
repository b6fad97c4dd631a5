"""What the group channels share: how a vendor's no is written down, and a bundle in words that fit, its links kept whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote

from channels.base import SendError
from rules.bundle import FIRST, Bundle, Piece, mark_of
from rules.outcome import Outcome
from rules.text import cut_chars


@dataclass(frozen=True)
class Meaning:
    """What one code or sentence of a vendor means."""

    outcome: Outcome
    reason: str
    advice: str = ""
    retry_after: timedelta | None = None

    def error(self, code: str, raw: str) -> SendError:
        """This meaning as an error, with the code and the answer it was read from."""
        return SendError(
            self.outcome, self.reason, code=code, advice=self.advice, raw=raw, retry_after=self.retry_after
        )


WHOLE = 1_000_000
#: Characters left to (summary, title, department), tried in this order: summaries give way first, then titles.
LADDER: tuple[tuple[int, int, int], ...] = (
    (WHOLE, WHOLE, WHOLE),
    *((room, WHOLE, WHOLE) for room in (900, 700, 550, 400, 300, 200, 120, 60, 30, 0)),
    *((0, room, 30) for room in (60, 45, 36, 28, 20, 14, 8)),
    (0, 8, 0),
)


def one_line(text: str) -> str:
    """`text` on one line, without control and other invisible characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def link(url: str) -> str:
    """An address that nothing around it can break: blanks, brackets and Chinese characters as %XX."""
    printable = "".join(c for c in url.strip() if c.isprintable())
    return quote(printable, safe="%/:?#[]@!$&'*+,;=~-._")


def clean(bundle: Bundle) -> Bundle:
    """The bundle as a group may see it; a 公示 loses its summary here (notice and link, never the list)."""
    return replace(bundle, school=cut_chars(one_line(bundle.school), 40), pieces=tuple(map(_clean, bundle.pieces)))


def _clean(piece: Piece) -> Piece:
    return replace(
        piece,
        title=one_line(piece.title) or "（无标题）",
        summary="" if piece.notice else one_line(piece.summary),
        department=one_line(piece.department),
        url=link(piece.url),
    )


def heading(bundle: Bundle) -> str:
    """The first line: whose notice this is."""
    return f"【{bundle.school} {bundle.kind}】"


def purpose(piece: Piece) -> str:
    """更正 or 撤回, to be printed before the title; empty for a first push."""
    return mark_of(piece.purpose)


def facts(piece: Piece) -> str:
    """The small line below a title: 公示通知, 责任部门."""
    department = f"责任部门：{piece.department}" if piece.department else ""
    return " · ".join(part for part in ("公示通知" if piece.notice else "", department) if part)


def fitted(bundle: Bundle, write: Callable[[Bundle], str], fits: Callable[[str], bool]) -> tuple[str, bool]:
    """The fullest text that fits, and whether anything was shortened; raises SendError REFUSED if the links alone do not."""
    whole = clean(bundle)
    for step, (summary, title, department) in enumerate(LADDER):
        text = write(replace(whole, pieces=tuple(_cut(p, summary, title, department) for p in whole.pieces)))
        if fits(text):
            return text, step > 0
    raise SendError(Outcome.REFUSED, "链接过长，一条消息放不下", advice="请缩短链接，或将这些条目分开推送")


def _cut(piece: Piece, summary: int, title: int, department: int) -> Piece:
    return replace(
        piece,
        summary=cut_chars(piece.summary, summary) if summary else "",
        title=cut_chars(piece.title, title),
        department=cut_chars(piece.department, department) if department else "",
    )


def says_all(piece: Piece) -> bool:
    """True of what its title alone does not tell, nor a link: among others too it keeps its summary. 紧急, 更正, 撤回 too."""
    return piece.urgent or piece.purpose != FIRST or not piece.url


def plain(bundle: Bundle) -> str:
    """A (clean) bundle as plain text, its mark on the last line."""
    several = len(bundle.pieces) > 1
    lines = [heading(bundle)]
    for number, piece in enumerate(bundle.pieces, 1):
        lines.append((f"{number}. " if several else "") + purpose(piece) + piece.title)
        summary = piece.summary if not several or says_all(piece) else ""
        lines += [line for line in (summary, facts(piece), piece.url) if line]
    return "\n".join([*lines, *filter(None, [bundle.mark])])
