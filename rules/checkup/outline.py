"""A report by its headings: the eight parts of 教办厅函〔2018〕80号 in their usual spellings, and the lists below them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from rules.checkup.finding import Finding, Kind
from rules.checkup.numbers import narrow

LONGEST_QUOTE = 60
LONGEST_HEADING = 40


class Part(StrEnum):
    """The eight parts that the ministry asks for."""

    OVERVIEW = "概述"
    DISCLOSED = "主动公开情况"
    APPLIED = "依申请公开和不予公开情况"
    JUDGED = "对信息公开的评议情况"
    COMPLAINED = "因信息公开受到举报、复议、诉讼的情况"
    LEARNT = "经验、问题和改进措施"
    OTHER = "其他需要报告的事项"
    LISTED = "清单事项公开情况表"


#: By which words a heading is known. One heading may be that of two parts: 评议和举报情况.
_KNOWN = (
    (Part.LISTED, ("清单事项", "事项清单", "清单公开", "公开清单")),
    (Part.COMPLAINED, ("举报", "复议", "诉讼")),
    (Part.APPLIED, ("依申请", "申请公开", "公开申请", "不予公开")),
    (Part.JUDGED, ("评议", "评价", "反馈意见", "满意度")),
    (Part.OTHER, ("其他", "其它")),
    (Part.LEARNT, ("经验", "问题", "改进", "举措", "新做法", "不足", "下一步")),
    (Part.DISCLOSED, ("主动公开",)),
)
#: The overview is known by these, if by nothing else.
_OVERVIEW = ("概述", "概况", "基本情况", "总体情况", "工作情况", "组织机制", "工作开展")
#: ① to ㊿.
_CIRCLED = "".join(map(chr, (*range(0x2460, 0x2474), *range(0x3251, 0x3260), *range(0x32B1, 0x32C0))))
_CHINESE = "一二三四五六七八九十"
_HEAD = re.compile(
    rf"^(?:第[{_CHINESE}]+部分|[{_CHINESE}]{{1,3}}\s*[、.．])\s*(?P<title>[^。；;：:]{{2,{LONGEST_HEADING}}})(?:[。：:]|$)"
)
_APPENDIX = re.compile(r"^附(?:件|表|录)?\s*\d*\s*[：:．.、]?\s*(?P<title>[^。；;]{2,40})$")
#: （一）, 1., （1）, ①: kind of numbering by its pattern.
_MARKS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^[（(]([{_CHINESE}]{{1,3}})[）)]",
        r"^(\d{1,2})\s*[.、．](?!\d)",
        r"^[（(]?(\d{1,2})[）)]",
        rf"^([{_CIRCLED}])",
    )
)
_INLINE = re.compile(
    rf"(?<=[：:；;。])\s*(?=(?:\d{{1,2}}\s*[.、．](?!\d)|[（(]?\d{{1,2}}[）)]|[{_CIRCLED}])\s*\S)"
)

#: What is to be written by a person; it answers nothing.
SLOT = re.compile(r"【待填写[^】]{0,200}】")


@dataclass(frozen=True)
class Paragraph:
    """A line of the report: its number as a person counts, its text, the heading of the part it stands in."""

    number: int
    text: str
    part: str = ""

    def finding(self, kind: Kind, *, expected: str, found: str, fix: str) -> Finding:
        """A finding at this paragraph."""
        text = self.text
        quoted = text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"
        return Finding(kind, self.part, self.number, quoted, expected, found, fix)


@dataclass(frozen=True)
class Section:
    """A part: which of the eight it is, its heading, and its paragraphs without it."""

    parts: frozenset[Part]
    heading: Paragraph
    body: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        """What stands below the heading."""
        return SLOT.sub("", "\n".join(each.text for each in self.body))


@dataclass(frozen=True)
class Report:
    """A report's paragraphs, and the same by parts; what stands before the first heading has no part."""

    paragraphs: tuple[Paragraph, ...]
    sections: tuple[Section, ...]

    def of(self, part: Part) -> tuple[Section, ...]:
        """The sections of that part."""
        return tuple(each for each in self.sections if part in each.parts)


def outlined(lines: Sequence[str]) -> Report:
    """The report's lines, one a paragraph, by their headings; empty lines are not counted."""
    texts = filter(None, (narrow(line).replace("\xa0", " ").strip() for line in lines))
    sections: list[Section] = []
    heading, body, parts = Paragraph(1, ""), list[Paragraph](), frozenset[Part]()
    for number, text in enumerate(texts, start=1):
        title = title_of(text)
        if not title:
            body.append(Paragraph(number, text, heading.part))
            continue
        sections.append(Section(parts, heading, tuple(body)))
        ends = text.index(title) + len(title)
        part = "" if mark(title) else text[:ends]  # below 附件：1.清单；2.… the letter goes on: its date is of no part
        heading, body, parts = Paragraph(number, text[:ends], part), [], known(title)
        if rest := text[ends:].strip("。：: "):  # a heading and its text in one paragraph
            body.append(Paragraph(number, rest, heading.part))
    sections.append(Section(parts, heading, tuple(body)))
    whole = [each for section in sections for each in (section.heading, *section.body) if each.text]
    return Report(tuple(whole), tuple(sections))


def title_of(text: str) -> str:
    """The title if this paragraph is, or begins with, the heading of a part; "" if it does not."""
    numbered = _HEAD.match(text)
    if numbered and (numbered.end() == len(text) or known(numbered["title"])):
        return numbered["title"].strip()
    appendix = _APPENDIX.match(text)
    if appendix and Part.LISTED in known(appendix["title"]):
        return appendix["title"].strip()
    bare = len(text) <= 25 and not re.search(r"[，。；;：:、\d]$|\d", text) and not mark(text)
    return text if bare and _BARE.match(text) else ""


#: Headings whose number is set by the word processor, and so is not in the text.
_BARE = re.compile(
    r"^(概述|基本情况|总体情况|主动公开(信息)?(的)?情况|依申请公开(和|与|及|、).{0,12}情况|对信息公开(工作)?的评议情况"
    r"|因.{0,12}(受到|被)?举报.{0,16}情况|.{0,6}经验.{0,14}(措施|情况)|(存在的)?(主要)?问题.{0,8}(措施|情况)"
    r"|其他需要(报告|说明)的(事项|情况)|(信息公开)?清单(事项)?公开情况表?)$"
)


def cells(text: str) -> list[str]:
    """The cells of a table's row, which stand apart by wide spaces or tabs, in a .pdf by any; a sentence is one cell."""
    if "。" in text:
        return [text]
    return re.split("[\u3000\t]", text) if re.search("[\u3000\t]", text) else text.split()


def known(title: str) -> frozenset[Part]:
    """Which of the eight parts a heading means; some set its letters apart: 概 述."""
    title = "".join(title.split())
    found = frozenset(part for part, words in _KNOWN if any(word in title for word in words))
    if not found and any(word in title for word in _OVERVIEW):
        return frozenset((Part.OVERVIEW,))
    return found


def mark(text: str) -> tuple[int, int] | None:
    """The kind of numbering that a paragraph begins with, and its number; None without one."""
    for kind, pattern in enumerate(_MARKS):
        if found := pattern.match(text):
            return kind, _number(found[1])
    return None


def unmarked(text: str) -> str:
    """The text behind the number that it begins with."""
    found = next(filter(None, (pattern.match(text) for pattern in _MARKS)), None)
    return text[found.end() :].strip() if found else text


def _number(text: str) -> int:
    if text in _CIRCLED:
        return _CIRCLED.index(text) + 1
    if text.isdecimal():
        return int(text)
    tens, _, ones = text.rpartition("十")
    unit = _CHINESE.find(ones) + 1 if ones else 0
    return (_CHINESE.find(tens) + 1 if tens else 1) * 10 + unit if "十" in text else unit


@dataclass(frozen=True)
class Listing:
    """What announces a numbered list, and its entries; an entry may go on over several paragraphs."""

    head: Paragraph
    entries: tuple[tuple[Paragraph, ...], ...]


def listings(report: Report) -> Iterator[Listing]:
    """Every numbered list with the paragraph before it."""
    for section in report.sections:
        lines = [part for each in section.body for part in split(each)]
        for index, head in enumerate(lines[:-1]):
            first = mark(lines[index + 1].text)
            own = mark(head.text)
            if first and first[1] == 1 and (own is None or own[0] != first[0]):
                entries = tuple(_entries((lines[at] for at in range(index + 1, len(lines))), first[0]))
                if len(entries) > 1:
                    yield Listing(head, entries)


def split(paragraph: Paragraph) -> list[Paragraph]:
    """A paragraph whose list stands in it, or goes on in it, by its entries; else itself."""
    pieces = [piece.strip() for piece in _INLINE.split(paragraph.text)]
    marks = [found for piece in pieces[1:] if (found := mark(piece))]
    begun = mark(paragraph.text)
    goes_on = begun is not None and marks[:1] == [(begun[0], begun[1] + 1)]
    if goes_on or (len(marks) > 1 and marks[0][1] == 1):
        return [replace(paragraph, text=piece) for piece in pieces if piece]
    return [paragraph]


def _entries(lines: Iterable[Paragraph], kind: int) -> Iterator[tuple[Paragraph, ...]]:
    """The entries of one list: it ends at a wider kind of numbering, or where its numbers begin again."""
    held: list[Paragraph] = []
    last = 0
    for line in lines:
        found = mark(line.text)
        if found and (found[0] < kind or (found[0] == kind and found[1] <= last)):
            break
        if found and found[0] == kind:
            if held:
                yield tuple(held)
            held, last = [], found[1]
        held.append(line)
    if held:
        yield tuple(held)


def missing(report: Report) -> Iterator[Finding]:
    """Parts without a heading, or with nothing below it."""
    last = report.paragraphs[-1] if report.paragraphs else Paragraph(1, "")
    end = Paragraph(last.number, "")
    told = " ".join(each.text for each in report.paragraphs)
    for part in Part:
        section = next(iter(report.of(part)), None)
        if section is None and part is Part.LISTED:
            if not re.search(r"清单.{0,8}公开情况|公开事项清单.{0,6}表", told):
                fix = "请附表，逐项写明公开情况和网址：python bot.py report --year 学年 --out 文件夹，附件1即是"
                yield end.finding(Kind.NO_PART, expected=f"附有“{part}”，逐项附链接", found="没有附表", fix=fix)
        elif section is None:
            yield end.finding(
                Kind.NO_PART, expected=f"有“{part}”部分", found="没有这一部分的标题", fix=f"请补写“{part}”"
            )
        elif not section.body and part is not Part.LISTED:
            fix = "请补写；确实没有的写“无”"
            yield section.heading.finding(Kind.EMPTY, expected="标题下有内容", found="标题下没有内容", fix=fix)


def unfilled(report: Report) -> Iterator[Finding]:
    """Slots of a report that the bot made, and nobody has written in."""
    for each in report.paragraphs:
        for slot in SLOT.findall(each.text):
            yield each.finding(Kind.UNFILLED, expected="已填写", found=slot, fix="请填写；没有的写“无”")


def gaps(report: Report) -> Iterator[Finding]:
    """Numbers of headings that are left out or stand twice: 一、 三、; （一） （三）; 1. 3."""
    yield from _in_order([(each.heading, _top(each.heading.text)) for each in report.sections], "{}、")
    for section in report.sections:
        subs = [(each, found[1]) for each in section.body if (found := mark(each.text)) and found[0] == 0]
        yield from _in_order(subs, "（{}）")


def _top(text: str) -> int:
    found = re.match(rf"^第?([{_CHINESE}]{{1,3}})(?:部分|\s*[、.．])", text)
    return _number(found[1]) if found else 0


def _in_order(numbered: Sequence[tuple[Paragraph, int]], shape: str) -> Iterator[Finding]:
    before = 0
    for paragraph, number in numbered:
        if number > before + 1 and number <= 10:
            lacking, here = (shape.format(_CHINESE[at]) for at in (before, number - 1))
            fix = f"请补上{lacking}的标题，或改正编号"
            yield paragraph.finding(Kind.NO_HEADING, expected=f"先有{lacking}", found=f"直接到{here}", fix=fix)
        elif number == before and number > 1:
            here = shape.format(_CHINESE[min(number, 10) - 1])
            yield paragraph.finding(Kind.TWICE, expected="编号依次", found=f"{here}出现两次", fix="请改正编号")
        before = number or before
