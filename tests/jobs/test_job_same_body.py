"""A call to many whose answer was lost is made again with the very same body, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.base import Rate, SendError
from jobs.claim import NOT_THE_SAME, RESEND_WITHIN, claim
from jobs.judge import judge
from rules.outcome import Outcome
from store import tables as t
from tests.jobs.bench import GROUPS, RESEND, Bench, to_students
from tests.jobs.test_job_many import KEY, People, Persons, phone, tell, write

LOST = SendError(Outcome.UNCERTAIN, "超时")
A_MINUTE = Rate(name="每人每分钟", most=25, per=timedelta(seconds=60))


@pytest.fixture
def lost(bench: Bench, tmp_path: Path) -> Bench:
    """Four persons in one call, whose answer was lost."""
    write(tmp_path, range(4))
    bench.use(Persons, addresses=10, person="手机号", rates=(A_MINUTE,))
    bench.office.people, bench.office.seal_key = People(tmp_path), KEY
    bench.target("Q1", address="名单:学生")
    bench.vendor.usual = Outcome.ACCEPTED
    bench.vendor.says(GROUPS, LOST)
    bench.publish(to_students())
    bench.deliver()
    return bench


def resolved(bench: Bench, times: int) -> None:
    bench.vendor.resolutions.extend([RESEND] * times)
    bench.track()


def bodies(bench: Bench) -> list[Sequence[str]]:
    return [call.addresses for call in bench.vendor.calls if call.channel == GROUPS]


def test_who_has_acknowledged_meanwhile_still_stands_in_the_body_and_all_of_them_are_settled(lost: Bench) -> None:
    tell(lost, lost.vendor.keys()[0], [1])
    resolved(lost, 3)
    assert lost.deliver().claimed == 3
    assert bodies(lost) == [tuple(phone(n) for n in range(4))] * 2
    assert lost.statuses() == ["accepted", "delivered", "accepted", "accepted"]
    assert sum(row.n for row in lost.rows(t.quotas)) == 4 + 3


def test_a_resend_that_is_lost_as_well_and_acknowledged_again_keeps_its_body(lost: Bench) -> None:
    tell(lost, lost.vendor.keys()[0], [1])
    lost.vendor.says(GROUPS, LOST)
    resolved(lost, 3)
    lost.deliver()
    tell(lost, lost.vendor.keys()[0], [2])
    resolved(lost, 2)
    lost.deliver()
    assert bodies(lost) == [tuple(phone(n) for n in range(4))] * 3
    assert lost.statuses() == ["accepted", "delivered", "delivered", "accepted"]


def test_a_resend_that_is_held_up_after_its_claim_is_not_called_and_asked_about_again(
    lost: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*args: Any) -> Any:
        found = claim(*args)
        lost.clock.forward(minutes=2)
        return found

    resolved(lost, 4)
    lost.clock.now += RESEND_WITHIN - timedelta(minutes=1)
    monkeypatch.setattr("jobs.deliver.claim", late)
    lost.deliver()
    assert len(bodies(lost)) == 1
    assert lost.statuses() == ["uncertain"] * 4


def test_where_one_of_them_was_given_up_a_person_decides_on_the_rest_and_is_told(lost: Bench) -> None:
    judge(lost.office, 1, "drop", "王老师", whom=phone(0))
    resolved(lost, 3)
    assert lost.deliver().claimed == 0
    assert lost.statuses() == ["failed", "uncertain", "uncertain", "uncertain"]
    assert any(NOT_THE_SAME in text for text in lost.alarms())
    assert all(row.not_before is None for row in lost.rows(t.deliveries)[1:])
    lost.clock.forward(hours=1)
    lost.tick()
    assert len(bodies(lost)) == 1
    assert sum(row.n for row in lost.rows(t.quotas)) == 4


def test_where_one_of_them_has_left_the_list_a_person_decides(lost: Bench, tmp_path: Path) -> None:
    write(tmp_path, range(1, 4))
    resolved(lost, 4)
    assert lost.deliver().claimed == 0
    assert lost.statuses() == ["uncertain"] * 4
    assert len(bodies(lost)) == 1 and any(NOT_THE_SAME in text for text in lost.alarms())


def test_a_resend_of_which_an_allowance_holds_back_one_waits_whole_and_takes_nothing(lost: Bench) -> None:
    with lost.db.write() as conn:
        [name] = {row.name for row in lost.rows(t.quotas) if row.name.endswith("03")}
        conn.execute(t.quotas.insert().values(name=name, push_id=0, n=24, at=lost.clock.now))
    resolved(lost, 4)
    assert lost.deliver().claimed == 0
    assert sum(row.n for row in lost.rows(t.quotas)) == 4 + 24
    lost.clock.forward(seconds=61)
    assert lost.deliver().claimed == 4
    assert len(set(bodies(lost))) == 1
