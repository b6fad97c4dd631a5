"""What is kept between two looks at a WebPlus column: a plain, bounded JSON dict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sources.base import Cursor
from sources.webplus_list import Line

MOST_ARTICLES = 500
#: The newest are read again once a day, to see an edit or that they are gone; older ones only when their line changes.
WATCHED = 50
DAILY = timedelta(days=1)
FIRST_RETRY = timedelta(minutes=10)
#: An address that was gone so often is asked once a week only.
GONE_FOR_GOOD = 3


@dataclass
class Known:
    """One article: its line in the list, and how reading it went."""

    article: str
    url: str
    title: str
    day: str = ""
    #: Another address under which the list shows it.
    beside: str = ""
    #: Short digest of the entry handed over last; "" until it has been read.
    read: str = ""
    #: When it is read next (ISO, UTC); "" for at once.
    again: str = ""
    failed: int = 0
    gone: int = 0

    @property
    def shown_on(self) -> date | None:
        """The day its line shows."""
        return date.fromisoformat(self.day) if self.day else None

    def due(self, now: datetime) -> bool:
        """True once its time has come."""
        return not self.again or datetime.fromisoformat(self.again) <= now

    def rest(self, now: datetime) -> None:
        """It was read: look again tomorrow."""
        self.failed = self.gone = 0
        self.again = (now + DAILY).isoformat()

    def retry(self, now: datetime) -> None:
        """It could not be read: again soon, then more and more seldom."""
        self.failed += 1
        self.again = (now + min(FIRST_RETRY * 2 ** min(self.failed, 10), DAILY)).isoformat()

    def miss(self, now: datetime) -> None:
        """Its address is gone: ask once more in an hour, then daily, at last weekly."""
        self.gone += 1
        wait = timedelta(hours=1) if self.gone == 1 else DAILY * (7 if self.gone >= GONE_FOR_GOOD else 1)
        self.again = (now + wait).isoformat()


@dataclass
class Kept:
    """The whole cursor."""

    etag: str = ""
    modified: str = ""
    #: True until a look has read all the pages it wanted: the next one then reads them again.
    deep: bool = True
    robots: dict[str, Any] = field(default_factory=dict)
    articles: dict[str, Known] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None) -> Kept:
        """From the stored cursor; what another version wrote and this one does not know is left out."""
        facts = {name: value for name, value in (cursor or {}).items() if name in cls.__dataclass_fields__}
        fields = Known.__dataclass_fields__
        known = [Known(**{k: v for k, v in each.items() if k in fields}) for each in facts.pop("articles", ())]
        return cls(**facts, articles={each.article: each for each in known})

    def cursor(self) -> dict[str, Any]:
        """As it is stored."""
        newest = list(self.articles.values())[:MOST_ARTICLES]
        short = [{name: value for name, value in asdict(each).items() if value} for each in newest]
        return {**asdict(self), "articles": short}

    def merge(self, lines: Iterable[Line]) -> None:
        """The list as it reads now comes first; a line that is new or has changed is read at once."""
        listed: dict[str, Known] = {}
        for line in lines:
            known = self.articles.get(line.article) or Known(line.article, line.url, line.title)
            day = line.day.isoformat() if line.day else ""
            if (known.title, known.day) != (line.title, day):
                known.title, known.day, known.again = line.title, day, ""
            known.beside = line.url if line.url != known.url else ""
            listed[line.article] = known
        self.articles = {**listed, **{a: known for a, known in self.articles.items() if a not in listed}}

    def due(self, now: datetime) -> list[Known]:
        """The articles to read now: those never read, and of the newest those whose time has come."""
        return [
            known
            for index, known in enumerate(self.articles.values())
            if known.due(now) and (index < WATCHED or not known.read)
        ]
