"""What one look at a list has found so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from rules.item import Entry, Place, Problem
from sources.article import Article
from sources.listing_cursor import Kept, Known


@dataclass
class Look:
    """What one look has found so far."""

    kept: Kept
    now: datetime
    entries: list[Entry] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    partial: bool = False
    #: Articles that the list carried whole.
    whole: dict[str, Article] = field(default_factory=dict)

    def fail(self, note: str) -> None:
        """Something is left for a later look."""
        self.partial = True
        self.notes.append(note)

    def missed(self, known: Known) -> None:
        """An article's own address is gone."""
        known.miss(self.now)
        self.gone.add(known.url)


def undated(known: Known, article: Article) -> Problem:
    """Why nobody can say when it was published, and what a clerk does about it."""
    shown, printed = known.yearless or known.day, article.day
    text = "列表和文章中都找不到发布日期"
    if shown and printed:
        text = f"列表显示的日期{shown}与文章中的日期{printed}不一致"
    elif shown:
        text = f"列表只显示月日{shown}，看不出年份"
    return Problem(
        Place(known.url), "批准日期", text, "请网站管理员在文章中写明发布日期并与列表一致，改好后自动再次读取"
    )
