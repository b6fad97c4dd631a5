"""Portable documents (.pdf): the text of each page, form fields, annotations. What is only a picture is held."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

from rules.guard import Cells, Grid, Part, Piece, has_headings
from sources.contents.columns import table_rows
from sources.contents.limits import DAMAGED, ENCRYPTED, TOO_LARGE, Unreadable

MOST_PAGES = 500
#: Signs on a page below which its picture is taken for the page itself.
FEW = 20
#: Bytes of drawing on a page that is not blank.
DRAWN = 1_000
#: Share of a page's signs that no one can read: a font without its table of signs.
GARBLED = 0.2

Inside = Callable[[str, bytes], Iterator[Piece]]


def in_pdf(label: str, content: bytes, inside: Inside) -> Iterator[Piece]:
    """One Part a page; raises Unreadable. `inside` reads the files that are attached to it."""
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it tells every flaw it got over
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            raise Unreadable(ENCRYPTED)
        if len(reader.pages) > MOST_PAGES:
            raise Unreadable(TOO_LARGE)
        yield from _pages(label, reader)
        for name, files in reader.attachments.items():
            for file in files:
                yield from inside(name, file)
    except (FileNotDecryptedError, DependencyError) as error:
        raise Unreadable(ENCRYPTED) from error
    except PyPdfError as error:
        raise Unreadable(DAMAGED) from error


def _pages(label: str, reader: PdfReader) -> Iterator[Piece]:
    pictures = []
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        _check_signs(text, number)
        yield Part(f"{label}第{number}页", text)
        if has_headings(text):
            yield Grid(f"{label}第{number}页", table_rows(page), Cells.UNNAMED)
        yield from (Part(f"{label}第{number}页批注", note) for note in _notes(page))
        if len("".join(text.split())) < FEW and _is_drawn(page):
            pictures.append(str(number))
    if pictures:
        raise Unreadable(
            f"第{'、'.join(pictures[:5])}页是扫描件或图片，没有文字，无法检查，请换成由文档直接导出的 PDF 后重新登记"
        )


def _check_signs(text: str, number: int) -> None:
    odd = sum(unicodedata.category(sign) in ("Co", "Cn", "Cs") or sign == "\ufffd" for sign in text)
    if odd > max(5, GARBLED * len(text)):
        raise Unreadable(f"第{number}页的文字无法识别，无法检查，请换成由文档直接导出的 PDF 后重新登记")


def _is_drawn(page: Any) -> bool:
    """True if a page shows more than its text: a picture, or writing drawn in lines."""
    strokes = page.get_contents()
    return (bool(strokes) and len(strokes.get_data()) > DRAWN) or _has_picture(page, 3)


def _has_picture(drawing: Any, depth: int) -> bool:
    """True if a page or form shows a picture, or a form that does."""
    drawn = [each.get_object() for each in _held(_held(drawing, "/Resources"), "/XObject").values()]
    return any(each.get("/Subtype") == "/Image" or (depth and _has_picture(each, depth - 1)) for each in drawn)


def _held(holder: Any, key: str) -> Any:
    return holder[key].get_object() if key in holder else {}


def _notes(page: Any) -> Iterator[str]:
    """What annotations and form fields say."""
    for each in _held(page, "/Annots"):
        note = each.get_object()
        yield from (str(note[key]) for key in ("/Contents", "/V") if note.get(key))
