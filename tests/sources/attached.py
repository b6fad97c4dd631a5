"""Attachments of every kind, made on the spot."""

from __future__ import annotations

import base64
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

from openpyxl import Workbook
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate, Table

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


def pdf_table(rows: list[list[str]]) -> bytes:
    """A .pdf of one ruled table."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    made = BytesIO()
    SimpleDocTemplate(made).build([Table(rows, style=[("FONT", (0, 0), (-1, -1), "STSong-Light", 10)])])
    return made.getvalue()


#: A .xls of two sheets: 名单, and the hidden 底稿 with IDENTITY in the hidden column C, row 5. Nothing here can write one.
OLD_WORKBOOK = zlib.decompress(
    base64.b85decode(
        "c-p&gUhu)fjZzO8(10BSGsD0CoD6J8VvIn{3F8Pb0OkMx2QgtZ2N3@s1w#sOasVTejg?_H?-_Pb9D?HeAp;Y`29|?Bl7Zn75XUeSF!<%?r7F-7"
        "IDy@e$Ov+SEh7ss?J+UT0b)J|NwB+wz+^I*6b6&)!D{z_Ne8e<FPO9is(rv1#c<x<Ps;+Djw6_qz;b**l96FMSkEo6h#`Y0!wFD2uAjgNQOnBU"
        "Sd^KVGdLyWSa=wgFaTrDJvA@2C^6>&g9tDRmoR+&ufV|Y1(sJ2D2$5JSDcXnDE<RgoE?k!WF{5{h6aZJ35=kG*vi1eaFZD%!^FrN5*iHR>$8HQ"
        "n~8C1oPE_F1{H83g<!@n-F#_6z$9yE0EC8?mIemK2IhuF#>QNrf*PE$1yC|JFF3jL0Lc^velS}QY?c79=>D_v<0apu0Q-2bNCUVqhZOm$AU87n"
        "XJ`cJ0BYug%Ropiunui7*#tIK8qAgglOn*R3Z&HnM4=3~X0VzTu&f%;9%C@LY_E>Q)&R0wUkC1xYkh3531qKxe^@25?z;U#1|?t>lmgTbg3Sy%"
        "j5>_7W`e*@dl=0KEgbHGNlA=?f`dr_>h}N8dX1mqF9R2tDF~_jn1mR%fs_IZ5(J=Ts4}93YAskl6T>8Ken`jyLm4E`3XW;!AsWgcA26eZG7C^v"
        "5bQ^AC^KLS<xwySM!_f;1*2dTjDk@>Gr$P#PJo)2um&fnQOgb;*ZB*?|3-&NhAjwU$Opm_V7JtjArD9wF;tS2e#9798DVBI5~&9^UI+r=K--HL"
        "vKf-V?#L!N{Q^57jL7~WTB88<vJk2E|0BhnG`1fA=a%aM"
    )
)
