"""An item followed to every place it reached: taken back, put right, brought down when its term is over."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from channels.base import Attempt, Limits, SendError, Sent
from jobs import amend, orders
from jobs.amend import Corrected, Retracted
from jobs.judge import judge
from jobs.recall import Recalled, recall, take_down
from rules.amend import Way
from rules.dates import at
from rules.item import Entry
from rules.outcome import Outcome
from rules.states import Result
from store import history, log, stand
from store import tables as t
from store.db import Db
from tests.jobs.bench import (
    ACCOUNT,
    GROUPS,
    PERSON,
    Bench,
    Clock,
    Resolving,
    Telling,
    Vendor,
    entry,
    sheet,
    to_students,
)  # fmt: skip

MINUTES: dict[str, Any] = {"recall": timedelta(minutes=2)}
ARTICLES: dict[str, Any] = {"recall": timedelta.max, "recalls_pieces": True, "exposure": "社会"}


class Recalling(Resolving):
    """One whose vendor takes things back, as it is told; it knows what it was asked for."""

    def __init__(self, name: str, vendor: Vendor, clock: Clock, **limits: Any) -> None:
        super().__init__(name, vendor, clock, **limits)
        self.asked: list[tuple[str, int]] = []
        self.says: deque[Exception] = deque()

    @property
    def limits(self) -> Limits:
        return self._limits

    def retract(self, attempt: Attempt, piece: int = 0) -> Sent:
        self.asked.append((attempt.address, piece))
        if self.says:
            raise self.says.popleft()
        return Sent(address=attempt.address, outcome=Outcome.DELIVERED, reason="平台已撤回")


def recalling(bench: Bench, name: str = GROUPS, **limits: Any) -> Recalling:
    made = bench.use(Recalling, name, **limits)
    assert isinstance(made, Recalling)
    return made


def retract(bench: Bench, item_id: int = 0, person: str = "王老师") -> Retracted:
    return amend.retract(bench.office, item_id or _items(bench)[0], person, "附件有误")


def correct(bench: Bench) -> Corrected:
    return amend.correct(bench.office, _items(bench)[0], "王老师", "数字有误")


def _items(bench: Bench) -> list[int]:
    return [row.id for row in bench.rows(t.items)]


def sent(bench: Bench, *entries: Entry) -> None:
    """From the sheet to everybody."""
    bench.publish(*entries)
    for name in bench.office.channels:
        bench.deliver(name)


def work(bench: Bench, name: str = GROUPS) -> Recalled:
    return recall(bench.office, name)


def results(db: Db) -> dict[str, Result | None]:
    """What the log says of each title, 撤回 and 更正 apart."""
    with db.read() as conn:
        return {f"{row.purpose}{row.title}": row.status for row in log.rows(conn, log.Filter())}


# -- 撤回


def test_what_the_vendor_can_take_back_is_taken_back_and_stays_disclosed(bench3: Bench) -> None:
    channel = recalling(bench3, **MINUTES)
    sent(bench3, to_students(title="甲"))
    done = retract(bench3)
    assert [(each.target, each.way) for each in done.places] == [("Q1", Way.RECALL)]
    assert work(bench3) == Recalled(recalled=1)
    assert channel.asked == [("q1", 0)] and bench3.statuses() == ["retracted"]
    assert results(bench3.db) == {"首发甲": Result.RETRACTED}
    [item] = bench3.rows(t.items)
    assert item.disclosed_on is not None and bench3.rows(t.placements)[0].taken_at is not None
    [order] = bench3.rows(t.recalls)
    assert (order.status, order.ordered_by, order.piece) == ("done", "王老师", 0)
    assert work(bench3) == Recalled()


def test_where_it_cannot_a_notice_follows_without_the_text_and_without_confirmation(bench3: Bench) -> None:
    bench3.office.school = replace(bench3.office.school, confirm=True)
    bench3.publish(to_students(title="甲", summary="不该再说的话", url="https://a.example/1"))
    orders.confirm(bench3.office, orders.day_list(bench3.office), "王老师")
    bench3.tick()
    [done] = retract(bench3).places
    assert (done.way, done.number) == (Way.NOTICE, None)
    bench3.tick()
    assert bench3.vendor.titles(GROUPS) == [("甲",), ("甲",)]
    first, notice = bench3.rows(t.placements)
    assert (notice.purpose, notice.follows_id, notice.slot) == ("撤回", first.id, "撤回:1")
    assert (notice.confirmed_by, notice.version_id) == ("王老师", first.version_id)
    assert results(bench3.db) == {"首发甲": Result.SUCCESS, "撤回甲": Result.SUCCESS}


def test_an_order_given_twice_does_nothing_twice(bench3: Bench) -> None:
    channel = recalling(bench3, ACCOUNT, **ARTICLES)
    sent(bench3, entry(title="甲", audience=("社会",)), to_students(title="乙"))
    for item_id in _items(bench3):
        assert retract(bench3, item_id).why_not == ""
        again = retract(bench3, item_id, "李老师")
        assert "王老师 撤回：附件有误" in again.why_not and not again.places
    for _ in range(3):
        work(bench3, ACCOUNT)
        bench3.tick()
    assert channel.asked == [("全体", 0)]
    assert bench3.vendor.titles(GROUPS) == [("乙",), ("乙",)] and bench3.vendor.titles(ACCOUNT) == [("甲",)]
    assert [act.act for act in bench3.rows(t.acts)] == ["撤回", "撤回"]


def test_nothing_goes_to_a_place_that_never_had_it(bench3: Bench) -> None:
    bench3.vendor.says(GROUPS, Outcome.DELIVERED, Outcome.REFUSED)
    bench3.publish(entry(title="甲", audience=("校内",)))
    bench3.deliver()  # G1 has it, Q1 refused it
    bench3.target("Q2", audience="学生")  # new in the register
    done = retract(bench3)
    assert [each.target for each in done.places] == ["G1"]
    for _ in range(3):
        bench3.clock.forward(hours=1)
        bench3.tick()
    to_groups = [call.addresses for call in bench3.vendor.calls if call.channel == GROUPS]
    assert to_groups == [("g1",), ("q1",), ("g1",)]


def test_what_has_not_left_is_cancelled_and_nothing_follows(bench3: Bench) -> None:
    bench3.publish(to_students())
    done = retract(bench3)
    assert (done.stopped, list(done.places)) == (1, [])
    bench3.tick()
    assert bench3.vendor.calls == []


@pytest.mark.parametrize(
    ("change", "words"),
    [({"address": "q9"}, "地址此后有变更"), ({"audience": "社会"}, "超出范围"), ({"channel": None}, "不在登记册")],
)
def test_no_notice_goes_to_other_readers_than_the_items(bench: Bench, change: dict[str, Any], words: str) -> None:
    sent(bench, to_students(title="甲"))
    bench.target("Q1", **change)
    [place] = retract(bench).places
    assert place.way is Way.PERSON and words in place.reason
    assert words in bench.alarms()[-1] and f"recalls done {place.number}" in bench.alarms()[-1]
    bench.tick()
    assert len(bench.vendor.keys(GROUPS)) == 1


def test_one_article_of_a_bundle_comes_down_and_the_others_stay(bench3: Bench) -> None:
    channel = recalling(bench3, ACCOUNT, **ARTICLES)
    sent(bench3, entry(title="甲"), entry(title="乙"), entry(title="丙"))
    retract(bench3, _items(bench3)[1])
    assert work(bench3, ACCOUNT) == Recalled(recalled=1)
    assert channel.asked == [("全体", 2)] and bench3.statuses(ACCOUNT) == ["delivered"]
    assert results(bench3.db) == {"首发甲": Result.SUCCESS, "首发乙": Result.RETRACTED, "首发丙": Result.SUCCESS}
    with bench3.db.read() as conn:
        back = list(log.rows(conn, log.Filter(results=(Result.RETRACTED,))))
        stay = list(log.rows(conn, log.Filter(results=(Result.SUCCESS,))))
        reached = {each.title: (each.due, each.reached) for each in history.items(conn, history.Wanted())}
    assert [(row.title, row.reason) for row in back] == [("乙", "平台已撤回")]
    assert [row.title for row in stay] == ["丙", "甲"]
    assert reached["乙"] == (1, 1) and bench3.rows(t.items)[1].disclosed_on is not None


def test_of_a_message_with_several_items_none_is_taken_back_for_one(bench: Bench) -> None:
    channel = recalling(bench, **MINUTES)
    sent(bench, to_students(title="甲"), to_students(title="乙"))
    [place] = retract(bench).places
    assert place.way is Way.NOTICE and "2 条信息" in place.reason
    bench.tick()
    assert channel.asked == [] and bench.vendor.titles(GROUPS) == [("甲", "乙"), ("甲",)]


@pytest.mark.parametrize("outcome", [Outcome.UNAVAILABLE, Outcome.THROTTLED, Outcome.UNCERTAIN, Outcome.MISCONFIGURED])
def test_a_vendor_that_says_later_is_asked_until_its_window_is_over(bench3: Bench, outcome: Outcome) -> None:
    channel = recalling(bench3, **MINUTES)
    sent(bench3, to_students(title="甲"))
    channel.says.extend(SendError(outcome, "稍后") for _ in range(9))
    retract(bench3)
    for _ in range(30):
        work(bench3)
        bench3.clock.forward(seconds=5)
    assert 2 <= len(channel.asked) <= 5
    bench3.tick()
    [order] = bench3.rows(t.recalls)
    assert order.status == "refused" and "超过平台允许撤回的时间" in order.reason
    assert bench3.vendor.titles(GROUPS) == [("甲",), ("甲",)] and bench3.statuses() == ["delivered", "delivered"]


def test_what_an_account_refuses_is_left_to_a_person_who_says_when_it_is_done(bench3: Bench) -> None:
    channel = recalling(bench3, ACCOUNT, **ARTICLES)
    sent(bench3, entry(title="甲"))
    channel.says.append(SendError(Outcome.REFUSED, "不知道文章编号", advice="请在发表记录中删除"))
    [place] = retract(bench3).places
    assert work(bench3, ACCOUNT) == Recalled(by_hand=1)
    assert place.number is not None
    [alarm] = bench3.alarms()
    assert "“甲”在学校账号" in alarm and "请在发表记录中删除" in alarm and f"recalls done {place.number}" in alarm
    assert bench3.statuses(ACCOUNT) == ["delivered"]
    assert amend.close_by_person(bench3.office, place.number, "李老师") is not None
    assert bench3.statuses(ACCOUNT) == ["retracted"]
    assert bench3.rows(t.alarms)[0].cleared_at is not None
    assert amend.close_by_person(bench3.office, place.number, "李老师") is None


def test_what_is_uncertain_waits_and_is_taken_back_once_it_is_found(bench3: Bench) -> None:
    channel = recalling(bench3, **{"recall": timedelta(hours=24)})
    bench3.vendor.says(GROUPS, Outcome.UNCERTAIN)
    bench3.vendor.resolutions.append(PERSON)
    sent(bench3, to_students(title="甲"))
    [place] = retract(bench3).places
    assert place.way is Way.WAIT
    work(bench3)
    bench3.track()
    assert channel.asked == []
    [delivery] = bench3.rows(t.deliveries)
    judge(bench3.office, delivery.push_id, "delivered", "王老师")
    bench3.clock.forward(minutes=2)
    assert work(bench3) == Recalled(recalled=1) and bench3.statuses() == ["retracted"]


def test_what_was_uncertain_and_never_came_is_followed_by_nothing(bench3: Bench) -> None:
    bench3.vendor.says(GROUPS, Outcome.UNCERTAIN)
    sent(bench3, to_students(title="甲"))
    retract(bench3)
    [delivery] = bench3.rows(t.deliveries)
    judge(bench3.office, delivery.push_id, "resend", "王老师")  # it is not there; the order keeps it from going now
    for _ in range(4):
        bench3.clock.forward(minutes=2)
        bench3.tick()
        work(bench3)
    assert len(bench3.vendor.calls) == 1
    assert [order.status for order in bench3.rows(t.recalls)] == ["done"]


def test_a_process_killed_between_the_call_and_its_commit_asks_once_more_and_no_more(
    bench3: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = recalling(bench3, **MINUTES)
    sent(bench3, to_students(title="甲"))
    retract(bench3)

    class Killed(BaseException):
        """Not an Exception: nothing may catch it and go on."""

    def dies(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("store.recalls.take_back", dies)
        with pytest.raises(Killed):
            work(bench3)
    assert bench3.statuses() == ["delivered"]
    assert work(bench3.colleague()) == Recalled(recalled=1)
    assert channel.asked == [("q1", 0)] * 2 and bench3.statuses() == ["retracted"]
    assert len(bench3.vendor.calls) == 1 and len(bench3.rows(t.placements)) == 1


def test_two_processes_with_one_order_come_to_one_end(bench3: Bench) -> None:
    channel = recalling(bench3, **MINUTES)
    sent(bench3, to_students(title="甲"))
    retract(bench3)
    other = bench3.colleague()
    seen: list[Recalled] = []

    def meanwhile(attempt: Attempt, piece: int = 0) -> Sent:
        channel.asked.append((attempt.address, piece))
        if not seen:
            seen.append(Recalled())
            work(other)
        return Sent(address=attempt.address, outcome=Outcome.DELIVERED, reason="平台已撤回")

    channel.retract = meanwhile  # type: ignore[method-assign]
    work(bench3)
    assert [row.status for row in bench3.rows(t.outcomes)] == ["delivered", "retracted"]
    assert [order.status for order in bench3.rows(t.recalls)] == ["done"]


def test_a_draft_that_nobody_has_seen_is_thrown_away_and_counts_as_not_sent(bench: Bench) -> None:
    channel = recalling(bench, ACCOUNT, **ARTICLES)
    bench.vendor.says(ACCOUNT, Sent(address="全体", outcome=Outcome.HANDED, vendor_id="draft"))
    sent(bench, entry(title="甲"))
    retract(bench)
    work(bench, ACCOUNT)
    assert channel.asked == [("全体", 0)] and bench.statuses(ACCOUNT) == ["failed"]
    assert results(bench.db) == {"首发甲": Result.FAILURE} and bench.rows(t.items)[0].disclosed_on is None
    with bench.db.read() as conn:  # nobody is asked to send it again
        assert stand.work(conn, ACCOUNT, at(date(2020, 9, 10), time.min)).failed == 0


def test_what_the_vendor_is_still_at_work_on_is_asked_again_before_a_person_is(bench: Bench) -> None:
    class Working(Recalling, Telling):
        """One whose vendor knows only later what it has published."""

    channel = bench.use(Working, ACCOUNT, **ARTICLES)
    assert isinstance(channel, Recalling)
    bench.vendor.says(ACCOUNT, Outcome.ACCEPTED)
    sent(bench, entry(title="甲"))
    channel.says.append(SendError(Outcome.REFUSED, "不知道文章编号"))
    retract(bench)
    assert work(bench, ACCOUNT) == Recalled(again=1) and bench.alarms() == []
    bench.clock.forward(minutes=2)
    assert work(bench, ACCOUNT) == Recalled(recalled=1) and bench.statuses(ACCOUNT) == ["retracted"]


# -- 更正


def _edit(bench: Bench, row: Entry, **over: Any) -> Entry:
    new = replace(row, **over)
    bench.watch(sheet(new))
    bench.route()
    return new


def test_a_correction_goes_once_to_each_target_that_has_the_older_version(bench3: Bench) -> None:
    row = entry(title="甲", audience=("校内",))
    bench3.vendor.says(GROUPS, Outcome.DELIVERED, Outcome.REFUSED)
    bench3.watch(sheet(row))
    bench3.tick()
    _edit(bench3, row, title="甲（改）")
    assert bench3.rows(t.items)[0].changed_at is not None
    done = correct(bench3)
    assert (list(done.targets), list(done.behind)) == (["G1"], [])
    assert bench3.rows(t.items)[0].changed_at is None
    assert not correct(bench3).targets
    for _ in range(3):
        bench3.clock.forward(hours=1)
        bench3.tick()
    to_g1 = [call.titles for call in bench3.vendor.calls if call.addresses == ("g1",)]
    assert to_g1 == [("甲",), ("甲（改）",)]
    first, *_, correction = sorted(bench3.placed("G1"), key=lambda p: p.id)
    assert (correction.purpose, correction.slot, correction.follows_id) == ("更正", "更正:2", first.id)


def test_a_version_that_may_not_leave_corrects_nothing_and_says_why(bench: Bench) -> None:
    row = to_students(title="甲")
    bench.watch(sheet(row))
    bench.tick()
    _edit(bench, row, title="甲（改）", audience=("教职工",))
    done = correct(bench)
    assert not done.targets and done.behind[0][0] == "Q1" and "超出范围" in done.behind[0][1]
    assert bench.rows(t.items)[0].changed_at is not None
    retract(bench)
    assert "撤回" in correct(bench).why_not
    assert bench.rows(t.items)[0].changed_at is None


def test_a_correction_waits_for_its_confirmation(bench: Bench) -> None:
    row = to_students(title="甲")
    bench.watch(sheet(row))
    bench.tick()
    _edit(bench, row, title="甲（改）")
    bench.office.school = replace(bench.office.school, confirm=True)
    correct(bench)
    bench.tick()
    assert len(bench.vendor.calls) == 1
    [due] = orders.day_list(bench.office)
    assert (due.purpose, due.title) == ("更正", "甲（改）")


def test_a_correction_that_is_overtaken_by_a_newer_version_does_not_go(bench3: Bench) -> None:
    row = to_students(title="甲")
    bench3.watch(sheet(row))
    bench3.tick()
    new = _edit(bench3, row, title="甲二")
    correct(bench3)
    _edit(bench3, new, title="甲三")
    bench3.tick()
    assert bench3.vendor.titles(GROUPS) == [("甲",)]
    assert list(correct(bench3).targets) == ["Q1"]
    bench3.tick()
    assert bench3.vendor.titles(GROUPS) == [("甲",), ("甲三",)]


def test_after_a_correction_the_retraction_takes_back_both_and_tells_once(bench: Bench) -> None:
    row = to_students(title="甲")
    bench.watch(sheet(row))
    bench.tick()
    _edit(bench, row, title="甲二")
    correct(bench)
    bench.tick()
    assert [each.way for each in retract(bench).places] == [Way.NOTICE]
    bench.tick()
    assert bench.vendor.titles(GROUPS) == [("甲",), ("甲二",), ("甲二",)]


# -- 撤下


def _after_the_term(bench: Bench) -> None:
    bench.clock.now = at(date(2020, 9, 18), time(9))


def _notice(**over: Any) -> Entry:
    return entry(**{"title": "评奖公示", "notice_from": date(2020, 9, 10), "notice_to": date(2020, 9, 17), **over})


def test_a_notice_comes_down_once_when_its_term_is_over_and_not_before(bench3: Bench) -> None:
    channel = recalling(bench3, ACCOUNT, **ARTICLES)
    sent(bench3, _notice(), entry(title="通知"))
    bench3.clock.now = at(date(2020, 9, 17), time(23))
    assert take_down(bench3.office, ACCOUNT) == 0
    _after_the_term(bench3)
    assert [take_down(bench3.office, ACCOUNT) for _ in range(2)] == [1, 0]
    assert work(bench3, ACCOUNT) == Recalled(recalled=1)
    assert channel.asked == [("全体", 1)] and take_down(bench3.office, ACCOUNT) == 0
    assert results(bench3.db) == {"首发评奖公示": Result.RETRACTED, "首发通知": Result.SUCCESS}
    [act] = bench3.rows(t.acts)
    assert (act.person, act.act) == ("公开达", "撤下")


def test_a_notice_that_ended_during_a_long_outage_comes_down_all_the_same(bench: Bench) -> None:
    recalling(bench, ACCOUNT, **ARTICLES)
    sent(bench, _notice())
    bench.clock.now = at(date(2021, 3, 1), time(9))
    assert take_down(bench.office, ACCOUNT) == 1


def test_a_notice_from_a_web_page_comes_down_by_the_term_its_text_states(bench: Bench) -> None:
    recalling(bench, ACCOUNT, **ARTICLES)
    body = "<p>现予公示。</p><p>公示时间：2020年9月10日至<span>9月17日</span>。</p>"
    sent(bench, _notice(notice_from=None, notice_to=None, body=body))
    assert take_down(bench.office, ACCOUNT) == 0
    _after_the_term(bench)
    assert take_down(bench.office, ACCOUNT) == 1


def test_a_group_keeps_its_message_and_a_school_may_switch_it_off(bench: Bench) -> None:
    recalling(bench, ACCOUNT, **ARTICLES)
    recalling(bench, **MINUTES)
    sent(bench, _notice(), _notice(title="学生公示", audience=("学生",)))
    _after_the_term(bench)
    assert take_down(bench.office, GROUPS) == 0
    bench.office.school = replace(bench.office.school, take_down=False)
    assert take_down(bench.office, ACCOUNT) == 0


def test_what_is_paused_takes_nothing_down_by_itself_but_obeys_a_person(bench: Bench) -> None:
    channel = recalling(bench, ACCOUNT, **ARTICLES)
    sent(bench, _notice(), entry(title="通知"))
    orders.pause(bench.office, ACCOUNT, "王老师", "")
    _after_the_term(bench)
    assert take_down(bench.office, ACCOUNT) == 1
    assert work(bench, ACCOUNT) == Recalled() and channel.asked == []
    retract(bench, _items(bench)[1])
    assert work(bench, ACCOUNT) == Recalled(recalled=1) and channel.asked == [("全体", 2)]


def test_what_cannot_come_down_by_itself_is_left_to_a_person(bench: Bench) -> None:
    channel = recalling(bench, ACCOUNT, **ARTICLES)
    sent(bench, _notice())
    _after_the_term(bench)
    take_down(bench.office, ACCOUNT)
    channel.says.append(SendError(Outcome.REFUSED, "没有权限"))
    assert work(bench, ACCOUNT) == Recalled(by_hand=1)
    assert "公示期满，须由人撤下" in bench.alarms()[0] and len(bench.rows(t.placements)) == 1
