"""The visit counter of 苏迪 WebPlus pages.

`<span class="WP_VisitCount" url="/_visitcountdisplay?siteId=…&type=3&articleId=…">10</span>`: the page's script
`/_js/jquery.sudy.wp.visitcount.js` POSTs that address with an empty body and shows the answer, a number or a number in
one <span> or <p>; it leaves a 0 unshown. `/_visitcount?…`, an <img> of the page, is what counts the visit.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urljoin, urlsplit

from bs4 import BeautifulSoup

from sources.counters import Counter

DISPLAY = "_visitcountdisplay"
#: What `type` counts: 1 the site, 2 a column, 3 an article.
ARTICLE = "3"
_PAGE = re.compile(r"/\d{4}/\d{4}/c\d+a(\d+)/page\.(?:htm|psp)$")


def _asks(html: str, url: str) -> str:
    """The address of this very article's figure: a page may show those of its site and column too."""
    article = _PAGE.search(urlsplit(url).path)
    for tag in BeautifulSoup(html, "html.parser")(class_="WP_VisitCount", url=True):
        where = urljoin(url, str(tag["url"]).strip())
        asked = parse_qs(urlsplit(where).query)
        mine = article is not None and asked.get("articleId") == [article[1]] and asked.get("type") == [ARTICLE]
        if mine and urlsplit(where).path.endswith(f"/{DISPLAY}"):
            return where
    return ""


COUNTER = Counter(
    name="苏迪 WebPlus",
    pages=_PAGE,
    beacons=("_visitcount",),
    method="POST",
    figure=re.compile(r"\s*(?:<(?:span|p)\b[^<>]*>)?\s*(\d{1,9})\s*(?:</(?:span|p)>)?\s*"),
    asks=_asks,
)
