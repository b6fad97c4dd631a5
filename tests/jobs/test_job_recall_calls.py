"""A push of several calls is taken back call by call: one that is refused or still open neither stops nor hides the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from channels.base import Attempt, Resolution, SendError, Sent
from rules.outcome import Outcome
from store import tables as t
from tests.jobs.bench import GROUPS, LATER, Bench, to_students
from tests.jobs.test_job_amend import Recalling, recalling, retract, work
from tests.jobs.test_job_many import KEY, People, write


class Calling(Recalling):
    """The vendor gives each call a number of its own."""

    def _sent(self, answer: Any, call: Any) -> Sequence[Sent]:
        if answer is Outcome.UNCERTAIN:
            raise SendError(answer, "没有答复")
        number = f"m-{call.addresses[0]}"
        return [Sent(address=each, outcome=Outcome.ACCEPTED, vendor_id=number) for each in call.addresses]

    def resolve(self, attempt: Attempt) -> Resolution:
        return self._vendor.resolutions.popleft() if self._vendor.resolutions else LATER


def calling(bench: Bench, folder: Path, persons: int) -> Calling:
    """The students are a list of persons, two in a call."""
    write(folder, tuple(range(persons)))
    made = bench.use(Calling, addresses=2, person="手机号", recall=timedelta(hours=24), senders=1)
    assert isinstance(made, Calling)
    bench.office.people, bench.office.seal_key = People(folder), KEY
    bench.target("Q1", address="名单:学生")
    return made


def orders(bench: Bench) -> list[str]:
    return [row.status for row in bench.rows(t.recalls)]


def test_a_call_that_is_refused_leaves_the_others_to_be_taken_back(bench: Bench, tmp_path: Path) -> None:
    channel = calling(bench, tmp_path, 6)
    bench.publish(to_students(title="甲"))
    bench.deliver()
    channel.says = deque([SendError(Outcome.REFUSED, "不认这个消息编号", code="40058")])
    retract(bench)
    done = work(bench)
    assert len(channel.asked) == 3 and (done.recalled, done.noticed) == (0, 1)
    assert sorted(bench.statuses()) == ["accepted"] * 2 + ["retracted"] * 4


def test_a_part_of_unknown_end_keeps_the_order_open_until_it_is_known_and_taken_back_too(
    bench: Bench, tmp_path: Path
) -> None:
    calling(bench, tmp_path, 4)
    bench.vendor.says(GROUPS, Outcome.ACCEPTED, Outcome.UNCERTAIN)
    bench.publish(to_students(title="甲"))
    bench.deliver()
    retract(bench)
    assert work(bench).again == 1 and orders(bench) == ["queued"]
    assert sorted(bench.statuses()) == ["retracted"] * 2 + ["uncertain"] * 2
    found = Resolution(outcome=Outcome.ACCEPTED, reason="在平台记录中找到", vendor_id="m-2")
    bench.clock.forward(minutes=3)
    bench.vendor.resolutions.extend([found, found])
    bench.track()
    bench.clock.forward(minutes=3)
    assert work(bench).recalled == 1 and orders(bench) == ["done"]
    assert bench.statuses() == ["retracted"] * 4


def test_a_part_that_turns_out_never_to_have_left_ends_the_order(bench: Bench, tmp_path: Path) -> None:
    calling(bench, tmp_path, 4)
    bench.vendor.says(GROUPS, Outcome.ACCEPTED, Outcome.UNCERTAIN)
    bench.publish(to_students(title="甲"))
    bench.deliver()
    retract(bench)
    work(bench)
    bench.clock.forward(minutes=3)
    absent = Resolution(outcome=Outcome.REFUSED, reason="平台没有这条消息")
    bench.vendor.resolutions.extend([absent, absent])
    bench.track()
    for _ in range(4):
        bench.clock.forward(minutes=30)
        bench.tick()
        work(bench)
    assert orders(bench) == ["done"] and [call.titles for call in bench.vendor.calls].count(("甲",)) == 2
    assert set(bench.statuses()) <= {"retracted", "failed", "cancelled"}


def test_a_vendors_window_runs_from_the_first_call_that_may_have_gone_out(bench: Bench) -> None:
    channel = recalling(bench, recall=timedelta(hours=24))
    later = SendError(Outcome.UNAVAILABLE, "连接不上", retry_after=timedelta(hours=10))
    bench.vendor.says(GROUPS, later, later, later, Outcome.DELIVERED)
    bench.publish(to_students(title="甲"))
    begun = bench.clock.now
    for _ in range(120):
        bench.deliver()
        if "delivered" in bench.statuses():
            break
        bench.clock.forward(hours=1)
    assert bench.clock.now - begun > timedelta(hours=24)
    retract(bench)
    assert work(bench).recalled == 1 and len(channel.asked) == 1
