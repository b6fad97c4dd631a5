"""What a replay came to: the report's figures, how each trouble ended, the problems for the clerk, and both sets of books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from demo.books import Compared, compare
from demo.figures import Figure, figures
from demo.replay import Replay
from demo.trouble import Ended, endings
from demo.upsets import endings as upsets_ended
from jobs.forecast import Forecast
from jobs.report import Report, report
from rules.dates import SchoolYear
from rules.item import Problem
from rules.origin import BOT
from rules.states import TAKEN, Status
from store import facts, reviews
from store import tables as t


@dataclass(frozen=True, kw_only=True)
class Result:
    """One replay's result."""

    reports: tuple[Report, ...]
    pushed_now: int
    #: Placements (条次) that neither ended nor wait with a reason: must be none.
    unexplained: int
    waiting: int
    troubles: tuple[Ended, ...]
    #: What the office's rules and its persons' orders came to.
    figures: tuple[Figure, ...]
    problems: tuple[Problem, ...]
    #: Items (条) that nobody has reviewed yet, so that nothing was pushed.
    unreviewed: int
    compared: tuple[Compared, ...]
    #: The coming week as it was planned on one morning.
    week: Forecast | None
    seconds: float

    @property
    def good(self) -> bool:
        """True if every sum holds, nothing is lost, nothing doubled, and every trouble is solved."""
        sums = all(each.checked for each in self.reports)
        books = all(each.equal for each in self.compared)
        rules = all(each.kept for each in self.figures)
        return sums and books and rules and not self.unexplained and all(each.solved for each in self.troubles)

    def as_json(self) -> dict[str, Any]:
        """One object; at the top, for a quick look, the figures of all its years together."""
        return {
            "ok": self.good,
            "items": sum(each.items.disclosed for each in self.reports),
            "registered": sum(each.items.registered for each in self.reports),
            "categories": _categories(self.reports),
            "placements": _placements(self.reports),
            "pushed_now": self.pushed_now,
            "waiting": self.waiting,
            "unexplained": self.unexplained,
            "identities_broken": [i.name for each in self.reports for i in each.identities if not i.holds],
            "books": {each.key: {**asdict(each), "equal": each.equal} for each in self.compared},
            "troubles": [asdict(each) for each in self.troubles],
            "figures": {each.name: asdict(each) for each in self.figures},
            "problems": [str(each) for each in self.problems],
            "unreviewed": self.unreviewed,
            "week": _week(self.week),
            "seconds": round(self.seconds, 1),
            "reports": [each.as_json() for each in self.reports],
        }


def _week(found: Forecast | None) -> dict[str, Any] | None:
    """A plan in short: from when to when, what leaves, and what stays with its reason."""
    if found is None:
        return None
    leaving = [
        {"at": each.at.isoformat(), "target": each.target.number, "titles": list(each.titles)} for each in found.leaving
    ]
    staying = [{"target": each.target, "title": each.title, "reason": each.reason} for each in found.staying]
    return {"since": found.since.isoformat(), "until": found.until.isoformat(), "leaving": leaving, "staying": staying}


def _categories(years: Iterable[Report]) -> Counter[str]:
    found: Counter[str] = Counter()
    for year in years:
        found.update({each.name: each.items for each in year.items.categories})
    return found


def _placements(years: Iterable[Report]) -> Mapping[str, Mapping[str, int]]:
    """条次 of the bot by channel and result, over all years."""
    found: dict[str, Counter[str]] = {}
    for each in [channel for year in years for channel in year.channels if channel.origin == BOT]:
        found.setdefault(each.name, Counter()).update({"due": each.due, **each.results})
    return found


def result_of(replay: Replay, before: int, seconds: float) -> Result:
    """Count, compare, and ask how everything ended."""
    office = replay.stage.office
    years = range(SchoolYear.of(replay.first).first, SchoolYear.of(replay.last).first + 1)
    reports = [report(office.db, office.school, SchoolYear(year), cut_off=replay.stage.clock.now) for year in years]
    with office.db.read() as conn:
        problems, unreviewed = tuple(facts.list_problems(conn)), len(reviews.waiting(conn))
    waiting, unexplained = _open(replay)
    return Result(
        reports=tuple(reports),
        pushed_now=pushes(replay) - before,
        unexplained=unexplained,
        waiting=waiting,
        troubles=tuple(_troubles(replay)),
        figures=figures(replay.stage),
        problems=problems,
        unreviewed=unreviewed,
        compared=tuple(compare(replay.stage)),
        week=replay.week,
        seconds=seconds,
    )


def _troubles(replay: Replay) -> list[Ended]:
    """All that went wrong on purpose, by day."""
    ended = [*endings(replay.stage, replay.troubles), *upsets_ended(replay.stage, replay.upsets)]
    return sorted(ended, key=lambda each: each.day)


def pushes(replay: Replay) -> int:
    """Pushes (次) that somebody got, in the whole store."""
    d = t.deliveries.c
    with replay.stage.office.db.read() as conn:
        return conn.scalar(select(func.count(d.push_id.distinct())).where(d.status.in_(TAKEN))) or 0


def _open(replay: Replay) -> tuple[int, int]:
    """Placements that wait with a stated reason, and those that neither ended nor say why they wait."""
    p, d = t.placements.c, t.deliveries.c
    ended = (*TAKEN, Status.FAILED, Status.EXPIRED, Status.CANCELLED, Status.RETRACTED)
    query = (
        select(p.push_id, p.reason, d.reason, d.status)
        .outerjoin(t.deliveries, d.push_id == p.push_id)
        .where(p.ended == "")
    )
    waiting = unexplained = 0
    with replay.stage.office.db.read() as conn:
        for push_id, why_placed, why_delivered, status in conn.execute(query):
            if push_id is not None and status in ended:
                continue
            said = why_placed if push_id is None else why_delivered
            waiting, unexplained = waiting + bool(said), unexplained + (not said)
    return waiting, unexplained


def years_of(first: date, last: date) -> str:
    """The school years a replay covers, in words."""
    start, end = SchoolYear.of(first), SchoolYear.of(last)
    return start.label if start == end else f"{start.label}至{end.label}"
