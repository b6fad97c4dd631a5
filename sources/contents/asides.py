"""What an .xlsx or .docx says beside its cells and text: charts, names, links, lists to choose from, titles, properties.

Office Open XML: ECMA-376 part 1, 18.2.5 (defined names), 21.2 (charts), 20.1.2.2.8 (titles of drawings), 17.16 (fields).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zipfile import ZipFile

from bs4 import BeautifulSoup

from rules.guard import Part
from sources.contents.calls import Shown, number_called, without_shown
from sources.contents.limits import MOST_XML, attribute, parsed, read, tag

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_PROPERTIES = "文件属性"
#: Where such a file keeps text, and what a person calls it; a deleted sheet lives on in the cache of a pivot table.
_ROOMS = (
    (re.compile(r"xl/(?:comments|threadedComments/).*"), "批注"),
    (re.compile(r"(?:xl|word)/charts/.*"), "图表"),
    (re.compile(r"(?:xl|word)/diagrams/.*"), "图示"),
    (re.compile(r"(?:xl|word)/drawings/.*"), "文本框"),
    (re.compile(r"xl/pivotCache/.*"), "数据透视表缓存"),
    (re.compile(r"xl/externalLinks/.*"), "外部链接缓存"),
    (re.compile(r"xl/workbook\.xml"), "定义的名称"),
    (re.compile(r"docProps/.*"), _PROPERTIES),
    (re.compile(r".*"), "的其他内容"),
)
#: How a file looks, and what is read elsewhere: cells.
_NO_TEXT = re.compile(
    r"\[Content_Types\]\.xml|xl/(?:worksheets/[^/]*|sharedStrings|calcChain)\.xml|.*/(?:styles\w*|fontTable|theme\d*|colors\d*|style\d*)\.xml"
)
#: The text in these is set in runs, and one piece.
_WHOLE = frozenset(("p", "comment", "threadedComment"))
#: Attributes that a person reads or can bring to sight, of whatever element.
_ANYWHERE = frozenset((
    "descr", "title", "alt", "tooltip", "display", "location", "prompt", "promptTitle", "error", "errorTitle", "caption", "displayText", "comment",
))  # fmt: skip
_OF: Mapping[str, tuple[str, ...]] = {
    "cNvPr": ("name",), "docPr": ("name",), "definedName": ("name",), "property": ("name",), "docVar": ("name", "val"), "listEntry": ("val",), "default": ("val",),
    "alias": ("val",), "tag": ("val",), "listItem": ("value",), "inputCells": ("val",), "s": ("v",), "n": ("v",), "d": ("v",),
}  # fmt: skip
#: Places and sizes: too short to be anybody's number.
_FIGURE = re.compile(r"[-+0-9.,%Ee\s]{0,10}")


def beside(label: str, archive: ZipFile, is_read: re.Pattern[str], shown: Shown) -> Iterator[Part]:
    """What the file says beside its cells or text; of parts that match `is_read` only what does not show in them.

    `shown` are the mobile numbers that cells or text show: a link that calls one of them says nothing more.
    """

    def linked(text: str) -> str:
        return without_shown(text, shown)

    for name in archive.namelist():
        called = label + next(called for room, called in _ROOMS if room.fullmatch(name))
        if name.endswith(".rels"):
            yield from _parts(f"{label}超链接", map(linked, _links(parsed(read(archive, name, MOST_XML)))))
        elif name.endswith(".vml"):
            yield from _parts(called, _old_drawing(read(archive, name, MOST_XML)))
        elif name.endswith(".xml") and not _NO_TEXT.fullmatch(name):
            root = parsed(read(archive, name, MOST_XML))
            yield from _parts(called, map(linked, _codes(root)) if is_read.fullmatch(name) else _texts(root))
            yield from _parts(called, map(linked, _attributes(root)))


def _parts(where: str, texts: Iterable[str]) -> Iterator[Part]:
    left_over = where.endswith(_PROPERTIES)
    return (Part(where, text, left_over) for text in texts if not _FIGURE.fullmatch(text))


def _links(root: Element) -> Iterator[str]:
    """Where the file points to outside of itself."""
    for each in root.iter():
        if attribute(each, "TargetMode") == "External":
            yield unquote(attribute(each, "Target"))


def _texts(root: Element) -> Iterator[str]:
    """What the elements hold: of a paragraph its runs together, of others each its own."""
    runs: set[Element] = set()
    for each in root.iter():
        if each in runs:
            continue
        if tag(each) in _WHOLE:
            runs.update(each.iter())
            yield "".join(each.itertext())
        elif each.text:
            yield each.text


def _codes(root: Element) -> Iterator[str]:
    """The codes of fields, which run through several elements, paragraph by paragraph; a number to call behind its words."""
    for paragraph in root.iter():
        if tag(paragraph) == "p":
            codes = "".join(each.text or "" for each in paragraph.iter() if tag(each) == "instrText")
            said = "".join(each.text or "" for each in paragraph.iter() if tag(each) == "t") if number_called(codes) else ""
            yield said + codes


def _attributes(root: Element) -> Iterator[str]:
    for each in root.iter():
        named = _OF.get(tag(each), ()) if each.attrib else ()
        for key, value in each.attrib.items():
            name = key.rpartition("}")[2]
            if name in _ANYWHERE or name in named:
                yield value


def _old_drawing(xml: bytes) -> Iterator[str]:
    """Text boxes, buttons and watermarks of the old form, which need not be well-formed."""
    drawing = BeautifulSoup(xml.decode("utf-8", errors="replace"), "html.parser")
    yield from (box.get_text() for box in drawing("v:textbox"))
    yield from (str(each[name]) for each in drawing(True) for name in ("alt", "title", "string") if each.get(name))
