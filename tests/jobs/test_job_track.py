"""Track: one item that breaks us holds up no other; a lost id is found by what the vendor shows; words are kept apart."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from channels.base import Resolution, Sent, Word
from jobs.judge import in_doubt
from rules.outcome import Outcome
from rules.states import Basis, Result, Status
from store import log, receipts
from store import tables as t
from store.db import Db
from tests import factory as f
from tests.jobs import bench as b
from tests.jobs.bench import GROUPS, Bench, Resolving, Telling, to_staff, to_students


def _page(bench: Bench) -> list[log.Row]:
    with bench.db.read() as conn:
        return list(log.page(conn, log.Filter()).rows)


# -- words that moved nothing


@pytest.mark.parametrize("look", [b.LATER, b.PERSON])
def test_a_later_look_that_finds_nothing_leaves_the_reason_of_the_yes_beside_it(
    bench3: Bench, look: Resolution
) -> None:
    bench3.use(Telling)
    bench3.vendor.says(GROUPS, Sent(address="", outcome=Outcome.ACCEPTED, vendor_id="7", reason="平台已受理发布"))
    bench3.vendor.resolutions.append(look)
    bench3.publish(to_students())
    bench3.deliver()
    bench3.clock.forward(minutes=3)
    bench3.track()
    [row] = _page(bench3)
    assert (row.status, row.reason, row.looked) == (Result.SUCCESS, "平台已受理发布", look.reason)


def test_of_what_is_still_open_the_last_look_tells_why(bench: Bench) -> None:
    bench.use(Resolving)
    bench.vendor.says(GROUPS, Outcome.UNCERTAIN)
    bench.vendor.resolutions.append(b.LATER)
    bench.publish(to_students())
    bench.deliver()
    bench.track()
    [row] = _page(bench)
    assert (row.status, row.reason, row.looked) == (Result.PENDING, b.LATER.reason, "")
    assert [one.why for each in in_doubt(bench.office) for one in each.persons] == [b.LATER.reason]


def test_what_a_look_had_said_is_gone_once_the_push_has_moved(bench: Bench) -> None:
    bench.use(Resolving)
    bench.vendor.says(GROUPS, Outcome.UNCERTAIN)
    bench.vendor.resolutions.extend([b.LATER, b.DELIVERED])
    bench.publish(to_students())
    bench.deliver()
    bench.track()
    bench.clock.forward(minutes=3)
    bench.track()
    [row] = _page(bench)
    assert (row.status, row.reason, row.looked) == (Result.SUCCESS, b.DELIVERED.reason, "")


# -- bugs


def test_a_receipt_that_breaks_us_holds_up_no_other_and_is_told_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def poison(receipt: Any) -> Word:
        raise KeyError(receipt.raw)

    monkeypatch.setitem(b.WORDS, "poison", poison)
    bench.use(Telling)
    bench.vendor.says(GROUPS, Outcome.ACCEPTED)
    bench.publish(to_students())
    bench.deliver()
    bench.receive("poison", "x", "1")
    bench.receive("good", bench.rows(t.deliveries)[0].vendor_id, "2")
    with caplog.at_level(logging.ERROR):
        assert [bench.track().receipts, bench.track().receipts] == [1, 0]
    assert bench.statuses() == ["delivered"]
    assert len([line for line in caplog.records if line.exc_info]) == 1  # its stack once, not every half minute
    [alarm] = bench.rows(t.alarms)
    assert "poison" in alarm.text and "KeyError" in alarm.text and "请把运行日志交系统管理员" in alarm.text
    bench.clock.forward(days=4)
    bench.track()
    assert all(row.applied_at for row in bench.rows(t.receipts))  # given up after its time


def test_a_bug_of_a_resolver_holds_up_no_other_delivery_and_names_the_one(bench3: Bench) -> None:
    bench3.use(Resolving)
    bench3.vendor.says(GROUPS, Outcome.UNCERTAIN, Outcome.UNCERTAIN)
    bench3.vendor.resolutions.extend([ZeroDivisionError(), b.DELIVERED, b.DELIVERED])
    bench3.publish(to_staff(), to_students())
    bench3.deliver()
    assert bench3.track().resolved == 1
    assert sorted(bench3.statuses()) == ["delivered", "uncertain"]
    [alarm] = bench3.rows(t.alarms)
    assert "发往 教职工群 的一次推送" in alarm.text and "ZeroDivisionError" in alarm.text
    bench3.track()
    assert "uncertain" in bench3.statuses()  # not asked again at once
    bench3.clock.forward(hours=1, minutes=1)
    bench3.track()
    assert bench3.statuses() == ["delivered", "delivered"]


def test_a_target_whose_people_cannot_be_counted_for_a_bug_of_ours_holds_up_no_other(bench: Bench) -> None:
    from channels.base import Sample
    from jobs.track import measure

    class Counting(b.Recorder):
        def measure(self, target: Any) -> list[Sample]:
            if target.number == "G1":
                raise ZeroDivisionError
            return [Sample(metric="应达", value=30, basis="群成员数", true_at=self._clock())]

    bench.use(Counting)
    assert measure(bench.office, GROUPS) == 1
    assert "教职工群" in bench.alarms()[0]


# -- an id that was lost


def test_a_receipt_whose_id_was_lost_is_matched_by_the_article_a_look_has_found(
    bench3: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {"article_id": "a-1", "article_urls": ["https://mp.example.cn/1"]}
    word = Word(outcome=Outcome.DELIVERED, reason="已发布", vendor_id="lost", basis=Basis.POSTED, evidence=shown)
    monkeypatch.setitem(b.WORDS, "published", lambda receipt: word)
    bench3.use(Telling)
    bench3.vendor.says(GROUPS, Outcome.UNCERTAIN)
    bench3.vendor.resolutions.append(b.LATER)
    bench3.publish(to_students())
    bench3.deliver()
    bench3.track()
    bench3.vendor.resolutions.append(
        Resolution(outcome=Outcome.DELIVERED, reason="在发布记录中找到", basis=Basis.POSTED, evidence=shown)
    )
    bench3.receive("published", "lost")
    bench3.track()  # the receipt fits nothing yet, so the look that was to come in two minutes comes now
    assert bench3.statuses() == ["delivered"]
    assert bench3.track().receipts == 1
    assert all(row.applied_at for row in bench3.rows(t.receipts))


def test_a_receipt_that_shows_another_article_is_not_matched(db: Db) -> None:
    now = f.moment("2020-10-01")
    with db.write() as conn:
        push = f.send(conn, "A01", [f.place(conn, f.add_item(conn, now), "A01", now)], now, Status.DELIVERED)
        conn.execute(t.pushes.update().values(evidence={"article_id": "a-1", "article_urls": ["https://x.cn/1"]}))

        def found(since: timedelta = timedelta(days=-1), **evidence: Any) -> list[int]:
            return [d.push_id for d in receipts.shown_by(conn, "wechat_oa", evidence, now + since)]

        assert found(article_id="a-1") == [push] and found(article_urls=["https://x.cn/1"]) == [push]
        assert found(article_id="a-2") == [] and found(article_id="") == [] and found() == []
        assert found(since=timedelta(days=1), article_id="a-1") == []
