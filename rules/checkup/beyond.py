"""Figures that cannot be: more forms back than given out, more answers than applications, a share over the whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rules.checkup.finding import Finding, Kind
from rules.checkup.numbers import Figure, figures
from rules.checkup.outline import Paragraph, Report

_FIX = "请核对登记簿，改正其中有误的"
#: 共收回285份 is of several, each told before; at 其中满意195份 another check looks.
_ALONE = re.compile("(?:共|合计|总计|累计|其中)[：:，,]?$")
#: What is counted behind it, up to the next ；, are parts of what was said.
_PARTS = re.compile(r"[，,（(]?其中(?![：:，,]?$)")
#: Not the applications: 另有咨询12件，答复12件.
_ASIDE = re.compile("提问|问答|网站|来函|咨询|信访|留言|来信|来访|来电|信箱|电话|提案|平台|投诉|举报")
#: Applications of earlier years are answered, too.
_EARLIER = re.compile("结转|上年|上期|上一|去年|往年|历年|此前|以前|遗留|跨年|延续")


@dataclass(frozen=True)
class _Pair:
    """What comes first, and what cannot be more than it; both with the same counting word, in one paragraph."""

    of: str
    at_most: str
    #: Words of a part of the report in which it may well be more.
    unless: re.Pattern[str] | None = None


_FORMS, _GIVE = "(?:问卷|调查表|测评表|评议表|征求意见表)", "(?:发放|发出|下发|派发|投放)"
_SURVEY = rf"(?:{_GIVE}[^。；;，,\d]{{0,10}}{_FORMS}[^。；;，,\d]{{0,4}}|{_FORMS}[^。；;，,\d]{{0,4}}{_GIVE}[^。；;，,\d]{{0,4}})"
_BACK = r"(?:回收|收回)[^。；;，,\d率]{0,10}"
_PAIRS = (
    _Pair(_SURVEY, _BACK),
    _Pair(_BACK, r"(?:有效|满意)(?![度率])[^。；;，,\d率]{0,6}"),
    _Pair(
        r"(?:收到|受理|接收|接到|新收)[^。；;，,\d]{0,14}申请[^。；;，,\d]{0,4}",
        r"(?:答复|办结|回复)(?![书率])[^。；;，,、\d书]{0,6}",
        _EARLIER,
    ),
    _Pair(
        r"(?:收到|征集)[^。；;，,\d]{0,14}(?:意见|建议)[^。；;，,\d]{0,4}",
        r"(?:采纳|吸收)[^。；;，,\d率]{0,6}",
        _EARLIER,
    ),
)


@dataclass(frozen=True)
class _Told:
    """A figure of a pair, whether it comes first, its words, and what stands between it and the one before."""

    figure: Figure
    first: bool
    words: str
    between: str


def check(report: Report) -> Iterator[Finding]:
    """Everything that is more than it can be."""
    for section in report.sections:
        pairs = [pair for pair in _PAIRS if not (pair.unless and pair.unless.search(section.text))]
        for each in section.body:
            yield from (found for pair in pairs for found in _more(each, pair))
            yield from _balance(each)
            yield from _shares(each)


def _told(text: str, pair: _Pair) -> Iterator[_Told]:
    by_start = {each.start: each for each in figures(text) if not each.about}
    ends = 0
    for found in re.finditer(rf"(?P<of>{pair.of})|{pair.at_most}", text):
        if figure := by_start.get(found.end()):
            yield _Told(figure, found["of"] is not None, found[0], text[ends : found.start()])
            ends = figure.end


def _more(at: Paragraph, pair: _Pair) -> Iterator[Finding]:
    """Every figure that is more than those before it, which it is of; one for several (共收回) is left alone."""
    given: list[Figure] = []
    closed = False
    for each in _told(at.text, pair):
        if each.first:
            given = [*given, each.figure] if given and not closed and _goes_on(each) else [each.figure]
        elif given and each.figure.value > (most := sum(one.value for one in given)) and _same(given, each):
            yield _too_much(at, most, each.figure)
        closed = not each.first


def _goes_on(told: _Told) -> bool:
    """True if one figure adds to the one before (线上100份，线下100份): nothing of another kind was counted in between."""
    return all(each.unit == told.figure.unit for each in figures(told.between))


def _same(given: Sequence[Figure], told: _Told) -> bool:
    """True if both count the same, and nothing else of the kind was counted in between, unless as a part (其中)."""
    units = {each.unit for each in (*given, told.figure)}
    rest = told.between.partition("；")[2] if _PARTS.match(told.between) else told.between
    counted = any(each.unit in units for each in figures(rest))
    aside = _ASIDE.search(told.between + told.words) or _ALONE.search(told.between)
    return len(units) == 1 and not counted and not aside


def _too_much(at: Paragraph, most: int, figure: Figure) -> Finding:
    said = at.text[max(0, figure.start - 4) : figure.end]
    said = re.split("[。；;，,、（(）)]", said)[-1]
    return at.finding(Kind.BEYOND, expected=f"不多于{most}{figure.unit}", found=said, fix=_FIX)


#: The four figures of applications: what came over and came in is what was answered and goes over.
_CARRIED = re.compile(
    r"上[期年]结转(?P<over>\d+)件，[^。；;，,\d]{0,8}新?收[^。；;，,\d]{0,8}(?P<new>\d+)件[；，]"
    r"(?:已?办结|答复)(?P<done>\d+)件，结转下[期年](?P<left>\d+)件"
)


def _balance(at: Paragraph) -> Iterator[Finding]:
    """上期结转1件，本学年新收3件；办结3件，结转下期1件"""
    for found in _CARRIED.finditer(at.text):
        over, new, done, left = (int(found[name]) for name in ("over", "new", "done", "left"))
        if over + new != done + left:
            wanted = f"结转和新收{over}＋{new}＝{over + new}件"
            yield at.finding(
                Kind.SUM, expected=wanted, found=f"办结和结转下期{done}＋{left}＝{done + left}件", fix=_FIX
            )


#: Shares of a whole; a rate of growth, or of a plan, may be more.
_SHARE = re.compile(
    r"(?P<what>满意率|满意度|好评率|回收率|有效率|答复率|回复率|办结率|公开率|覆盖率|及时率|按时率|知晓率|参与率|参训率|合格率|送达率|成功率|占比|占)"
    r"[^。；;，,、\d增升提比较上去计目]{0,10}(?P<share>\d{1,5}(?:\.\d+)?)\s*[%％]"
)


def _shares(at: Paragraph) -> Iterator[Finding]:
    """满意率105%"""
    for found in _SHARE.finditer(at.text):
        if float(found["share"]) > 100:
            yield at.finding(Kind.BEYOND, expected="不超过100%", found=f"{found['what']}{found['share']}%", fix=_FIX)
