"""What an attachment says, whatever file it is: read whole for the check before it is planned, or held.

By content, not by extension. Nothing is run, fetched or written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import PurePosixPath
from zipfile import ZipFile, ZipInfo

from rules.guard import Grid, Part, Piece
from sources.contents.asides import beside
from sources.contents.calls import shown_in, with_calls
from sources.contents.letters import STORIES, in_letter
from sources.contents.limits import DAMAGED, ENCRYPTED, MOST_BYTES, MOST_TEXT, TOO_LARGE, Unreadable, opened, read
from sources.contents.texts import UNKNOWN, in_text, marked_up
from sources.contents.workbooks import around_cells, check_area, check_dimensions, check_repeats, in_workbook

__all__ = ["Unreadable", "marked_up", "pieces_of"]

#: A zip in a zip is read, one deeper is held.
DEEPEST = 2
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: What begins so is held, and what it is called.
_HELD = (
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7Z 压缩包"),
    (b"\x1f\x8b", "GZ 压缩包"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"RIFF", "图片或音视频"),
)
_NONE = re.compile("(?!)")
_CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db")


def pieces_of(name: str, content: bytes) -> tuple[Piece, ...]:
    """The name and all the text of an attachment; raises Unreadable for what must be held unseen."""
    try:
        return tuple(_within(_named(f"附件“{name}”", name, content, 0)))
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # the readers let out whatever a broken file makes them stumble over
        raise Unreadable(DAMAGED) from error


def _within(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces, as long as they are not too many: files in files may each be within their limits."""
    size = 0
    for piece in pieces:
        size += len(piece.text) if isinstance(piece, Part) else sum(len(text) + 1 for row in piece.rows for text in row)
        if size > MOST_TEXT:
            raise Unreadable(TOO_LARGE)
        yield piece


def _named(label: str, name: str, content: bytes, depth: int) -> Iterator[Piece]:
    yield Part(f"{label}的文件名", PurePosixPath(name).stem)
    yield from _pieces(label, name, content, depth)


def _pieces(label: str, name: str, content: bytes, depth: int) -> Iterator[Piece]:
    if not content:
        raise Unreadable("文件是空的，无法检查，请重新上传")
    if len(content) > MOST_BYTES:
        raise Unreadable(TOO_LARGE)
    if content.startswith(_OLE):
        yield from _old_office(label, content)
    elif content.startswith(b"PK"):
        yield from _packed(label, content, depth)
    elif b"%PDF-" in content[:1024]:
        from sources.contents.pdfs import in_pdf  # late: its reader takes 9 MiB, and many schools attach none

        yield from in_pdf(label, content, lambda inner, file: _inside(label, inner, file, depth))
    else:
        _refuse_known(content)
        yield from in_text(label, name, content)


def _refuse_known(content: bytes) -> None:
    for start, called in _HELD:
        if content.startswith(start):
            raise Unreadable(f"{called}无法检查，请换成 .docx、.xlsx、.pdf、.csv 或 .zip 后重新登记")


def _old_office(label: str, content: bytes) -> Iterator[Piece]:
    """Files of the old binary form: only workbooks can be read. The names of its streams say what it is."""
    if _utf16("EncryptedPackage") in content:
        raise Unreadable(ENCRYPTED)
    if _utf16("WordDocument") in content or not (_utf16("Workbook") in content or _utf16("Book") in content):
        raise Unreadable("旧的 .doc、.wps、.ppt 等格式无法检查，请另存为 .docx 或 .pdf 后重新登记")
    check_dimensions(content)
    yield from in_workbook(label, content)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _packed(label: str, content: bytes, depth: int) -> Iterator[Piece]:
    """A .docx, a workbook or a .zip: all three are zip files."""
    with opened(content) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" in names:
            yield from _workbook(label, content, archive, depth)
        elif any(each.startswith("word/document") for each in names):
            story = list(in_letter(label, archive))
            _check_said(archive, "word", story)
            yield from story
            yield from beside(label, archive, STORIES, cache(lambda: shown_in(story)))
            yield from _embedded(label, archive, depth)
        elif "mimetype" in names:
            yield from _open_document(label, content, archive)
        elif "[Content_Types].xml" in names or "OFD.xml" in names:
            raise Unreadable("演示文稿、OFD、.xlsb 等文件无法检查，请另存为 .docx 或 .pdf 后重新登记")
        else:
            yield from _archive(label, archive, depth)


def _workbook(label: str, content: bytes, archive: ZipFile, depth: int) -> Iterator[Piece]:
    check_area(archive)
    sheets = with_calls(list(in_workbook(label, content)), archive)
    _check_said(archive, "xl", [each for each in sheets if isinstance(each, Grid)])
    yield from sheets
    shown = cache(lambda: shown_in(sheets))
    yield from around_cells(label, archive, shown)
    yield from beside(label, archive, _NONE, shown)
    yield from _embedded(label, archive, depth)


def _open_document(label: str, content: bytes, archive: ZipFile) -> Iterator[Piece]:
    if b"spreadsheet" not in read(archive, "mimetype", 200):
        raise Unreadable(UNKNOWN)
    if b"encryption-data" in read(archive, "META-INF/manifest.xml"):
        raise Unreadable(ENCRYPTED)
    check_repeats(archive)
    yield from in_workbook(label, content)


def _check_said(archive: ZipFile, room: str, pieces: Sequence[Piece]) -> None:
    """Raise Unreadable if the file says nothing but by its pictures: their names and a sheet's say nothing of them."""
    said = any(piece.text.strip() if isinstance(piece, Part) else any(map(any, piece.rows)) for piece in pieces)
    if not said and any(name.startswith(f"{room}/media/") for name in archive.namelist()):
        raise Unreadable("文件里只有图片，没有文字，无法检查，请换成文字版后重新登记")


def _embedded(label: str, archive: ZipFile, depth: int) -> Iterator[Piece]:
    """Files set into a document, such as the sheet behind a chart, or text that shows when it is opened."""
    for entry in archive.infolist():
        if ("/embeddings/" in entry.filename or "afchunk" in entry.filename.lower()) and not entry.is_dir():
            yield from _inside(label, entry.filename.rpartition("/")[2], read(archive, entry), depth)


def _archive(label: str, archive: ZipFile, depth: int) -> Iterator[Piece]:
    for entry in archive.infolist():
        name = _name(entry)
        if not entry.is_dir() and not name.startswith(_CLUTTER) and PurePosixPath(name).name not in _CLUTTER:
            yield from _inside(label, name, read(archive, entry), depth)


def _inside(label: str, name: str, content: bytes, depth: int) -> Iterator[Piece]:
    """A file in a file; what cannot be read is named."""
    if depth >= DEEPEST:
        raise Unreadable("压缩包套了多层，无法检查，请解压后重新登记")
    try:
        yield from _named(f"{label}中的“{name}”", name, content, depth + 1)
    except Unreadable as error:
        raise Unreadable(f"其中的“{name}”：{error}") from error


def _name(entry: ZipInfo) -> str:
    """An entry's name; without the mark of UTF-8 it is what Chinese Windows writes, GBK."""
    if entry.flag_bits & 0x800:
        return entry.filename
    for charset in ("utf-8", "gb18030"):
        try:
            return entry.filename.encode("cp437").decode(charset)
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return entry.filename
