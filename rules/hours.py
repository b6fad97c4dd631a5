"""When a target may be written to: the channel's hours, class hours, holidays and vacations as the school sets them.

House rules of real schools: 8:00–20:00, nothing while students sit in class, 紧急情况除外 (a person's order, logged).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from rules.dates import SHANGHAI, Window, at, day_of, last_slot, next_slot
from rules.routing import Target
from rules.school import School
from rules.workdays import Calendar

#: A vacation is shorter than this.
LONGEST = 200


@dataclass(frozen=True)
class Hours:
    """The hours of one target."""

    window: Window = field(default_factory=Window)
    #: On working days outside the vacations.
    lessons: tuple[Window, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    #: Whether it is written to on 休息日 and 节假日, and in the vacations.
    holidays: bool = True
    vacations: bool = True

    def why_closed(self, now: datetime) -> str:
        """Why nothing may leave now; empty if it may."""
        if day := self._day_off(now):
            return day
        if not self.window.holds(now):
            return self.window.outside
        lesson = self._lesson(now)
        return f"上课时间 {lesson.opens:%H:%M}—{lesson.closes:%H:%M} 不推送" if lesson else ""

    def next_open(self, now: datetime) -> datetime:
        """`now` if it may be written to, else the first moment at which it may."""
        moment = now
        for _ in range(LONGEST * (2 + len(self.lessons))):
            if not self.why_closed(moment):
                return moment
            moment = self._later(moment)
        return moment

    def next_chance(self, now: datetime, slots: tuple[time, ...], last: datetime | None = None) -> datetime:
        """When what waits from `now` on may leave: at `next_open`, or where a channel has fixed times at the first of a day
        after which nothing has left; `last` is the target's last push. As `waiting.why_wait` has it."""
        moment = self.next_open(now)
        for _ in range(LONGEST if slots else 0):
            slot = last_slot(moment, slots)
            if slot is not None and (last is None or last < slot):
                return moment
            moment = self.next_open(next_slot(moment, slots))
        return moment

    def _later(self, now: datetime) -> datetime:
        """The end of what closes it now."""
        if self._day_off(now):
            return at(day_of(now) + timedelta(days=1), time.min)
        if not self.window.holds(now):
            return self.window.next_open(now)
        lesson = self._lesson(now)
        return at(day_of(now), lesson.closes) if lesson else now

    def _day_off(self, now: datetime) -> str:
        day = day_of(now)
        if not self.vacations and (name := self.calendar.on_vacation(day)):
            return f"{name}期间不推送"
        return "休息日和节假日不推送" if not self.holidays and not self.calendar.is_workday(day) else ""

    def _lesson(self, now: datetime) -> Window | None:
        """The class hours that `now` lies in."""
        day, clock = day_of(now), now.astimezone(SHANGHAI).time()
        if not self.calendar.is_workday(day) or self.calendar.on_vacation(day):
            return None
        return next((each for each in self.lessons if each.opens <= clock < each.closes), None)


def hours_of(school: School, target: Target, exposure: str | None = None) -> Hours:
    """As its channel is set, and as its audience sits in class.

    A group in which some of its members sit in class (教职工 and 学生 together: 校内) keeps their hours too. A place that
    others than its members read (`exposure`: an account's page, a notice board) rings nobody's telephone in class.
    """
    setting, inside = school.channels[target.channel], school.audiences.inside
    mine = [
        each
        for each in school.lessons
        if inside(target.audience, [each.audience])
        or (exposure is None and inside(each.audience, [target.audience]))
    ]
    lessons = tuple(time for each in mine for time in each.times) if setting.lessons else ()
    return Hours(setting.window, lessons, school.calendar, setting.holidays, setting.vacations)
