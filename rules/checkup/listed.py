"""Announced numbers of kinds and points (5大类26个小项, 3个方面) against what is listed below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rules.checkup.finding import Finding, Kind
from rules.checkup.numbers import Figure, figures, spoken, value_of
from rules.checkup.outline import Listing, Paragraph, Report, listings, mark, unmarked

_KINDS = ("大类", "类", "方面", "项")
_POINTS = ("小项", "小类")
_FIX = "请核对列出的内容，或改正所写的数字"
#: 社团等, 社团等内容.
_OPEN_END = re.compile(r"等[^。；;，,]{0,6}[。；;]?$")
_POINT_BY_POINT = re.compile(r"(?<![统唯第单专])([一二三四五六七八九十])是")


def check(report: Report) -> Iterator[Finding]:
    """Every announced number that is not what is listed."""
    for listing in listings(report):
        yield from _listing(listing)
    for paragraph in report.paragraphs:
        yield from _in_a_row(paragraph)
    yield from _point_by_point(report)


def _listing(listing: Listing) -> Iterator[Finding]:
    said = figures(listing.head.text)
    claims = _claims(listing.head.text, said)
    if (point := _themselves(listing, said)) is not None:
        yield from _within_range(listing.head, point, _range(_names(listing)))
        claims = [each for each in claims if each.unit not in _AFAR]
    for kin in (_KINDS, _POINTS):
        announced = [each for each in claims if each.unit in kin]
        counts = _counts(listing, kin) if announced else ()
        # 18个小项，其中7个小项有公开条目; 3类12项: one of them may be that of the list
        if counts and not {each.value for each in said if each.unit in kin} & set(counts):
            yield from _against(listing, announced, counts[0])


def _counts(listing: Listing, kin: Sequence[str]) -> tuple[int, ...]:
    """How many of that kind are listed, by each way of counting."""
    return _points(listing.entries) if kin is _POINTS else (len(listing.entries),)


def _against(listing: Listing, announced: Sequence[Figure], many: int) -> Iterator[Finding]:
    """The figures against the entries, or against the 小项 within them; a list that ends in 等 may be longer."""
    open_end = any(_OPEN_END.search(each.text) for each in listing.entries[-1])
    for each in announced:
        if not (open_end and many < each.value):
            yield _differs(listing.head, each, many)


#: Units that announce a list from afar; the others only right before it (分为3个方面：).
_AFAR = ("大类", *_POINTS)
_NEAR = re.compile(r"[^。；;，,\d]{0,8}[：:]|[^。；;，,\d]{0,8}(?:如下|分别是|包括)[：:。]?")
#: What the list is of instead: 做到三个坚持：; 主要措施如下：.
_OTHERS = re.compile(
    r"(?:\d|[一二两三四五六七八九十])\s*(?:个(?![小大])|[点步])[^。；;，,：:]*[：:]$"
    r"|(?:措施|途径|渠道|平台|载体|做法|工作|形式|方式|举措|经验|问题|不足|特点|成效|流程|分工|要求)(?:主要|公开|如下|有|是|为|包括)*[：:。]?$"
)
#: How far back that stands.
_LAST = 80


def _claims(text: str, said: Sequence[Figure]) -> list[Figure]:
    """The figures that announce the list below a text; each sign is looked at once, however many figures there are."""
    afar = [each for each in said if each.unit in _AFAR]
    other = afar and _OTHERS.search(text, max(afar[-1].end, len(text) - _LAST))
    sentence = text.rfind("。", 0, len(text) - 1)
    claims = [each for each in afar if not other and (each.unit in _POINTS or each.end > sentence)]
    claims += [each for each in said if each.unit in _KINDS[1:] and _NEAR.fullmatch(text, each.end)]
    return [each for each in claims if not each.about]


def _differs(at: Paragraph, announced: Figure, many: int) -> Finding:
    listed, said = spoken(many, announced.unit), spoken(announced.value, announced.unit)
    return at.finding(Kind.LISTED, expected=f"列出{listed}", found=f"写{said}", fix=_FIX)


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


#: What stands between a number of 小项 and the list of them: their figure, 如下.
_OF_POINTS = re.compile(
    r"(?:的)?(?:信息|内容|事项)?(?:[，,]?(?:公开|主动公开)?(?:信息)?(?:共计|合计|共|计)?\s*\d[\d,]*\s*[条件篇份])?"
    r"[，,]?(?:具体|分别)?(?:内容|有|是|为|包括)?(?:如下)?[：:]"
)
#: What stands at the end of a list and is none of it.
_NO_POINT = re.compile("均|已|全部|通过|共计|合计|其余|见|略|链接|逐项|按时|及时|更新")
Range = tuple[int, int]


def _themselves(listing: Listing, said: Sequence[Figure]) -> Figure | None:
    """The number of 小项, if the entries are these themselves and not what these are sorted by."""
    points = [each for each in said if each.unit in _POINTS and _OF_POINTS.fullmatch(listing.head.text, each.end)]
    if not points or not _plain(listing):
        return None
    entries, point = len(listing.entries), points[-1]
    kinds = [each.value for each in said if each.unit == "大类"]
    return None if any(abs(each - entries) <= abs(point.value - entries) for each in kinds) else point


def _plain(listing: Listing) -> bool:
    """True if the entries are numbered from 1 without a gap, list nothing, and none holds the next."""
    for number, entry in enumerate(listing.entries, start=1):
        found, text = mark(entry[0].text), entry[0].text
        holds = _after(text) is not None or re.search(rf"(?<!\d){number + 1}\s*[.、．)）]", text)
        if found is None or found[1] != number or holds or (len(entry) > 1 and number < len(listing.entries)):
            return False
    return True


def _names(listing: Listing) -> list[str]:
    return [unmarked(entry[0].text).split("。")[0] for entry in listing.entries]


def _range(names: Sequence[str]) -> Range:
    """As many as there are names, or, as some writers mean it, as their 、 and commas part; a list with 等 may be longer."""
    open_end = _OPEN_END.search(names[-1]) is not None
    return len(names), _ANY if open_end else sum(_pieces(each, "[、，,]") for each in names)


#: More than any report has.
_ANY = 10**6


def _within_range(at: Paragraph, announced: Figure, many: Range) -> Iterator[Finding]:
    if not announced.about and not many[0] <= announced.value <= many[1]:
        yield _differs(at, announced, many[0])


def _in_a_row(at: Paragraph) -> Iterator[Finding]:
    """26个小项：规划；改革；…；社团。 A list without numbers, parted by ；."""
    for each in figures(at.text):
        lead = _OF_POINTS.match(at.text, each.end) if each.unit in _POINTS else None
        row = _sentence(at.text[lead.end() : lead.end() + _LONGEST_ROW]) if lead else ""
        if row and not re.search("[：:]", row) and not mark(row.strip()):
            yield from _in_row(at, each, [name for name in re.split("[；;]", row) if name.strip()])


def _in_row(at: Paragraph, announced: Figure, names: Sequence[str]) -> Iterator[Finding]:
    """A list parted by ；, in which 已出台的制度 may be a name, and 详见附件 none."""
    certain = [name for name in names if not _NO_POINT.search(name)]
    if len(certain) > 1:
        yield from _within_range(at, announced, (len(certain), _range(names)[1]))


#: Signs within which a list without numbers ends; a longer one is not counted.
_LONGEST_ROW = 1000


def _sentence(text: str) -> str:
    """The text up to its full stop; "" if it may go on."""
    return text.partition("。")[0] if len(text) < _LONGEST_ROW or "。" in text else ""


#: What is told in points, and the number right before 一是: 以下三个问题：; a comma does only behind these words.
_TOLD = r"(?:方面|问题|不足|短板|差距|环节|原因|措施|举措|做法|经验|工作|任务|特点|变化|建议)"
_SAID = re.compile(
    r"(?<![第至到近约超逾\d.一二两三四五六七八九十百零～~—–-])(?P<number>\d{1,2}|[一二两三四五六七八九十]{1,3})\s*"
    rf"(?P<unit>[个点条种项类](?:问题|不足|方面|措施)?|方面)(?:(?:(?!存在|出现|发现|提出)[^。；;，,：:\d]){{0,6}}{_TOLD})?"
    rf"(?:着手|入手|发力|改进|推进|加强|努力)?(?:[：:]|(?:如下|包括|分别是)[：:。]?|(?<={_TOLD})[，,])$"
)
#: How far back the number may stand.
_BACK = 40
_ORDER = "一二三四五六七八九十"


def _point_by_point(report: Report) -> Iterator[Finding]:
    """有三个方面的问题：一是…；二是…。 Each point may be a sentence, or a paragraph."""
    for at, text in _gathered(report):
        runs: list[list[re.Match[str]]] = []
        for point in _POINT_BY_POINT.finditer(text):
            if point[1] == "一":
                runs.append([])
            if runs:
                runs[-1].append(point)
        for number, run in enumerate(runs):
            if not _within(runs, number, text):
                start = run[0].start()
                yield from _against_points(at, text[max(0, start - _BACK) : start], [point[1] for point in run])


def _within(runs: Sequence[list[re.Match[str]]], at: int, text: str) -> bool:
    """True of points that begin in a sentence of others, and of those: which point is whose nobody can tell."""
    pairs = [(runs[n], runs[n + 1]) for n in (at - 1, at) if 0 <= n < len(runs) - 1]
    return any("。" not in text[one[-1].end() : other[0].start()] for one, other in pairs)


def _gathered(report: Report) -> Iterator[tuple[Paragraph, str]]:
    """Every paragraph, with those below it that begin with 一是 or go on with 二是."""
    held: Paragraph | None = None
    text = ""
    for each in report.paragraphs:
        goes_on = _POINT_BY_POINT.match(each.text) is not None
        if held is not None and goes_on:
            text += each.text
            continue
        if held is not None:
            yield held, text
        held, text = each, each.text
    if held is not None:
        yield held, text


def _against_points(at: Paragraph, lead: str, points: list[str]) -> Iterator[Finding]:
    """The number said right before 一是 against the points; points that do not count up say nothing."""
    said = _SAID.search(lead)
    number = value_of(said["number"]) if said else None
    in_order = points == list(_ORDER[: len(points)])
    if said and number is not None and len(points) > 1 and in_order and number != len(points):
        unit = said["unit"] if said["unit"] != "方面" else "个方面"
        yield at.finding(Kind.LISTED, expected=f"列出{len(points)}{unit}", found=f"写{number}{unit}", fix=_FIX)
