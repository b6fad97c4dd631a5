"""Marks of secrecy and of drafts, where they stand as marks and not as words of a title or a rule.

GB/T 9704 puts 密级和保密期限 (秘密★1年) on a line of its own at the top of a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.guard.openness import CLOSED, OPENNESS, closed_by_tick, said_beside
from rules.guard.pieces import Grid, Hit, Kind
from rules.guard.plain import squeezed

_LEVEL = "(?:绝密|机密|秘密)"
_DRAFT = "(?:征求意见稿|送审稿|讨论稿)"
_SHUT = "(?:不得|请勿|严禁|禁止|切勿|不准)(?:擅自|随意|私自)?(?:对外|向外)(?:公开|泄露|泄漏|披露|发布)"
_KEEP = rf"(?:注意保密|注意保存|妥善保管|请勿外传|不得外传|严禁外传|仅(?:限|供)?内部使用|{_SHUT})"
_HOUSE = "(?:学校|我校|本校|学院|本院|我院|单位)"
_THIS = "(?:此|本|该)(?:文件?|件|材料|资料|文稿)"
_INSIDE = rf"(?:{_HOUSE}内部(?:文件|资料|材料|文稿|件)(?:[,、·]?{_KEEP})?|内部(?:文件|资料|材料|使用|传阅|参考|掌握|件|文稿)?(?:[,、·]?{_KEEP})?|工作秘密(?:[0-9]+年)?|{_KEEP}|仅(?:限|供)?于?内部(?:人员)?(?:使用|参考|传阅|查阅|掌握|交流))"
_OPEN, _CLOSE = r"[\[({【〔「<]", r"[\])}】〕」>]"

#: Words inside a title are the title's; what a rule says about marks is no mark.
_TITLE = re.compile(r"《[^《》]*(?:《[^《》]*》[^《》]*)*》")
_MAY_QUOTE = re.compile("[《“\"「]")
_QUOTED = re.compile(
    r"(?:标注|标明|注明|加盖|标有|标识|写有|印有|字样)[^。;\n]{0,12}[“\"「][^”\"」\n]{1,20}[”\"」]|[“\"「][^”\"」\n]{1,20}[”\"」](?=等?(?:字样|标[志识注]|的?密级))"
)

_STARRED = re.compile(rf"{_LEVEL}[★☆*※](?:[0-9〇一二三四五六七八九十]+[年月日天]|长期|启封前)?|[★☆]{_LEVEL}")
#: 紧急程度, which stands before or behind the level: 机密·特急.
_URGENT = "(?:特急|加急|急件|平急|特提)"
_SOON, _AT_ONCE = rf"(?:{_URGENT}[·,、/|-]?)?", rf"(?:[·,、/|(-]?{_URGENT}\)?)?"
_TERMED = re.compile(rf"^(?:[0-9]{{1,6}})?{_SOON}{_LEVEL}(?:级|件|文件|级文件)?(?:[0-9]+[年月天]|长期)?{_AT_ONCE}$")
_RANKED = re.compile(
    rf"^(?:[0-9]{{1,6}})?(?:{_LEVEL}·{_URGENT}|{_URGENT}·{_LEVEL})(?=[^\u4e00-\u9fff]|关于|.{{2,20}}文件$)"
)
_BRACKETED = re.compile(rf"{_OPEN}(?:密级:)?{_SOON}{_LEVEL}级?(?:文件|件)?{_AT_ONCE}{_CLOSE}")
_CALLED = re.compile(
    rf"(?:密级|保密级别|保密等级|秘密等级):{_OPEN}?{_LEVEL}|(?:本|此)(?:文件?|件|材料|资料)(?:系|为|属于?|是|按){_LEVEL}级?"
    r"|保密期限:(?:[0-9]|长期)"
)
_LEVEL_MARKS = (_STARRED, _TERMED, _RANKED, _BRACKETED, _CALLED)

_INSIDE_LINE = re.compile(rf"^{_OPEN}?{_INSIDE}[!。]?{_CLOSE}?$")
_INSIDE_BRACKETED = re.compile(rf"{_OPEN}{_INSIDE}{_CLOSE}")
_INSIDE_CALLED = re.compile(
    r"内部(?:文件|资料|材料|使用|传阅|参考)[,、·;]?(?:注意|请勿|不得|严禁|禁止|妥善|切勿)|仅(?:限|供)(?:于)?(?:学?校|本单位|系统)?内部(?:使用|传阅|参考|掌握)"
    r"|(?:密级|公开属性|知悉范围):(?:内部|工作秘密)(?!控制|审计)|(?:本|此|该)(?:文件?|件|材料|资料|通知)?[^,。;]{0,4}(?:系|为|属于?|按|作为)工作秘密|^按工作秘密(?:管理|处理)|工作秘密[★☆*]"
    # 校内使用 is said of car parks and accounts, so only of a document; 参考用书 is a book.
    rf"|仅(?:限|供)于?(?:学?校|学?院|系)内(?:部门?)?(?:师生|人员|教职工|教师)?(?:传阅|参考|掌握)(?!书|用书|资料|文献|文件|教材)"
    rf"|{_THIS},?(?:仅(?:限|供)?于?)?(?:学?校?内部|校内)(?:使用|传阅|参考|掌握)|(?:{_THIS}|(?:以上|上述)[^,。;]{{0,6}})(?:为|属于?|系|是){_HOUSE}?内部(?:文件|资料|材料|件)"
    r"|(?<![\u4e00-\u9fff])内部[★☆※](?:(?![★☆※\u4e00-\u9fff])|长期)|[★☆※]内部(?![★☆※\u4e00-\u9fff])"
)
_CLOSED_THIS = re.compile(
    rf"(?<![若如凡对])(?<!如果){_THIS}(?:属于?|为)?{CLOSED}(?=$|[。!,;)\]】〕])|^{_OPEN}{CLOSED}{_CLOSE}。?$"
)
#: 公开属性：不予公开, said outright; what is ticked is read in openness.
_CLOSED_CALLED = re.compile(
    rf"{OPENNESS}:·?{_OPEN}?{CLOSED}(?![的/、或和及□○|]|{_OPEN}{_CLOSE}|主动|依申请|部分|(?:理由|原因|依据|说明|情形)(?!:))"
)
_INSIDE_MARKS = (_INSIDE_LINE, _INSIDE_BRACKETED, _INSIDE_CALLED, _CLOSED_THIS)
#: One of these is in every such mark; most lines have none.
_MAY_BE_INSIDE = re.compile("[内秘]|保[密存管]|外传|[不以予宜得可外]公开|向?外[泄披发]")
#: In every line that forbids to give something out.
_MAY_BE_KEPT = re.compile("[外公扩]")
_KEPT_IN = re.compile(
    r"(?:不得|严禁|请勿|禁止|切勿|谨防|不可|不准|勿)(?:擅自|随意|私自|转发|复制|翻印|摘抄|向?对?外|[、或和及,])*"
    rf"(?:外传|外泄|对外传播|扩散(?=[,。;!]|$))|(?:{_THIS}|(?:以上|上述|本|此)(?:名单|材料|资料|文件|内容|数据|表))"
    rf"(?:,?仅[^,。;]{{1,12}})?(?:,?未经[^,。;]{{1,8}})?,?{_SHUT}(?![\u4e00-\u9fff])"
    r"|^(?!涉|属|凡|有关)(?:.{0,8}(?:文件|材料|资料|件|名单|通知))?,?(?:不得|请勿|严禁)(?:对外)?公开[。!]?$"
)
#: A rule about tests, passwords or secrets in general forbids the same of other things.
_OF_OTHERS = re.compile(r"试题|试卷|考题|题库|答案|密码|口令|账号|涉密|国家秘密|商业秘密|^第.{1,5}条|病历|档案")
_DRAFT_LINE = re.compile(
    rf"{_OPEN}(?!以下|下称|简称)[^\])}}】〕」>]{{0,6}}{_DRAFT}[^\])}}】〕」>]{{0,6}}{_CLOSE}|^{_DRAFT}(?:[(第0-9].{{0,8}})?$|(?<![成交了])征求意见稿$"
)
#: A draft given out under its own title, not one that is spoken of.
_DRAFT_GIVEN = re.compile(rf"^《[^《》]*{_DRAFT}[^《》]*》$|(?:印发|发布|公布)《[^《》]*[(]{_DRAFT}")
_CLAUSE = re.compile(r"[。;]")


def marks_in(where: str, text: str, *, consultation: bool) -> Iterator[Hit]:
    """The marks of a plain text, one hit a line and kind; a draft is none while its consultation runs."""
    for line in text.split("\n"):
        whole = squeezed(line)
        bare = _QUOTED.sub("", _TITLE.sub("", whole)) if _MAY_QUOTE.search(whole) else whole
        draft = not consultation and "稿" in whole
        if draft:
            yield from _first(where, Kind.DRAFT, whole, (_DRAFT_GIVEN,))
        if bare:
            yield from _first(where, Kind.CLASSIFIED, bare, _LEVEL_MARKS if "密" in bare else ())
            yield from _first(where, Kind.INTERNAL, bare, _INSIDE_MARKS if _MAY_BE_INSIDE.search(bare) else ())
            if "公开" in bare:
                yield from _closed(where, line, bare)
            if _MAY_BE_KEPT.search(bare):
                yield from _kept_in(where, bare)
            if draft:
                yield from _first(where, Kind.DRAFT, bare, (_DRAFT_LINE,))


def marks_beside(grid: Grid) -> Iterator[Hit]:
    """The marks in cells right of 公开属性: alone such a cell is a word, of a report's table too."""
    for number, row in enumerate(grid.rows):
        for column, line in said_beside(row):
            yield from _closed(grid.cell(number, column), line, squeezed(line))


def _closed(where: str, line: str, bare: str) -> Iterator[Hit]:
    """不予公开 behind 公开属性, ticked or said outright."""
    said = _CLOSED_CALLED.search(bare)
    if shown := said[0] if said else closed_by_tick(line):
        yield Hit(Kind.INTERNAL, where, shown[:20])


def _first(where: str, kind: Kind, line: str, marks: tuple[re.Pattern[str], ...]) -> Iterator[Hit]:
    for mark in marks:
        if found := mark.search(line):
            yield Hit(kind, where, found[0][:20])
            return


def _kept_in(where: str, line: str) -> Iterator[Hit]:
    if _INSIDE_LINE.search(line):
        return
    for clause in _CLAUSE.split(line):
        if (found := _KEPT_IN.search(clause)) and not _OF_OTHERS.search(clause):
            yield Hit(Kind.INTERNAL, where, found[0][:20])
            return
