"""Taking back over real HTTP, against the sandbox: what its own books say in the end is what counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from channels import http
from jobs import amend
from jobs.deliver import deliver
from jobs.office import Office
from jobs.plan import plan
from jobs.recall import Recalled, recall, take_down
from jobs.route import route
from jobs.scan import look_through
from jobs.track import track
from jobs.watch import watch
from rules.amend import Way as Back
from sources.base import Fetched
from store import facts
from store import tables as t
from store.db import Db
from tests.channels.servers import Sandbox, running_sandbox
from tests.jobs.bench import Clock, Shelf
from tests.kill.school import APP_ID, COLUMN, QQ, SECRETS, START, WAYS, entry, open_small_office, title


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@dataclass
class Live:
    """An office with one way to send, and the vendor behind it; both clocks go together."""

    sandbox: Sandbox
    office: Office
    clock: Clock
    name: str

    def passes(self, **by: float) -> None:
        self.clock.forward(**by)
        self.sandbox.forward(timedelta(**by))

    def send(self, *entries: Any) -> None:
        watch(self.office, COLUMN, Shelf(Fetched(entries=entries, whole=frozenset())), self.clock.now)
        look_through(self.office, self.clock.now)
        route(self.office, self.clock.now)
        self.leave()

    def leave(self) -> None:
        plan(self.office, self.clock.now)
        deliver(self.office, self.name)
        for _ in range(3):
            self.passes(minutes=0 if self.name == "onebot" else 10)
            track(self.office, self.name)

    def rows(self, table: Any) -> list[Any]:
        with self.office.db.read() as conn:
            return list(conn.execute(table.select().order_by(table.c.id)))


@pytest.fixture
def live(request: pytest.FixtureRequest, running: Sandbox, sqlite_db: Db) -> Iterator[Live]:
    way = WAYS[request.param]
    running.admin("reset", {})
    account = {
        "appid": APP_ID, "secret": SECRETS["WECHAT_APP_SECRET"], "token": SECRETS["WECHAT_TOKEN"],
        "aes_key": SECRETS["WECHAT_AES_KEY"], "kind": "subscription", "fans": 1000,
    }  # fmt: skip
    groups = [{"group_id": f"70000000{n}", "name": f"群{n}", "role": "member"} for n in range(4)]
    running.setup(accounts=[account], groups=groups, bots=[{"self_id": QQ, "token": SECRETS["ONEBOT_TOKEN"]}])
    clock = Clock(START)
    office = open_small_office(way, running.base, sqlite_db.url.render_as_string(hide_password=False), clock)
    with sqlite_db.write() as conn:
        facts.ensure_channels(conn, office.channels)
    yield Live(running, office, clock, way.channel)
    office.close()
    http.transport().close()


def _item(live: Live, number: int) -> int:
    return next(int(row.id) for row in live.rows(t.items) if row.title == title(number))


@pytest.mark.parametrize("live", ["onebot"], indirect=True)
def test_a_group_message_is_recalled_within_its_two_minutes(live: Live) -> None:
    live.send(entry(1))
    live.passes(minutes=1)
    places = amend.retract(live.office, _item(live, 1), "王老师", "有误").places
    assert [each.way for each in places] == [Back.RECALL] * 3
    assert recall(live.office, live.name) == Recalled(recalled=3)
    assert len([post for post in live.sandbox.posts("qq") if post.get("recalled")]) == 3
    assert {row.status for row in live.rows(t.deliveries)} == {"retracted"}
    assert recall(live.office, live.name) == Recalled()


@pytest.mark.parametrize("live", ["onebot"], indirect=True)
def test_after_two_minutes_a_notice_follows_to_the_same_groups(live: Live) -> None:
    live.send(entry(1))
    live.passes(minutes=3)
    places = amend.retract(live.office, _item(live, 1), "王老师", "有误").places
    assert [each.way for each in places] == [Back.RECALL] * 3  # an admin could: the group is asked
    assert recall(live.office, live.name) == Recalled(noticed=3)
    live.leave()
    posts = live.sandbox.posts("qq")
    assert len(posts) == 6 and not any(post.get("recalled") for post in posts)
    for post in posts[3:]:
        assert f"【撤回】{title(1)}" in post["text"] and "摘要" not in post["text"] and "items/001" not in post["text"]
    live.leave()
    assert len(live.sandbox.posts("qq")) == 6


@pytest.mark.parametrize("live", ["publish", "mass"], indirect=True)
def test_one_article_comes_down_from_the_account_and_its_neighbours_stay(live: Live) -> None:
    live.send(entry(1), entry(2), entry(3))
    amend.retract(live.office, _item(live, 2), "王老师", "有误")
    assert recall(live.office, live.name) == Recalled(recalled=1)
    [push] = live.sandbox.books()["wechat"]
    states = [article["state"] for article in push["articles"]]
    assert [state == "deleted" for state in states] == [False, True, False]
    assert [row.ended for row in live.rows(t.placements)] == ["", "retracted", ""]
    assert [row.status for row in live.rows(t.deliveries)] == ["delivered"]


@pytest.mark.parametrize("live", ["publish"], indirect=True)
def test_a_notice_whose_term_is_over_comes_down_from_the_account(live: Live) -> None:
    live.send(replace(entry(1), notice_from=date(2021, 3, 1), notice_to=date(2021, 3, 5)), entry(2))
    live.passes(days=5)
    assert take_down(live.office, live.name) == 1
    assert recall(live.office, live.name) == Recalled(recalled=1)
    [push] = live.sandbox.books()["wechat"]
    assert [article["state"] == "deleted" for article in push["articles"]].count(True) == 1
    assert take_down(live.office, live.name) == 0
