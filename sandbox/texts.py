"""Text as the vendors treat it: cut by bytes, cleaned of scripts and of pictures from elsewhere."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser

ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}")
VOID = frozenset({"img", "br", "hr", "col", "wbr", "embed"})
# Elements that vanish with everything inside them.
DROPPED = frozenset({"script", "style", "iframe", "object", "embed", "form", "noscript", "template", "svg", "math"})
KEPT = frozenset(
    re.findall(
        r"\w+",
        "p br hr span strong b em i u s sub sup h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code section div table thead"
        " tbody tfoot tr td th caption colgroup col a img figure figcaption font small big center",
    )
)
ATTRIBUTES = frozenset(
    {"style", "class", "align", "width", "height", "colspan", "rowspan", "color", "size", "alt", "title"}
)


def oddity(text: str) -> str:
    r"""What readers would stumble over in a plain text: \uXXXX shown literally, or broken characters."""
    if ESCAPE.search(text):
        return "holds \\uXXXX escapes"
    return "holds broken characters" if "\ufffd" in text else ""


def cut_bytes(text: str, limit: int) -> str:
    """The longest beginning of whole characters within a byte limit."""
    data = text.encode()
    return text if len(data) <= limit else data[:limit].decode("utf-8", errors="ignore")


def plain(content: str) -> str:
    """The readable text of an HTML content, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", content)).split())


class _Cleaner(HTMLParser):
    """Rebuilds HTML from what is allowed; everything else loses its tag, or its whole content."""

    def __init__(self, own_image: Callable[[str], bool]) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.removed: list[str] = []
        self._own_image = own_image
        self._muted: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED:
            self.removed.append(tag)
            if tag not in VOID:
                self._muted.append(tag)
            return
        if self._muted or tag not in KEPT:
            return
        values = {name: value or "" for name, value in attrs}
        if tag == "img" and not self._own_image(values.get("src") or values.get("data-src", "")):
            self.removed.append("img")
            return
        self.parts.append(f"<{tag}{self._attributes(tag, values)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._muted:
            if tag == self._muted[-1]:
                self._muted.pop()
        elif tag in KEPT and tag not in VOID:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._muted:
            self.parts.append(html.escape(data, quote=False))

    def _attributes(self, tag: str, values: dict[str, str]) -> str:
        kept = {name: value for name, value in values.items() if name in ATTRIBUTES}
        if "expression(" in kept.get("style", "") or "url(" in kept.get("style", ""):
            kept.pop("style")
        if tag == "img":
            kept["src"] = values.get("src") or values.get("data-src", "")
        if tag == "a" and re.match(r"https?://", values.get("href", "")):
            kept["href"] = values["href"]
        return "".join(f' {name}="{html.escape(value)}"' for name, value in kept.items())


def clean_html(content: str, own_image: Callable[[str], bool]) -> tuple[str, list[str]]:
    """Content as the vendor stores it, and the names of the elements it took out."""
    cleaner = _Cleaner(own_image)
    cleaner.feed(content)
    cleaner.close()
    return "".join(cleaner.parts), cleaner.removed
