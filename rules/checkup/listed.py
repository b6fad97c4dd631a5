"""Announced numbers of kinds and points (5大类26个小项, 3个方面) against what is listed below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rules.checkup.finding import Finding, Kind
from rules.checkup.numbers import Figure, figures
from rules.checkup.outline import Listing, Paragraph, Report, listings

_KINDS = ("大类", "类", "方面", "项")
_POINTS = ("小项", "小类")
_FIX = "请核对列出的内容，或改正所写的数字"
_POINT_BY_POINT = re.compile(r"([一二三四五六七八九十])是")


def check(report: Report) -> Iterator[Finding]:
    """Every announced number that is not what is listed."""
    for listing in listings(report):
        for each in figures(listing.head.text):
            yield from _against(listing, each)
    for paragraph in report.paragraphs:
        yield from _point_by_point(paragraph)


def _against(listing: Listing, announced: Figure) -> Iterator[Finding]:
    """The figure against the entries, or against the 小项 within them; a list that ends in 等 may be longer."""
    counts: tuple[int, ...] = ()
    if announced.unit in _POINTS:
        counts = _points(listing.entries)
    elif announced.unit in _KINDS and _leads(listing.head.text, announced):
        counts = (len(listing.entries),)
    if announced.about or not counts or announced.value in counts:
        return
    open_end = re.search(r"等[。；;]?$", listing.entries[-1][-1].text) is not None
    if not (open_end and counts[0] < announced.value):
        yield _differs(listing.head, announced, counts[0])


def _leads(text: str, announced: Figure) -> bool:
    """True if a figure announces the list: 大类 always do, others only right before it (分为3个方面：)."""
    if announced.unit == "大类":
        return True
    rest = text[announced.end :]
    return bool(re.fullmatch(r"[^。；;，,\d]{0,8}[：:]|[^。；;，,\d]{0,8}(?:如下|分别是|包括)[：:。]?", rest))


def _differs(at: Paragraph, announced: Figure, many: int) -> Finding:
    unit = announced.unit if announced.unit in ("大类", "类", "项") else f"个{announced.unit}"
    unit = f"个{unit}" if unit == "大类" else unit
    return at.finding(Kind.LISTED, expected=f"列出{many}{unit}", found=f"写{announced.value}{unit}", fix=_FIX)


def _points(entries: Sequence[Sequence[Paragraph]]) -> tuple[int, ...]:
    """How many 小项 the entries list: split at ；, and, as some writers mean it, at ，; nothing if that is not clear."""
    strict = loose = 0
    for entry in entries:
        listed = _after("".join(each.text for each in entry))
        if listed is None:
            return ()
        by_semicolon = _pieces(listed, "[；;]")
        if by_semicolon == 1 and re.search("[、，,]", listed):
            return ()
        strict += by_semicolon
        loose += _pieces(listed, "[；;，,]")
    return (strict, loose)


def _pieces(text: str, sign: str) -> int:
    return len([each for each in re.split(sign, text) if each.strip(" 。.、")])


def _after(text: str) -> str | None:
    """What an entry lists: after 包括, else after its first colon; None if it lists nothing."""
    found = re.search(r"(?:主要)?(?:包括|包含|涉及|涵盖)[：:]?(?P<one>[^。]+)|[：:](?P<two>[^。]+)", text)
    return (found["one"] or found["two"]) if found else None


def _point_by_point(at: Paragraph) -> Iterator[Finding]:
    """有三个方面的问题：一是…；二是…。"""
    for sentence in re.split("。", at.text):
        points = _POINT_BY_POINT.findall(sentence)
        if len(points) < 2 or points != list("一二三四五六七八九十"[: len(points)]):
            continue
        lead = sentence[: sentence.index("一是")]
        said = [each for each in figures(lead) if each.unit in ("方面", "项", "类")]
        if said and not said[-1].about and _leads(lead, said[-1]) and said[-1].value != len(points):
            yield _differs(at, said[-1], len(points))
