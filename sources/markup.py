"""An article's HTML as simple, safe HTML: structure kept, attributes, scripts and links gone."""

from __future__ import annotations

import html
import re

from bs4 import Tag
from bs4.element import NavigableString, PageElement, PreformattedString

from sources.web import joined

_BLANKS = re.compile(r"\s+")
_INLINE = frozenset(("b", "strong", "i", "em", "u", "sub", "sup"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_TABLE = frozenset(("table", "thead", "tbody", "tr", "th", "td"))
KEPT = _INLINE | _HEADINGS | _TABLE | {"p", "ul", "ol", "li", "blockquote"}
BLOCKS = frozenset(("div", "section", "article", "header", "footer", "center", "dl", "dd", "dt"))
_FORM = frozenset(("form", "button", "input", "select", "textarea"))
DROPPED = _FORM | {"script", "style", "iframe", "object", "embed", "svg", "template", "noscript"}
SPANS = ("colspan", "rowspan")
#: HTML nested deeper than this is read as text.
DEEPEST = 60


def is_empty(tag: Tag) -> bool:
    """True if an element shows neither text nor picture nor file."""
    return not tag.get_text(strip=True) and tag.find(["img", "a"]) is None and tag.find(pdfsrc=True) is None


def simple_html(tag: Tag, base: str) -> str:
    """The content of an element in a few tags without attributes; addresses of pictures made whole."""
    return "".join(_written(child, base, 0) for child in tag.children).strip()


def _written(node: PageElement, base: str, depth: int) -> str:
    if isinstance(node, NavigableString):
        return "" if isinstance(node, PreformattedString) else html.escape(_BLANKS.sub(" ", str(node)), quote=False)
    if not isinstance(node, Tag) or node.name in DROPPED or _counts_visits(node):
        return ""
    if node.name == "br":
        return "<br>"
    if node.name == "img":
        return _picture(node, base)
    if depth > DEEPEST:
        return html.escape(node.get_text(" ", strip=True), quote=False)
    inside = "".join(_written(child, base, depth + 1) for child in node.children)
    name = "p" if node.name in BLOCKS and not node.find([*BLOCKS, "p", "table", "ul", "ol"]) else node.name
    if name not in KEPT or (name in _INLINE | {"p"} and not inside.strip()):
        return inside
    spans = "".join(f' {key}="{int(str(node[key]))}"' for key in SPANS if str(node.get(key, "")).isdecimal())
    return f"<{name}{spans}>{inside}</{name}>"


def _picture(tag: Tag, base: str) -> str:
    source = joined(base, str(tag.get("original-src") or tag.get("src") or ""))
    icon = "/_ueditor/" in source or "icon_" in source.rsplit("/", 1)[-1]
    return "" if icon or not source.startswith(("http://", "https://")) else f'<img src="{html.escape(source)}">'


def _counts_visits(tag: Tag) -> bool:
    """The visit counter changes on every look; it is no part of the article."""
    return "WP_VisitCount" in (tag.get("class") or ())
