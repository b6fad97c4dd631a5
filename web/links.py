"""Short links: /s/<token> leads on to the item's page and counts that it was opened; of who opened it nothing is kept.

Opened links are counted in memory and written down a few seconds later, one row for a link, a kind (a person or not)
and an hour. So a storm of clicks costs one number in memory and two rows an hour for each link that exists, and the
database is written to once in those seconds, however many come; a process that is killed loses those seconds.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from html import escape

from flask import Blueprint, Response, current_app, request
from werkzeug.urls import iri_to_uri

from channels.previews import by_a_person
from rules.site import is_page
from store import links
from store.db import Db
from store.links import Opened

log = logging.getLogger("web")
pages = Blueprint("links", __name__)

#: Seconds after which what was counted is written down.
SOON = 5.0
#: What a token can be at most; a longer one asks the database nothing.
LONGEST = 32
#: What the address itself answers, so that `check` knows that it leads here.
HERE = "公开达短链接"
UNKNOWN = "没有这个链接。请核对地址是否完整，或到学校信息公开网查找。"
WITHDRAWN = "这条信息已由学校撤回或撤下，不再提供。请以学校信息公开网最新发布的内容为准。"
#: Nothing is kept at the reader's side either, and the page does not hear where its reader comes from.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
           "X-Robots-Tag": "noindex, nofollow"}  # fmt: skip


class Clicks:
    """How often each link was opened since it was last written down."""

    def __init__(self, db: Db, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: Counter[Opened] = Counter()
        self._timer: threading.Timer | None = None

    def note(self, token: str, counted: bool) -> None:
        """One more; only of a link that exists."""
        hour = self._clock().replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._opened[token, counted, hour] += 1
            self._soon()

    def _soon(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(SOON, self.write_down)
            self._timer.daemon = True
            self._timer.start()

    def write_down(self) -> None:
        """Put what was counted into the database; what it does not take now is tried again soon."""
        with self._lock:
            opened, self._opened, self._timer = self._opened, Counter(), None
        if not opened:
            return
        try:
            with self._db.write() as conn:
                links.count(conn, opened)
        except Exception as error:  # an address or a password may stand in its text
            log.error("点击没有写入数据库：%s", type(error).__name__, extra={"action": "clicks_failed"})
            with self._lock:
                self._opened.update(opened)
                self._soon()


@pages.get("/s/")
def here() -> Response:
    """That this is the place short links lead to."""
    return Response(HERE, headers=HEADERS, mimetype="text/plain")


@pages.get("/s/<token>")
def follow(token: str) -> Response:
    """The item's page as it was when the push was made, and no other address; HEAD leads on too and is not counted."""
    clicks: Clicks = current_app.extensions["xxgk_clicks"]
    found = _found(token)
    if found is None or not is_page(found.url):
        return _page("链接无效", UNKNOWN, 404)
    if found.withdrawn:
        return _page("信息已撤回", WITHDRAWN, 410)
    person = request.method == "GET" and by_a_person(request.user_agent.string, dict(request.headers))
    clicks.note(token, person)
    return Response("", 302, {**HEADERS, "Location": iri_to_uri(found.url)}, mimetype="text/plain")


def _found(token: str) -> links.Found | None:
    if not (token.isascii() and token.isalnum() and len(token) <= LONGEST):
        return None
    db: Db = current_app.extensions["xxgk"].db
    with db.read() as conn:
        return links.find(conn, token)


def _page(title: str, text: str, status: int) -> Response:
    """A page without anything to load."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    body = f'<!doctype html><html lang="zh-CN"><head>{head}</head><body><h1>{escape(title)}</h1><p>{escape(text)}</p></body></html>'
    return Response(body, status, HEADERS, mimetype="text/html")
