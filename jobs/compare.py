"""The year before: the same figures of the same days a year earlier, as far as anybody counted them then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from jobs import registers
from jobs.beside import Beside, sides_of
from jobs.report import Report, plain_of, report_in
from rules.dates import Period, year_before
from rules.deadlines import Clock
from rules.origin import BOT
from rules.registers import Registers
from rules.school import School
from store import due
from store.span import Span


@dataclass(frozen=True, kw_only=True)
class Year:
    """Every figure of a period. `pushed`: the bot was at work in all of it, so that what was pushed can be compared."""

    report: Report
    beside: Beside
    registers: Registers
    pushed: bool = True

    def as_json(self) -> dict[str, Any]:
        """The report's figures, those beside them, and the registers'."""
        more = {"beside": asdict(self.beside), "registers": asdict(self.registers)}
        return {**self.report.as_json(), **plain_of(more)}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure now and a year before, each with its place in the JSON (the earlier one's under `before`)."""

    name: str
    unit: str
    now: int
    before: int
    place: str
    place_before: str

    @property
    def change(self) -> str:
        """增加 3、减少 2（-10.0%） or 持平; a share only of what there was."""
        more = self.now - self.before
        if not more:
            return "持平"
        share = f"（{100 * more / self.before:+.1f}%）" if self.before else ""
        return f"{'增加' if more > 0 else '减少'}{abs(more)}{share}"


def before_of(conn: Connection, school: School, period: Period, clock: Clock, *, span: Span) -> Year | None:
    """The same days a year earlier, as known at the same cut-off; None if nothing was disclosed or pushed in them."""
    earlier = year_before(period)
    then = Span(earlier.start, earlier.end, span.cut_off)
    found = report_in(conn, school, earlier, cut_off=span.cut_off)
    if not was_counted(found):
        return None
    began = due.began_on(conn)
    return Year(
        report=found,
        beside=sides_of(conn, then, found, school.taxonomy.list_items, clock).counted(),
        registers=registers.figures(conn, school, then).registers,
        pushed=began is not None and began <= earlier.start,
    )


def was_counted(report: Report) -> bool:
    """False of days of which nobody knows anything: nothing was disclosed or pushed in them."""
    return bool(report.items.disclosed or any(each.due for each in report.channels))


def lines(now: Year, before: Year) -> Iterator[Line]:
    """What both years have a figure of; what one of them does not know is left out."""
    yield from _plain("主动公开条目", "条", "items.disclosed", now, before)
    yield from _named("categories", "条", now.report.items.categories, before.report.items.categories)
    for name in now.report.items.audiences:
        yield from _plain(f"面向{name}的条目", "条", f"items.audiences.{name}", now, before)
    yield from _plain("逾期公开", "条", "beside.late", now, before)
    yield from _plain("有公开条目的清单事项", "项", "beside.list_there", now, before)
    if before.pushed:
        yield from _channels(now, before)
    for name, unit, place in _REGISTERED:
        yield from _plain(name, unit, f"registers.{place}", now, before)


_REGISTERED = (
    ("依申请公开新收", "件", "applications.received"), ("评议意见", "条", "opinions"), ("举报", "件", "complaints"),
    ("行政复议", "件", "reviews"), ("行政诉讼", "件", "lawsuits"), ("制定、修订制度", "项", "rules_made"),
)  # fmt: skip


def _plain(name: str, unit: str, place: str, now: Year, before: Year) -> Iterator[Line]:
    mine, theirs = _at(now, place), _at(before, place)
    if mine is not None and theirs is not None:
        yield Line(name=name, unit=unit, now=mine, before=theirs, place=place, place_before=f"before.{place}")


def _at(year: Year, place: str) -> int | None:
    """The figure at a place; None if nobody knows it."""
    found: Any = {"items": year.report.items, "beside": year.beside, "registers": year.registers}
    for part in place.split("."):
        found = found.get(part) if isinstance(found, dict) else getattr(found, part, None)
    return None if found is None else int(found)


def _named(group: str, unit: str, now: Any, before: Any) -> Iterator[Line]:
    theirs = {each.name: (n, each) for n, each in enumerate(before)}
    for n, each in enumerate(now):
        if each.name in theirs:
            m, old = theirs[each.name]
            yield Line(
                name=each.name, unit=unit, now=each.items, before=old.items, place=f"items.{group}.{n}.items",
                place_before=f"before.items.{group}.{m}.items",
            )  # fmt: skip


def _channels(now: Year, before: Year) -> Iterator[Line]:
    """What the bot brought by each channel, and how often it wrote."""
    theirs = {each.name: (n, each) for n, each in enumerate(before.report.channels) if each.origin == BOT}
    for n, each in enumerate(now.report.channels):
        if each.origin != BOT or each.name not in theirs:
            continue
        m, old = theirs[each.name]
        for what, unit, mine, his in (("items", "条", each.items, old.items), ("pushes", "次", each.pushes, old.pushes)):
            if mine or his:
                name = f"{each.label}{'公开条目' if what == 'items' else '推送'}"
                yield Line(
                    name=name, unit=unit, now=mine, before=his, place=f"channels.{n}.{what}",
                    place_before=f"before.channels.{m}.{what}",
                )  # fmt: skip
