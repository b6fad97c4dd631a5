"""依申请公开: by when an application must be answered.

Source: 《高等学校信息公开办法》(教育部令第29号): 15 working days; the time in which the applicant completes an
application (补正) is not counted. How terms are counted: rules/workdays.py.
"""

from __future__ import annotations

from datetime import date

from rules.registry import Row, day_in
from rules.workdays import Calendar, Reckoned

#: Working days before the last at which a reminder goes out.
STEPS = (5, 2, 0)
LATE = "逾期"


def answer_due(row: Row, calendar: Calendar, days: int) -> Reckoned | None:
    """The last day for an answer; None while the applicant has been asked to complete the application."""
    whole = calendar.after(row.on_day, days)
    asked = day_in(row.fields, "补正通知日期")
    if asked is None or asked > whole.day:  # what had run out already is not brought back
        return whole
    completed = day_in(row.fields, "补正收到日期")
    if completed is None:
        return None
    return calendar.after(completed, days - calendar.between(row.on_day, asked))


def overdue_since(row: Row, calendar: Calendar, days: int) -> Reckoned | None:
    """The last day of a term that passed without an answer; None if it was answered by then, or the clock stands."""
    due = answer_due(row, calendar, days)
    return due if due is not None and (row.ended_on is None or row.ended_on > due.day) else None


def step(today: date, due: date, calendar: Calendar) -> str:
    """The step that has come: 5, 2 or 0 working days left, or 逾期; empty before the first."""
    if today > due:
        return LATE
    left = calendar.between(today, due)
    return next((str(each) for each in reversed(STEPS) if left <= each), "")
