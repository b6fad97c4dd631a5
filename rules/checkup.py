"""旧报告体检: what does not add up, is missing or is not answered in a yearly report, read from its own words.

Said only where the text itself claims it (共计, 共n个, 其中): a figure that may be meant otherwise is left alone.
Sources: 教办厅函〔2018〕80号 (the eight parts and what each must say); 教育部令第29号 (the ways of disclosure).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

#: The eight parts: how people call them, and by which words their headings are known.
PARTS = (
    ("概述", ("概述", "基本情况", "总体情况", "工作概况")), ("主动公开情况", ("主动公开",)),
    ("依申请公开和不予公开情况", ("依申请公开",)), ("对信息公开的评议情况", ("评议", "评价")),
    ("举报、复议、诉讼情况", ("举报", "复议", "诉讼")), ("经验、问题和改进措施", ("经验", "问题", "改进", "新举措", "新做法")),
    ("其他需要报告的事项", ("其他",)), ("清单事项公开情况表", ("清单",)),
)  # fmt: skip
#: The ways of disclosure, each by the words that name it.
WAYS = {
    "网站": ("网站", "网页", "网络", "专栏"), "微信": ("微信", "公众号"), "QQ群": ("QQ群", "ＱＱ群"), "短信": ("短信",),
    "公告栏、电子屏": ("公告栏", "宣传栏", "电子屏", "LED"), "广播": ("广播",), "报刊": ("报刊", "校报", "期刊"),
    "会议": ("会议", "教代会", "座谈会"), "文件、简报": ("文件", "简报", "纪要"), "手册": ("手册", "指南"),
    "咨询电话": ("热线", "电话咨询", "咨询电话"),
}  # fmt: skip
_COUNTED = r"\d[\d,]*\s*(?:余)?(?:条|篇|次|期|份|场|人次|件|处|个群|人)"
_HEAD = re.compile(r"^\s*([一二三四五六七八九十]+)、\s*(.{2,40}?)\s*$")
_SUB = re.compile(r"^\s*[（(]([一二三四五六七八九十]+)[）)]")
_TOTAL = re.compile(r"(?:共计|合计|总计|共)[^。；;\d]{0,20}?(\d+)\s*条")
_ITEM = re.compile(r"^\s*\d{1,2}\s*[.、．]\s*\S")
_SPAN = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日\s*(?:至|到|—|–|-|－|~|～)+\s*(\d{4})年(\d{1,2})月(\d{1,2})日")
_CHINESE = "一二三四五六七八九十"


@dataclass(frozen=True)
class Finding:
    """One thing to mend: its kind, where it stands (paragraph from 1, and the words), what is expected, what was found."""

    kind: str
    paragraph: int
    quoted: str
    expected: str
    found: str
    fix: str


@dataclass(frozen=True)
class Section:
    """A part of the report: its heading, and its paragraphs with their numbers."""

    title: str
    lines: tuple[tuple[int, str], ...]

    @property
    def text(self) -> str:
        return "\n".join(line for _, line in self.lines)

    @property
    def at(self) -> int:
        return self.lines[0][0] if self.lines else 1


def check(lines: Sequence[str]) -> list[Finding]:
    """Every finding, in the order of the text."""
    numbered = [(n, line.strip()) for n, line in enumerate(lines, start=1) if line.strip()]
    parts = sections(numbered)
    checks = (_missing, _gaps, _sums, _beside, _listed, _ways, _asked)
    found = [each for one in checks for each in one(numbered, parts)]
    return sorted([*found, *_periods(numbered)], key=lambda each: each.paragraph)


def sections(numbered: Sequence[tuple[int, str]]) -> list[Section]:
    """The report by its headings 一、二、…; what stands before the first one has no title."""
    found: list[tuple[str, list[tuple[int, str]]]] = [("", [])]
    for n, line in numbered:
        head = _HEAD.match(line)
        if head and not re.search(r"[。；]$", line):
            found.append((head[2], []))
        found[-1][1].append((n, line))
    return [Section(title, tuple(mine)) for title, mine in found]


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _missing(numbered: Sequence[tuple[int, str]], parts: Sequence[Section]) -> Iterator[Finding]:
    last = numbered[-1][0] if numbered else 1
    titles = [each.title for each in parts if each.title]
    for name, words in PARTS[:-1]:
        if not any(word in title for title in titles for word in words):
            yield Finding("缺少部分", last, "", f"有“{name}”部分", "没有这一部分的标题", f"请补写“{name}”")
    tables = ("清单事项公开情况表", "清单事项公开情况", "事项清单公开情况", "公开事项清单")
    if not any(word in line for _, line in numbered for word in tables):
        yield Finding(
            "缺少部分",
            last,
            "",
            "附“清单事项公开情况表”，逐项附链接",
            "没有附表",
            "请附表：python bot.py report --out 生成附件1",
        )


def _gaps(_: Sequence[tuple[int, str]], parts: Sequence[Section]) -> Iterator[Finding]:
    """（一） is followed by （二）."""
    for part in parts:
        before = 0
        for n, line in part.lines:
            found = _SUB.match(line)
            if not found or found[1] not in _CHINESE:
                continue
            number = _CHINESE.index(found[1]) + 1
            if number > before + 1:
                lacking = f"（{_CHINESE[before]}）"
                yield Finding(
                    "缺少标题",
                    n,
                    _cut(line),
                    f"先有{lacking}",
                    f"直接到（{found[1]}）",
                    f"请补上{lacking}的标题，或改正编号",
                )
            before = number


def _sums(numbered: Sequence[tuple[int, str]], _: Sequence[Section]) -> Iterator[Finding]:
    """An announced total against the numbered list below it, each of whose lines has its own 共计."""
    for index, (n, line) in enumerate(numbered):
        total = _TOTAL.search(line)
        if total is None or _ITEM.match(line):
            continue
        parts = []
        for _at, below in numbered[index + 1 :]:
            mine = _TOTAL.search(below)
            if not _ITEM.match(below) or mine is None:
                break
            parts.append(int(mine[1]))
        if len(parts) > 1 and sum(parts) != int(total[1]):
            said = "＋".join(map(str, parts))
            yield Finding(
                "合计不符", n, _cut(line), f"{said}＝{sum(parts)}条", f"{total[1]}条", "请核对各部分和合计，改正其中有误的"
            )  # fmt: skip


_BRACKET = re.compile(r"(\d+)\s*(条|篇|件|份|次)\s*[（(]([^（()）]{4,200})[）)]")


def _beside(numbered: Sequence[tuple[int, str]], _: Sequence[Section]) -> Iterator[Finding]:
    """A total with its parts in brackets or after 其中: these may be fewer than all only where the text says 其中."""
    for n, line in numbered:
        for total, unit, inside in _BRACKET.findall(line):
            parts = [int(each) for each in re.findall(rf"(\d+)\s*{unit}?(?=[、，,；;）)]|\s*$)", inside)]
            if len(parts) > 1 and "其中" not in inside and "等" not in inside and sum(parts) != int(total):
                yield _unequal(n, line, parts, total, unit)
        among = re.search(r"(\d+)\s*(条|篇|件|份|次)[^。；\d]{0,6}其中([^。]{4,200})", line)
        if among:
            parts = [int(each) for each in re.findall(rf"(\d+)\s*{among[2]}", among[3].split("；")[0])]
            if len(parts) > 1 and sum(parts) > int(among[1]):
                yield _unequal(n, line, parts, among[1], among[2])


def _unequal(n: int, line: str, parts: Sequence[int], total: str, unit: str) -> Finding:
    said = "＋".join(map(str, parts))
    return Finding(
        "合计不符", n, _cut(line), f"{said}＝{sum(parts)}{unit}", f"{total}{unit}", "请核对各部分和合计，改正其中有误的"
    )


def _listed(numbered: Sequence[tuple[int, str]], _: Sequence[Section]) -> Iterator[Finding]:
    """共n个大类, m个小项 against the numbered list below, whose lines name their 小项 after 包括 or a colon."""
    for index, (n, line) in enumerate(numbered):
        announced = {unit: int(many) for many, unit in re.findall(r"(\d+)\s*个?(大类|小项)", line)}
        if not announced:
            continue
        below = []
        for _at, text in numbered[index + 1 :]:
            if not _ITEM.match(text):
                break
            below.append(text)
        if len(below) < 2:
            continue
        counts = {"大类": len(below)}
        if all("；" in each or ";" in each for each in below):
            counts["小项"] = sum(len([p for p in re.split("[；;]", _after(each)) if p.strip(" 。.")]) for each in below)
        for unit, many in announced.items():
            if unit in counts and counts[unit] != many:
                fix = "请核对列出的小项，或改正所写的数字"
                yield Finding("数目不符", n, _cut(line), f"列出{counts[unit]}个{unit}", f"写{many}个{unit}", fix)


def _after(line: str) -> str:
    """What a line lists: after 包括, else after its first colon."""
    for sign in ("包括", "：", ":"):
        if sign in line:
            return line.split(sign, 1)[1]
    return line


def _periods(numbered: Sequence[tuple[int, str]]) -> Iterator[Finding]:
    """A year from 9月1日 to 8月31日, or from 1月1日 to 12月31日: off by one at either end is told."""
    for n, line in numbered:
        for numbers in _SPAN.findall(line):
            try:
                first, last = date(*map(int, numbers[:3])), date(*map(int, numbers[3:]))
            except ValueError:
                yield Finding("日期有误", n, _cut(line), "存在的日期", "日历上没有这一天", "请改正日期")
                continue
            if not 355 <= (last - first).days <= 375:
                continue
            wanted = _whole_year(first, last)
            if wanted is not None and wanted != (first, last):
                fix = f"请写{_spoken(wanted[0])}至{_spoken(wanted[1])}"
                yield Finding("期限差一日", n, _cut(line), f"{wanted[0]}至{wanted[1]}", f"{first}至{last}", fix)


def _whole_year(first: date, last: date) -> tuple[date, date] | None:
    """The school or calendar year that a span means, if it begins within a few days of one."""
    near = timedelta(days=5)
    for year in (first.year, first.year + 1):
        for begins in (date(year, 9, 1), date(year, 1, 1)):
            ends = date(begins.year + 1, begins.month, 1) - timedelta(days=1)
            if abs(begins - first) <= near and abs(ends - last) <= near:
                return begins, ends
    return None


def _named(text: str) -> set[str]:
    return {way for way, words in WAYS.items() if any(word in text for word in words)}


def _ways(numbered: Sequence[tuple[int, str]], _: Sequence[Section]) -> Iterator[Finding]:
    """The ways named where they are listed, and those named where they are described."""
    listing = [(n, line) for n, line in numbered if re.search(r"(等|多种)(途径|形式|渠道|方式)", line)]
    described = _described(numbered)
    if listing and described:
        n, line = listing[0]
        first, second = _named(line), _named("\n".join(text for _, text in described))
        for way in sorted(first - second):
            yield Finding(
                "途径不一致",
                n,
                _cut(line),
                f"在公开途径中说明{way}",
                "前面提到，公开途径中没有",
                f"请补写{way}的公开情况，或从前面删去",
            )
        for way in sorted(second - first):
            text = next(t for _, t in described if way in _named(t))
            at = next(m for m, t in described if t == text)
            yield Finding(
                "途径不一致", at, _cut(text), f"前面也提到{way}", "公开途径中有，前面没有提到", f"请在前面补上{way}"
            )
    if numbered and not any(_with_figure(line) for _, line in numbered):
        n, line = (described or listing or list(numbered))[0]
        fix = "请逐个渠道写明条数、次数和覆盖人数：python bot.py report"
        yield Finding("渠道没有数字", n, _cut(line), "各公开形式附统计数据", "没有一个渠道有数字", fix)


def _described(numbered: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """What stands below a heading that speaks of the ways, up to the next heading of its rank."""
    found: list[tuple[int, str]] = []
    inside = False
    for n, line in numbered:
        head = bool(_HEAD.match(line) or _SUB.match(line)) and len(line) < 40
        if head:
            inside = re.search("途径|形式|渠道|方式", line) is not None
            continue
        if inside:
            found.append((n, line))
    return found


def _with_figure(line: str) -> bool:
    """True if a way has a figure in the same clause."""
    clauses = re.split("[，。；;]", line)
    return any(_named(clause) and re.search(_COUNTED, clause) for clause in clauses)


def _asked(_: Sequence[tuple[int, str]], parts: Sequence[Section]) -> Iterator[Finding]:
    """What a part must answer."""
    yield from _answers(
        parts, "依申请公开", (("受理申请的数量", r"\d+\s*件|未收到|没有收到|无"), ("收费、减免情况", "收费|费用|减免"))
    )
    yield from _answers(parts, "依申请公开", (("不予公开的数量", r"不予公开[^。]{0,30}(\d+\s*[件条项]|没有|无|未)"),))
    yield from _answers(parts, "举报", (("举报的件数", "举报"), ("复议的件数", "复议"), ("诉讼的件数", "诉讼")))
    figures = r"\d+\s*(条|份|人次|人|次|件)|\d+(\.\d+)?\s*[%％]"
    yield from _answers(parts, ("评议", "评价"), (("评议的方式和数量", figures),))


def _answers(
    parts: Iterable[Section], known_by: str | tuple[str, ...], wanted: Iterable[tuple[str, str]]
) -> Iterator[Finding]:
    words = (known_by,) if isinstance(known_by, str) else known_by
    part = next((each for each in parts if any(word in each.title for word in words)), None)
    if part is None:
        return
    body = "\n".join(line for _, line in part.lines[1:])
    for what, pattern in wanted:
        if not re.search(pattern, body):
            fix = "请写明；没有的写0件，并先核对登记簿"
            yield Finding("没有答复", part.at, _cut(part.lines[0][1]), f"写明{what}", "这一部分没有写", fix)


def _spoken(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
