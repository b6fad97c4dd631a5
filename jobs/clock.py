"""The clock (期限): once a day, who is to be reminded of which term, once at each of its stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jobs.office import Office
from rules import advice
from rules.dates import day_of
from rules.deadlines import Clock, Deadline, Kind, State, countdown
from rules.due import open_terms
from rules.naming import named
from rules.reminders import to_department
from rules.text import cut_chars
from rules.workdays import not_entered
from store import due, facts

#: How the subjects of these alarms begin, after their department.
MINE = "期限:"
#: The stage of a term that is written down wrongly, and of an outcome that is owed.
WRONG, OWED = "口径", "待公布"
#: The states in which people are told, by kind.
_TELL = {
    Kind.PUBLISH: (State.NEAR, State.URGENT, State.LATE),
    Kind.UPDATE: (State.NEAR, State.URGENT, State.LATE),
    Kind.NOTICE: (State.OVER,),
    Kind.CONSULT: (State.NEAR,),
    Kind.OUTCOME: (State.URGENT, State.LATE),
    Kind.REPORT: (State.LATE,),
    Kind.FILING: (),
}
#: What is said by kind: by when, and what to do.
_SAYS = {
    Kind.PUBLISH: "应在 {due} 前公开{left}。请抓紧办理；已经公开的，请在登记表填写公开日期",
    Kind.UPDATE: "已变更，应在 {due} 前更新{left}。请核对新版本，更正运行 python bot.py correct {item} --reason 原因",
    Kind.NOTICE: "公示期已于 {due} 满。请从网站、公告栏等处撤下{by_bot}",
    Kind.CONSULT: "征求意见于 {due} 截止{left}。截止后请汇总意见，20个工作日内公布结果",
    Kind.OUTCOME: "征求意见已于 {begins} 截止，结果应在 {due} 前公布{left}。请把结果登记为一条，标题写同一名称和“征求意见结果”",
    Kind.REPORT: "应在 {due} 前报送并公布{left}。请用 python bot.py report 核对数字；公布后登记为一条，不再提醒",
    Kind.FILING: "应在 {due} 前报省级教育行政部门备案{left}",
}


@dataclass
class Reminded:
    """What one run came to: terms that run, and reminders that are new."""

    terms: int = 0
    reminded: int = 0


def clock_of(office: Office) -> Clock:
    """Today, and what the school counts terms by."""
    return Clock(day_of(office.now()), office.school.calendar, office.school.terms)


def remind(office: Office) -> Reminded:
    """Raise what is new, one alarm a term and stage, and clear what is over: done, or at a later stage."""
    clock, now = clock_of(office), office.now()
    with office.db.read() as conn:
        terms = open_terms(due.dated(conn, clock.today), clock, due.began_on(conn))
    wanted = {**dict(_lacking(clock)), **dict(_of_terms(office, terms, clock))}
    done = Reminded(len(terms))
    with office.db.write() as conn:
        done.reminded = facts.keep_alarms(conn, MINE, wanted, now)
    return done


def _lacking(clock: Clock) -> Iterator[tuple[str, str]]:
    """The years without 放假安排 that a term beginning today would touch."""
    last = clock.calendar.after(clock.today, clock.terms.publish).day
    for year in clock.calendar.unknown(clock.today, last):
        yield f"{MINE}放假安排:{year}", f"{not_entered(year)}。{advice.enter_year(year)}"


def _of_terms(office: Office, terms: Iterable[Deadline], clock: Clock) -> Iterator[tuple[str, str]]:
    departments, takes_down = office.school.departments, office.school.take_down
    for term in terms:
        for stage in stages(term):
            number = departments.get(term.department, "")
            yield to_department(number, _subject(term, stage))[:150], words(term, stage, clock, takes_down)


def _subject(term: Deadline, stage: str) -> str:
    """What a reminder is known by: a term whose last day is another one is told anew, and one that is told weekly."""
    told = "" if term.moves else str(term.due.day)
    weeks = f":第{term.weeks}周" if term.weeks else ""
    return f"{MINE}{term.kind}:{term.item or term.due.day.year}:{stage}:{told}{weeks}"


def stages(term: Deadline) -> list[str]:
    """What of a term people are told now; a stage that has passed is not told any more."""
    found = [WRONG] if term.wrong and term.state is not State.OVER else []
    if term.state in _TELL[term.kind]:
        return [*found, term.state]
    step = countdown(term.left)
    if term.kind in (Kind.REPORT, Kind.FILING) and step is not None:
        return [str(step)]
    return [*found, OWED] if term.kind is Kind.OUTCOME else found


def words(term: Deadline, stage: str, clock: Clock, takes_down: bool) -> str:
    """A reminder: what stands where, whose it is, by when, and what to do."""
    what = named(term.item, term.title) if term.item is not None else f"《{term.title}》"
    who = f"{term.department}，" if term.department else ""
    if stage == WRONG:
        return f"期限需核对：{who}{what}{term.wrong}。请与责任部门核对后改正登记表或网页"
    says = _SAYS[term.kind].format(due=term.due.day, begins=term.begins_on, item=term.item, left=left(term, clock), by_bot=_by_bot(term, takes_down))
    also = [f"现在停着：{cut_chars(term.waits, 40)}"] if term.waits else []
    if vacation := clock.calendar.on_vacation(term.due.day):
        also.append(f"{vacation}照常计算工作日")
    also += [not_entered(year) for year in unknown(term, clock)]
    head = {State.NORMAL: "期限提醒", State.OVER: "公示期满"}.get(term.state, f"期限{term.state}")
    return "。".join([f"{head}：{who}{what}{says}", *also])


def _by_bot(term: Deadline, takes_down: bool) -> str:
    """Whether the bot takes a 公示 down that is over: only by a day that stands in the register or in its text."""
    if not takes_down:
        return "，已推送的文章也由人工删除"
    return "；能自动撤下的渠道由公开达撤下" if term.stated else "，已推送的文章也由人工删除：没有写公示止，这一天是估计的"


def left(term: Deadline, clock: Clock) -> str:
    """How much time there is, in words that follow a date."""
    if clock.today > term.due.day:
        return f"，已逾期 {-term.left} 个工作日" if term.left else "，已过期限"
    if clock.today == term.due.day:
        return "，今天是最后一天"
    return f"，还剩 {term.left} 个工作日" if term.left else "，剩下的都是休息日"


def unknown(term: Deadline, clock: Clock) -> tuple[int, ...]:
    """The years without 放假安排 that make a term an estimate."""
    return clock.calendar.unknown(term.begins_on, term.due.day) if term.due.estimated else ()
