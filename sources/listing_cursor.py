"""What is kept between two looks at a list on a site: a plain, bounded JSON dict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any, get_type_hints

from rules.addresses import sans_session
from sources.base import Cursor
from sources.believed import came_since
from sources.listed import Line

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
    #: Month and day where the list shows no year.
    yearless: str = ""
    #: Another address under which the list shows it.
    beside: str = ""
    #: Short digest of the entry handed over last; "" until it has been read.
    read: str = ""
    #: When it is read next (ISO, UTC); "" for at once.
    again: str = ""
    failed: int = 0
    gone: int = 0

    @classmethod
    def of(cls, kept: Any) -> Known | None:
        """From one stored line; None if that is not one we wrote."""
        facts = _sound(cls, kept)
        if not {"article", "url", "title"} <= facts.keys():
            return None
        known = cls(**facts)
        # Before links were taken without it, a visit's session was kept as part of them.
        known.article, known.url, known.beside = map(sans_session, (known.article, known.url, known.beside))
        known.day = known.day if _reads(date.fromisoformat, known.day) else ""
        known.again = known.again if _reads(_moment, known.again) else ""
        return known

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

    def take(self, line: Line) -> None:
        """What its line says now; a line that has changed is read at once."""
        day = line.day.isoformat() if line.day else ""
        if line.yearless and self.day[5:] == line.yearless:
            day = self.day  # the year was inferred when its neighbours were others: it stays
        now = (line.title, day, line.yearless)
        if (self.title, self.day, self.yearless) != now:
            self.title, self.day, self.yearless = now
            self.again = ""
        self.beside = line.url if line.url != self.url else ""


@dataclass
class Kept:
    """The whole cursor."""

    #: The kind and the address it was kept for: another list's articles are not this one's.
    kind: str = ""
    place: str = ""
    etag: str = ""
    modified: str = ""
    #: True until a look has read all the pages it wanted: the next one then reads them again.
    deep: bool = True
    #: The day of the last look that was believed (ISO).
    looked: str = ""
    robots: dict[str, Any] = field(default_factory=dict)
    #: What a kind has found out about its site.
    found: dict[str, Any] = field(default_factory=dict)
    articles: dict[str, Known] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None, kind: str = "", place: str = "") -> Kept:
        """From the stored cursor; what another version or another setting wrote and this one does not know is left out."""
        stored = dict(cursor or {})
        if (stored.get("kind") or kind, stored.get("place") or place) != (kind, place):
            stored = {}
        listed = stored.pop("articles", ())
        known = [Known.of(each) for each in (listed if isinstance(listed, list | tuple) else ())]
        facts = {**_sound(cls, deepcopy(stored)), "kind": kind, "place": place}
        kept = cls(**facts, articles={each.article: each for each in known if each})
        kept.looked = kept.looked if _reads(date.fromisoformat, kept.looked) else ""
        return kept

    def cursor(self) -> dict[str, Any]:
        """As it is stored."""
        newest = list(self.articles.values())[:MOST_ARTICLES]
        short = [{name: value for name, value in asdict(each).items() if value} for each in newest]
        return {**asdict(self), "articles": short}

    def rename(self, named: Callable[[str], str]) -> None:
        """Each article by what its address names it now: an older version may have named it otherwise."""
        for known in self.articles.values():
            known.article = named(known.url) or known.article
        self.articles = {known.article: known for known in self.articles.values()}

    def merge(self, lines: Iterable[Line]) -> None:
        """The list as it reads now comes first; a line that is new or has changed is read at once."""
        listed: dict[str, Known] = {}
        for line in lines:
            known = self.articles.get(line.article) or Known(line.article, line.url, line.title)
            known.take(line)
            listed[line.article] = known
        self.articles = {**listed, **{a: known for a, known in self.articles.items() if a not in listed}}

    def lacking(self, lines: Iterable[Line], today: date) -> list[Known]:
        """What a true list would still show: articles newer than all it shows (not those dated ahead by mistake), and
        where it shows not one that we know and has not just moved on, all of them."""
        shown = list(lines)
        listed = {line.article for line in shown}
        days = [line.day for line in shown if line.day]
        read = [known for known in self.articles.values() if known.read and not known.gone]
        lacking = [known for known in read if known.article not in listed]
        dated = [known.shown_on for known in read if known.shown_on]
        if len(lacking) == len(read) and not self._moved_on(days, dated):
            return lacking
        return [known for known in lacking if days and known.shown_on and max(days) < known.shown_on <= today]

    def _moved_on(self, days: Sequence[date], dated: Sequence[date]) -> bool:
        """True if a list of these days, with none that we know, may be ours: all newer than what we know, and most of it
        from no longer before the last look than articles come late. Else that look would have shown them."""
        if not days or not dated or min(days) < max(dated):
            return False
        return came_since(days, date.fromisoformat(self.looked) if self.looked else date.min)

    def goes_on(self, lines: Iterable[Line], lacking: Iterable[Known]) -> bool:
        """True if the list shows what we know, in the order we know, from below those that it lacks; what we do not know
        may only follow, as it moves up from pages that were never read."""
        less = {known.article for known in lacking} | {known.article for known in self.articles.values() if known.gone}
        below = [article for article in self.articles if article not in less]
        shown = [line.article for line in lines]
        known = [article for article in shown if article in self.articles]
        return bool(known) and shown[: len(known)] == known == below[: len(known)]

    def due(self, now: datetime) -> list[Known]:
        """The articles to read now: those never read, and of the newest those whose time has come."""
        return [
            known
            for index, known in enumerate(self.articles.values())
            if known.due(now) and (index < WATCHED or not known.read)
        ]


def _sound(kind: type, stored: Any) -> dict[str, Any]:
    """The stored values that are a field's own and of its type."""
    hints = get_type_hints(kind)
    types = {each.name: hints[each.name] for each in fields(kind)}
    facts = stored if isinstance(stored, Mapping) else {}
    return {n: v for n, v in facts.items() if n in types and isinstance(v, getattr(types[n], "__origin__", types[n]))}


def _moment(text: str) -> datetime:
    """A moment with its zone; raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _reads(read: Any, text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
