"""Everything that the papers are made of, from one reading of the store, so that they cannot contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jobs.beside import Beside, sides_of
from jobs.compare import Year, before_of
from jobs.freeze import Standing, standing
from jobs.registers import figures
from jobs.report import Report, report_in
from rules.dates import Period
from rules.deadlines import Clock
from rules.item import Taxonomy
from rules.registers import Registers
from rules.school import School
from store.db import Db
from store.ledger import Entry, Went
from store.span import Span


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that the papers are made of."""

    report: Report
    registers: Registers
    entries: Sequence[Entry]
    went: Sequence[Went]
    taxonomy: Taxonomy
    beside: Beside
    #: The same of the days a year earlier; None: nobody counted then.
    before: Year | None = None
    #: What was frozen of these days, compared with today; None: nothing was handed in yet.
    handed_in: Standing | None = None
    #: 制表日期; None: that of the cut-off.
    made_on: date | None = None

    @property
    def checked(self) -> bool:
        """False: the papers say 未核对 on their first page."""
        return self.report.checked and self.registers.holds

    @property
    def has_rows(self) -> bool:
        """False: not one item was registered or pushed; the papers say on their first page that nobody counted."""
        return self.report.has_rows

    @property
    def year(self) -> Year:
        """The period's own figures, to be compared."""
        return Year(report=self.report, beside=self.beside, registers=self.registers)

    def as_json(self) -> dict[str, Any]:
        """The report's figures, those beside them, the registers', the same of the year before (null: not known), and
        what was `frozen` of these days (null: nothing was)."""
        before = None if self.before is None else self.before.as_json()
        frozen = None if self.handed_in is None else self.handed_in.as_json()
        return {**self.year.as_json(), "before": before, "frozen": frozen, "checked": self.checked}


def gather(
    db: Db, school: School, period: Period, *, cut_off: datetime, clock: Clock, registers: Registers | None = None,
    made_on: date | None = None,
) -> Facts:  # fmt: skip
    """Count, and read the rows behind the figures, in one transaction."""
    span = Span(period.start, period.end, cut_off)
    with db.snapshot() as conn:
        found = report_in(conn, school, period, cut_off=cut_off, wholes=True)
        sides = sides_of(conn, span, found, school.taxonomy.list_items, clock)
        registered = figures(conn, school, span).registers
        before = before_of(conn, school, period, clock, span=span)
        handed_in = standing(conn, school, period, found)
    return Facts(
        report=found,
        registers=registers or registered,
        entries=sides.entries,
        went=sides.went,
        taxonomy=school.taxonomy,
        beside=sides.counted(),
        before=before,
        handed_in=handed_in,
        made_on=made_on,
    )
