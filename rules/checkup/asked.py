"""What each part must state (教办厅函〔2018〕80号): figures of disclosure, applications, opinions, complaints, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rules.checkup.finding import Finding, Kind
from rules.checkup.numbers import figures
from rules.checkup.outline import Part, Report, Section

_NONE = r"(?:未|没有|无|零|不存在|尚无)"
_FIX = "请写明；没有的写0件，并先核对登记簿"
_OPINIONS = "请写明怎样征集、何时征集和数量（问卷份数、意见条数、满意率）"


@dataclass(frozen=True)
class _Asked:
    """What must be stated, by which pattern it is known, and what may stand there instead."""

    what: str
    pattern: str
    #: A near miss, and how it is told.
    instead: tuple[tuple[str, str], ...] = ()


_COUNT = _Asked(
    "受理申请的数量",
    rf"\d+\s*[件份项次条人起例]|[一二三四五六七八九十][件份项次起例]|{_NONE}[^。]{{0,12}}(?:申请|受理)|^无[。]?$",
)
_FEES = _Asked("收费、减免情况", "收费|费用|减免|收取|免费")
_WITHHELD = _Asked(
    "不予公开的数量",
    rf"不予公开[^。]{{0,40}}(?:\d+\s*[件条项份例]|{_NONE})|{_NONE}[^。]{{0,12}}不予公开|\d+\s*[件条项份例][^。]{{0,10}}不予公开|^无[。]?$",
)
_KINDS = _Asked("申请的分类", "其中|分类|类|涉及|关于|分别|主要是|方面|当面|信函|邮件|网络|有关")
_REPLIES = _Asked("申请的答复情况", "答复|同意|予以公开|不属于|办结|告知|回复|处理|提供")
_COMPLAINTS = (
    _Asked("举报的件数", "举报"),
    _Asked("复议的件数", "复议"),
    _Asked("诉讼的件数", "诉讼", (("申诉", "写的是“申诉”，不是“诉讼”"),)),
)
#: 无此类情况 answers all three.
_NO_SUCH = re.compile(
    rf"(?:^|[，。])[^，。]{{0,16}}{_NONE}[^，。举复诉申]{{0,12}}(?:此类|上述|以上|相关|类似|该类|这类|这方面)[^。举复诉申]{{0,8}}[。]?|^无[。]?$"
)


def check(report: Report) -> Iterator[Finding]:
    """Everything that a part does not answer."""
    for section in report.of(Part.DISCLOSED)[:1]:
        yield from _total(report, section)
    yield from _applied(report)
    for section in report.of(Part.JUDGED)[:1]:
        if not _has_figure(_text(report, Part.JUDGED)):
            yield _lacking(section, "评议的方式和数量", "这一部分没有数字", _OPINIONS)
    complained = _text(report, Part.COMPLAINED)
    if not _NO_SUCH.search(complained):
        yield from _answers(report, Part.COMPLAINED, _COMPLAINTS)
    else:
        yield from _unnamed(report)
    yield from _links(report)


def _unnamed(report: Report) -> Iterator[Finding]:
    """无 answers what its heading names; a heading that names 举报 alone leaves 复议 and 诉讼 unanswered."""
    sections = report.of(Part.COMPLAINED)
    named = "".join(section.heading.text for section in sections) + _text(report, Part.COMPLAINED)
    if any(re.search(each.pattern, named) for each in _COMPLAINTS):
        for each in _COMPLAINTS:
            if not re.search(each.pattern, named):
                yield _lacking(sections[0], each.what, "标题和正文都没有提到")


def _text(report: Report, part: Part) -> str:
    return "\n".join(section.text for section in report.of(part))


def _total(report: Report, section: Section) -> Iterator[Finding]:
    """The number of items made public: here, or in the overview."""
    told = f"{_text(report, Part.DISCLOSED)}\n{_text(report, Part.OVERVIEW)}"
    if not any(each.unit in ("条", "篇", "件", "项", "份", "则") for each in figures(told)):
        yield _lacking(
            section, "主动公开信息的条数", "这一部分没有数字", "请写明条数：python bot.py report --year 学年"
        )


def _applied(report: Report) -> Iterator[Finding]:
    """依申请公开: how many, of what kind, how answered, at what fee; 不予公开: how many."""
    asked = [_COUNT, _FEES, _WITHHELD]
    count = re.search(r"(?:申请|受理)[^。；\d]{0,14}(\d+)\s*[件份项次条人起例]", _text(report, Part.APPLIED))
    if count and int(count[1]) > 0:
        asked[1:1] = [_KINDS, _REPLIES]
    yield from _answers(report, Part.APPLIED, tuple(asked))


def _answers(report: Report, part: Part, wanted: tuple[_Asked, ...]) -> Iterator[Finding]:
    sections = report.of(part)
    if not sections or not any(section.body for section in sections):  # an empty part is told elsewhere
        return
    body = _text(report, part)
    for each in wanted:
        if not re.search(each.pattern, body, re.MULTILINE):
            near = next((said for sign, said in each.instead if sign in body), "这一部分没有写")
            yield _lacking(sections[0], each.what, _elsewhere(report, part, each) or near)


def _elsewhere(report: Report, part: Part, asked: _Asked) -> str:
    """Where a figure that belongs here stands instead."""
    if asked is not _WITHHELD:
        return ""
    for section in report.sections:
        found = re.search(asked.pattern, section.text)
        if part not in section.parts and section.heading.text and found and "不予公开" in found[0]:
            return f"写在了“{section.heading.text}”部分"
    return ""


def _lacking(section: Section, what: str, found: str, fix: str = _FIX) -> Finding:
    return section.heading.finding(Kind.UNANSWERED, expected=f"写明{what}", found=found, fix=fix)


def _has_figure(text: str) -> bool:
    return bool(figures(text)) or re.search(r"\d+(\.\d+)?\s*[%％分个]", text) is not None


def _links(report: Report) -> Iterator[Finding]:
    """The list of the appendix names an address for each item; one that only refers to another file is not looked at."""
    for section in report.of(Part.LISTED)[-1:]:
        addressed = re.search(r"https?://|www\.|\.htm|链接|网址|栏目", section.text)
        if len(section.body) >= 5 and not addressed:
            fix = "请给每一事项写上网址：python bot.py report --year 学年 --out 文件夹，附件1即是"
            yield section.heading.finding(Kind.UNANSWERED, expected="清单逐项附栏目链接", found="表中没有网址", fix=fix)
