"""An interface (REST) that lists approved items in JSON, read whole at each look, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from rules.dates import day_of
from rules.finding import Finding
from rules.item import Place, Problem
from rules.school import Column
from sources import json_answer, mapped
from sources.base import NO_SECRETS, Cursor, Fetched, Health
from sources.json_answer import MISSING, at, list_of, parsed
from sources.json_cursor import Kept
from sources.json_options import read_options
from sources.mapped import ID, Gathered, Mapped, forget, settings_of
from sources.web import Elsewhere, Site, Unreached, WebError

#: Pages of one look; the rest follow in the next.
MOST_PAGES = 50
PAUSE = 0.3


@dataclass
class _Look:
    """What one look has found so far."""

    rows: Gathered
    nameless: int = 0
    notes: list[str] = field(default_factory=list)
    partial: bool = False


class HttpJson:
    """One list of one interface."""

    def __init__(self, column: Column, clock: Callable[[], datetime], env: Mapping[str, str] = NO_SECRETS) -> None:
        self._options = read_options(column)
        self._mapped = Mapped.of(column, (ID, "标题"))
        self._column, self._clock, self._env = column, clock, env
        parts = urlsplit(column.place)
        self._host = parts.netloc.lower()
        #: As it is told and recognised: a query may hold what is nobody's business.
        self._bare = f"{parts.scheme}://{parts.netloc}{parts.path}"
        self._settings = settings_of(column)

    def fetch(self, since: Cursor | None) -> Fetched:
        """Rows that are new or hold something else than before, and those that were taken back."""
        kept = Kept.of(since, self._settings)
        look = _Look(Gathered(self._mapped, f"{self._host}{urlsplit(self._bare).path}"))
        site = Site(self._column.place, self._clock, {}, PAUSE)
        try:
            self._read(site, kept, look)
        except WebError as error:
            away, note = isinstance(error, Unreached), f"{self._bare}：{_told(error)}"
            return Fetched(cursor=since or {}, health=Health.BAD, note=note, away=away)
        finally:
            site.close()
        return self._fetched(kept, look)

    def check(self) -> Sequence[Finding]:
        """Whether the first page can be read as it is mapped."""
        key = f"watch.{self._column.name}"
        site = Site(self._column.place, self._clock, {}, PAUSE)
        try:
            _, rows, _ = next(self._pages(site, None))
            self._check_mapped(rows)
        except WebError as error:
            text, _, fix = _told(error).partition("。")
            return [Finding(key=key, ok=False, text=f"{self._bare}：{text}", fix=fix or "请检查网络和接口地址")]
        finally:
            site.close()
        return self._mapped.findings()

    def _read(self, site: Site, kept: Kept, look: _Look) -> None:
        """Pages to the end of the list, or to the limit of one look; raises WebError."""
        begins, read, before = kept.page is None, 0, copy(kept)
        kept.seen = 0 if begins else kept.seen
        for read, (_, rows, following) in enumerate(self._pages(site, kept.page), start=1):
            if not rows and read == 1 and begins and kept.had:
                raise WebError("列表是空的，而以前有条目。请管理员检查接口")
            if self._take(rows, look) == 0 or following is None:
                following = None
                break
            kept.page = following
            if read == MOST_PAGES:
                look.partial = True
                look.notes.append(f"一次读取{MOST_PAGES}页，其余下次再读取")
                break
        kept.page, kept.seen = following, kept.seen + len(look.rows.rows)
        items = look.rows.items
        if begins and (doubt := before.doubt(items, whole=following is None)):
            raise WebError(doubt)
        kept.believe(items, day_of(self._clock()), begins=begins)

    def _pages(self, site: Site, page: Any) -> Iterator[tuple[Any, list[Mapping[str, Any]], Any]]:
        """Each page: its mark, its rows, and the mark of the one that follows (None: there is none)."""
        paging, headers = self._options.paging, self._headers(site)
        page = paging.first if page is None and paging.page else page
        while True:
            answer = parsed(self._ask(site, headers, page))
            json_answer.check(answer, self._options.ok)
            rows = list_of(answer, self._options.rows)
            following = page + 1 if paging.page else _mark(at(answer, paging.next)) if paging.cursor else None
            yield page, rows, None if following == page else following
            page = following

    def _ask(self, site: Site, headers: Mapping[str, str], page: Any) -> str:
        paging, params = self._options.paging, dict(self._options.params)
        if page is not None:
            params[paging.page or paging.cursor] = page
        if paging.size:
            params[paging.size] = paging.rows
        if self._options.method == "POST":
            return site.call("POST", self._column.place, headers, params)
        mark = "&" if urlsplit(self._column.place).query else "?"
        query = f"{mark}{urlencode(params)}" if params else ""
        return site.call("GET", f"{self._column.place}{query}", headers)

    def _headers(self, site: Site) -> dict[str, str]:
        """With the token, from .env or from a login at each look; raises WebError."""
        options, plain = self._options, {"Accept": "application/json"}
        token = self._secret(options.token) if options.token else self._logged_in(site) if options.login else ""
        return {**plain, options.header: f"{options.prefix}{token}"} if token else plain

    def _logged_in(self, site: Site) -> str:
        login = self._options.login
        assert login is not None
        body = {login.user_field: self._secret(login.user), login.password_field: self._secret(login.password)}
        answer = parsed(site.call("POST", f"{site.root}{login.path}", {"Accept": "application/json"}, body))
        given = at(answer, login.token)
        if not isinstance(given, str) or given.strip() in ("", "-1"):
            raise WebError("登录接口没有给出令牌。请管理员核对 .env 中的账号和密码、接口账号是否已授权")
        return given.strip()

    def _secret(self, name: str) -> str:
        value = self._env.get(name, "")
        if not value:
            raise WebError(f".env 中没有 {name}。请向接口的管理员取得后填写")
        return value

    def _take(self, rows: list[Mapping[str, Any]], look: _Look) -> int:
        """One page; returns how many of its rows this look has not had yet."""
        self._check_mapped(rows)
        fresh = 0
        for raw in rows:
            row = {
                path: None if (value := at(raw, path)) is MISSING else value for path in self._mapped.columns.values()
            }
            key = self._mapped.key(row)
            if not key:
                look.nameless += 1
                continue
            fresh += key not in look.rows.rows
            look.rows.take(key, row)
        return fresh

    def _check_mapped(self, rows: list[Mapping[str, Any]]) -> None:
        """Raise WebError if a column that was named stands in no row at all: the interface is another one now."""
        named = [(name, path) for name, path in self._mapped.columns.items() if name in (ID, "标题")]
        lacking = [f"{name}（{path}）" for name, path in named if all(at(raw, path) in (MISSING, None) for raw in rows)]
        if rows and lacking:
            raise WebError(f"接口的条目中没有{'、'.join(lacking)}，接口可能改版。请核对 columns")

    def _fetched(self, kept: Kept, look: _Look) -> Fetched:
        entries, withdrawn = look.rows.news(kept.known)
        fix = "请来源系统的管理员给每一条一个唯一标识"
        problem = Problem(Place(self._column.name), ID, f"有{look.nameless}条没有唯一标识，没有读取", fix)
        told, kept.nameless = kept.nameless or look.nameless, look.nameless
        if kept.page is None:
            forget(kept.known, max(mapped.REMEMBERED, kept.seen))
        health = Health.GOOD if entries or withdrawn or told else Health.UNCHANGED
        return Fetched(
            entries=entries,
            problems=(problem,) if look.nameless else (),
            cursor=kept.cursor(),
            health=Health.PARTIAL if look.partial else health,
            note="；".join(look.notes),
            whole=frozenset((self._column.name,)),
            withdrawn=withdrawn,
        )


def _mark(found: Any) -> Any:
    """What an answer gives for the next page, None for nothing; raises WebError for what no address can carry."""
    if found in (MISSING, None, "", False):
        return None
    if not isinstance(found, (str, int)) or not str(found).isprintable():
        raise WebError("接口答复中下一页的标记不是文字或数字，接口可能改版。请核对 paging 的 next")
    return found


def _told(error: WebError) -> str:
    """The error in words of an interface."""
    if isinstance(error, Elsewhere):
        return "接口转到了别处，多半是登录页，未读取。请管理员核对令牌和接口权限"
    return str(error)
