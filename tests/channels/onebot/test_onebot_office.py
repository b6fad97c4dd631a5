"""A whole office with two QQ accounts against the sandbox, its events coming in at our own door over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from channels import make
from channels.base import Calls
from jobs import amend
from jobs.audit import audit
from jobs.deliver import deliver
from jobs.office import Office
from jobs.plan import plan
from jobs.recall import recall
from jobs.route import route
from jobs.scan import look_through
from jobs.track import track
from jobs.watch import watch
from rules.routing import Route, Target
from rules.states import Status
from sources.base import Fetched
from store import facts
from store import tables as t
from store.db import Db
from tests.channels.onebot.qq_support import GROUP, ONE, SECOND, SECRETS, SEND, TOKEN, TWO
from tests.channels.servers import Sandbox
from tests.jobs.bench import Clock, Shelf
from tests.kill.school import COLUMN, START, WAYS, entry, school_of, title
from web.app import create_app
from web.server import running

CALL = "onebot._send_group_notice"


@dataclass
class Live:
    """The office and the vendor behind it; both clocks go together, and what is due at the vendor happens."""

    sandbox: Sandbox
    office: Office
    clock: Clock

    def passes(self, **by: float) -> None:
        self.clock.forward(**by)
        self.sandbox.forward(timedelta(**by))

    def send(self, *entries: Any) -> None:
        """What is approved leaves; nobody has been told anything afterwards."""
        watch(self.office, COLUMN, Shelf(Fetched(entries=entries, whole=frozenset())), self.clock.now)
        look_through(self.office, self.clock.now)
        route(self.office, self.clock.now)
        self.leave()

    def leave(self) -> None:
        plan(self.office, self.clock.now)
        deliver(self.office, "onebot")

    def rows(self, table: Any) -> list[Any]:
        with self.office.db.read() as conn:
            return list(conn.execute(table.select().order_by(table.c.id)))

    def statuses(self) -> dict[str, Status]:
        return {row.address: Status(row.status) for row in self.rows(t.deliveries)}

    def reasons(self) -> list[str]:
        return [row.reason for row in self.rows(t.outcomes)]

    def posts(self) -> list[Any]:
        """What our accounts wrote into the group."""
        return [post for post in self.sandbox.posts("qq") if post["user_id"] in (ONE, TWO)]

    def notices(self) -> list[Any]:
        return list(self.sandbox.books()["notices"])

    def alarms(self) -> list[str]:
        return [row.text for row in self.rows(t.alarms) if row.cleared_at is None]


def _office(base: str, db: Db, clock: Clock, at_all: bool) -> Office:
    second = {"name": "备用账号", "api_base": f"{base}/onebot/{TWO}", "token": "ONEBOT_TOKEN_2"}
    school = school_of(WAYS["onebot"], base)
    setting = replace(school.channels["onebot"], api_base=f"{base}/onebot/{ONE}")
    setting = replace(setting, options={"bots": [second], "at_all": at_all})
    about: dict[str, Any] = {"channel": "onebot", "audience": "社会"}
    targets = (
        Target(number="Q1", name="学生工作群", address=GROUP, members=168, **about),
        Target(number="B1", name="学生工作群公告", address=f"紧急公告:{GROUP}", **about),
    )
    school = replace(
        school,
        targets={each.number: each for each in targets},
        routes=(Route(name="全部", targets=("Q1", "B1")),),
        channels={"onebot": setting},
        alarm_targets=(),
    )
    return Office(
        school, Db(db.url.render_as_string(hide_password=False)), {"onebot": make(setting, SECRETS, clock)}, clock
    )


@pytest.fixture
def at_all() -> bool:
    return False


@pytest.fixture
def live(sandbox: Sandbox, sqlite_db: Db, at_all: bool) -> Iterator[Live]:
    clock = Clock(START)
    office = _office(sandbox.base, sqlite_db, clock, at_all)
    with sqlite_db.write() as conn:
        facts.ensure_channels(conn, office.channels)
    doors = {name: each for name, each in office.channels.items() if isinstance(each, Calls)}
    with running(create_app(office.db, doors, clock, lambda: {"ok": True})) as base:
        told = {"event_url": f"{base}/callbacks/onebot", "report_self": True, "dialect": "napcat"}
        sandbox.setup(
            bots=[{"self_id": ONE, "token": TOKEN, **told}, {"self_id": TWO, "token": SECOND, **told}],
            groups=[{"group_id": GROUP, "name": "学生工作群", "members": 168, "role": "admin"}],
        )
        it = Live(sandbox, office, clock)
        sandbox.admin("say", {"group_id": GROUP, "text": "收到", "user_id": 20002})
        it.passes(minutes=15)
        yield it
    office.close()


def test_one_account_is_muted_the_other_sends_and_the_books_show_one_message(live: Live) -> None:
    live.sandbox.admin("group", {"group_id": GROUP, "self_id": ONE, "muted": True})
    live.send(entry(1))
    assert [post["user_id"] for post in live.posts()] == [TWO]
    [row] = live.rows(t.deliveries)
    assert (row.status, row.vendor_id.partition(":")[0]) == (Status.DELIVERED, TWO)
    assert live.reasons() == ["由备用账号发出（主账号：群内禁言中，机器人暂不能发言）"]
    live.passes(minutes=5)
    track(live.office, "onebot")
    live.leave()
    assert len(live.posts()) == 1


def test_an_ambiguous_timeout_of_a_message_that_stands_there_is_settled_by_its_echo(live: Live) -> None:
    live.sandbox.fault(SEND, "onebot_timeout", delivered=True, match={"self_id": ONE})
    live.send(entry(1))
    assert live.statuses() == {GROUP: Status.UNCERTAIN}
    live.passes(seconds=1)  # the QQ side's event comes in: long before the history would be asked
    assert track(live.office, "onebot").receipts == 1
    [row] = live.rows(t.deliveries)
    assert (row.status, row.basis) == (Status.DELIVERED, "群内已发")
    assert row.vendor_id == f"{ONE}:{live.posts()[0]['message_id']}"
    live.passes(minutes=5)
    live.leave()
    assert [post["user_id"] for post in live.posts()] == [ONE]
    amend.retract(live.office, int(live.rows(t.items)[0].id), "王老师", "有误")
    assert recall(live.office, "onebot").recalled == 1
    assert live.posts()[0]["recalled"]


def test_without_the_echo_the_history_settles_it_and_nobody_sends_again(live: Live) -> None:
    live.sandbox.setup(bots=[{"self_id": ONE, "event_url": None}])
    live.sandbox.fault(SEND, "onebot_timeout", delivered=True, match={"self_id": ONE})
    live.send(entry(1))
    live.passes(seconds=31)
    track(live.office, "onebot")
    assert live.statuses() == {GROUP: Status.DELIVERED}
    live.leave()
    assert [post["user_id"] for post in live.posts()] == [ONE]


def test_a_message_that_was_surely_lost_is_sent_once(live: Live) -> None:
    live.sandbox.fault(SEND, "onebot_timeout", delivered=False, match={"self_id": ONE})
    live.send(entry(1))
    live.passes(seconds=31)
    track(live.office, "onebot")
    live.leave()
    assert len(live.posts()) == 1
    assert live.statuses() == {GROUP: Status.DELIVERED}


def test_an_echo_that_comes_twice_or_late_changes_nothing(live: Live) -> None:
    live.send(entry(1))
    live.passes(seconds=1)
    track(live.office, "onebot")
    [before] = live.rows(t.deliveries)
    live.passes(days=1)
    track(live.office, "onebot")
    assert live.rows(t.deliveries) == [before]
    assert [row.kind for row in live.rows(t.receipts)] == ["message_sent"]


def test_an_ordinary_item_goes_to_the_group_alone_and_an_urgent_one_on_its_board_too(live: Live) -> None:
    live.send(entry(1), replace(entry(2), urgent=True))
    assert [title(1) in post["text"] for post in live.posts()] == [True]
    [notice] = live.notices()
    assert title(2) in notice["text"] and title(1) not in notice["text"]
    decisions = [row for row in live.rows(t.decisions) if row.target == "B1"]
    assert [row.granted for row in decisions] == [False, True]
    assert decisions[0].reason == "该目标只接收紧急事项"


def test_of_message_and_announcement_one_lost_answer_never_repeats_the_other(live: Live) -> None:
    live.sandbox.fault(CALL, "after", match={"self_id": ONE})
    live.send(replace(entry(1), urgent=True))
    assert live.statuses() == {GROUP: Status.DELIVERED, f"紧急公告:{GROUP}": Status.UNCERTAIN}
    live.passes(minutes=3)
    track(live.office, "onebot")
    live.leave()
    assert set(live.statuses().values()) == {Status.DELIVERED}
    assert (len(live.posts()), len(live.notices())) == (1, 1)


def test_an_announcement_that_was_surely_lost_is_put_up_once_and_the_message_is_not_repeated(live: Live) -> None:
    live.sandbox.fault(CALL, "before", match={"self_id": ONE})
    live.send(replace(entry(1), urgent=True))
    live.passes(minutes=3)
    track(live.office, "onebot")
    live.leave()
    assert set(live.statuses().values()) == {Status.DELIVERED}
    assert (len(live.posts()), len(live.notices())) == (1, 1)


def test_what_is_taken_back_goes_from_the_group_and_from_its_board(live: Live) -> None:
    live.send(replace(entry(1), urgent=True))
    live.passes(days=1)
    amend.retract(live.office, int(live.rows(t.items)[0].id), "王老师", "有误")
    assert recall(live.office, "onebot").recalled == 2
    assert set(live.statuses().values()) == {Status.RETRACTED}
    assert all(each["recalled"] for each in (*live.posts(), *live.notices()))


@pytest.mark.parametrize("at_all", [True])
def test_what_the_group_was_told_to_is_the_same_at_a_resend(live: Live, at_all: bool) -> None:
    live.sandbox.setup(groups=[{"group_id": GROUP, "at_all_left": 0}])
    live.sandbox.fault(SEND, "onebot_timeout", delivered=False, match={"self_id": ONE})
    live.send(replace(entry(1), urgent=True))
    live.sandbox.setup(groups=[{"group_id": GROUP, "at_all_left": 10}])
    live.passes(seconds=31)
    track(live.office, "onebot")
    live.leave()
    [post] = live.posts()
    assert not post["text"].startswith("@全体成员")
    assert "没有@全体成员：今日次数已用完" in live.reasons()


@pytest.mark.parametrize("at_all", [True])
def test_an_urgent_item_calls_everybody_once(live: Live, at_all: bool) -> None:
    live.send(replace(entry(1), urgent=True))
    live.passes(seconds=1)
    track(live.office, "onebot")
    assert [post["text"].startswith("@全体成员 ") for post in live.posts()] == [True]
    assert set(live.statuses().values()) == {Status.DELIVERED}


def test_a_removal_is_told_to_people_at_once_and_is_over_when_an_audit_finds_it_mended(live: Live) -> None:
    live.sandbox.admin("group", {"group_id": GROUP, "self_id": ONE, "joined": False})
    track(live.office, "onebot")
    [told] = live.alarms()
    assert f"账号{ONE}被移出群{GROUP}" in told and "拉入群" in told
    live.sandbox.admin("group", {"group_id": GROUP, "self_id": ONE, "joined": True})
    audit(live.office, "onebot")
    assert live.alarms() == []


def test_a_mute_is_told_and_over_when_it_is_lifted(live: Live) -> None:
    live.sandbox.admin("group", {"group_id": GROUP, "self_id": ONE, "muted": True})
    track(live.office, "onebot")
    assert ["被禁言" in each for each in live.alarms()] == [True]
    live.sandbox.admin("group", {"group_id": GROUP, "self_id": ONE, "muted": False})
    track(live.office, "onebot")
    assert live.alarms() == []


def test_an_account_that_goes_offline_is_told_by_its_beat(live: Live) -> None:
    live.sandbox.admin("bot", {"self_id": TWO, "online": False})
    track(live.office, "onebot")
    assert [f"账号{TWO}已离线" in each for each in live.alarms()] == [True]
    live.sandbox.admin("bot", {"self_id": TWO, "online": True})
    track(live.office, "onebot")
    assert live.alarms() == []


def test_an_event_with_a_wrong_signature_is_refused_at_the_door(live: Live) -> None:
    live.sandbox.setup(bots=[{"self_id": ONE, "secret": "another"}])
    live.send(entry(1))
    live.passes(seconds=1)
    assert live.rows(t.receipts) == []
