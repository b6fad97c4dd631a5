"""What is too large, broken or locked to be read; such a file is held, never passed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # the type only; defusedxml does the reading

MOST_BYTES = 30 * 1024 * 1024
MOST_ENTRIES = 2_000
MOST_UNPACKED = 200 * 1024 * 1024
#: A part of XML takes some ten times its size in memory.
MOST_XML = 20 * 1024 * 1024
#: Text packs to about a twentieth; what packs to a five-hundredth was made to burst.
MOST_RATIO = 500
RATIO_FROM = 1024 * 1024
MOST_CELLS = 2_000_000
#: Signs in all that an attachment says, files in it included.
MOST_TEXT = 30_000_000

TOO_LARGE = "文件过大，未能检查，请拆分成几个较小的文件后重新登记"
DAMAGED = "文件已损坏或没有存完，无法检查，请用 WPS 或 Office 打开另存后重新登记"
ENCRYPTED = "文件加了密码，无法检查，请取消密码后重新登记"


class Unreadable(Exception):
    """A file whose content cannot be looked through; says why, and what to do, in words for the office."""

    @property
    def reason(self) -> str:
        """Why, and what to do."""
        return str(self)


@contextmanager
def opened(content: bytes) -> Iterator[zipfile.ZipFile]:
    """A zip file whose entries are within the limits; raises Unreadable."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check(archive)
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise Unreadable(DAMAGED) from error


def _check(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable(ENCRYPTED)
    burst = any(e.file_size > RATIO_FROM and e.file_size > MOST_RATIO * max(e.compress_size, 1) for e in entries)
    if burst or len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Unreadable(TOO_LARGE)


def read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo | str, most: int = MOST_BYTES) -> bytes:
    """An entry's content, whatever its header says of its size; raises Unreadable."""
    try:
        with archive.open(entry) as part:
            content = part.read(most + 1)
    except Exception as error:  # each way of packing has a decoder, and each decoder errors of its own
        raise Unreadable(DAMAGED) from error
    if len(content) > most:
        raise Unreadable(TOO_LARGE)
    return content


def parsed(xml: bytes) -> Element:
    """XML without entities; raises Unreadable."""
    try:
        root: Element = fromstring(xml)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable(DAMAGED) from error
    return root


def tag(element: Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: Element, name: str) -> str:
    """An attribute of that name in whatever namespace; "" if there is none."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
