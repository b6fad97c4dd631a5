"""A school's small web site of the WebPlus kind: article pages with their counter, and what counts a visit.

The page's script POSTs `/_visitcountdisplay?siteId=…&type=3&articleId=…` for the figure and shows it; `/_visitcount?…`, an
<img> of the page, counts the visit. A bot that reads figures asks the first and never the second: whoever asks it stands
in the books.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Request, Response
from markupsafe import escape

from sandbox.actors import Page, load_all
from sandbox.clock import day_of, day_start, iso
from sandbox.state import Doc
from sandbox.wire import Call, html_answer, perform
from sandbox.world import World

SITE, ARTICLE = "2", "3"
FIELDS = ("at", "path", "figure")
BEACON_FIELDS = ("at", "asked")
DAY = 24 * 3600.0
_PATH = re.compile(r"/(\d{4})/(\d{2})(\d{2})/c\d+a(\d+)/page\.htm$")
_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1 class="arti_title">{title}</h1>
<p class="arti_metas">访问次数：<span class="WP_VisitCount" url="/_visitcountdisplay?{asked}"></span></p>
<img src="/_visitcount?{asked}" style="display:none" width="0" height="0">
</body></html>
"""


def robots(world: World, request: Request) -> Response:
    """Everything may be read."""
    call = Call(world, "site.robots", request)
    return _answer(call, lambda: Response("User-agent: *\nDisallow:\n", content_type="text/plain"))


def page(world: World, request: Request) -> Response:
    """One article; 404 for what was not set up."""
    call = Call(world, "site.page", request)
    mine = next((each for each in load_all(world.state, Page) if each.path == request.path), None)
    if mine is None:
        return _answer(call, lambda: html_answer("404 Not Found", 404))
    asked = f"siteId={SITE}&amp;type={ARTICLE}&amp;articleId={number_of(mine.path)}"
    return _answer(call, lambda: html_answer(_PAGE.format(title=escape(mine.title), asked=asked), 200))


def figure(world: World, request: Request) -> Response:
    """How often an article was visited, as the page's script asks for it; each answer stands in the books."""
    call = Call(world, "site.figure", request)
    number = call.query("articleId") if call.query("type") == ARTICLE else ""
    mine = next((each for each in load_all(world.state, Page) if number_of(each.path) == number), None)

    def run() -> Response:
        shown = 0 if mine is None or call.method != "POST" else visits(mine.path, world.now())
        if mine is not None and shown:
            doc: Doc = {"at": iso(world.now()), "path": mine.path, "figure": shown}
            with world.state.transaction():
                world.state.post("site", mine.path, world.now(), doc)
        return html_answer(str(shown), 200)

    return _answer(call, run)


def beacon(world: World, request: Request) -> Response:
    """What counts a visit: only a browser asks it."""
    call = Call(world, "site.beacon", request)

    def run() -> Response:
        doc: Doc = {"at": iso(world.now()), "asked": request.full_path}
        with world.state.transaction():
            world.state.post("site_beacon", "beacon", world.now(), doc)
        return Response(status=204)

    return _answer(call, run)


def _answer(call: Call, run: Callable[[], Response]) -> Response:
    """The answer as the fault plan wants it, tallied under the call's name."""

    def tallied() -> Response:
        with call.world.state.transaction():
            call.world.state.tally(call.name)
        return run()

    return perform(call, {"path": call.request.path}, tallied, lambda fault: html_answer(fault.errmsg, 500))


def number_of(path: str) -> str:
    """The article's number in its path."""
    found = _PATH.search(path)
    return found[4] if found else ""


def visits(path: str, now: float) -> int:
    """What the counter shows: so many visitors a day since the page was put there, fewer for some than for others."""
    found = _PATH.search(path)
    if found is None:
        return 0
    days = (day_start(day_of(now)) - day_start(f"{found[1]}-{found[2]}-{found[3]}")) // DAY
    return int((5 + int(found[4]) % 7) * (days + 1)) if days >= 0 else 0
