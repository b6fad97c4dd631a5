"""The report as one self-contained .html page: the same blocks as the document, charts as inline SVG, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from desk.papers.blocks import SLOT, Block, pieces, plain

_HEAD = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body{{max-width:52rem;margin:2rem auto;padding:0 1rem;font:17px/1.8 "Noto Serif CJK SC","Source Han Serif SC",SimSun,serif;color:#222}}
h1{{text-align:center;font-size:1.5rem}} h2{{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #ccc}} h3{{font-size:1rem}}
p{{text-indent:2em;margin:.3em 0}} .slot{{background:#fff3a3}} .note{{background:#fbd5d5;text-align:center}} .small{{font-size:.8rem;color:#555}}
.sign{{text-align:right}} table{{border-collapse:collapse;width:100%;margin:1rem 0;font-size:.85rem}}
th,td{{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;overflow-wrap:anywhere}} th{{background:#eef2f7}} td.n{{text-align:right}}
svg text{{font:11px sans-serif;fill:#333}} @media print{{body{{margin:0}}}}
</style></head><body>
"""
#: What stands round the text of a block, by its kind.
_FORMS = {
    "title": "<h1>{}</h1>", "h1": "<h2>{}</h2>", "annex": "<h2>{}</h2>", "h2": "<h3>{}</h3>", "caption": "<h3>{}</h3>",
    "tablehead": "<h3>{}</h3>", "p": "<p>{}</p>", "slot": f'<p><span class="slot">【{SLOT}：{{}}】</span></p>',
    "note": '<p class="note">{}</p>', "small": '<p class="small">{}</p>', "sign": '<p class="sign">{}</p>',
    "sign_slot": f'<p class="sign"><span class="slot">【{SLOT}：{{}}】</span></p>', "attached": "<p>{}</p>", "break": "",
}  # fmt: skip
#: The size of a chart, and of what is drawn in it.
_WIDE, _HIGH, _FOOT = 720, 240, 24


def write(path: Path, title: str, blocks: Iterable[Block]) -> None:
    """Write the page; raises OSError."""
    body = "\n".join(_html(each) for each in blocks)
    path.write_text(_HEAD.format(title=escape(title)) + body + "\n</body></html>\n", encoding="utf-8")


def _html(block: Block) -> str:
    if block.kind == "table":
        return _table(block.rows)
    if block.kind == "chart":
        return _svg(block.text, block.rows)
    return _FORMS[block.kind].format(_text(block.text).replace("\n", "<br>"))


def _text(text: str) -> str:
    """Words, and each figure with its place in 统计数据.json."""
    return "".join(
        f'<data value="{escape(each.text)}" title="{escape(each.figure)}">{escape(each.text)}</data>'
        if each.figure
        else escape(each.text)
        for each in pieces(text)
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows[1:])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(text: str) -> str:
    kind = ' class="n"' if plain(text).isdigit() else ""
    shown = "<br>".join(_link(line) for line in text.split("\n"))
    return f"<td{kind}>{shown}</td>"


def _link(text: str) -> str:
    if text.startswith(("http://", "https://")):
        return f'<a href="{escape(text)}" rel="noreferrer">{escape(text)}</a>'
    return _text(text)


def _svg(title: str, rows: Sequence[Sequence[str]]) -> str:
    """Columns with their figures above and their names below."""
    values = [int(plain(row[1])) for row in rows]
    most, step = max(values, default=1) or 1, _WIDE / max(len(rows), 1)
    drawn = []
    for n, (row, value) in enumerate(zip(rows, values, strict=True)):
        high = (_HIGH - 2 * _FOOT) * value / most
        x, y = n * step + step * 0.15, _HIGH - _FOOT - high
        middle = n * step + step / 2
        drawn.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{step * 0.7:.1f}" height="{high:.1f}" fill="#3b6ea5"/>')
        drawn.append(f'<text x="{middle:.1f}" y="{y - 4:.1f}" text-anchor="middle">{value}</text>')
        drawn.append(f'<text x="{middle:.1f}" y="{_HIGH - 8}" text-anchor="middle">{escape(row[0])}</text>')
    return f'<h3>{escape(title)}</h3><svg viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{escape(title)}">{"".join(drawn)}</svg>'
