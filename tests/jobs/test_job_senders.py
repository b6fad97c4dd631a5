"""Several senders work one claim off: an order or a fault stops them all, and no answer is lost."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from jobs import deliver as job
from jobs import orders
from rules.outcome import Outcome
from store import facts
from store import tables as t
from tests.jobs.bench import GROUPS, Bench, Recorder, Resolving
from tests.jobs.test_job_claim import many_groups

WAIT = 10.0


def test_an_order_stops_every_sender_before_its_next_call(bench3: Bench) -> None:
    many_groups(bench3, 30)
    bench3.use(Resolving, senders=4)
    paused = threading.Event()

    def pause(_call: object) -> None:
        orders.pause(bench3.office, GROUPS, "王老师", "停")
        paused.set()

    bench3.vendor.usual = lambda _call: paused.wait(WAIT) and None
    bench3.vendor.says(GROUPS, pause)
    done = bench3.deliver()
    calls = len(bench3.vendor.calls)
    assert calls <= 4
    assert done.released == 30 - calls
    assert sorted(bench3.statuses()) == ["delivered"] * calls + ["queued"] * (30 - calls)


def test_what_was_not_called_for_goes_back_with_a_line_that_says_so(bench: Bench) -> None:
    many_groups(bench, 3)
    bench.use(Resolving)
    bench.vendor.says(GROUPS, lambda _call: orders.pause(bench.office, GROUPS, "王老师", "停") and None)
    bench.deliver()
    reasons = [row.reason for row in bench.rows(t.outcomes)]
    assert reasons.count(job.ORDERED) == 2


def test_a_store_that_breaks_under_a_sender_costs_no_answer_and_no_row(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_groups(bench, 12)
    bench.use(Resolving)
    broken = OSError("磁盘已满")

    def breaks(_call: object) -> None:
        def get_meta(*_: Any) -> str:
            raise broken

        monkeypatch.setattr(facts, "get_meta", get_meta)
        facts.given_here[0] += 1  # the store is asked again before the next call

    bench.vendor.says(GROUPS, breaks)
    with pytest.raises(OSError, match="磁盘已满"):
        bench.deliver()
    assert len(bench.vendor.calls) == 1
    assert sorted(bench.statuses()) == ["delivered"] + ["queued"] * 11
    assert [row.reason for row in bench.rows(t.outcomes)].count(job.BROKEN_OFF) == 11


def test_ctrl_c_lets_the_call_on_the_wire_end_and_writes_it_down(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    many_groups(bench, 12)
    bench.use(Resolving)
    on_the_wire, wait = threading.Event(), job.wait

    def pressed(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(job, "wait", wait)
        assert on_the_wire.wait(WAIT)
        raise KeyboardInterrupt

    bench.vendor.says(GROUPS, lambda _call: on_the_wire.set() or time.sleep(0.1))
    monkeypatch.setattr(job, "wait", pressed)
    with pytest.raises(KeyboardInterrupt):
        bench.deliver()
    assert len(bench.vendor.calls) == 1
    assert sorted(bench.statuses()) == ["delivered"] + ["queued"] * 11


def test_answers_that_could_not_be_written_are_kept_for_another_try(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_groups(bench, 3)
    bench.use(Resolving)
    settle = job.settle_call

    def locked(*_: Any) -> list[Outcome]:
        monkeypatch.setattr(job, "settle_call", settle)
        raise OSError("数据库正忙")

    monkeypatch.setattr(job, "settle_call", locked)
    with pytest.raises(OSError, match="数据库正忙"):
        bench.deliver()
    assert bench.statuses() == ["delivered"] * 3


def test_where_nothing_can_resolve_an_answer_does_not_wait_for_a_slower_call(bench: Bench) -> None:
    """A process that is killed then leaves one less for a person to look for."""
    many_groups(bench, 2)
    bench.use(Recorder, senders=2)
    written: list[bool] = []

    def slow(_call: object) -> None:
        ends = time.monotonic() + WAIT
        while time.monotonic() < ends and "delivered" not in bench.statuses():
            time.sleep(0.01)
        written.append("delivered" in bench.statuses())

    bench.vendor.says(GROUPS, slow)
    bench.deliver()
    assert written == [True]
    assert bench.statuses() == ["delivered", "delivered"]
