"""Everything that the papers are made of, from one reading of the store, so that they cannot contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from jobs.freeze import Standing, standing
from jobs.registers import figures
from jobs.report import Report, report_in
from rules.dates import Period
from rules.deadlines import Clock, Kind, State
from rules.item import Taxonomy
from rules.registers import Registers
from rules.school import School
from rules.states import Result
from store import ledger
from store.db import Db
from store.ledger import Entry, Went
from store.span import Span

#: The ministry's numbers that are 重点领域: 招生考试, 财务、资产及收费 (教办函〔2014〕23号).
ADMISSION, FINANCE = range(7, 15), range(15, 22)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What the papers say besides the report's own figures, each counted from the ledger's rows."""

    #: 条 reviewed in the span, by kind, and those of them returned or refused.
    one_by_one: int
    standing: int
    refused: int
    #: Of the disclosed items (条): no review is kept; made public within the term, after it, or nobody can tell.
    unreviewed: int
    in_time: int
    late: int
    undated: int
    #: 条 of the 重点领域.
    admission: int
    finance: int
    #: Items (项) of the ministry's list: apply, have something, have nothing, do not apply.
    list_applying: int
    list_there: int
    list_lacking: int
    list_waived: int
    #: 小项 of the school's, and those with something.
    sub_items: int
    sub_items_used: int
    #: 条次 of all channels and origins.
    failed: int
    partial: int


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that the papers are made of."""

    report: Report
    registers: Registers
    entries: Sequence[Entry]
    went: Sequence[Went]
    taxonomy: Taxonomy
    beside: Beside
    #: What was frozen of these days, compared with today; None: nothing was handed in yet.
    handed_in: Standing | None = None

    @property
    def checked(self) -> bool:
        """False: the papers say 未核对 on their first page."""
        return self.report.checked and self.registers.holds

    def as_json(self) -> dict[str, Any]:
        """The report's figures, those beside them, and the registers'."""
        more = {"beside": asdict(self.beside), "registers": asdict(self.registers)}
        return {**self.report.as_json(), **more, "checked": self.checked}


def gather(
    db: Db, school: School, period: Period, *, cut_off: datetime, clock: Clock, registers: Registers | None = None
) -> Facts:
    """Count, and read the rows behind the figures, in one transaction."""
    span = Span(period.start, period.end, cut_off)
    with db.snapshot() as conn:
        found = report_in(conn, school, period, cut_off=cut_off)
        placed = ledger.went(conn, span)
        entries = ledger.entries(conn, span, placed)
        reviewed = ledger.reviewed(conn, span)
        registered = figures(conn, school, span).registers
        handed_in = standing(conn, school, period)
    return Facts(
        report=found,
        registers=registers or registered,
        entries=entries,
        went=sorted((each for many in placed.values() for each in many), key=lambda each: each.id),
        taxonomy=school.taxonomy,
        beside=_beside(found, entries, reviewed, clock),
        handed_in=handed_in,
    )


def _beside(found: Report, entries: Sequence[Entry], reviewed: ledger.Reviewed, clock: Clock) -> Beside:
    mine = [each for each in entries if each.counts]
    stands = [timely(each, clock) for each in mine]
    listed, subs = found.items.list_items, [sub for each in found.items.categories for sub in each.sub_items]
    applying = listed.keys() - set(found.items.list_waived)
    return Beside(
        one_by_one=reviewed.one_by_one,
        standing=reviewed.standing,
        refused=reviewed.refused,
        unreviewed=sum(not each.reviewer for each in mine),
        in_time=stands.count(State.IN_TIME),
        late=stands.count(State.OPENED_LATE),
        undated=stands.count(None),
        admission=_under(mine, ADMISSION),
        finance=_under(mine, FINANCE),
        list_applying=len(applying),
        list_there=sum(1 for number in applying if listed[number]),
        list_lacking=sum(1 for number in applying if not listed[number]),
        list_waived=len(found.items.list_waived),
        sub_items=len(subs),
        sub_items_used=sum(1 for each in subs if each.items),
        failed=sum(each.results.get(Result.FAILURE, 0) for each in found.channels),
        partial=sum(each.results.get(Result.PARTIAL, 0) for each in found.channels),
    )


def _under(entries: Iterable[Entry], numbers: range) -> int:
    """条 under any of these numbers of the list, each once."""
    return sum(1 for each in entries if set(each.list_items) & set(numbers))


def timely(each: Entry, clock: Clock) -> State | None:
    """Whether a disclosed item was made public within the term; None: it does not show when it was made."""
    begun = each.formed_on or each.approved_on
    if begun is None or each.disclosed_on is None:
        return None
    return clock.twenty(Kind.PUBLISH, begun, each.disclosed_on).state
