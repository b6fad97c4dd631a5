"""The registers (登记簿) that a report needs and no push can give: their columns, and what is wrong with a row.

Source: 教办厅函〔2018〕80号 (the eight parts of the year's report), 《高等学校信息公开办法》(教育部令第29号).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from rules.dates import parse_day
from rules.guard.numbers import numbers_in
from rules.guard.plain import plain

#: What a row says: column → value. Days are 2020-09-01, money is 12.50; what was left empty is not in it.
Fields = Mapping[str, str | int]

LONGEST = 2000
MOST = 10_000_000


class Kind(StrEnum):
    """What may stand in a column."""

    DAY = "日期"
    NUMBER = "整数"
    MONEY = "金额"
    CHOICE = "选择"
    TEXT = "文字"


@dataclass(frozen=True)
class Field:
    """One column."""

    name: str
    kind: Kind = Kind.TEXT
    needed: bool = True
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = MOST
    #: A day may lie ahead.
    ahead: bool = False


@dataclass(frozen=True, kw_only=True)
class Register:
    """One register: its columns, what one row is counted as, and which days decide its period."""

    name: str
    #: A shorter name, as it may be typed.
    word: str
    unit: str
    columns: tuple[Field, ...]
    #: The column whose day decides the period, and the one whose day ends the row; empty: rows have no end.
    on: str = "日期"
    ends: str = ""
    #: Columns of which the first may not exceed the second.
    rising: tuple[tuple[str, str], ...] = ()
    #: Columns that are filled both or neither.
    together: tuple[tuple[str, str], ...] = ()

    def field(self, name: str) -> Field | None:
        return next((each for each in self.columns if each.name == name), None)


@dataclass(frozen=True)
class Problem:
    """What is wrong in which column, and what to write instead."""

    column: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row as it was known."""

    id: int
    register: str
    fields: Fields
    on_day: date
    ended_on: date | None = None


def _day(name: str, *, needed: bool = True, ahead: bool = False) -> Field:
    return Field(name, Kind.DAY, needed, ahead=ahead)


def _number(name: str, *, needed: bool = True, least: int = 0, most: int = MOST) -> Field:
    return Field(name, Kind.NUMBER, needed, least=least, most=most)


def _choice(name: str, *words: str, needed: bool = True) -> Field:
    return Field(name, Kind.CHOICE, needed, words)


def _case(name: str) -> Register:
    """举报, 复议 and 诉讼 have the same columns."""
    columns = (_day("日期"), Field("事由"), Field("结果", needed=False), _day("结案日期", needed=False))
    return Register(name=name, word=name, unit="件", columns=columns, ends="结案日期", rising=(("日期", "结案日期"),))


#: 补正 stops the clock and answers nothing; 未补正: the applicant let its term pass, and the application is closed.
ANSWERS = ("同意公开", "部分公开", "不予公开", "信息不存在", "非本校掌握", "已主动公开", "未补正", "撤回", "其他")
GROUNDS = ("国家秘密", "商业秘密", "个人隐私", "工作秘密", "其他")
WAYS = ("热线", "网络", "来访")

APPLICATIONS = Register(
    name="依申请公开", word="申请", unit="件", on="收到日期", ends="答复日期",
    columns=(
        _day("收到日期"),
        _choice("方式", "当面", "信函", "电子邮件", "网络", "传真", "其他"),
        _choice("申请人类别", "教职工", "学生", "社会"),
        Field("事项"),
        _day("补正通知日期", needed=False),
        _day("补正收到日期", needed=False),
        _choice("答复类型", *ANSWERS, needed=False),
        _day("答复日期", needed=False),
        Field("收费金额", Kind.MONEY, needed=False),
        Field("减免金额", Kind.MONEY, needed=False),
    ),
    rising=(
        ("收到日期", "补正通知日期"), ("补正通知日期", "补正收到日期"), ("补正收到日期", "答复日期"),
        ("收到日期", "答复日期"), ("补正通知日期", "答复日期"),
    ),
    together=(("答复类型", "答复日期"),),
)  # fmt: skip
CLOSED = Register(
    name="不予公开", word="不予", unit="条", columns=(_day("日期"), Field("事项"), _choice("理由", *GROUNDS))
)
OPINIONS = Register(
    name="评议意见", word="评议", unit="条",
    columns=(
        _day("日期"), Field("渠道"), _choice("身份", "教职工", "学生", "社会"),
        _number("评分", needed=False, least=1, most=5), Field("意见"), Field("处理", needed=False),
    ),
)  # fmt: skip
SURVEYS = Register(
    name="满意度调查", word="调查", unit="次",
    columns=(_day("日期"), _number("发放", least=1), _number("回收"), _number("满意")),
    rising=(("回收", "发放"), ("满意", "回收")),
)  # fmt: skip
COMPLAINTS, REVIEWS, LAWSUITS = map(_case, ("举报", "复议", "诉讼"))
INQUIRIES = Register(
    name="咨询", word="咨询", unit="次", columns=(_day("日期"), _choice("方式", *WAYS), _number("次数", least=1))
)
CONSULTATIONS = Register(
    name="征求意见", word="征求", unit="次", on="起", ends="结果公布日期",
    columns=(
        Field("事项"), _day("起"), _day("止", ahead=True), _number("收到意见数", needed=False), _number("采纳数", needed=False),
        _day("结果公布日期", needed=False),
    ),
    rising=(("起", "止"), ("起", "结果公布日期"), ("采纳数", "收到意见数")),
)  # fmt: skip
TRAININGS = Register(
    name="培训", word="培训", unit="次", columns=(_day("日期"), Field("内容"), _number("人数", least=1))
)
RULES_MADE = Register(
    name="制度", word="制度", unit="项", columns=(_day("日期"), Field("名称"), Field("文号", needed=False))
)
REGISTERS = {
    each.name: each
    for each in (
        APPLICATIONS, CLOSED, OPINIONS, SURVEYS, COMPLAINTS, REVIEWS, LAWSUITS, INQUIRIES, CONSULTATIONS, TRAININGS,
        RULES_MADE,
    )
}  # fmt: skip


def find(text: str) -> Register | None:
    """The register that is meant by its name or its word."""
    return next((each for each in REGISTERS.values() if text.strip() in (each.name, each.word)), None)


def read(register: Register, said: Mapping[str, str], today: date) -> tuple[Fields, tuple[Problem, ...]]:
    """What was written, as it is stored, and everything that is wrong with it."""
    fields: dict[str, str | int] = {}
    wrong = [
        Problem(name, f"{register.name}没有这一列，可填：{'、'.join(each.name for each in register.columns)}")
        for name in said if register.field(name) is None
    ]  # fmt: skip
    for each in register.columns:
        try:
            value = _value(each, said.get(each.name, "").strip(), today)
        except ValueError as error:
            wrong.append(Problem(each.name, str(error)))
        else:
            if value is not None:
                fields[each.name] = value
    told = {each.column for each in wrong}
    return fields, (*wrong, *(each for each in _between(register, fields) if each.column not in told))


def _value(field: Field, text: str, today: date) -> str | int | None:
    """One cell; None if it is empty. Raises ValueError."""
    if not text:
        if field.needed:
            raise ValueError("未填写，请补上")
        return None
    if field.kind is Kind.DAY:
        return _day_value(text, None if field.ahead else today)
    if field.kind is Kind.NUMBER:
        return _whole(field, text)
    if field.kind is Kind.MONEY:
        return _money(text)
    if field.kind is Kind.CHOICE and text not in field.choices:
        raise ValueError(f"“{text[:40]}”应为{'、'.join(field.choices)}之一")
    return _line(text)


def _day_value(text: str, latest: date | None) -> str:
    day = parse_day(text)
    if latest is not None and day > latest:
        raise ValueError(f"日期 {day} 还没有到，请核对")
    return day.isoformat()


def _whole(field: Field, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not field.least <= int(text) <= field.most:
        upper = f"至 {field.most}" if field.most < MOST else "或更大"
        raise ValueError(f"“{text[:40]}”应为整数，{field.least} {upper}")
    return int(text)


def _money(text: str) -> str:
    bare = text.removesuffix("元").replace(",", "").strip()
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", bare):
        raise ValueError(f"“{text[:40]}”应为金额（元），如 20 或 12.50")
    return f"{Decimal(bare):.2f}"


def _line(text: str) -> str:
    """A text as one line."""
    if len(text) > LONGEST:
        raise ValueError(f"超过 {LONGEST} 个字，请写摘要")
    if numbers_in(plain(text)):
        raise ValueError("含身份证号、手机号或银行卡号，登记簿不留这些号码，请删去后再登记")
    return " ".join(text.split())


def _between(register: Register, fields: Fields) -> Iterator[Problem]:
    """What contradicts itself from one column to another."""
    for low, high in register.rising:
        first, second = fields.get(low), fields.get(high)
        if first is not None and second is not None and _exceeds(first, second):
            says = "晚于" if isinstance(first, str) else "大于"
            yield Problem(low, f"“{low}”（{first}）{says}“{high}”（{second}），请核对")
    for one, other in register.together:
        for there, lacking in ((one, other), (other, one)):
            if there in fields and lacking not in fields:
                yield Problem(lacking, f"填写了“{there}”，“{lacking}”未填写，请补上")


def _exceeds(first: str | int, second: str | int) -> bool:
    """Numbers by their size; days as they are stored sort as they follow."""
    if isinstance(first, int) and isinstance(second, int):
        return first > second
    return str(first) > str(second)


def day_in(fields: Fields, column: str) -> date | None:
    """The day in a column; None if the row has none."""
    text = fields.get(column) if column else None
    return None if text is None else date.fromisoformat(str(text))
