"""Replay a school year on a clock of its own: watch, route, plan, deliver, track, every push over real HTTP."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from config.places import DEMO, HOME, config_folder
from config.settings import headers_of
from demo.colleagues import at_work, has_work
from demo.deeds import Deed, Outage, do_what_is_due, outage_of, year_of_deeds
from demo.pages import moves, put_up, site_of
from demo.persons import press
from demo.register import GrowingCsv, GrowingWorkbook, growing
from demo.stage import Stage, stage
from demo.trouble import Trouble, strike, year_of_trouble
from demo.upsets import Upset, upset, year_of_upsets
from jobs.backlog import beat
from jobs.deliver import deliver
from jobs.forecast import Forecast, forecast
from jobs.plan import plan
from jobs.route import route
from jobs.scan import look_through
from jobs.site import register
from jobs.sweep import sweep
from jobs.track import measure, track
from jobs.visits import read_visits
from jobs.watch import watch, write_problem_sheet
from rules.dates import SchoolYear, at, day_of
from rules.item import Entry
from rules.school import Column
from sources import make as make_source
from sources.base import Source
from store import facts, placements, receipts, unfinished
from store.migrate import upgrade

SAMPLE = HOME / "demo" / "sample"
CONFIG = HOME / "demo" / "config"

#: When an office's day brings something: the clerk has written the sheet, the account's hour, the groups' two.
MORNING = time(9, 5)
MOMENTS = (MORNING, time(11), time(12), time(18))

#: The fact under which a store keeps where it has the school's own pages.
SITE = "demo_site"
#: The channel whose members may press 已阅.
APP = "wecom_app"

Progress = Callable[[date, int], None]


class NotADemo(Exception):
    """The database holds something else than a demonstration: nothing is touched."""


#: Days that the plan looks ahead, and from how many pushes on it is worth showing.
WEEK, FEW = 7, 4


@dataclass
class Replay:
    """One replay: its stage, what grows, and the trouble it meets."""

    stage: Stage
    columns: list[Column]
    files: list[GrowingWorkbook | GrowingCsv]
    troubles: list[Trouble]
    upsets: list[Upset]
    #: What the office's persons do on their days, and the days on which the bot does not run.
    deeds: list[Deed]
    outage: Outage | None
    start: date
    end: date
    #: Where this store has the school's own pages.
    site: str
    #: The first and the last approval day of the sheets.
    first: date
    last: date
    #: The coming week as it was planned on the first morning on which several pushes waited.
    week: Forecast | None = None
    #: From when on nobody has pressed 已阅 yet, and whether the app has sent anything since.
    _pressed: datetime | None = None
    _unread: bool = False
    _sources: list[tuple[Column, Source]] = field(default_factory=list)

    def run(self, progress: Progress) -> None:
        """Day by day to the report day; days on which nothing can happen cost nothing."""
        office = self.stage.office
        upgrade(office.db)
        with office.db.write() as conn:
            facts.set_meta(conn, "demo", "1")
            facts.set_meta(conn, SITE, self.site)
            facts.ensure_channels(conn, office.channels)
        self._sources = [
            (column, make_source(column, self.stage.clock, self.stage.office.env)) for column in self.columns
        ]
        due = {day for file in self.files for day in file.days()} | {day_of(deed.at) for deed in self.deeds}
        due |= {each.day + timedelta(days=n) for each in self.upsets for n in (0, 1)}
        for offset in range((self.end - self.start).days + 1):
            day = self.start + timedelta(days=offset)
            progress(day, offset)
            if self.outage is not None and self.outage.holds(day):
                continue
            if day in due or day == self.start or day.day == 1 or self._unfinished() or has_work(self.stage):
                self._live(day, grows=day in due or day == self.start)
        self.stage.set_clock(at(self.end, time(18)))
        self._remember()

    def _unfinished(self) -> bool:
        """True if anything waits for a push, an answer or a look."""
        with self.stage.office.db.read() as conn:
            return unfinished.next_due(conn) is not None or unfinished.any_open(conn) or placements.any_waiting(conn)

    def _live(self, day: date, *, grows: bool) -> None:
        """One day: its fixed moments, and those in between at which something has become due."""
        if grows:
            for file in self.files:
                if day in file.days() or day == self.start:
                    file.grow(day)
        moment: datetime | None = at(day, MORNING)
        while moment is not None and day_of(moment) == day:
            self.stage.set_clock(moment)
            self._tick(first=moment == at(day, MORNING) and grows, monthly=day.day == 1 and moment == at(day, MORNING))
            moment = self._next(moment, day)
        self._remember()

    def _next(self, now: datetime, day: date) -> datetime | None:
        fixed = [at(day, each) for each in MOMENTS if at(day, each) > now]
        with self.stage.office.db.read() as conn:
            due = unfinished.next_due(conn)
        soon = [max(due, now + timedelta(seconds=1))] if due is not None else []
        soon += [deed.at for deed in self.deeds if deed.at > now]
        coming = [each for each in (*fixed, *soon) if day_of(each) == day]
        return min(coming, default=None)

    def _tick(self, *, first: bool, monthly: bool) -> None:
        office, now = self.stage.office, self.stage.clock.now
        self._press(now)
        upset(self.stage, self.upsets)
        if do_what_is_due(self.stage, self.deeds) or first:
            for column, source in self._sources:
                watch(office, column, source, now)
            look_through(office, now)
            route(office, now)
        if monthly or now == at(self.start, MORNING):
            for name in office.channels:
                measure(office, name)
        plan(office, now)
        if first and self.week is None and len((found := forecast(office, WEEK)).leaving) >= FEW:
            self.week = found
        strike(self.stage, self.troubles)
        with office.db.read() as conn:
            busy = unfinished.busy(conn, now) | receipts.busy(conn)
        for name in sorted(busy):
            deliver(office, name)
            track(office, name)
        self._unread = self._unread or APP in busy
        if now == at(day_of(now), MORNING):
            at_work(self.stage)
            register(office)
            self.stage.visited[day_of(now)] = read_visits(office, pause=0)
        if busy or has_work(self.stage):
            sweep(office, now)

    def _press(self, now: datetime) -> None:
        """What the app sent in the morning is read later that day: some press its button."""
        if self._unread and now in {at(day_of(now), each) for each in MOMENTS[1:]}:
            press(self.stage.sandbox, self.stage.secrets, self._pressed or at(self.start, time()))
            self._pressed, self._unread = now, False

    def _remember(self) -> None:
        """How far this store has come: a replay that was interrupted goes on from here."""
        with self.stage.office.db.write() as conn:
            facts.set_meta(conn, "demo_at", self.stage.clock.now.isoformat())
        beat(self.stage.office)

    def problem_sheets(self) -> list[Path]:
        """Write the 问题清单 of each watched folder."""
        sheets = [write_problem_sheet(self.stage.office, column) for column in self.columns]
        return [sheet for sheet in sheets if sheet is not None]


@contextmanager
def opened(folder: Path, database_url: str | None, keep: bool, under: Path = DEMO.parent) -> Iterator[Replay]:
    """A replay of a folder of sheets, ready to run. Raises NotADemo, and ValueError if the folder holds no item.

    The folder is read first: what cannot be replayed removes no earlier demonstration.
    """
    named = _named(folder)
    entries, approved = _read(named)
    name = hashlib.sha256(database_url.encode()).hexdigest()[:8] if database_url else DEMO.name
    home = under / name
    url = database_url or f"sqlite:///{(home / 'demo.sqlite3').as_posix()}"
    last, site = _left_off(url) if database_url or keep else (None, "")
    if last is None:
        shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    start, end = SchoolYear.of(min(approved)).start, SchoolYear.of(max(approved)).end
    report_day = date(end.year, 10, 29)
    begin = last or at(start, time(8))
    with stage(CONFIG, home, url, begin, site) as ready:
        site = site or site_of(ready.sandbox.base)
        files = growing(folder, home / "登记表", entries, start, moves(site) if folder == SAMPLE else {})
        put_up(ready.sandbox, entries)
        if last is not None:
            _catch_up(files, day_of(last))
        columns = [
            each if folder == SAMPLE else replace(named, place=each.place) for each in ready.office.school.columns
        ]
        fresh = last is None
        deeds = [each for each in year_of_deeds(start) if each.at > begin] if folder == SAMPLE else []
        yield Replay(
            stage=ready, columns=columns, files=files, troubles=year_of_trouble(start) if fresh else [],
            upsets=year_of_upsets(start) if fresh and folder == SAMPLE else [], deeds=deeds,
            outage=outage_of(start) if deeds else None, start=day_of(begin), end=report_day, site=site,
            first=min(approved), last=max(approved),
        )  # fmt: skip


def _named(folder: Path) -> Column:
    """The folder as it is watched: a person's own goes by its own name and by the headers of school.toml."""
    name = folder.resolve().name[:50] or "登记表"
    headers = {} if folder == SAMPLE else headers_of(config_folder())
    return Column(name=name, kind="folder", place=str(folder), headers=headers)


def _read(column: Column) -> tuple[list[Entry], list[date]]:
    """The rows and their approval days; raises ValueError if there are none."""
    found = make_source(column, lambda: datetime.now().astimezone(), {}).fetch(None)
    approved = [entry.approved_on for entry in found.entries if entry.approved_on]
    if not approved:
        why = [str(problem) for problem in found.problems[:10]] or [found.note or "没有一行填写了批准日期"]
        first = f"{column.place} 中没有读到带批准日期的条目，没有开始演练；上一次演练的数据没有动。"
        raise ValueError("\n".join([first, *(f"  · {line}" for line in why)]))
    return list(found.entries), approved


def _catch_up(files: list[GrowingWorkbook | GrowingCsv], last: date) -> None:
    """The files as they stood when the store was last used, so that nothing seems to have vanished."""
    for file in files:
        if any(day <= last for day in file.days()):
            file.grow(last)


def _left_off(url: str) -> tuple[datetime | None, str]:
    """How far the demonstration in this database has come, and where it has the school's pages; raises NotADemo."""
    from sqlalchemy import inspect

    from store.db import Db

    db = Db(url)
    try:
        names = inspect(db.engine).get_table_names()
        if not names:
            return None, ""
        with db.read() as conn:
            if "meta" not in names or facts.get_meta(conn, "demo") != "1":
                raise NotADemo("这个数据库里有演练以外的数据，演练不会动它。请换一个空数据库")
            last, site = facts.get_meta(conn, "demo_at"), facts.get_meta(conn, SITE) or ""
        return None if last is None else datetime.fromisoformat(last), site
    finally:
        db.close()
