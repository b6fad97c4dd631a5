"""An item (条目) as an office writes it down, and what must be true before it may leave.

Sources: 保守国家秘密法实施条例 (2024) 第四十二条 (先审查后公开、逐项); 教办函〔2014〕23号.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from typing import Any

from rules.audience import PUBLIC
from rules.dates import day_of

OPEN = "主动公开"
ON_REQUEST = "依申请公开"
CLOSED = "不予公开"
DISCLOSURES = (OPEN, ON_REQUEST, CLOSED)
MAY_OPEN = "可以公开"
#: Conclusions that are plain consent, as reviewers write them. One with a condition or a part (同意，但…; 部分公开) is none.
CONSENTS = (
    MAY_OPEN, "可公开", "同意", "同意公开", "同意主动公开", "同意发布", "准予公开", "准予发布", "准予", "予以公开", "可以主动公开", "可以发布",
    "批准", "批准公开", "通过", "审查通过", "审核通过", "审批通过", "保密审查通过",
)  # fmt: skip
#: And those that are a plain refusal; whatever is neither is held until the reviewer says which.
REFUSALS = (
    CLOSED, "不同意", "不同意公开", "不宜公开", "不可以公开", "不可公开", "不得公开", "不公开", "不准予公开", "不批准", "不通过", "未通过",
    "审查不通过", "审核不通过", "审查未通过", "审核未通过", "暂缓", "暂缓公开", "暂不公开", "退回", "否",
)  # fmt: skip
#: How the problem of a row that stands twice begins: the other row stays good.
REPEATED = "重复登记"


@dataclass(frozen=True)
class Place:
    """Where an item was read: a file with sheet and row, or a site with an address."""

    file: str
    sheet: str = ""
    row: int = 0

    def __str__(self) -> str:
        sheet = f"工作表“{self.sheet}”" if self.sheet else ""
        return f"{self.file}{sheet}" + (f"第{self.row}行" if self.row else "")


@dataclass(frozen=True)
class Problem:
    """One thing a clerk must mend: where, what is wrong, and what to do."""

    place: Place
    column: str
    text: str
    fix: str

    def __str__(self) -> str:
        column = f"“{self.column}”列" if self.column else ""
        return f"{self.place}{column}：{self.text}。{self.fix}"


@dataclass(frozen=True)
class Review:
    """A secrecy review (保密审查): who concluded what, when, on what basis; 逐项审查 or a column's 栏目审核."""

    reviewer: str
    conclusion: str
    on: date | None
    basis: str = ""
    kind: str = "逐项审查"


def conclusion_of(text: str) -> str:
    """A conclusion as it is kept: a plain one without its blanks and full stop, anything else as it was written."""
    plain = re.sub(r"\s+", "", text).strip('。.！!；;“”"')
    return plain if plain in (*CONSENTS, *REFUSALS) else text


@dataclass(frozen=True)
class Attachment:
    """A file that belongs to an item."""

    name: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One item as a source hands it over: read, but not yet judged."""

    source: str
    place: Place
    title: str = ""
    number: str = ""
    doc_no: str = ""
    department: str = ""
    departments_beside: tuple[str, ...] = ()
    category: str = ""
    sub_item: str = ""
    list_items: tuple[int, ...] = ()
    disclosure: str = ""
    audience: tuple[str, ...] = ()
    inner_reason: str = ""
    formed_on: date | None = None
    approved_on: date | None = None
    published_on: date | None = None
    notice_from: date | None = None
    notice_to: date | None = None
    ends_on: date | None = None
    urgent: bool = False
    url: str = ""
    summary: str = ""
    body: str = ""
    note: str = ""
    attachments: tuple[Attachment, ...] = ()
    review: Review | None = None
    #: 公示起 and 公示止 were read from the text, which is in the digest itself (rules/notices.py).
    term_read: bool = False
    #: A key of the source's own (a web article's id); sheets leave it empty.
    own_key: str = ""
    #: What could not be read (an unreadable date, a merged cell); such a row goes to the 问题清单 and nowhere else.
    problems: tuple[Problem, ...] = field(default=(), compare=False)
    #: Needed columns that its sheet has not at all: told once for the sheet, never of each row.
    lacking: tuple[str, ...] = field(default=(), compare=False)

    def digest(self) -> str:
        """sha256 over all that a reader or a reviewer would see; not over where it stands.

        Empty fields are left out: a field that a later version of the bot adds changes no old item.
        """
        seen = [name for name in _SEEN if not (self.term_read and name in ("notice_from", "notice_to"))]
        facts = {name: value for name in seen if (value := getattr(self, name))}
        text = json.dumps(facts, ensure_ascii=False, default=_plain, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def is_notice(self) -> bool:
        """True for a 公示: pushed as notice and link, never as list (教财厅函〔2017〕28号)."""
        return self.notice_to is not None or "公示" in self.title


_SEEN = sorted({each.name for each in fields(Entry)} - {"source", "place", "problems", "lacking", "term_read"})


def _plain(value: object) -> object:
    return asdict(value) if isinstance(value, Review | Attachment) else str(value)


@dataclass(frozen=True)
class Category:
    """One of the school's categories (大类) with its sub-items (小项) and whether each counts (计入)."""

    name: str
    sub_items: Mapping[str, bool]


@dataclass(frozen=True)
class ListItem:
    """One of the ministry's 50 items (清单事项): who answers for it, and whether it applies to this school (适用)."""

    name: str
    department: str = ""
    applies: bool = True
    #: The months in which it is brought up to date (更新月份); none: asked for once a year.
    months: tuple[int, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """The school's categories, and the ministry's list by number."""

    categories: tuple[Category, ...]
    list_items: Mapping[int, ListItem]

    def sub_items_of(self, category: str) -> Mapping[str, bool]:
        """The sub-items of a category; empty if there is no such category."""
        return next((c.sub_items for c in self.categories if c.name == category), {})

    def counts(self, category: str, sub_item: str) -> bool:
        """True if the item counts toward the report (计入)."""
        return self.sub_items_of(category).get(sub_item, False)


def needs(entry: Entry) -> tuple[str, ...]:
    """The columns that a row of this kind cannot leave blank."""
    always = ("标题", "责任部门", "大类", "小项", "公开属性")
    if entry.disclosure in (ON_REQUEST, CLOSED):
        return always
    inner = ("校内公开理由",) if entry.audience and PUBLIC not in entry.audience else ()
    return (*always, "受众范围", *inner)


_FORMULA = re.compile(r"^\s*[=+\-@]\s*[A-Za-z(]")


def examine(entry: Entry, taxonomy: Taxonomy, knows_audience: Mapping[str, Any], today: date) -> tuple[Problem, ...]:
    """Everything wrong with a row, besides what its source could not even read."""
    checks = (_title, _department, _category, _list_items, _disclosure, _audience, _dates, _review, _lengths)
    found = [p for check in checks for p in check(entry, taxonomy, knows_audience)] + [*_future(entry, today)]
    seen = {p.column for p in entry.problems}
    return entry.problems + tuple(p for p in found if p.column not in seen)


def _short(text: str) -> str:
    """What is quoted of a cell: enough to find it, however much stands there."""
    return text if len(text) <= 40 else f"{text[:39]}…"


def _problem(entry: Entry, column: str, text: str, fix: str) -> Problem:
    return Problem(entry.place, column, text, fix)


def _title(entry: Entry, _t: Taxonomy, _a: Mapping[str, Any]) -> Iterable[Problem]:
    if not entry.title:
        yield _problem(entry, "标题", "标题为空", "请填写标题；如与上一行合并了单元格，请取消合并后分别填写")
    elif _FORMULA.match(entry.title):
        yield _problem(entry, "标题", "标题是公式或以“=”等符号开头", "请改为文字")


def _department(entry: Entry, _t: Taxonomy, _a: Mapping[str, Any]) -> Iterable[Problem]:
    if not entry.department:
        yield _problem(entry, "责任部门", "责任部门未填写", "请填写牵头的责任部门")


def _category(entry: Entry, taxonomy: Taxonomy, _a: Mapping[str, Any]) -> Iterable[Problem]:
    names = "、".join(c.name for c in taxonomy.categories)
    subs = taxonomy.sub_items_of(entry.category)
    if not entry.category:
        yield _problem(entry, "大类", "大类未填写", f"请填写其中之一：{names}")
    elif not subs:
        yield _problem(entry, "大类", f"没有“{_short(entry.category)}”这一大类", f"请改为其中之一：{names}")
    elif entry.sub_item not in subs:
        what = f"“{_short(entry.sub_item)}”不属于大类“{entry.category}”" if entry.sub_item else "小项未填写"
        yield _problem(entry, "小项", what, f"请改为其中之一：{'、'.join(subs)}")


def _list_items(entry: Entry, taxonomy: Taxonomy, _a: Mapping[str, Any]) -> Iterable[Problem]:
    unknown = [str(n) for n in entry.list_items if n not in taxonomy.list_items]
    if unknown:
        yield _problem(
            entry, "清单编号", f"事项清单没有第{'、'.join(unknown)}项", "请填写 1 至 50 之间的编号，没有对应事项的留空"
        )


def _disclosure(entry: Entry, _t: Taxonomy, _a: Mapping[str, Any]) -> Iterable[Problem]:
    if entry.disclosure not in DISCLOSURES:
        what = f"没有“{_short(entry.disclosure)}”这种公开属性" if entry.disclosure else "公开属性未填写"
        yield _problem(entry, "公开属性", what, f"请填写其中之一：{'、'.join(DISCLOSURES)}")


def _audience(entry: Entry, _t: Taxonomy, known: Mapping[str, Any]) -> Iterable[Problem]:
    if entry.disclosure != OPEN:
        return
    unknown = [node for node in entry.audience if node not in known]
    if not entry.audience:
        yield _problem(entry, "受众范围", "受众范围未填写，不按社会公开处理", f"请填写其中之一：{'、'.join(known)}")
    elif unknown:
        what = f"没有“{_short('、'.join(unknown))}”这一受众"
        yield _problem(entry, "受众范围", what, f"请改为其中之一：{'、'.join(known)}；新的受众在 school.toml 中定义")
    elif PUBLIC not in entry.audience and not entry.inner_reason:
        yield _problem(entry, "校内公开理由", "仅向校内公开的，应说明理由", "请填写校内公开理由")


def _dates(entry: Entry, _t: Taxonomy, _a: Mapping[str, Any]) -> Iterable[Problem]:
    approved, formed = entry.approved_on, entry.formed_on
    if approved is None and entry.disclosure == OPEN and entry.review is not None:
        yield _problem(entry, "批准日期", "批准日期未填写", "请填写审查通过的日期，如 2020-09-01")
    if approved and formed and approved < formed:
        yield _problem(entry, "批准日期", f"批准日期{approved}早于形成日期{formed}", "请核对两个日期")
    if entry.notice_from and entry.notice_to and entry.notice_to < entry.notice_from:
        yield _problem(entry, "公示止", "公示止早于公示起", "请核对公示起止日期")


def _future(entry: Entry, today: date) -> Iterable[Problem]:
    """Nobody has reviewed or approved yet what is dated tomorrow."""
    reviewed = entry.review.on if entry.review else None
    for word, day in (("审查", reviewed), ("批准", entry.approved_on)):
        if day and day > today:
            text = f"{word}日期{day}晚于今天，先拦下"
            yield _problem(entry, "批准日期", text, "请核对日期；尚未审查、批准的，通过之后再填写实际日期")
            return


def _review(entry: Entry, _t: Taxonomy, _a: Mapping[str, Any]) -> Iterable[Problem]:
    if entry.disclosure != OPEN:
        return
    review = entry.review
    if review is None:  # it waits in the queue (rules/review.py)
        return
    if not review.conclusion:
        yield _problem(entry, "审查结论", "没有审查结论，先审查、后公开", f"请完成保密审查后填写“{MAY_OPEN}”")
    elif conclusion_of(review.conclusion) in REFUSALS:
        yield _problem(entry, "审查结论", f"审查结论为“{review.conclusion}”，不得主动公开", "请改公开属性，或重新审查")
    elif review.conclusion not in CONSENTS:
        text = f"审查结论“{_short(review.conclusion)}”看不出是否同意公开，先拦下"
        yield _problem(entry, "审查结论", text, f"请由审查人明确，写“{MAY_OPEN}”或“{CLOSED}”")
    elif not review.reviewer:
        yield _problem(entry, "审查人", "没有审查人", "请填写审查人")
    elif review.on is None:
        yield _problem(entry, "批准日期", "没有审查时间", "请填写批准日期")


#: Characters the store keeps of a cell; PostgreSQL and MariaDB refuse more, and the whole look with it.
_LONGEST = {
    "编号": 100, "标题": 500, "文号": 100, "责任部门": 100, "链接": 1000, "摘要": 5000, "校内公开理由": 2000, "审查人": 100,
    "审查结论": 50, "审查依据": 2000,
}  # fmt: skip


def _lengths(entry: Entry, _t: Taxonomy, _a: Mapping[str, Any]) -> Iterable[Problem]:
    review = entry.review or Review("", "", None)
    cells = (
        entry.number, entry.title, entry.doc_no, entry.department, entry.url, entry.summary, entry.inner_reason,
        review.reviewer, review.conclusion, review.basis,
    )  # fmt: skip
    for (column, most), text in zip(_LONGEST.items(), cells, strict=True):
        if len(text) > most:
            yield _problem(entry, column, f"有{len(text)}个字，超过{most}个字", "请缩短，其余内容写入备注")


@dataclass(frozen=True)
class Gate:
    """Whether this version may leave, and if not, why."""

    open: bool
    reason: str


def withdrawn(disclosure: str) -> str:
    """Why nothing more of an item leaves whose new version may not be disclosed; empty if it may."""
    return "" if disclosure == OPEN else f"公开属性已改为{disclosure}，不再推送"


def gate(disclosure: str, audience: Iterable[str], review: Review | None, hold: str, today: date) -> Gate:
    """The last question before anything leaves: reviewed by today, 主动公开, audience known, nothing held."""
    if hold:
        return Gate(False, hold)
    if disclosure != OPEN:
        return Gate(False, f"公开属性为{disclosure or '空'}，不推送")
    if review is None or review.conclusion not in CONSENTS or not review.reviewer or review.on is None:
        return Gate(False, "没有完整的审查记录（审查人、结论、时间），先审查、后公开")
    if review.on > today:
        return Gate(False, f"审查日期{review.on}晚于今天，先审查、后公开")
    if not tuple(audience):
        return Gate(False, "受众范围未填写，不得推送")
    return Gate(True, f"{review.kind}：{review.reviewer} {review.on} {review.conclusion}")


def disclosed_on(published_on: date | None, first_taken: datetime | None) -> date | None:
    """公开日期: the source's own, else the day of the first accepted or booked placement."""
    return published_on or (day_of(first_taken) if first_taken else None)


def is_disclosed(dated: Any, is_open: Any, taken: Any) -> Any:
    """True if an item is 已公开: it has a 公开日期, and is 主动公开 or was pushed. A date alone discloses nothing.

    For plain truths and for columns of a query alike: what is listed and what is counted obey one rule.
    """
    return dated & (is_open | taken)
