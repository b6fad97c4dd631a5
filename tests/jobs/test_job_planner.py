"""Scarce sends at work: spent, kept, spared; those of others counted; a push the vendor has no send for finds another way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from channels.base import Article, Receipt, SendError, Survey, Word
from desk.quota import show
from jobs import orders
from jobs.survey import survey
from rules.dates import at
from rules.outcome import Outcome
from rules.planner import Other, Thrift
from store import quotas
from store import tables as t
from store.db import Db
from tests.jobs.bench import ACCOUNT, DELIVERED, PERSON, Bench, Telling, entry, make_bench
from tests.jobs.sparing import DAILY, MONTHLY, Sparing, pushed, use_account

KEY = f"{ACCOUNT}:群发"


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    made = make_bench(sqlite_db)
    yield made
    made.close()


def used(bench: Bench) -> list[tuple[int, int]]:
    """Of the quota book: the pushes that used a mass send (0: somebody else's), and how many."""
    return [(row.push_id, row.n) for row in bench.rows(t.quotas) if row.name == KEY]


def others_use(bench: Bench, n: int, when: datetime | None = None) -> None:
    with bench.db.write() as conn:
        quotas.book_others(conn, KEY, n, when or bench.clock.now)


def reasons(bench: Bench) -> dict[str, str]:
    titles = {row.id: row.title for row in bench.rows(t.versions)}
    return {titles[row.version_id]: row.reason for row in bench.waiting()}


# -- spent, kept, spared


def test_the_last_send_of_the_month_is_kept_and_the_push_that_goes_the_other_way_uses_none(bench: Bench) -> None:
    use_account(bench, MONTHLY, reserve=1)
    others_use(bench, 3)
    bench.publish(entry(title="校历"))
    bench.tick()
    assert pushed(bench) == [(("校历",), "本月群发还剩 1 次，留给紧急事项；本条改为发布")]
    assert used(bench) == [(0, 3)]
    bench.publish(entry(title="停课通知", urgent=True))
    bench.tick()
    assert pushed(bench)[1] == (("停课通知",), "") and used(bench)[1:] == [(2, 1)]
    bench.publish(entry(title="再次停课通知", urgent=True))
    bench.tick()
    assert pushed(bench)[2][1] == "本月群发已用完；本条改为发布"


def test_a_school_that_wants_no_other_way_lets_it_wait_for_the_next_month(bench: Bench) -> None:
    use_account(bench, MONTHLY, other=Other.WAIT)
    others_use(bench, 3)
    bench.publish(entry(title="校历"))
    bench.tick()
    assert pushed(bench) == [] and reasons(bench) == {"校历": "本月群发还剩 1 次，留给紧急事项，等待 10-01 起的群发"}
    bench.clock.now = at(date(2020, 10, 1), time(9))
    bench.tick()
    assert pushed(bench) == [(("校历",), "")] and used(bench)[1:] == [(1, 1)]


def test_the_order_of_the_bundle_is_the_planners_cover_first(bench: Bench) -> None:
    use_account(bench, MONTHLY)
    day = date(2020, 9, 10)
    bench.publish(
        entry(title="拟录取公示", notice_from=day, notice_to=day + timedelta(days=1)),
        entry(title="旧闻"), entry(title="报名", ends_on=day + timedelta(days=2)), entry(title="停水", urgent=True),
    )  # fmt: skip
    bench.tick()
    assert pushed(bench) == [(("停水", "拟录取公示", "报名", "旧闻"), "")]
    positions = [row.position for row in bench.rows(t.push_placements)]
    assert sorted(positions) == [0, 1, 2, 3]


def test_two_targets_of_one_account_never_spend_more_than_there_is(bench: Bench) -> None:
    use_account(bench, DAILY, max_wait_days=0)
    bench.target("A2", channel=ACCOUNT, address="标签", audience="社会", name="家长")
    bench.publish(entry(title="校历"))
    bench.tick()
    assert [why for _titles, why in pushed(bench)] == ["", "今日群发已用完；本条改为发布"]
    assert [n for _push, n in used(bench)] == [1]


def test_a_resend_by_a_person_of_what_was_spared_a_send_is_spared_one_too(bench: Bench) -> None:
    use_account(bench, MONTHLY)
    others_use(bench, 4)
    bench.vendor.says(ACCOUNT, Outcome.REFUSED)
    bench.publish(entry(title="校历"))
    bench.tick()
    assert orders.send_again(bench.office, 1, "张老师") is not None
    bench.tick()
    assert [why for _titles, why in pushed(bench)] == ["本月群发已用完；本条改为发布"] * 2
    assert used(bench) == [(0, 4)]


# -- nothing left after all


def test_a_push_for_which_a_colleague_used_the_send_first_is_planned_anew(bench: Bench) -> None:
    use_account(bench, DAILY)
    bench.publish(entry(title="停课", urgent=True))
    others_use(bench, 1)
    bench.deliver(ACCOUNT)
    assert bench.statuses(ACCOUNT) == ["cancelled"]
    bench.tick()
    assert pushed(bench) == [(("停课",), "今日群发已用完；本条改为发布")]


def test_when_the_vendor_says_that_nothing_is_left_it_is_believed_and_not_asked_again_and_again(bench: Bench) -> None:
    use_account(bench, MONTHLY, reserve=0)
    spent = SendError(Outcome.THROTTLED, "群发次数已用完", spent="群发", retry_after=timedelta(days=20))
    bench.vendor.says(ACCOUNT, spent)
    bench.publish(entry(title="校历"))
    for _ in range(5):
        bench.tick()
        bench.clock.forward(minutes=1)
    assert [why for _titles, why in pushed(bench)] == ["", "本月群发已用完；本条改为发布"]
    assert used(bench) == [(0, 4)]


def test_a_send_of_unknown_end_is_not_taken_apart_when_the_vendor_has_no_more_sends(bench: Bench) -> None:
    channel = use_account(bench, DAILY)
    channel.resolve = lambda attempt: PERSON  # type: ignore[attr-defined]
    bench.vendor.says(ACCOUNT, Outcome.UNCERTAIN)
    bench.publish(entry(title="校历"))
    bench.deliver(ACCOUNT)
    assert bench.statuses(ACCOUNT) == ["uncertain"] and used(bench) == [(1, 1)]
    bench.tick()
    assert len(pushed(bench)) == 1


# -- the sends of others


class Surveyed(Sparing):
    """An account whose figures tell what its followers were told of."""

    found: tuple[Article, ...] = ()

    def survey(self, since: date, days: Any) -> Survey:
        return Survey(articles=self.found, listed=True, told={day: frozenset(days) for day in days})


def sent(number: str, day: date, position: int = 1, *, notified: bool = True) -> Article:
    return Article(
        article_id=number,
        position=position,
        title=f"{number}的第{position}篇",
        published_at=at(day, time()),
        notified=notified,
    )


def test_what_others_sent_by_the_figures_takes_the_months_sends_once_however_often_it_is_surveyed(bench: Bench) -> None:
    account = bench.use(Surveyed, ACCOUNT, exposure="社会", rates=(MONTHLY,), thrift=Thrift(reserve=0))
    bench.publish(entry(title="校历"))
    bench.tick()
    first, second = date(2020, 9, 8), date(2020, 9, 9)
    account.found = (
        sent("7", first), sent("7", first, 2), sent("8", second), sent("9", second, notified=False),
        sent("own", date(2020, 9, 10)),
    )  # fmt: skip
    bench.clock.forward(days=1)
    for _ in range(2):
        survey(bench.office, ACCOUNT)
    assert used(bench) == [(1, 1), (0, 1), (0, 1)]


def test_the_quota_book_names_the_sends_of_others(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    use_account(bench, MONTHLY)
    others_use(bench, 2)
    show(bench.office, ACCOUNT, as_json=False)
    out = capsys.readouterr().out
    assert "渠道account“群发”另用 2 次：由他人在平台上发出，不是公开达发的（2020-09-10）" in out
    assert " 2 " in out.splitlines()[2]


class Called(Sparing, Telling):
    """An account that tells when a mass send is done."""

    def word(self, receipt: Receipt, received_at: datetime) -> Word | None:
        found = super().word(receipt, received_at)
        return None if found is None else Word(**{**found.__dict__, "spends": "群发"})


def called(bench: Bench) -> None:
    bench.use(Called, ACCOUNT, exposure="社会", rates=(DAILY,), thrift=Thrift(), resolvable=True)


def test_an_event_of_a_send_that_is_not_ours_takes_the_days_send(bench: Bench) -> None:
    called(bench)
    bench.receive("good", "someone", channel=ACCOUNT)
    for _ in range(2):
        bench.track(ACCOUNT)
    assert used(bench) == [(0, 1)]
    bench.publish(entry(title="校历"))
    assert reasons(bench) == {"校历": "今日群发已用完，等待 09-11 起的群发"}


def test_an_event_that_may_be_of_our_own_send_waits_until_that_is_known(bench: Bench) -> None:
    called(bench)
    bench.vendor.says(ACCOUNT, Outcome.UNCERTAIN)
    bench.publish(entry(title="校历"))
    bench.deliver(ACCOUNT)
    bench.receive("good", "unknown", channel=ACCOUNT)
    bench.vendor.resolutions.append(PERSON)
    bench.track(ACCOUNT)
    assert used(bench) == [(1, 1)] and bench.statuses(ACCOUNT) == ["uncertain"]
    bench.vendor.resolutions.append(replace(DELIVERED, vendor_id="unknown"))
    with bench.db.write() as conn:
        conn.execute(t.deliveries.update().values(not_before=bench.clock.now))
    bench.track(ACCOUNT)
    bench.track(ACCOUNT)
    assert used(bench) == [(1, 1)] and bench.statuses(ACCOUNT) == ["delivered"]
