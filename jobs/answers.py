"""依申请公开: who is told that an application must be answered, once at 5, 2 and 0 working days left and once when late."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.clock import clock_of
from jobs.office import Office
from rules.answers import LATE, answer_due, step
from rules.deadlines import Clock
from rules.registry import APPLICATIONS, Row
from rules.text import cut_chars
from rules.workdays import Reckoned, not_entered
from store import facts, registers

#: How the subjects of these alarms begin.
MINE = "答复:"


@dataclass
class Answering:
    """What one run came to: applications that wait for an answer, and reminders that are new."""

    answers: int = 0
    reminded: int = 0


def remind_answers(office: Office) -> Answering:
    """Raise what is new, one alarm an application and step; clear what is over: answered, corrected, or at a later step."""
    clock, now = clock_of(office), office.now()
    with office.db.read() as conn:
        rows = [row for row in registers.rows(conn, APPLICATIONS.name) if row.ended_on is None]
    wanted = dict(filter(None, (_reminder(row, clock) for row in rows)))
    done = Answering(len(rows))
    with office.db.write() as conn:
        done.reminded = facts.keep_alarms(conn, MINE, wanted, now)
    return done


def _reminder(row: Row, clock: Clock) -> tuple[str, str] | None:
    """Subject and words; None while there is time, or while the applicant completes the application."""
    due = answer_due(row, clock.calendar, clock.terms.answer)
    if due is None or not (stage := step(clock.today, due.day, clock.calendar)):
        return None
    return f"{MINE}{row.id}:{stage}:{due.day}", _words(row, stage, due, clock)


def _words(row: Row, stage: str, due: Reckoned, clock: Clock) -> str:
    left = clock.left(due.day)
    when = "已逾期" if stage == LATE else "今天是最后一天" if clock.today == due.day else f"还剩 {left} 个工作日"
    if stage == LATE and left:
        when = f"已逾期 {-left} 个工作日"
    what = f"依申请公开登记 {row.id}“{cut_chars(str(row.fields['事项']), 40)}”（{row.on_day} 收到）"
    do = f"答复后登记：python bot.py register correct {row.id} --set 答复类型=… --set 答复日期=…"
    said = [f"{'答复逾期' if stage == LATE else '答复提醒'}：{what}应在 {due.day} 前答复，{when}", do]
    if due.estimated:
        said += [not_entered(year) for year in clock.calendar.unknown(row.on_day, due.day)]
    return "。".join(said)
