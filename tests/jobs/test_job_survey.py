"""Which article is which, and what becomes of it in the log; at the seam, on all three databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from channels.base import Article, Sample, SendError, Survey
from jobs.book import book
from jobs.handoff import Deed
from jobs.report import report
from jobs.survey import Done, survey
from rules.dates import SHANGHAI, SchoolYear
from rules.outcome import Outcome
from store import tables as t
from tests.factory import moment
from tests.jobs.bench import ACCOUNT, DAY, GROUPS, Bench, Recorder, Resolving, entry

NINE = moment("2020-09-10", "09:00")
PAGE = "https://www.example.edu.cn/info/1.htm"


class Surveyed(Resolving):
    """An account that holds what a test puts on it."""

    def __init__(self, *args: Any, **limits: Any) -> None:
        super().__init__(*args, **limits)
        self.articles: list[Article] = []
        self.people = 500
        self.list_read = self.figures_told = True
        self.asked_for: list[tuple[date, list[date]]] = []

    def survey(self, since: date, days: Sequence[date]) -> Survey:
        self.asked_for.append((since, list(days)))
        told = {day: frozenset(days) for day in days} if self.figures_told else {}
        return Survey(articles=tuple(self.articles), listed=self.list_read, told=told)

    def measure(self, target: Any) -> list[Sample]:
        if self.people < 0:
            raise SendError(Outcome.UNAVAILABLE, "平台繁忙")
        return [Sample(metric="关注", value=self.people, basis="平台统计", true_at=self._clock())]


def listed(number: str, title: str, **over: Any) -> Article:
    """As the vendor's list shows it."""
    facts: dict[str, Any] = {"position": 1, "url": f"http://127.0.0.1/s/{number}", "published_at": NINE}
    return Article(**{"article_id": number, "title": title, **facts, **over})


def named(number: str, title: str, **reads: int) -> Article:
    """As its figures name it: d0=100 are the readers at the end of the day of publishing."""
    samples = tuple(
        Sample(metric="阅读", value=value, basis="平台统计", true_at=_end(DAY + timedelta(days=int(day[1:]))))
        for day, value in reads.items()
    )
    midnight = datetime(DAY.year, DAY.month, DAY.day, tzinfo=SHANGHAI)
    return Article(article_id=number, position=1, title=title, published_at=midnight, samples=samples)


def _end(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=SHANGHAI)


@pytest.fixture
def account(bench3: Bench) -> Surveyed:
    made = bench3.use(Surveyed, ACCOUNT, exposure="社会")
    assert isinstance(made, Surveyed)
    return made


def surveyed(bench: Bench, account: Surveyed, *articles: Article) -> Done:
    account.articles = list(articles)
    return survey(bench.office, ACCOUNT)


def test_list_and_figures_of_one_article_make_one_row_however_often_they_are_read(
    bench3: Bench, account: Surveyed
) -> None:
    bench3.clock.forward(days=1)
    assert surveyed(bench3, account, listed("A", "掠影")).seen == 1
    bench3.clock.forward(days=1)
    assert surveyed(bench3, account, listed("A", "掠影"), named("7", "掠影", d0=100)).seen == 0
    bench3.clock.forward(days=1)
    done = surveyed(bench3, account, listed("A", "掠影"), named("7", "掠影", d0=99, d2=120))
    assert (done.seen, done.figures) == (0, 2)  # one of its readers, one of the followers
    assert [(row.subject, row.value) for row in bench3.rows(t.reach, metric="阅读")] == [("A_1", 100), ("A_1", 120)]


def test_two_articles_of_one_title_on_one_day_stay_two(bench3: Bench, account: Surveyed) -> None:
    bench3.clock.forward(days=1)
    both = (listed("A", "通知"), listed("B", "通知"), named("7", "通知", d0=10), named("8", "通知", d0=20))
    surveyed(bench3, account, *both)
    surveyed(bench3, account, *both)
    assert [row.article_id for row in bench3.rows(t.articles)] == ["A", "B"]
    assert sorted(row.value for row in bench3.rows(t.reach, metric="阅读")) == [10, 20]


def test_figures_without_a_title_are_of_the_listed_article_with_their_number(bench3: Bench, account: Surveyed) -> None:
    bench3.clock.forward(days=1)
    assert surveyed(bench3, account, listed("7", "掠影"), named("7", "", d0=100)).seen == 1
    [row] = bench3.rows(t.articles)
    assert (row.title, [each.value for each in bench3.rows(t.reach, metric="阅读")]) == ("掠影", [100])


def test_figures_that_may_be_of_a_listed_article_count_no_second_one(bench3: Bench, account: Surveyed) -> None:
    bench3.clock.forward(days=1)
    done = surveyed(bench3, account, listed("A", "掠影"), named("7", "", d0=100))
    assert done.seen == 1 and "有 1 篇没有标题" in done.note
    assert [row.article_id for row in bench3.rows(t.articles)] == ["A"] and bench3.rows(t.reach, metric="阅读") == []


def test_figures_without_a_title_are_an_article_of_their_own_once_all_listed_ones_have_theirs(
    bench3: Bench, account: Surveyed
) -> None:
    bench3.clock.forward(days=1)
    done = surveyed(bench3, account, listed("7", "掠影"), named("7", "", d0=100), named("8", "", d0=10))
    assert (done.seen, done.note) == (2, "")
    assert {row.article_id: row.title for row in bench3.rows(t.articles)} == {"7": "掠影", "8": ""}


def test_what_the_figures_named_first_gets_title_address_and_hour_from_the_list(
    bench3: Bench, account: Surveyed
) -> None:
    bench3.clock.forward(days=1)
    surveyed(bench3, account, named("7", "", d0=100))
    bench3.enter(entry(title="关于收费的公示"))
    assert surveyed(bench3, account, listed("7", "关于收费的公示"), named("7", "", d0=100)).booked == 1
    [row] = bench3.rows(t.articles)
    assert (row.title, row.url, row.published_at) == ("关于收费的公示", "http://127.0.0.1/s/7", NINE)


def test_an_article_of_the_bot_that_only_figures_name_has_the_title_of_its_item(
    bench3: Bench, account: Surveyed
) -> None:
    bench3.publish(entry(title="关于放假的通知"))
    bench3.deliver(ACCOUNT)
    with bench3.db.write() as conn:
        conn.execute(t.pushes.update().values(evidence={"msg_data_id": "7"}))
    bench3.clock.forward(days=1)
    surveyed(bench3, account, listed("B", "掠影"), named("7", "", d0=10))
    assert {row.article_id: row.title for row in bench3.rows(t.articles)} == {"B": "掠影", "7": "关于放假的通知"}


def test_what_was_only_mass_sent_is_known_by_its_figures(bench3: Bench, account: Surveyed) -> None:
    bench3.clock.forward(days=1)
    surveyed(bench3, account, named("7", "掠影", d0=10))
    [row] = bench3.rows(t.articles)
    assert (row.article_id, row.url) == ("7", "")


def test_the_bots_article_and_a_persons_of_the_same_title_stay_apart(bench3: Bench, account: Surveyed) -> None:
    bench3.publish(entry(title="关于放假的通知"))
    bench3.deliver(ACCOUNT)
    [push] = bench3.rows(t.pushes, channel=ACCOUNT)
    with bench3.db.write() as conn:
        conn.execute(t.pushes.update().values(evidence={"msg_data_id": "7"}))
    bench3.clock.forward(days=1)
    both = (named("7", "关于放假的通知", d0=10), named("8", "关于放假的通知", d0=20), listed("B", "关于放假的通知"))
    for _ in range(2):
        surveyed(bench3, account, *both)
    rows = {row.article_id: row for row in bench3.rows(t.articles)}
    assert {number: row.push_id for number, row in rows.items()} == {"7": push.id, "B": None}
    assert len({row.item_id for row in rows.values()}) == 1  # both publish it, and only the bot's is a push
    figures = {row.subject: (row.value, row.push_id) for row in bench3.rows(t.reach, metric="阅读")}
    assert figures == {"7_1": (10, push.id), "B_1": (20, None)}


def test_an_item_that_comes_later_than_its_article_is_booked_then(bench3: Bench, account: Surveyed) -> None:
    article = listed("A", "老师们写的标题", source=PAGE + "#top")
    assert surveyed(bench3, account, article).booked == 0
    bench3.enter(entry(title="关于收费的公示", url=PAGE))
    assert surveyed(bench3, account, article).booked == 1
    assert surveyed(bench3, account, article).booked == 0
    [push] = bench3.rows(t.pushes)
    assert (push.origin, push.created_at, push.made_by) == ("booked", NINE, "账号普查")
    assert report(bench3.db, bench3.office.school, SchoolYear(2020), cut_off=bench3.clock.now).checked


def test_an_address_that_several_items_carry_tells_nothing_and_the_title_decides(
    bench3: Bench, account: Surveyed
) -> None:
    bench3.enter(entry(title="关于收费的公示", url=PAGE), entry(title="关于补助的公示", url=PAGE))
    items = {row.title: row.id for row in bench3.rows(t.items)}
    assert surveyed(bench3, account, listed("A", "掠影", source=PAGE)).booked == 0
    assert surveyed(bench3, account, listed("B", "关于补助的公示", source=PAGE)).booked == 1
    assert bench3.rows(t.articles, article_id="B")[0].item_id == items["关于补助的公示"]


@pytest.mark.parametrize(("days", "booked"), [(30, 1), (31, 0)])
def test_a_title_tells_within_thirty_days(bench3: Bench, account: Surveyed, days: int, booked: int) -> None:
    bench3.clock.forward(days=days)
    bench3.enter(entry(title="关于收费的公示"))
    article = listed("A", "关于收费的公示", published_at=NINE + timedelta(days=days))
    assert surveyed(bench3, account, article).booked == booked


def test_a_title_that_two_items_have_tells_nothing(bench3: Bench, account: Surveyed) -> None:
    twins = [
        entry(title="关于收费的公示", number=f"XX-{n}", department=name) for n, name in ((1, "教务处"), (2, "财务处"))
    ]
    bench3.enter(*twins)
    assert len(bench3.rows(t.items)) == 2
    assert surveyed(bench3, account, listed("A", "关于收费的公示")).booked == 0


def test_a_push_of_unknown_end_is_not_booked_beside_and_is_once_it_has_failed(bench3: Bench, account: Surveyed) -> None:
    bench3.vendor.usual = Outcome.UNCERTAIN
    bench3.publish(entry(title="关于收费的公示"))
    bench3.deliver(ACCOUNT)
    assert surveyed(bench3, account, listed("A", "关于收费的公示")).booked == 0
    with bench3.db.write() as conn:
        conn.execute(t.deliveries.update().values(status="failed", maybe_sent=False))
    assert surveyed(bench3, account, listed("A", "关于收费的公示")).booked == 1


def test_what_a_clerk_has_booked_is_tied_to_its_article_and_not_booked_twice(bench3: Bench, account: Surveyed) -> None:
    bench3.enter(entry(title="关于收费的公示"))
    item = bench3.rows(t.items)[0].id
    target = bench3.office.school.targets["A1"]
    done = book(bench3.office, item, target, Deed(by="李四", at=NINE), "clerk")
    assert surveyed(bench3, account, listed("A", "关于收费的公示"), listed("B", "关于收费的公示")).booked == 0
    assert [row.push_id for row in bench3.rows(t.articles)] == [done.push_id, None]


def test_what_the_fence_forbids_is_booked_with_an_alarm(bench3: Bench, account: Surveyed) -> None:
    bench3.enter(entry(title="关于校内停电的通知", audience=("校内",)))
    assert surveyed(bench3, account, listed("A", "关于校内停电的通知")).booked == 1
    assert any("请核实，必要时撤下" in text for text in bench3.alarms())


def test_what_a_person_took_down_at_once_does_not_keep_the_bot_from_sending_it(
    bench3: Bench, account: Surveyed
) -> None:
    bench3.publish(entry(title="关于收费的公示"))
    assert surveyed(bench3, account, listed("A", "关于收费的公示", gone=True)).booked == 0
    bench3.deliver(ACCOUNT)
    assert [row.origin for row in bench3.rows(t.pushes, channel=ACCOUNT)] == ["bot"]


def test_gone_and_back_again(bench3: Bench, account: Surveyed) -> None:
    surveyed(bench3, account, listed("A", "掠影"))
    assert surveyed(bench3, account, listed("A", "掠影", gone=True)).gone == 1
    assert surveyed(bench3, account, listed("A", "掠影", gone=True)).gone == 0
    surveyed(bench3, account, listed("A", "掠影"))
    assert bench3.rows(t.articles)[0].gone_at is None


def test_the_list_is_read_back_a_month_and_the_first_time_to_the_start_of_the_school_year(
    bench3: Bench, account: Surveyed
) -> None:
    bench3.clock.forward(days=100)
    surveyed(bench3, account)
    surveyed(bench3, account)
    bench3.clock.forward(days=50)
    surveyed(bench3, account)
    first = DAY + timedelta(days=100)
    assert [since for since, _ in account.asked_for] == [
        date(2020, 9, 1),
        first - timedelta(days=30),
        first - timedelta(days=1),
    ]


def test_an_account_that_was_never_surveyed_is_not_said_to_hold_nothing(bench3: Bench, account: Surveyed) -> None:
    year: dict[str, Any] = {"db": bench3.db, "school": bench3.office.school, "period": SchoolYear(2020)}
    assert report(**year, cut_off=bench3.clock.now).accounts == ()
    before = bench3.clock.now
    bench3.clock.forward(hours=1)
    surveyed(bench3, account)
    assert [each.articles for each in report(**year, cut_off=bench3.clock.now).accounts] == [0]
    assert report(**year, cut_off=before).accounts == ()


def test_a_list_that_was_never_read_is_said_to_leave_a_gap(bench3: Bench, account: Surveyed) -> None:
    account.list_read = False
    bench3.clock.forward(days=1)
    surveyed(bench3, account, named("7", "掠影", d0=10))
    [found] = report(bench3.db, bench3.office.school, SchoolYear(2020), cut_off=bench3.clock.now).accounts
    assert (found.articles, found.listed) == (1, False)


def test_an_account_that_was_asked_in_vain_is_unknown(bench3: Bench, account: Surveyed) -> None:
    account.list_read = account.figures_told = False
    for _ in range(2):
        surveyed(bench3, account)
        [found] = report(bench3.db, bench3.office.school, SchoolYear(2020), cut_off=bench3.clock.now).accounts
        assert (found.articles, found.sent, found.by_hand, found.reads) == (None, None, None, None)


def test_followers_that_cannot_be_read_hold_up_nothing(bench3: Bench, account: Surveyed) -> None:
    account.people = -1
    assert surveyed(bench3, account, listed("A", "掠影")).seen == 1
    assert bench3.rows(t.reach, metric="关注") == []


def test_a_channel_that_holds_no_articles_is_not_surveyed(bench3: Bench) -> None:
    assert isinstance(bench3.office.channels[GROUPS], Recorder) and survey(bench3.office, GROUPS) == Done()
