"""A notice of A4 to post: title, text, department, date, the period of a 公示, and a QR code to the item's page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer

from store.handoffs import HandOff

#: Every PDF reader brings a face for it: no font file is shipped.
FONT = "STSong-Light"
#: What the font's encoding cannot carry is shown as this.
GETA = "〓"
QR_SIDE = 34 * mm
#: Of a line of the title (points), and what none begins with.
WIDTH, STOPS = A4[0] - (28 + 26) * mm, "，。；：！？、）》”’〉】"
#: Margins of GB/T 9704-2012: top 37, bottom 35, left 28, right 26 mm.
MARGINS = {"topMargin": 37 * mm, "bottomMargin": 35 * mm, "leftMargin": 28 * mm, "rightMargin": 26 * mm}


def write(path: Path, what: HandOff) -> int:
    """Write the notice; returns its pages. Raises OSError."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    paper = SimpleDocTemplate(
        str(path),
        pagesize=A4,
        title=_plain(what.title),
        author=_plain(str(what.payload.get("school", ""))),
        invariant=1,
        **MARGINS,
    )
    paper.build(list(_story(what)))
    return int(paper.page)


def _style(name: str, size: int, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=FONT, fontSize=size, leading=size * 1.75, wordWrap="CJK", **more)


HEAD = _style("head", 16, alignment=TA_CENTER, spaceAfter=6)
TITLE = _style("title", 22, alignment=TA_CENTER, spaceAfter=18)
TEXT = _style("text", 16, firstLineIndent=32)
SIGN = _style("sign", 16, alignment=TA_RIGHT)
SMALL = _style("small", 12, alignment=TA_CENTER)


def _story(what: HandOff) -> Iterable[Any]:
    facts = what.payload
    yield _line(f"{facts.get('school', '')}信息公开", HEAD)
    yield _title(str(facts.get("title") or what.title))
    yield from (_line(each, TEXT) for each in facts.get("paragraphs", []))
    if what.notice_from and what.notice_to:
        yield _line(f"公示期：{_day(what.notice_from)}至{_day(what.notice_to)}", TEXT)
    url = str(facts.get("url") or "")
    if url and facts.get("notice"):
        yield _line("公示内容请扫描下方二维码，在学校信息公开网查看。", TEXT)
    yield Spacer(1, 8 * mm)
    day = what.published_on or what.approved_on or what.formed_on
    signed = [_line(each, SIGN) for each in (str(facts.get("department") or ""), _day(day) if day else "") if each]
    yield KeepTogether(signed)
    if url:
        yield KeepTogether([Spacer(1, 4 * mm), _qr(url), _line("扫码查看原文", SMALL), _line(url, SMALL)])


def _title(text: str) -> Paragraph:
    """Its lines of even length, as 公文 has them: no single sign is left on the last one."""
    return Paragraph("<br/>".join(escape(line) for line in even_lines(_plain(text))), TITLE)


def even_lines(text: str) -> list[str]:
    """A title broken into lines of about the same width; no word or number is broken, no line begins with a stop."""
    whole = _width(text)
    many = ceil(whole / (WIDTH - 1))
    pieces, lines = re.findall(r"[0-9A-Za-z.\-—–]+|.", text), [""]
    for n, piece in enumerate(pieces):
        enough = _width(lines[-1]) + _width(piece) / 2 >= whole / many
        if enough and len(lines) < many and piece not in STOPS and n:
            lines.append("")
        lines[-1] += piece
    return lines


def _width(text: str) -> float:
    return float(pdfmetrics.stringWidth(text, FONT, TITLE.fontSize))


def _line(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(_plain(text)), style)


def _plain(text: str) -> str:
    """Only what the font's encoding knows: the basic plane, without half pairs."""
    return "".join(c if ord(c) < 0x10000 and not 0xD800 <= ord(c) < 0xE000 else GETA for c in text)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _qr(url: str) -> Drawing:
    """A code that a telephone reads from a step away; a quarter of it may be soiled."""
    code = QrCodeWidget(url, barLevel="Q", barWidth=QR_SIDE, barHeight=QR_SIDE)
    drawing = Drawing(QR_SIDE, QR_SIDE)
    drawing.hAlign = "CENTER"
    drawing.add(code)
    return drawing
