"""Registers (登记簿): opened, filled, corrected and voided by a clerk; and what they come to in a span."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from jobs.office import Office
from rules import registry
from rules import registry_sums as sums
from rules.dates import day_of
from rules.figures import Identity
from rules.registers import Applications, Registers
from rules.registry import Fields, Problem, Register, Row
from rules.registry_sums import Days
from rules.school import School
from store import facts
from store import registers as store
from store.registers import Stored
from store.span import Span

T = TypeVar("T")
CLOSED, CORRECTED = "办结", "更正"


class Refused(Exception):
    """It cannot be written down; what is wrong, column by column, and what to do."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(
            "\n".join(f"“{each.column}”列：{each.text}" if each.column else each.text for each in problems)
        )
        self.problems = problems


def open_register(office: Office, register: Register, person: str) -> bool:
    """From now on the report says what the register holds, 0件 if it is empty; False if it was open."""
    now = office.now()
    with office.db.write() as conn:
        fresh = store.open_it(conn, register.name, person, now)
        if fresh:
            facts.record_act(conn, person=person, act="启用登记簿", subject=register.name, now=now)
    return fresh


def add(office: Office, register: Register, said: Mapping[str, str], person: str) -> int:
    """One row; returns its number. Raises Refused."""
    fields = checked(office, register, said)
    with office.db.write() as conn:
        _must_be_open(conn, register)
        return store.add(conn, register, fields, person, office.now())


def checked(office: Office, register: Register, said: Mapping[str, str]) -> Fields:
    """What was written, as it is stored; raises Refused with everything that is wrong."""
    fields, wrong = registry.read(register, said, day_of(office.now()))
    if wrong:
        raise Refused(*wrong)
    return fields


def _must_be_open(conn: Connection, register: Register) -> None:
    if register.name not in store.opened(conn):
        raise Refused(
            Problem("", f"登记簿“{register.name}”尚未启用。先运行  python bot.py register open {register.name}")
        )


def correct(office: Office, number: int, changes: Mapping[str, str], person: str) -> int:
    """Void the row and add what it should say, linked, in one commit; returns the new number. Raises Refused.

    An application is answered, and a case closed, in the same way. An empty value takes a column's content away.
    """
    with office.db.read() as conn:
        old = _standing(conn, number)
    register = registry.REGISTERS[old.register]
    fields = checked(office, register, {**{name: str(value) for name, value in old.fields.items()}, **changes})
    if fields == old.fields:
        raise Refused(Problem("", f"登记 {number} 的内容没有变化，没有更正"))
    closes = old.ended_on is None and registry.day_in(fields, register.ends) is not None
    now = office.now()
    with office.db.write() as conn:
        if not store.void(conn, number, person, CLOSED if closes else CORRECTED, now):
            _standing(conn, number)
        return store.add(conn, register, fields, person, now, replaces=number)


def void(office: Office, number: int, person: str, why: str) -> Stored:
    """The row was a mistake and does not count; returns it. Raises Refused."""
    if not why.strip():
        raise Refused(Problem("", "没有写明作废的原因"))
    with office.db.write() as conn:
        old = _standing(conn, number)
        store.void(conn, number, person, why.strip(), office.now())
    return old


def _standing(conn: Connection, number: int) -> Stored:
    """The row, which must still stand; raises Refused and names what took its place."""
    row = store.one(conn, number)
    if row is None:
        raise Refused(Problem("编号", f"没有编号为 {number} 的登记。列出：python bot.py register show 登记簿"))
    if row.void_at is not None:
        later = store.successor(conn, number)
        now_is = f"已更正为编号 {later}，请用新编号" if later else "已作废"
        raise Refused(Problem("编号", f"登记 {number} {now_is}"))
    return row


# -- figures


@dataclass(frozen=True)
class Figures:
    """What the registers come to in a span."""

    registers: Registers
    #: Open registers and their rows of the span; 依申请公开 by 收到日期.
    rows: Mapping[str, int] = field(default_factory=dict)
    identities: tuple[Identity, ...] = ()


def figures(conn: Connection, school: School, span: Span, known_at: datetime | None = None) -> Figures:
    """Counted from what was known at the cut-off (or then); a register that was not open by then is None, not 0.

    One that was opened after the span had ended knows of it only what was entered later: where that is nothing, it is
    None as well, for nobody was there to write anything down.
    """
    days = Days(span.first, span.last, day_of(span.cut_off))
    moment = known_at or span.cut_off
    known = {
        name: store.rows(conn, name, moment)
        for name, each in store.opened(conn).items() if each.opened_at <= moment
    }  # fmt: skip
    opened_late = {name for name, each in store.opened(conn).items() if day_of(each.opened_at) > span.last}
    known = {name: rows for name, rows in known.items() if name not in opened_late or _touches(rows, days)}
    mine = {name: sums.begun(each, days) for name, each in known.items()}
    applied, equations = _applications(known.get(registry.APPLICATIONS.name), days, school)
    return Figures(
        registers=_registers(mine, applied, store.by_hand(conn, span)),
        rows={name: len(each) for name, each in mine.items()},
        identities=equations,
    )


def rows_of(conn: Connection, span: Span) -> list[dict[str, Any]]:
    """The rows of every open register that begin in the span, or were carried into it, as known at the cut-off."""
    days, found = Days(span.first, span.last, day_of(span.cut_off)), []
    for name in sorted(name for name, each in store.opened(conn).items() if each.opened_at <= span.cut_off):
        rows = store.rows(conn, name, span.cut_off)
        found += [*(sums.carried_in(rows, days) if registry.REGISTERS[name].ends else ()), *sums.begun(rows, days)]
    return [{"id": row.id, "register": row.register, **row.fields} for row in found]


def changed_later(conn: Connection, school: School, span: Span, now: datetime) -> bool:
    """True if what was entered, corrected or voided after the cut-off would change what the registers come to."""
    then = figures(conn, school, span).registers
    return figures(conn, school, span, known_at=max(now, span.cut_off)).registers != then


def _touches(rows: Sequence[Row], days: Days) -> bool:
    """True if a row begins or ends in the span."""
    return any(days.hold(row.on_day) or days.hold(row.ended_on) for row in rows)


def _applications(
    rows: Sequence[Row] | None, days: Days, school: School
) -> tuple[Applications | None, tuple[Identity, ...]]:
    if rows is None:
        return None, ()
    found = sums.applications(rows, days, school.calendar, school.terms.answer)
    return found, sums.identities(rows, days, found)


def _registers(
    mine: Mapping[str, Sequence[Row]], applied: Applications | None, by_hand: Mapping[str, Mapping[str, int]]
) -> Registers:
    return Registers(
        applications=applied,
        closed=_of(mine, registry.CLOSED, lambda rows: sums.by(rows, "理由", registry.GROUNDS)),
        opinions=_of(mine, registry.OPINIONS, len),
        score=_score(mine.get(registry.OPINIONS.name, ())),
        surveys=_of(mine, registry.SURVEYS, _surveyed),
        complaints=_of(mine, registry.COMPLAINTS, len),
        reviews=_of(mine, registry.REVIEWS, len),
        lawsuits=_of(mine, registry.LAWSUITS, len),
        inquiries=_of(mine, registry.INQUIRIES, lambda rows: sums.by(rows, "方式", registry.WAYS, "次数")),
        consultations=_of(mine, registry.CONSULTATIONS, _consulted),
        by_hand=by_hand,
        trainings=_of(mine, registry.TRAININGS, lambda rows: (len(rows), sums.total(rows, "人数"))),
        rules_made=_of(mine, registry.RULES_MADE, len),
    )


def _of(mine: Mapping[str, Sequence[Row]], register: Register, count: Callable[[Sequence[Row]], T]) -> T | None:
    """None: nobody opened it."""
    return count(mine[register.name]) if register.name in mine else None


def _surveyed(rows: Sequence[Row]) -> tuple[int, int, int]:
    return sums.total(rows, "发放"), sums.total(rows, "回收"), sums.total(rows, "满意")


def _consulted(rows: Sequence[Row]) -> tuple[int, int, int]:
    return len(rows), sums.total(rows, "收到意见数"), sums.total(rows, "采纳数")


def _score(rows: Sequence[Row]) -> float | None:
    given = [sums.number(row, "评分") for row in _scored(rows)]
    return sum(given) / len(given) if given else None


def _scored(rows: Sequence[Row]) -> list[Row]:
    """The opinions that gave a 评分."""
    return [row for row in rows if "评分" in row.fields]


# -- the rows behind a figure


def behind(conn: Connection, school: School, span: Span, parts: Sequence[str]) -> tuple[str, list[tuple[Row, float]]]:
    """The unit of a figure of `Registers` and its rows, each with what it adds (to a mean: its value).

    Raises KeyError for what is none.
    """
    days = Days(span.first, span.last, day_of(span.cut_off))
    head, *rest = parts
    if head == "applications":
        return _behind_applications(store.rows(conn, registry.APPLICATIONS.name, span.cut_off), days, school, *rest)
    register, adds, unit = _OPENED[head]
    rows = sums.begun(store.rows(conn, register.name, span.cut_off), days)
    if head == "closed":
        return unit, [(row, 1) for row in rows if row.fields["理由"] == rest[0]]
    if head == "score":
        return unit, [(row, sums.number(row, "评分")) for row in _scored(rows)]
    if head == "inquiries":
        return unit, [(row, sums.number(row, "次数")) for row in rows if row.fields["方式"] == rest[0]]
    if not adds:
        if rest:
            raise KeyError(rest[0])
        return unit, [(row, 1) for row in rows]
    column = adds[int(rest[0])]
    return unit if column else "次", [(row, sums.number(row, column) if column else 1) for row in rows]


#: Figure → its register, the columns its parts add up (empty: its rows), and the unit.
_OPENED: Mapping[str, tuple[Register, tuple[str, ...], str]] = {
    "closed": (registry.CLOSED, (), "条"),
    "opinions": (registry.OPINIONS, (), "条"),
    "score": (registry.OPINIONS, (), "分"),
    "surveys": (registry.SURVEYS, ("发放", "回收", "满意"), "份"),
    "complaints": (registry.COMPLAINTS, (), "件"),
    "reviews": (registry.REVIEWS, (), "件"),
    "lawsuits": (registry.LAWSUITS, (), "件"),
    "inquiries": (registry.INQUIRIES, (), "次"),
    "consultations": (registry.CONSULTATIONS, ("", "收到意见数", "采纳数"), "条"),
    "trainings": (registry.TRAININGS, ("", "人数"), "人次"),
    "rules_made": (registry.RULES_MADE, (), "项"),
}


def _behind_applications(
    rows: Sequence[Stored], days: Days, school: School, name: str, kind: str = ""
) -> tuple[str, list[tuple[Row, float]]]:
    closed = sums.answered(rows, days)
    if name in ("fees", "waived"):
        column = {"fees": "收费金额", "waived": "减免金额"}[name]
        return "元", [(row, sums.money([row], column)) for row in closed if column in row.fields]
    found: Mapping[str, Callable[[], Sequence[Row]]] = {
        "carried_in": lambda: sums.carried_in(rows, days),
        "received": lambda: sums.begun(rows, days),
        "answered": lambda: closed,
        "carried_out": lambda: sums.carried_out(rows, days),
        "late": lambda: sums.late(rows, days, school.calendar, school.terms.answer),
        "late_open": lambda: sums.late_open(rows, days, school.calendar, school.terms.answer),
        "by_answer": lambda: [row for row in closed if row.fields.get("答复类型") == kind],
    }
    return "件", [(row, 1) for row in found[name]()]
