"""The click counter of 博达 VSB (Visual SiteBuilder) pages.

`_showDynClicks("wbnews", owner, clickid)` in the page's text: `/system/resource/js/dynclicks.js` then GETs
`/system/resource/code/news/click/dynclicks.jsp?clickid=…&owner=…&clicktype=wbnews` and shows the number it answers.
The same script counts by another address, `addclicktimes.jsp` (`_addDynClicks`), and `/system/resource/js/counter.js`
by a third, `/system/resource/code/datainput.jsp` (`_jsq_`). Only static pages (info/<栏目>/<id>.htm) are opened: whether
rendering the same article by content.jsp counts it is not known.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from sources.counters import Counter

DISPLAY = "/system/resource/code/news/click/dynclicks.jsp?clickid={id}&owner={owner}&clicktype={kind}"
NEWS = "wbnews"
_PAGE = re.compile(r"/info/\d+/(\d+)\.htm$")
_SHOWN = re.compile(r"_showDynClicks\(\s*[\"'](\w{1,20})[\"']\s*,\s*(\d{1,12})\s*,\s*(\d{1,12})\s*\)")


def _asks(html: str, url: str) -> str:
    """The address of this very article's figure: lists beside it show those of others."""
    article = _PAGE.search(urlsplit(url).path)
    for kind, owner, clicked in _SHOWN.findall(html):
        if article is not None and (kind, clicked) == (NEWS, article[1]):
            return urljoin(url, DISPLAY.format(id=clicked, owner=owner, kind=kind))
    return ""


COUNTER = Counter(
    name="博达 VSB",
    pages=_PAGE,
    beacons=("addclicktimes.jsp", "datainput.jsp"),
    method="GET",
    figure=re.compile(r"\s*(\d{1,9})\s*"),
    asks=_asks,
)
