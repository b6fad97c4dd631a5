"""A list on a site and the articles it leads to: what stands in it is published, so it was approved; read politely.

What the kinds have in common: the look, what is kept between two looks, retries, and when a list is not believed. A kind
says how a list and an article of its sites are read. An article is recognised by what its site tells it apart by, never
by its title.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from typing import ClassVar
from urllib.parse import urlsplit

from rules.dates import SchoolYear, day_of
from rules.finding import Finding
from rules.item import OPEN, Attachment, Entry, Place
from rules.school import Column
from sources.article import NOT_FOR_US, Article, Closed, is_closed, soup_of
from sources.attached import named, opened
from sources.base import NO_SECRETS, Cursor, Fetched, Health, options_of
from sources.listed import Line, ListPage
from sources.listing_cursor import Kept, Known
from sources.look import Look, undated
from sources.pace import Pace
from sources.web import Elsewhere, Forbidden, Gone, Page, Site, Unreached, WebError

#: Pages of the list in an ordinary look, and in a first one, which goes back to the start of the school year.
MOST_PAGES = 5
FIRST_PAGES = 20
#: Articles read in one look; the rest follow in the next.
MOST_READ = 40
#: After so many failures in a row the site is left alone until the next look.
GIVE_UP = 3
#: So many may have been taken down between two looks; where more are missing, the list must go on as it did below them.
MOST_TAKEN_DOWN = 2
#: And each of them must be gone at its own address; where still more are missing, the list is not believed.
MOST_ASKED_FOR = 10
PAUSE = 0.5


class Listing(ABC):
    """One list and its articles."""

    #: The kind's own keys in school.toml.
    keys: ClassVar[tuple[str, ...]] = ()
    #: What its list is called in notes.
    what: ClassVar[str] = "栏目列表"
    #: What may be wrong with its settings.
    fix: ClassVar[str] = "核对 place 是不是栏目的列表页"

    def __init__(self, column: Column, clock: Callable[[], datetime], env: Mapping[str, str] = NO_SECRETS) -> None:
        self._options = options_of(column, self.keys)
        self._column = column
        self._clock = clock
        self._pace = Pace()
        self._host = urlsplit(column.place).netloc.rsplit("@", 1)[-1].lower()

    @abstractmethod
    def _list(self, text: str, url: str, today: date) -> ListPage:
        """What a page of the list says."""

    @abstractmethod
    def _article(self, text: str, url: str, known: Known) -> Article:
        """What an article's page says; raises Closed if it shows none."""

    def _named(self, url: str) -> str:
        """The article that an address names, as its site tells it apart; empty where an address does not say."""
        return ""

    def _page(self, site: Site, url: str, kept: Kept, *validators: str) -> Page:
        """One page of the list; raises WebError."""
        return site.get(url, *validators)

    def _day(self, known: Known, article: Article) -> date | None:
        """The day published: what list and article agree on; None, so that a clerk decides, where they do not."""
        shown, printed = known.shown_on, article.day
        if known.yearless and printed:
            return printed if known.yearless == f"{printed:%m-%d}" else None
        return None if shown and printed and shown != printed else shown or printed

    def fetch(self, since: Cursor | None) -> Fetched:
        """Articles that are new or edited, and those whose own address is gone."""
        now = self._clock()
        if why := self._pace.waits(now):
            return self._bad(since, why, asked=False)
        look = Look(Kept.of(since, self._column.kind, self._column.place), now)
        look.kept.rename(self._named)
        with closing(self._site(look.kept.robots)) as site:
            try:
                self._read_lists(site, look)
                self._read_articles(site, look)
            except WebError as error:
                self._pace.failed(error, now)
                return self._bad(since, str(error), away=isinstance(error, Unreached))
            look.kept.robots = site.robots
        self._pace.went_well()
        return self._fetched(look)

    def check(self) -> list[Finding]:
        """A trial of which nothing is kept: what the list's first page and its first article read like."""
        key, place = f"watch.{self._column.name}", self._column.place
        look = Look(Kept.of(None), self._clock())
        with closing(self._site({})) as site:
            try:
                page = self._usable(self._page(site, place, look.kept), look)
                look.kept.merge(page.lines[:1])
                tried = [self._tried(site, known, look) for known in look.kept.articles.values()]
            except (WebError, Closed) as error:
                return [Finding(key=key, ok=False, text=f"试读 {place}：{error}", fix=f"请打开网址查看，{self.fix}")]
        if not tried:
            return [Finding(key=key, ok=True, text="试读：列表是空的")]
        said, wrong = tried[0]
        text = f"试读：列表第一页{len(page.lines)}条，第一条{said}"
        return [Finding(key=key, ok=not wrong, text=text, fix=f"请核对，{self.fix}" if wrong else "")]

    def _tried(self, site: Site, known: Known, look: Look) -> tuple[str, bool]:
        """What an article reads like, in words, and True if a clerk would have to mend it; raises WebError or Closed."""
        whole = look.whole.get(known.article)
        entry = self._made(known, whole) if whole else self._entry(site, known)
        words = len(re.sub(r"<[^>]*>|\s", "", entry.body))
        day = str(entry.published_on or entry.problems[0].text)
        return f"“{entry.title}”，{day}，正文{words}字，附件{len(entry.attachments)}个", bool(entry.problems)

    def open(self, entry_place: str, attachment: Attachment) -> bytes:
        """What an attachment holds; raises Unread."""
        with closing(self._site({})) as site:
            return opened(site, attachment)

    def _site(self, robots: Mapping[str, object]) -> Site:
        return Site(self._column.place, self._clock, robots, PAUSE)

    def _bad(self, since: Cursor | None, why: str, *, away: bool = False, asked: bool = True) -> Fetched:
        note = f"{self._column.place}：{why}"
        return Fetched(cursor=since or {}, health=Health.BAD, note=note, away=away, asked=asked)

    def _read_lists(self, site: Site, look: Look) -> None:
        """Page 1 whole, further pages while they bring something new; raises WebError if the list cannot be believed."""
        kept = look.kept
        validators = ("", "") if kept.deep else (kept.etag, kept.modified)
        first = self._page(site, self._column.place, kept, *validators)
        if first.text is None:
            kept.looked = day_of(look.now).isoformat()
            return
        page = self._usable(first, look)
        lines, others, number = dict.fromkeys(page.lines), page.others, 1
        deep, kept.deep = kept.deep, False
        while page.next_url and self._wants_more(page, number, deep, look):
            number += 1
            more = self._further(site, page, look)
            if more is None:
                break
            page = more
            lines, others = {**lines, **dict.fromkeys(page.lines)}, others + page.others
        self._believe(site, list(lines), look)
        kept.etag, kept.modified, kept.looked = first.etag, first.modified, day_of(look.now).isoformat()
        kept.merge(lines)
        if others:
            look.notes.append(f"列表中有{others}条指向其他网站或不是文章，未读取")

    def _usable(self, page: Page, look: Look) -> ListPage:
        """Page 1 as a list; raises WebError: an empty answer is never taken for "no news"."""
        found = self._parsed(page, look)
        if not found.is_list:
            if is_closed(soup_of(page.text or "")):
                raise WebError(f"网站给出的不是{self.what}，而是{NOT_FOR_US}的页面，请打开网址查看")
            raise WebError(f"页面中认不出{self.what}，可能是防火墙页面或网站改版，请打开网址查看")
        if not found.lines and look.kept.articles:
            raise WebError(f"{self.what}是空的，而以前有条目，请打开网址查看")
        return found

    def _parsed(self, page: Page, look: Look) -> ListPage:
        found = self._list(page.text or "", page.url, day_of(look.now))
        look.whole.update(found.whole)
        for note in found.closed:
            look.fail(note)
        return found

    def _believe(self, site: Site, lines: list[Line], look: Look) -> None:
        """Raises WebError where articles that we know should be listed and are not: an old copy, or another list.

        A few that have been taken down are no such sign; they are asked for by their own addresses. Nor are several, if
        each of them is gone there and the list goes on below them as we know it: an old copy leads to articles that are.
        """
        lacking = look.kept.lacking(lines, day_of(look.now))
        if len(lacking) > MOST_TAKEN_DOWN:
            believed = len(lacking) <= MOST_ASKED_FOR and look.kept.goes_on(lines, lacking)
            believed = believed and all(self._is_gone(site, known, look) for known in lacking)
            look.notes.append(f"列表中最新的{len(lacking)}条已撤下，其余照旧")
        else:
            believed = not any(self._is_there(site, known, look) for known in lacking)
        if not believed:
            raise WebError(
                f"列表中少了已登记的“{lacking[0].title}”等{len(lacking)}条，可能是旧的网页或换了栏目，未读取。"
                "请打开网址查看；确是网站改版的，请给这个监看改一个名称，重新开始"
            )

    def _is_gone(self, site: Site, known: Known, look: Look) -> bool:
        """True if its own address says that there is nothing; raises WebError if it says nothing."""
        return not self._is_there(site, known, look) and known.url in look.gone

    def _is_there(self, site: Site, known: Known, look: Look) -> bool:
        """True if an article that is listed no more can still be read; raises WebError if that cannot be told."""
        try:
            page = site.get(known.url)
            self._article(page.text or "", page.url, known)
        except Gone:
            look.missed(known)
            return False
        except (Closed, Elsewhere):
            return False
        return True

    def _wants_more(self, page: ListPage, number: int, deep: bool, look: Look) -> bool:
        """Pinned items make "stop at the first known" wrong: go on while anything on the page is new."""
        if deep:
            start = SchoolYear.of(day_of(look.now)).start
            return number < FIRST_PAGES and any(line.day is None or line.day >= start for line in page.lines)
        if all(line.article in look.kept.articles for line in page.lines):
            return False
        look.kept.deep = number >= MOST_PAGES
        return number < MOST_PAGES

    def _further(self, site: Site, before: ListPage, look: Look) -> ListPage | None:
        """The page after another, None where the list ends or the page cannot be read now."""
        try:
            found = self._parsed(self._page(site, before.next_url, look.kept), look)
            if not found.is_list and not before.guessed:
                raise WebError(f"{before.next_url.split('#')[0]} 不是{self.what}")
        except Gone:
            return None
        except WebError as error:
            look.kept.deep = True
            look.fail(f"后续页面未读完：{error}")
            return None
        return found if found.lines else None

    def _read_articles(self, site: Site, look: Look) -> None:
        due = look.kept.due(look.now)
        failures = 0
        for known in due[:MOST_READ]:
            failures = 0 if self._read(site, known, look) else failures + 1
            if failures == GIVE_UP:
                look.fail("网站连续几次没有正常答复，下次再读取")
                return
        if len(due) > MOST_READ:
            look.fail(f"还有{len(due) - MOST_READ}篇，下次再读取")

    def _read(self, site: Site, known: Known, look: Look) -> bool:
        """Read one article; False if the site did not answer as it should."""
        try:
            entry = self._entry(site, known)
        except Gone:
            look.missed(known)
        except Elsewhere as error:
            known.retry(look.now)
            tell = look.fail if error.asks_to_log_in else look.notes.append
            tell(f"{known.url}：{error}")
        except (Closed, WebError) as error:
            known.retry(look.now)
            look.fail(f"{known.url}：{error}")
            return isinstance(error, (Closed, Forbidden))
        else:
            self._hand_over(entry, known, look)
        return True

    def _hand_over(self, entry: Entry, known: Known, look: Look) -> None:
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
        if (other := self._named(page.url)) and other != known.article:
            raise Elsewhere("页面转到了另一篇文章，未读取")
        article = self._article(page.text or "", page.url, known)
        return self._made(known, replace(article, attachments=named(site, article.attachments)))

    def _made(self, known: Known, article: Article) -> Entry:
        column, day = self._column, self._day(known, article)
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
            attachments=article.attachments,
            review=replace(column.review, on=day) if column.review else None,
            problems=() if day else (undated(known, article),),
        )

    def _fetched(self, look: Look) -> Fetched:
        health = Health.GOOD if look.entries or look.gone else Health.UNCHANGED
        return Fetched(
            entries=tuple(look.entries),
            cursor=look.kept.cursor(),
            health=Health.PARTIAL if look.partial else health,
            note="；".join(look.notes[:10]),
            gone=frozenset(look.gone),
        )
