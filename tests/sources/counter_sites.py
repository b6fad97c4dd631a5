"""Article pages with their counters as the two kinds of site deliver them, put on a FakeSite."""

from __future__ import annotations

from tests.sources.webplus_site import FakeSite

WEBPLUS, VSB = "/2020/0910/c21a41/page.htm", "/info/1116/5946.htm"
WEBPLUS_FIGURE = "/_visitcountdisplay?siteId=180&type=3&articleId=41"
VSB_FIGURE = "/system/resource/code/news/click/dynclicks.jsp?clickid=5946&owner=1615111502&clicktype=wbnews"
#: What the pages below would have asked for, had anybody run their scripts and loaded their pictures.
BEACONS = ("/_visitcount?", "addclicktimes.jsp", "datainput.jsp", "/_js/", "/system/resource/js/")


def webplus_page(figure: str = WEBPLUS_FIGURE) -> str:
    """Its own figure, its site's and its column's; the picture at the end is what counts the visit."""
    return f"""<html><head><script src="/_js/jquery.sudy.wp.visitcount.js" sudy-wp-siteId="180"></script></head><body>
<span class="WP_VisitCount" url="/_visitcountdisplay?siteId=180&type=1">90210</span>
<span class="WP_VisitCount" url="/_visitcountdisplay?siteId=180&type=2&columnId=21">4711</span>
<h1 class="arti_title">关于作息时间的通知</h1><p class="arti_metas"><span class="arti_views">浏览次数：
<span class="WP_VisitCount" url="{figure}">10</span></span></p>
<div class="wp_articlecontent"><p>正文。</p></div>
<img src="/_visitcount?siteId=180&type=3&articleId=41" style="display:none" width="0" height="0"/></body></html>"""


def vsb_page() -> str:
    """The figure of a neighbour stands in the list beside it."""
    return """<html><head><script src="/system/resource/js/counter.js"></script>
<script type="text/javascript">_jsq_(1116,'/content.jsp',5946,1615111502)</script>
<script src="/system/resource/js/dynclicks.js"></script></head><body><form name="_newscontent_fromname">
<h2>关于作息时间的通知</h2>点击数：<script>_showDynClicks("wbnews", 1615111502, 5946)</script>
<div id="vsb_content"><p>正文。</p></div><script>_addDynClicks("wbnews", 1615111502, 5946)</script></form>
<ul><li>上一篇<script>_showDynClicks("wbnews", 1615111502, 5941)</script></li></ul></body></html>"""


def put_webplus(site: FakeSite, answer: str = "123", **over: object) -> None:
    """A page of the one kind; its counter answers so."""
    site.put(WEBPLUS, webplus_page())
    site.put(WEBPLUS_FIGURE, answer, **over)  # type: ignore[arg-type]


def put_vsb(site: FakeSite, answer: str = "\r\n\r\n456\r\n", **over: object) -> None:
    """A page of the other."""
    site.put(VSB, vsb_page())
    site.put(VSB_FIGURE, answer, **over)  # type: ignore[arg-type]


def counted(site: FakeSite) -> list[tuple[str, str]]:
    """The requests that would have counted us as a visitor."""
    return [asked for asked in site.asked if any(part in asked[1] for part in BEACONS)]
