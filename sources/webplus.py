"""A column of a 苏迪 WebPlus site: what stands in its list is published, so it was approved; read politely.

An article is recognised by its number (…a123), whatever its title, its column or its ending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from urllib.parse import urlsplit

from rules.dates import SchoolYear, day_of
from rules.item import OPEN, Attachment, Entry, Place
from rules.school import Column
from sources.base import NO_SECRETS, Cursor, Fetched, Health, options_of
from sources.web import Elsewhere, Forbidden, Gone, Page, Site, WebError
from sources.webplus_article import Article, Closed, parse_article
from sources.webplus_cursor import Kept, Known
from sources.webplus_list import ListPage, made_on, parse_list

#: Pages of the list in an ordinary look, and in a first one, which goes back to the start of the school year.
MOST_PAGES = 5
FIRST_PAGES = 20
#: Articles read in one look; the rest follow in the next.
MOST_READ = 40
#: After so many failures in a row the site is left alone until the next look.
GIVE_UP = 3
PAUSE = 0.5
MOST_NAMES = 5


@dataclass
class _Look:
    """What one look has found so far."""

    kept: Kept
    now: datetime
    entries: list[Entry] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    partial: bool = False

    def fail(self, note: str) -> None:
        """Something is left for a later look."""
        self.partial = True
        self.notes.append(note)


class WebPlus:
    """One list page of a WebPlus site and the articles it leads to."""

    def __init__(self, column: Column, clock: Callable[[], datetime], env: Mapping[str, str] = NO_SECRETS) -> None:
        options_of(column, ())
        self._column = column
        self._clock = clock
        parts = urlsplit(column.place)
        self._host = parts.netloc.rsplit("@", 1)[-1].lower()

    def fetch(self, since: Cursor | None) -> Fetched:
        """Articles that are new or edited, and those whose own address is gone."""
        look = _Look(Kept.of(since), self._clock())
        site = Site(self._column.place, self._clock, look.kept.robots, PAUSE)
        try:
            self._read_lists(site, look)
            self._read_articles(site, look)
        except WebError as error:
            return Fetched(cursor=since or {}, health=Health.BAD, note=f"{self._column.place}：{error}")
        finally:
            site.close()
        look.kept.robots = site.robots
        return self._fetched(look)

    def _read_lists(self, site: Site, look: _Look) -> None:
        """Page 1 whole, further pages while they bring something new; raises WebError if page 1 cannot be used."""
        kept = look.kept
        validators = ("", "") if kept.deep else (kept.etag, kept.modified)
        first = site.get(self._column.place, *validators)
        if first.text is None:
            return
        page = self._usable(first, look)
        lines, others, number = dict.fromkeys(page.lines), page.others, 1
        kept.etag, kept.modified = first.etag, first.modified
        deep, kept.deep = kept.deep, False
        while page.next_url and self._wants_more(page, number, deep, look):
            number += 1
            more = self._further(site, page.next_url, look)
            if more is None:
                break
            page = more
            lines, others = {**lines, **dict.fromkeys(page.lines)}, others + page.others
        kept.merge(lines)
        if others:
            look.notes.append(f"列表中有{others}条指向其他网站或不是文章，未读取")

    def _usable(self, page: Page, look: _Look) -> ListPage:
        """Page 1 as a list; raises WebError: an empty answer is never taken for "no news"."""
        found = parse_list(page.text or "", page.url, day_of(look.now))
        if not found.is_list:
            raise WebError("页面中认不出栏目列表，可能是防火墙页面或网站改版，请打开网址查看")
        if not found.lines and look.kept.articles:
            raise WebError("栏目列表是空的，而以前有条目，请打开网址查看")
        return found

    def _wants_more(self, page: ListPage, number: int, deep: bool, look: _Look) -> bool:
        """Pinned items make "stop at the first known" wrong: go on while anything on the page is new."""
        if deep:
            start = SchoolYear.of(day_of(look.now)).start
            return number < FIRST_PAGES and any(line.day is None or line.day >= start for line in page.lines)
        if all(line.article in look.kept.articles for line in page.lines):
            return False
        look.kept.deep = number >= MOST_PAGES
        return number < MOST_PAGES

    def _further(self, site: Site, url: str, look: _Look) -> ListPage | None:
        """A further page, None where the list ends or the page cannot be read now."""
        try:
            page = site.get(url)
        except Gone:
            return None
        except WebError as error:
            look.kept.deep = True
            look.fail(f"后续页面未读完：{error}")
            return None
        found = parse_list(page.text or "", page.url, day_of(look.now))
        return found if found.lines else None

    def _read_articles(self, site: Site, look: _Look) -> None:
        due = look.kept.due(look.now)
        failures = 0
        for known in due[:MOST_READ]:
            failures = 0 if self._read(site, known, look) else failures + 1
            if failures == GIVE_UP:
                look.fail("网站连续几次没有正常答复，下次再读取")
                return
        if len(due) > MOST_READ:
            look.fail(f"还有{len(due) - MOST_READ}篇，下次再读取")

    def _read(self, site: Site, known: Known, look: _Look) -> bool:
        """Read one article; False if the site did not answer as it should."""
        try:
            entry = self._entry(site, known)
        except Gone:
            known.miss(look.now)
            look.gone.add(known.url)
        except Elsewhere as error:
            known.retry(look.now)
            look.notes.append(f"{known.url}：{error}")
        except (Closed, WebError) as error:
            known.retry(look.now)
            look.fail(f"{known.url}：{error}")
            return isinstance(error, (Closed, Forbidden))
        else:
            self._hand_over(entry, known, look)
        return True

    def _hand_over(self, entry: Entry, known: Known, look: _Look) -> None:
        digest = entry.digest()[:16]
        if digest != known.read or known.gone:
            look.entries.append(entry)
        known.read = digest
        known.rest(look.now)

    def _entry(self, site: Site, known: Known) -> Entry:
        """The article behind a line; raises WebError or Closed."""
        try:
            page = site.get(known.url)
        except Gone:
            if not known.beside:
                raise
            page = site.get(known.beside)
            known.url, known.beside = known.beside, ""
        article = parse_article(page.text or "", page.url)
        return self._made(known, article, _named(site, article.attachments))

    def _made(self, known: Known, article: Article, attachments: tuple[Attachment, ...]) -> Entry:
        column = self._column
        day: date | None = known.shown_on or article.day or made_on(known.url)
        return Entry(
            source=column.name,
            place=Place(known.url),
            title=article.title or known.title,
            own_key=f"{self._host}:{known.article}",
            url=known.url,
            department=column.department or article.department,
            category=column.category,
            sub_item=column.sub_item,
            disclosure=OPEN,
            audience=column.audience,
            inner_reason=column.inner_reason,
            published_on=day,
            approved_on=day,
            body=article.body,
            attachments=attachments,
            review=replace(column.review, on=day) if column.review else None,
        )

    def _fetched(self, look: _Look) -> Fetched:
        health = Health.GOOD if look.entries or look.gone else Health.UNCHANGED
        return Fetched(
            entries=tuple(look.entries),
            cursor=look.kept.cursor(),
            health=Health.PARTIAL if look.partial else health,
            note="；".join(look.notes[:10]),
            gone=frozenset(look.gone),
        )


def _named(site: Site, attachments: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """Attachments whose link names nothing get the name their download gives itself."""
    asked = 0
    named: list[Attachment] = []
    for each in attachments:
        name = each.name
        if not name and site.holds(each.url) and asked < MOST_NAMES:
            asked += 1
            name = site.filename(each.url)
        named.append(Attachment(name or "附件", each.url))
    return tuple(named)
