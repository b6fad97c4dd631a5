"""The account's own figures over real HTTP, against the sandbox: the bot sends one article, persons send others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from channels import http
from desk.report import lines
from jobs.deliver import deliver
from jobs.plan import plan
from jobs.report import Report, report
from jobs.route import route
from jobs.scan import look_through
from jobs.survey import Done, survey, survey_daily
from jobs.track import track
from jobs.watch import watch
from rules.dates import SchoolYear, day_of
from sources.base import Fetched
from store import facts
from store import tables as t
from store.db import Db
from tests.channels.servers import Sandbox, running_sandbox
from tests.jobs.bench import Clock, Shelf
from tests.kill.school import APP_ID, COLUMN, SECRETS, START, WAYS, entry, open_small_office, title

NAME = "wechat_oa"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


class Live:
    """An office with one account, the vendor behind it, and a person at the vendor's console."""

    def __init__(self, sandbox: Sandbox, db: Db, mode: str) -> None:
        self.sandbox, self.db, self.clock = sandbox, db, Clock(START)
        self.sheet: tuple[int, ...] = ()
        url = db.url.render_as_string(hide_password=False)
        self.office = open_small_office(WAYS[mode], sandbox.base, url, self.clock)

    def passes(self, **by: float) -> None:
        self.clock.forward(**by)
        self.sandbox.forward(timedelta(**by))

    def enter(self, *numbers: int) -> None:
        """More rows in the clerk's sheet."""
        self.sheet += numbers
        found = Fetched(entries=tuple(entry(n) for n in self.sheet), whole=frozenset())
        watch(self.office, COLUMN, Shelf(found), self.clock.now)
        look_through(self.office, self.clock.now)
        route(self.office, self.clock.now)

    def send(self) -> None:
        plan(self.office, self.clock.now)
        deliver(self.office, NAME)
        for _ in range(3):
            self.passes(minutes=10)
            track(self.office, NAME)

    def person(self, do: str, *articles: dict[str, str]) -> Any:
        return self.sandbox.admin("person", {"appid": APP_ID, "do": do, "articles": list(articles)})

    def account(self, **over: Any) -> None:
        self.sandbox.setup(accounts=[{"appid": APP_ID, **over}])

    def rows(self, table: Any) -> list[Any]:
        with self.db.read() as conn:
            return list(conn.execute(table.select().order_by(table.c.id)))

    def reads(self) -> list[Any]:
        return [row for row in self.rows(t.reach) if row.metric == "阅读"]

    def report(self, **over: Any) -> Report:
        return report(self.db, self.office.school, SchoolYear(2020), **{"cut_off": self.clock.now, **over})


@pytest.fixture
def live(request: pytest.FixtureRequest, running: Sandbox, sqlite_db: Db) -> Iterator[Live]:
    running.admin("reset", {})
    account = {
        "appid": APP_ID, "secret": SECRETS["WECHAT_APP_SECRET"], "token": SECRETS["WECHAT_TOKEN"],
        "aes_key": SECRETS["WECHAT_AES_KEY"], "kind": "subscription", "fans": 1000,
    }  # fmt: skip
    running.setup(accounts=[account])
    mode, _, named = getattr(request, "param", "publish").partition(" ")
    running.setup(accounts=[{"appid": APP_ID, "stats_named": bool(named)}])
    made = Live(running, sqlite_db, mode)
    with sqlite_db.write() as conn:
        facts.ensure_channels(conn, made.office.channels)
    yield made
    made.office.close()
    http.transport().close()


def one_of_the_bot_and_two_of_persons(live: Live) -> None:
    live.enter(1)
    live.send()
    live.person("mass", {"title": "员工改过的标题", "content_source_url": "https://www.example.edu.cn/items/002"})
    live.person("publish", {"title": "校运动会掠影"})
    live.enter(2)  # the clerk's row comes after the article; the bot has not sent it yet


@pytest.mark.parametrize("live", ["publish", "publish named", "mass", "mass named"], indirect=True)
def test_what_persons_sent_is_found_and_what_publishes_an_item_is_booked_once(live: Live) -> None:
    if live.office.channels[NAME].options.mode == "mass":  # type: ignore[attr-defined]
        live.account(limits={"mass_day": 5})
    one_of_the_bot_and_two_of_persons(live)
    live.passes(days=1)
    done = survey(live.office, NAME)
    assert (done.seen, done.booked, done.note) == (3, 1, "")
    by_title = {row.title: row for row in live.rows(t.articles)}
    pushes = {row.id: row.origin for row in live.rows(t.pushes)}
    assert pushes[by_title[title(1)].push_id] == "bot" and pushes[by_title["员工改过的标题"].push_id] == "booked"
    assert by_title["校运动会掠影"].push_id is None and by_title["校运动会掠影"].item_id is None
    [placed] = [row for row in live.rows(t.placements) if row.origin == "booked"]
    assert (
        placed.item_id == by_title["员工改过的标题"].item_id
        and placed.taken_at == by_title["员工改过的标题"].published_at
    )
    live.send()  # what a person has published is not sent a second time
    assert len(live.sandbox.books()["wechat"]) == 3
    [account] = live.report().accounts
    assert (account.articles, account.sent, account.by_hand, account.booked) == (3, 1, 2, 1)
    said = "\n".join(lines(live.report()))
    assert re.search(r"账号文章 3 篇（截至 \d{4}-\d\d-\d\d 从平台读取），其中自动推送 1 篇，人工发布 2 篇", said)
    assert account.as_of == day_of(live.clock.now)
    assert live.report().as_json()["accounts"][0]["by_hand"] == 2 and live.report().checked
    assert account.read_known == 3 and account.reads == sum(row.value for row in live.reads())

    before = [live.rows(table) for table in (t.articles, t.placements, t.pushes, t.reach)]
    assert survey(live.office, NAME) == Done()
    assert [live.rows(table) for table in (t.articles, t.placements, t.pushes, t.reach)] == before


def test_readers_are_kept_at_the_end_of_the_1st_3rd_7th_and_30th_day_and_never_overwritten(live: Live) -> None:
    live.enter(1)
    live.send()
    born = live.clock.now.date()
    ends = []
    for _ in range(33):
        live.passes(days=1)
        survey(live.office, NAME)
        ends.append([(row.true_at.date() - born).days for row in live.reads()])
    assert (ends[0], ends[1], ends[2], ends[6], ends[-1]) == ([0], [0], [0, 2], [0, 2, 6], [0, 2, 6, 29])
    values = [row.value for row in live.reads()]
    assert values == sorted(values) and values[0] < values[-1]
    [push] = live.rows(t.pushes)
    assert {row.push_id for row in live.reads()} == {push.id}
    [after_a_week] = live.report(cut_off=live.clock.now - timedelta(days=20)).accounts
    assert after_a_week.reads == values[2]  # what came to be known later is no part of that report
    reach = next(each for each in live.report().channels[0].reach if each.metric == "阅读")
    assert (reach.value, reach.known, reach.asked) == (values[3], 1, 1)


def test_figures_that_are_late_are_unknown_and_asked_again(live: Live) -> None:
    live.enter(1)
    live.send()
    live.account(stats_delay=True)
    live.passes(days=1)
    done = survey_daily(live.office, NAME)
    assert (done.seen, live.reads()) == (1, [])
    [account] = live.report().accounts
    assert account.reads is None and "文章阅读合计 —" in "\n".join(lines(live.report()))
    live.account(stats_delay=False)
    live.passes(hours=1)
    assert survey_daily(live.office, NAME) == Done()  # not every half hour
    live.passes(hours=3)
    assert survey_daily(live.office, NAME).figures == 1
    live.passes(hours=4)
    assert survey_daily(live.office, NAME) == Done()


def test_an_account_without_the_right_to_statistics_has_articles_nobody_can_count_readers_of(live: Live) -> None:
    live.enter(1)
    live.send()
    live.account(kind="unverified")
    live.passes(days=1)
    done = survey(live.office, NAME)
    assert "48001" in done.note and live.reads() == []


def test_an_account_that_tells_nothing_is_not_said_to_hold_nothing(live: Live) -> None:
    live.account(kind="unverified")
    live.passes(days=1)
    assert "48001" in survey(live.office, NAME).note
    [account] = live.report().accounts
    assert (account.articles, account.by_hand, account.reads) == (None, None, None)
    said = "\n".join(lines(live.report()))
    assert "账号文章 —（平台没有告知，原因见运行日志）" in said and "账号文章 0 篇" not in said
    live.account(kind="subscription")
    live.passes(days=1)
    survey(live.office, NAME)
    assert [each.articles for each in live.report().accounts] == [0]


def test_no_survey_before_half_past_eight_and_one_a_day(live: Live) -> None:
    live.passes(hours=23)  # the next morning at eight
    assert survey_daily(live.office, NAME) == Done() and not live.rows(t.reach)
    live.passes(minutes=30)
    assert survey_daily(live.office, NAME).figures == 1  # the followers
    live.passes(hours=5)
    assert survey_daily(live.office, NAME) == Done()
    live.passes(days=1)
    survey_daily(live.office, NAME)
    followers = [row for row in live.rows(t.reach) if row.metric == "关注"]
    assert [row.value for row in followers] == [1000, 1000]  # each day has its own figure, also an equal one
    assert [row.true_at for row in followers] == [row.known_at for row in followers]


def test_an_outage_of_ten_days_loses_no_article_and_no_figure(live: Live) -> None:
    live.passes(hours=1)
    survey(live.office, NAME)
    live.enter(1)
    live.send()
    live.passes(days=1)
    live.person("publish", {"title": "校运动会掠影"})
    live.passes(days=9)
    survey(live.office, NAME)
    assert len(live.rows(t.articles)) == 2
    subjects = [row.subject for row in live.reads()]
    assert sorted(subjects.count(each) for each in set(subjects)) == [3, 3]


def test_what_is_deleted_at_the_vendor_is_gone_and_stays_counted(live: Live) -> None:
    live.enter(1)
    live.send()
    survey(live.office, NAME)
    [push] = live.rows(t.pushes)
    channel = live.office.channels[NAME]
    channel._account.client.ask("freepublish/delete", {"article_id": push.evidence["article_id"], "index": 0})  # type: ignore[attr-defined]
    live.passes(days=1)
    assert survey(live.office, NAME).gone == 1
    [account] = live.report().accounts
    assert (account.articles, account.gone) == (1, 1)


def test_a_persons_second_article_of_an_item_that_the_bot_has_sent_is_only_counted(live: Live) -> None:
    live.enter(1)
    live.send()
    live.person("publish", {"title": title(1), "content_source_url": "https://www.example.edu.cn/items/001"})
    live.passes(days=1)
    done = survey(live.office, NAME)
    assert (done.seen, done.booked) == (2, 0)  # the item is out by the bot: a person's second article is only counted
    assert [row.origin for row in live.rows(t.pushes)] == ["bot"]
    assert {row.item_id is not None for row in live.rows(t.articles)} == {True}


def test_an_item_is_known_by_exactly_its_title(live: Live) -> None:
    live.person("publish", {"title": title(4)}, {"title": title(4)[:-1]})
    live.enter(4)
    done = survey(live.office, NAME)
    assert (done.seen, done.booked) == (2, 1)
    live.send()
    assert len(live.sandbox.books()["wechat"]) == 1


@pytest.mark.parametrize("live", ["draft"], indirect=True)
def test_a_draft_of_the_bot_that_a_person_sends_is_the_bots_article(live: Live) -> None:
    live.enter(1)
    live.send()
    [delivery] = live.rows(t.deliveries)
    live.sandbox.admin("person", {"appid": APP_ID, "do": "publish", "draft": delivery.vendor_id})
    live.passes(days=1)
    done = survey(live.office, NAME)  # before the bot itself has looked what became of its draft
    assert (done.seen, done.booked, done.figures) == (1, 0, 2)
    [account] = live.report().accounts
    assert (account.sent, account.by_hand) == (1, 0)
