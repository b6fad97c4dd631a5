"""What the office's persons do on fixed days: review, return, release, hurry, schedule, confirm, decide after an outage.

Each deed goes through the very function that the desk calls; demo/figures.py counts afterwards what came of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from demo import clerk
from demo.stage import APP_ID, Stage
from jobs import review
from jobs.backlog import beat, come_back, decide
from jobs.orders import confirm, day_list, hurry, schedule
from jobs.review import Conclusion
from jobs.survey import survey_daily
from rules.backlog import Policy
from rules.dates import at
from rules.item import MAY_OPEN
from rules.review import RETURNED
from store import tables as t

REVIEWER, LEADER, ON_DUTY = "示例审查人", "示例分管领导", "示例值班员"
#: The row of the sample that comes without any review (demo/sample/mistakes.json).
UNREVIEWED = "XXGK-2020-0036"
#: The item that a person publishes by hand on the official account, and an article that is no item at all.
BY_HAND, OWN_ARTICLE = "XXGK-2020-0047", "校园秋色：镜头里的十月"
ACCOUNT = "wechat_oa"
#: The weeks in which the account is surveyed: each at first, later every fourth, to the end of the year.
WEEKS = (*range(17), *range(20, 53, 4))
BASIS = "《高等学校信息公开办法》第五条，逐项审查"


@dataclass
class Deed:
    """What a person does at a moment of the school year."""

    at: datetime
    does: Callable[[Stage], object]
    done: bool = False


@dataclass(frozen=True)
class Outage:
    """The days on which nothing of the bot runs."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """True on one of them."""
        return self.first <= day <= self.last


def outage_of(start: date) -> Outage:
    """Three days in November of the school year that begins on `start`, from Tuesday to Thursday."""
    first = date(start.year, 11, 24)
    return Outage(first, first + timedelta(days=2))


def year_of_deeds(start: date) -> list[Deed]:
    """The deeds of the school year that begins on `start`, in their order."""
    year, away = start.year, outage_of(start)

    def on(month: int, day: int, hour: int, minute: int = 0) -> datetime:
        return at(date(year, month, day), time(hour, minute))

    return [
        Deed(on(9, 21, 9, 5), _writes(clerk.HELD)),
        Deed(on(9, 21, 9, 5), _writes(clerk.RELEASED)),
        Deed(on(9, 21, 10), _releases(clerk.RELEASED, "是公寓值守的工作电话，经核对可以公布")),
        Deed(on(10, 14, 10), _concludes(UNREVIEWED, MAY_OPEN, BASIS)),
        Deed(on(10, 20, 9, 5), _writes(clerk.RETURNED)),
        Deed(on(10, 20, 10), _concludes(clerk.RETURNED, RETURNED, "没有写明调整后的时间和起始日期")),
        Deed(on(10, 21, 9, 5), _writes(clerk.RETURNED, **clerk.MENDED)),
        Deed(on(10, 21, 10), _concludes(clerk.RETURNED, MAY_OPEN, BASIS)),
        Deed(on(10, 30, 9, 30), _publish_by_hand),
        Deed(on(11, 10, 21, 40), _writes(clerk.URGENT)),
        Deed(on(11, 10, 21, 50), _concludes(clerk.URGENT, MAY_OPEN, BASIS)),
        Deed(on(11, 10, 21, 50), _hurries(clerk.URGENT, "今晚停水，须当晚通知到学生")),
        Deed(on(11, 17, 9, 5), _confirm_mode(True)),
        Deed(on(11, 17, 10, 50), _confirms),
        Deed(on(11, 18, 9, 5), _confirm_mode(False)),
        Deed(at(away.first - timedelta(days=1), time(18)), lambda stage: beat(stage.office)),
        Deed(at(away.last + timedelta(days=1), time(9, 5)), lambda stage: come_back(stage.office)),
        Deed(at(away.last + timedelta(days=1), time(10, 30)), _decides),
        Deed(on(12, 4, 9, 5), _writes(clerk.TIMED)),
        Deed(on(12, 4, 10), _schedules(clerk.TIMED, on(12, 7, 12))),
        *(Deed(moment, _surveys) for moment in _fridays(start)),
        Deed(on(11, 6, 14), _surveys),  # the morning's failed (demo/upsets.py)
    ]


def _fridays(start: date) -> Iterator[datetime]:
    """Friday mornings: weekly is enough to lose no figure, and four weeks no article; a year of weeks would take long."""
    first = start + timedelta(days=(4 - start.weekday()) % 7)
    return (at(first + timedelta(weeks=week), time(10, 30)) for week in WEEKS)


def do_what_is_due(stage: Stage, deeds: list[Deed]) -> bool:
    """Let the persons do what they do by now; True if anything was done."""
    due = [each for each in deeds if not each.done and each.at <= stage.clock.now]
    for each in due:
        each.does(stage)
        each.done = True
    return bool(due)


def item_of(stage: Stage, number: str) -> int:
    """The item that was registered under this 编号."""
    with stage.office.db.read() as conn:
        return int(conn.execute(select(t.items.c.id).where(t.items.c.number == number)).scalar_one())


def _writes(number: str, **mended: str) -> Callable[[Stage], None]:
    return lambda stage: clerk.write_row(stage.register, number, **mended)


def _releases(number: str, why: str) -> Callable[[Stage], int]:
    return lambda stage: review.release(stage.office, item_of(stage, number), LEADER, why)


def _concludes(number: str, word: str, basis: str) -> Callable[[Stage], str]:
    """The reviewer concludes on the item as it stands in the queue."""

    def does(stage: Stage) -> str:
        item = item_of(stage, number)
        [seen] = [waiting.mark for waiting, _, _ in review.queue(stage.office) if waiting.item_id == item]
        said = Conclusion(word=word, reviewer=REVIEWER, basis=basis)
        return review.conclude(stage.office, item, seen, said, REVIEWER)

    return does


def _hurries(number: str, why: str) -> Callable[[Stage], None]:
    return lambda stage: hurry(stage.office, item_of(stage, number), ON_DUTY, why)


def _schedules(number: str, when: datetime) -> Callable[[Stage], None]:
    return lambda stage: schedule(stage.office, item_of(stage, number), ON_DUTY, when)


def _confirm_mode(on: bool) -> Callable[[Stage], None]:
    def does(stage: Stage) -> None:
        stage.office.school = replace(stage.office.school, confirm=on)

    return does


def _publish_by_hand(stage: Stage) -> None:
    """Somebody in the 宣传部 publishes an item in the console before the bot's hour, and an article of the account's own."""
    link = article_of(stage)
    articles = [{"title": link[0], "content_source_url": link[1]}, {"title": OWN_ARTICLE}]
    stage.sandbox.admin("person", appid=APP_ID, do="publish", articles=articles)


def article_of(stage: Stage) -> tuple[str, str]:
    """Title and page of the item that is published by hand."""
    v = t.versions.c
    query = select(v.title, v.url).join(t.items, t.items.c.version_id == v.id).where(t.items.c.number == BY_HAND)
    with stage.office.db.read() as conn:
        title, url = conn.execute(query).one()
    return title, url


def _surveys(stage: Stage) -> None:
    stage.surveyed.append((stage.clock.now, survey_daily(stage.office, ACCOUNT)))


def _confirms(stage: Stage) -> int:
    return confirm(stage.office, day_list(stage.office), ON_DUTY)


def _decides(stage: Stage) -> int:
    """What the outage made late goes with the next bundles."""
    return decide(stage.office, (), Policy.DIGEST, LEADER)
