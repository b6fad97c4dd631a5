"""A native column chart: for a sheet as openpyxl has it, for a .docx the same as a part of its own.

Office Open XML: ECMA-376 part 1, 21.2 (DrawingML charts), 14.2.1 (chart part).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import tostring
from xml.sax.saxutils import escape

from docx.document import Document
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Emu, Mm
from openpyxl.chart import BarChart, Reference, Series
from openpyxl.chart.data_source import AxDataSource, NumData, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.label import DataLabelList

_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chart"
_INLINE = (
    '<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{cx}" cy="{cy}"/>'
    '<wp:docPr id="{number}" name="图{number}" descr="{title}"/><wp:cNvGraphicFramePr/>'
    '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
    '<c:chart r:id="{link}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
)


def columns(title: str, data: Reference, names: Reference) -> BarChart:
    """A column chart of one series in a sheet."""
    chart = _plain(title)
    chart.add_data(data, titles_from_data=False)
    chart.set_categories(names)
    return chart


def _plain(title: str) -> BarChart:
    """Columns with their figures above them, and nothing else to look at."""
    chart = BarChart()
    chart.type, chart.style, chart.title, chart.legend, chart.gapWidth = "col", 10, title, None, 60
    chart.x_axis.delete, chart.y_axis.delete, chart.y_axis.majorGridlines = False, True, None
    chart.y_axis.scaling.min = 0
    chart.dataLabels = DataLabelList(
        showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False
    )
    return chart


def into(paper: Document, title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Add the chart to the end of a document, its figures kept inside it."""
    number = 1 + sum(1 for each in paper.part.rels.values() if each.reltype == _LINK)
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), _TYPE, _xml(title, rows), paper.part.package)
    link = paper.part.relate_to(part, _LINK)
    line = paper.add_paragraph(style="表格文字")
    cx, cy = Emu(Mm(150)), Emu(Mm(75))
    line.add_run()._element.append(
        parse_xml(_INLINE.format(cx=cx, cy=cy, number=number, title=escape(title, {'"': "&quot;"}), link=link))
    )


def _xml(title: str, rows: Sequence[tuple[str, str]]) -> bytes:
    names, values = [name for name, _ in rows], [value for _, value in rows]
    chart = _plain(title)
    place: Any = f"'数据'!$B$1:$B${len(rows)}"
    series = Series(place, title=title)
    series.val.numRef.numCache = NumData(ptCount=len(rows), pt=[NumVal(idx=n, v=v) for n, v in enumerate(values)])
    chart.series.append(series)
    chart.set_categories(f"'数据'!$A$1:$A${len(rows)}")
    cached = StrData(ptCount=len(rows), pt=[StrVal(idx=n, v=v) for n, v in enumerate(names)])
    series.cat = AxDataSource(strRef=StrRef(f=f"'数据'!$A$1:$A${len(rows)}", strCache=cached))
    written: Any = chart._write()  # type: ignore[attr-defined]  # what openpyxl itself puts into a sheet's file
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return head + bytes(tostring(written, encoding="utf-8"))
