"""Freeze (学年封存): the numbers handed in are kept with their rows' fingerprint, and what changes later is told, not hidden."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection

from jobs import registers
from jobs.report import Report, plain_of, report_in
from rules.dates import Period, day_of
from rules.school import School
from store import behind, frozen
from store.db import Db
from store.frozen import Frozen
from store.span import Span


class Refused(ValueError):
    """It cannot be frozen; the message says why and what to do."""


@dataclass(frozen=True)
class Change:
    """A figure that would be printed otherwise today; None: it was not, or is no longer, there."""

    place: str
    then: int | None
    now: int | None


@dataclass(frozen=True)
class Standing:
    """What was handed in, and what has become of it since: figures as of the same cut-off, and the rows behind them."""

    frozen: Frozen
    changes: tuple[Change, ...]
    #: False: rows behind the figures were changed, whether a figure shows it or not.
    same_rows: bool
    #: The cut-off of the report that is printed now, and where its figures are others than those handed in.
    printed_to: datetime
    printed: tuple[Change, ...]
    #: What was handed in before that, the oldest first, each with what the next one said otherwise.
    earlier: tuple[tuple[Frozen, tuple[Change, ...]], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """When and by whom, and `changes` since then as `{"place", "then", "now"}`, as of the cut-off of that time."""
        kept, changes = self.frozen, [asdict(each) for each in self.changes]
        said = {"frozen_at": kept.frozen_at, "frozen_by": kept.frozen_by, "cut_off": kept.cut_off}
        plain: dict[str, Any] = plain_of({**said, "same_rows": self.same_rows, "changes": changes})
        return plain


def freeze(db: Db, school: School, period: Period, *, cut_off: datetime, by: str, now: datetime) -> Frozen:
    """Keep the figures as of the cut-off. Raises Refused while they do not add up, or before the cut-off has come."""
    if cut_off > now:
        raise Refused("截止日还没有过去，过后再封存")
    if day_of(cut_off) <= period.end:
        raise Refused(f"这一期到 {period.end} 才结束，结束之后再封存，截止日写期满之后的一天")
    with db.write() as conn:
        before = frozen.last(conn, period.start, period.end)
        if before is not None and cut_off < before.cut_off:
            raise Refused(f"早于上一次封存的截止日 {day_of(before.cut_off)}，请写那一天或以后的截止日")
        found = report_in(conn, school, period, cut_off=cut_off, rolled=False)
        if not found.checked:
            raise Refused("有合计不成立（未核对），请更正后再封存：python bot.py report 列出涉及的条目")
        if not found.has_rows:
            raise Refused("这一期没有登记任何条目，没有可以封存的数字")
        made = Frozen(
            first=period.start,
            last=period.end,
            cut_off=cut_off,
            figures=json.dumps(_plain(conn, school, period, cut_off), ensure_ascii=False),
            fingerprint=_fingerprint(conn, Span(period.start, period.end, cut_off)),
            frozen_by=by,
            frozen_at=now,
        )
        frozen.add(conn, made)
    return made


def standing(conn: Connection, school: School, period: Period, printed: Report) -> Standing | None:
    """What was handed in of these days, compared with today's rows and with the report that is printed; None if nothing was."""
    found = frozen.of(conn, period.start, period.end)
    if not found:
        return None
    *earlier, kept = found
    then, span = json.loads(kept.figures), Span(period.start, period.end, kept.cut_off)
    again = _changes(then, _plain(conn, school, period, kept.cut_off))
    same = again if printed.cut_off == kept.cut_off else _changes(then, _beside(conn, school, period, printed))
    said = [json.loads(each.figures) for each in found]
    older = tuple((each, _changes(*pair)) for each, pair in zip(earlier, pairwise(said), strict=True))
    return Standing(kept, again, kept.fingerprint == _fingerprint(conn, span), printed.cut_off, same, older)


def _changes(then: Any, now: Any) -> tuple[Change, ...]:
    """Where two reports differ; that nobody knows a figure which was 0 is no difference."""
    old, new = dict(_figures(then)), dict(_figures(now))
    pairs = ((place, old.get(place), new.get(place)) for place in {**old, **new})
    return tuple(Change(place, was, is_) for place, was, is_ in pairs if (was or 0) != (is_ or 0))


def _plain(conn: Connection, school: School, period: Period, cut_off: datetime) -> dict[str, Any]:
    """Every figure that is printed of a period: the report's, and the registers'."""
    return _beside(conn, school, period, report_in(conn, school, period, cut_off=cut_off, rolled=False))


def _beside(conn: Connection, school: School, period: Period, report: Report) -> dict[str, Any]:
    span = Span(period.start, period.end, report.cut_off)
    registered = asdict(registers.figures(conn, school, span).registers)
    return {**report.as_json(), "registers": plain_of(registered)}


def _fingerprint(conn: Connection, span: Span) -> str:
    """SHA-256 over the items, placements, pushes, deliveries, reach figures and registers' rows as they were known then."""
    digest = hashlib.sha256()
    for read in (behind.items, behind.placements, behind.pushes, behind.deliveries, behind.reach, registers.rows_of):
        for row in read(conn, span):
            digest.update(json.dumps(row, ensure_ascii=False, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _figures(plain: Any, place: str = "") -> Iterator[tuple[str, int]]:
    """Every whole number of a report under its place. A list's members go by their name: a new channel moves no other."""
    if isinstance(plain, int) and not isinstance(plain, bool):
        yield place, plain
    elif isinstance(plain, dict):
        for key, each in plain.items():
            yield from _figures(each, f"{place}.{key}" if place else key)
    elif isinstance(plain, list):
        for number, each in enumerate(plain):
            yield from _figures(each, f"{place}.{_name(each) or number}")


def _name(each: Any) -> str:
    if not isinstance(each, dict):
        return ""
    parts = (str(each[key]) for key in ("label", "name", "metric", "basis", "origin") if each.get(key) is not None)
    return "，".join(dict.fromkeys(part for part in parts if part))
