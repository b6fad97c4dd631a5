"""Attachments of every kind, made on the spot."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

from openpyxl import Workbook
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

#: Of region 110101 and given to nobody.
IDENTITY = "110101199003071233"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BOX = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip of these files."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def workbook_bytes(book: Workbook) -> bytes:
    """As it would be saved."""
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def letter(body: str, **parts: str) -> bytes:
    """A .docx of this body; `header1="…"` and the like are further parts."""
    others = {f"word/{name}.xml": f"<w:part {W} {BOX}>{xml}</w:part>" for name, xml in parts.items()}
    document = f"<w:document {W} {BOX}><w:body>{body}</w:body></w:document>"
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **others})


def paragraph(*runs: str) -> str:
    """A paragraph of runs."""
    return "<w:p>" + "".join(f"<w:r><w:rPr><w:b/></w:rPr><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def pdf(*pages: str, picture: bytes | None = None, **canvas: object) -> bytes:
    """A .pdf of these pages; a page of which the text is empty shows the picture."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    made = BytesIO()
    paper = Canvas(made, pagesize=A4, **canvas)
    for page in pages:
        paper.setFont("STSong-Light", 12)
        for number, line in enumerate(page.split("\n")):
            paper.drawString(72, 770 - 20 * number, line)
        if picture and not page:
            from reportlab.lib.utils import ImageReader

            paper.drawImage(ImageReader(BytesIO(picture)), 0, 0, *A4)
        paper.showPage()
    paper.save()
    return made.getvalue()
