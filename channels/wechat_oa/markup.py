"""HTML of an item made fit for an article: a small safe set of tags, cut into whole blocks, images only by leave."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser

#: Stands where an image could not be carried along.
NO_IMAGE = "【图片见原文】"

_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote"})
_INSIDE = frozenset({"thead", "tbody", "tr", "th", "td", "li", "b", "strong", "i", "em", "u", "sub", "sup"})
#: Dropped with all that they hold.
_DROPPED = frozenset({"script", "style", "iframe", "object", "embed", "svg", "template", "title"})
#: Their end is the end of a paragraph.
_BREAKS = frozenset({"div", "section", "article", "header", "footer", "form", "center", "dl", "dd", "dt", "hr"})
_EMPTY = frozenset({"embed", "hr"})
#: Tags nested deeper than this are left out; their text stays.
_DEEPEST = 40

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_IMAGE = re.compile(r'<img src="([^"]*)">')
_ENDS = re.compile(r"<br>|</(?:p|h[1-6]|tr|li|blockquote)>")

#: Whether an image may be carried along: its full address, or None.
MayShow = Callable[[str], str | None]


def escape(text: str) -> str:
    """Plain text as HTML, without the control characters that the vendor's XML cannot hold."""
    return html.escape(_CONTROL.sub("", text), quote=False)


def paragraph(text: str) -> str:
    """One paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def blocks(body: str, may_show: MayShow) -> list[str]:
    """The body, HTML or plain text, as safe blocks, each a whole element."""
    if not re.search(r"<[a-zA-Z/!]", body):
        return [paragraph(line.strip()) for line in body.splitlines() if line.strip()]
    cleaner = _Cleaner(may_show)
    cleaner.feed(body)
    cleaner.close()
    cleaner.flush()
    return cleaner.blocks


def plain(markup: str) -> str:
    """Our own safe HTML as readable text: a line for each paragraph and row."""
    text = _IMAGE.sub("【图片】", markup)
    text = _ENDS.sub("\n", text).replace("</td>", "\t").replace("</th>", "\t")
    text = html.unescape(re.sub(r"<[^>]*>", "", text))
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def images(markup: str) -> list[str]:
    """The addresses of the images in our own safe HTML."""
    return [html.unescape(src) for src in _IMAGE.findall(markup)]


def with_images(markup: str, hosted: Mapping[str, str]) -> str:
    """The same HTML with each image at its new address, or a line in its place."""

    def _swap(found: re.Match[str]) -> str:
        address = hosted.get(html.unescape(found[1]))
        return f'<img src="{html.escape(address)}">' if address else NO_IMAGE

    return _IMAGE.sub(_swap, markup)


class _Cleaner(HTMLParser):
    """Reads HTML as a stream (hostile nesting cannot exhaust the stack) and writes balanced, safe blocks."""

    def __init__(self, may_show: MayShow) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self._may_show = may_show
        self._open: list[str] = []
        self._parts: list[str] = []
        self._dropping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropping += tag not in _EMPTY
        elif self._dropping:
            return
        elif tag == "img":
            self._image(dict(attrs).get("src") or "")
        elif tag == "br":
            self._parts.append("<br>")
        elif tag in _BREAKS:
            self._break()
        elif tag in _BLOCKS or tag in _INSIDE:
            self._start(tag, dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self._dropping = max(self._dropping - 1, 0)
        elif tag in _BREAKS and not self._dropping:
            self._break()
        elif tag in self._open and not self._dropping:
            self._close_to(tag)

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._parts.append(escape(re.sub(r"\s+", " ", data)))

    def flush(self) -> None:
        """End the current block."""
        while self._open:
            self._parts.append(f"</{self._open.pop()}>")
        markup = "".join(self._parts).strip()
        self._parts = []
        if plain(markup):
            whole = re.match(r"<(\w+)", markup)
            self.blocks.append(markup if whole and whole[1] in _BLOCKS else f"<p>{markup}</p>")

    def _start(self, tag: str, attrs: Mapping[str, str | None]) -> None:
        if tag in _BLOCKS and self._open[-1:] == ["p"]:
            self._close_to("p")
        if tag in _BLOCKS and not self._open:
            self.flush()
        if len(self._open) < _DEEPEST:
            spans = "".join(f' {key}="{attrs[key]}"' for key in ("colspan", "rowspan") if _is_span(tag, attrs.get(key)))
            self._parts.append(f"<{tag}{spans}>")
            self._open.append(tag)

    def _close_to(self, tag: str) -> None:
        closed = ""
        while closed != tag:
            closed = self._open.pop()
            self._parts.append(f"</{closed}>")
        if not self._open and tag in _BLOCKS:
            self.flush()

    def _break(self) -> None:
        if not self._open or self._open == ["p"]:
            self.flush()
        else:
            self._parts.append("<br>")

    def _image(self, src: str) -> None:
        address = self._may_show(src.strip())
        self._parts.append(f'<img src="{html.escape(address)}">' if address else NO_IMAGE)


def _is_span(tag: str, value: str | None) -> bool:
    return tag in ("td", "th") and value is not None and re.fullmatch(r"[0-9]{1,3}", value) is not None
