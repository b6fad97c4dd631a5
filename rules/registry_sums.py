"""What a register's rows come to in a span, and the equation that must hold. Pure: rows in, figures out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from rules.answers import overdue_since
from rules.figures import Identity
from rules.registers import Applications
from rules.registry import ANSWERS, Row
from rules.workdays import Calendar

BALANCE = "依申请公开：上期结转＋新收＝办结＋结转"
BY_ANSWER = "依申请公开：各答复类型之和＝办结"


@dataclass(frozen=True)
class Days:
    """The days of a span, both included; `known`: the last day that its cut-off has seen."""

    first: date
    last: date
    known: date

    def hold(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last


def begun(rows: Iterable[Row], days: Days) -> list[Row]:
    """The rows whose day lies in the span."""
    return [row for row in rows if days.hold(row.on_day)]


def by(rows: Iterable[Row], column: str, known: Sequence[str], amount: str = "") -> dict[str, int]:
    """Rows, or the sum of a column of theirs, by the choices of another; every choice is there."""
    found: Counter[str] = Counter()
    for row in rows:
        found[str(row.fields[column])] += number(row, amount) if amount else 1
    return {name: found[name] for name in known}


def number(row: Row, column: str) -> int:
    """A whole number of a row; 0 if it has none."""
    return int(row.fields.get(column, 0))


def total(rows: Iterable[Row], column: str) -> int:
    """Σ of a column of whole numbers."""
    return sum(number(row, column) for row in rows)


def money(rows: Iterable[Row], column: str) -> float:
    """Σ of a column of money (元), added exactly."""
    return float(sum((Decimal(str(row.fields.get(column, 0))) for row in rows), Decimal()))


def carried_in(rows: Iterable[Row], days: Days) -> list[Row]:
    """Received before the span and not answered before it."""
    return [row for row in rows if row.on_day < days.first and not _ended_before(row, days.first)]


def carried_out(rows: Iterable[Row], days: Days) -> list[Row]:
    """Received by the end of the span and not answered by then."""
    after = days.last + timedelta(days=1)
    return [row for row in rows if row.on_day < after and not _ended_before(row, after)]


def _ended_before(row: Row, day: date) -> bool:
    return row.ended_on is not None and row.ended_on < day


def answered(rows: Iterable[Row], days: Days) -> list[Row]:
    """Answered in the span."""
    return [row for row in rows if days.hold(row.ended_on)]


def late(rows: Iterable[Row], days: Days, calendar: Calendar, term: int) -> list[Row]:
    """Those whose term passed in the span without an answer: each is late in one span only, whenever it is answered."""
    found = []
    for row in rows:
        ran_out = overdue_since(row, calendar, term)
        if ran_out is not None and days.first <= ran_out.day + timedelta(days=1) <= min(days.last, days.known):
            found.append(row)
    return found


def late_open(rows: Iterable[Row], days: Days, calendar: Calendar, term: int) -> list[Row]:
    """Of those late in the span: without an answer as far as is known."""
    return [row for row in late(rows, days, calendar, term) if row.ended_on is None or row.ended_on > days.known]


def applications(rows: Sequence[Row], days: Days, calendar: Calendar, term: int) -> Applications:
    """依申请公开 of a span; fees are counted with the answer."""
    closed = answered(rows, days)
    return Applications(
        carried_in=len(carried_in(rows, days)),
        received=len(begun(rows, days)),
        answered=len(closed),
        carried_out=len(carried_out(rows, days)),
        late=len(late(rows, days, calendar, term)),
        late_open=len(late_open(rows, days, calendar, term)),
        by_answer=by((row for row in closed if "答复类型" in row.fields), "答复类型", ANSWERS),
        fees=money(closed, "收费金额"),
        waived=money(closed, "减免金额"),
    )


def identities(rows: Sequence[Row], days: Days, found: Applications) -> tuple[Identity, ...]:
    """上期结转 + 新收 = 办结 + 结转, and 办结 by kind of answer; each names the rows that break it."""
    crossed = [row for row in rows if row.ended_on is not None and row.ended_on < row.on_day]
    unsaid = [row for row in answered(rows, days) if row.fields.get("答复类型") not in ANSWERS]
    return (
        Identity(BALANCE, found.carried_in + found.received, found.answered + found.carried_out, _names(crossed)),
        Identity(BY_ANSWER, sum(found.by_answer.values()), found.answered, _names(unsaid)),
    )


def _names(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(f"登记 {row.id}（{row.on_day} {str(row.fields.get('事项', ''))[:30]}）" for row in rows)


def shown(counts: Mapping[str, int], unit: str) -> str:
    """热线 3 次、网络 2 次; what is 0 is left out."""
    return "、".join(f"{name} {n} {unit}" for name, n in counts.items() if n)
