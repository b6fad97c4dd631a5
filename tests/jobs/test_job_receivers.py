"""What follows a push to persons goes to the very people who got it; what goes anew, to nobody who has it; redo by person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.base import Sent
from desk import orders as desk
from desk.errors import DeskError
from jobs import amend, orders
from jobs.forget import RECEIPTS_CLOSE, forget
from jobs.judge import judge
from jobs.plan import NOBODY_LEFT
from jobs.receivers import SEALED
from rules.item import Entry
from rules.outcome import Outcome
from rules.privacy import is_sealed
from rules.routing import Target
from store import log, placements
from store import tables as t
from tests.jobs.bench import GROUPS, Bench, entry, sheet, to_students
from tests.jobs.test_job_many import KEY, People, Persons, phone, write

FIRST = (0, 1, 2, 3)


def refuses(*numbers: int) -> Any:
    """A vendor that says no to these persons and yes to the others."""

    def answer(call: Any) -> Any:
        bad = {phone(n) for n in numbers}
        return [
            Sent(
                address=a, outcome=Outcome.REFUSED if a in bad else Outcome.DELIVERED, reason="空号" if a in bad else ""
            )
            for a in call.addresses
        ]

    return answer


@pytest.fixture
def persons(bench: Bench, tmp_path: Path) -> Bench:
    """Four students in a list; three of them got the first push, number 3 did not."""
    write(tmp_path, FIRST)
    bench.use(Persons, addresses=10, person="手机号")
    bench.office.people, bench.office.seal_key = People(tmp_path), KEY
    bench.target("Q1", address="名单:学生")
    bench.vendor.says(GROUPS, refuses(3))
    bench.publish(ROW)
    bench.deliver()
    assert bench.statuses() == ["delivered"] * 3 + ["failed"]
    return bench


ROW = to_students(title="甲")


def correct(bench: Bench, row: Entry = ROW) -> None:
    bench.watch(sheet(replace(row, summary="更正后的内容")))
    assert list(amend.correct(bench.office, 1, "王老师", "数字有误").targets) == ["Q1"]


def leave(bench: Bench) -> list[Sequence[str]]:
    """Everything that may leave now leaves; what the last calls carried."""
    before = len(bench.vendor.calls)
    for _ in range(3):
        bench.plan()
        bench.deliver()
    return [call.addresses for call in bench.vendor.calls[before:]]


def test_a_correction_goes_to_those_who_got_the_first_push_whoever_stands_in_the_list_today(
    persons: Bench, tmp_path: Path
) -> None:
    write(tmp_path, (1, 2, 3, 7))  # number 0 has left, number 7 is new, number 3 never got it
    correct(persons)
    assert leave(persons) == [tuple(phone(n) for n in (0, 1, 2))]


def test_a_second_correction_goes_to_the_same_people(persons: Bench) -> None:
    correct(persons)
    leave(persons)
    persons.watch(sheet(replace(ROW, summary="再更正")))
    amend.correct(persons.office, 1, "王老师", "又有误")
    assert leave(persons) == [tuple(phone(n) for n in (0, 1, 2))]


def test_a_retraction_goes_to_those_who_got_it_and_nobody_else(persons: Bench, tmp_path: Path) -> None:
    write(tmp_path, (1, 7))
    amend.retract(persons.office, 1, "王老师", "有误")
    assert leave(persons) == [tuple(phone(n) for n in (0, 1, 2))]


def test_sealed_numbers_are_found_in_todays_list_and_the_others_are_named(persons: Bench, tmp_path: Path) -> None:
    persons.clock.forward(days=RECEIPTS_CLOSE.days, minutes=1)
    forget(persons.office)
    write(tmp_path, (1, 2, 7))
    correct(persons)
    assert leave(persons) == [(phone(1), phone(2))]
    lost = [row for row in persons.rows(t.deliveries, push_id=2) if row.status == "failed"]
    assert [(is_sealed(row.address), row.reason) for row in lost] == [(True, SEALED)]
    told = next(text for text in persons.alarms() if SEALED in text)
    assert "更正" in told and "…00 等 1 人" in told and phone(0) not in told
    with persons.db.read() as conn:
        [row] = log.page(conn, log.Filter(push=2)).rows
    assert (row.status, row.reason) == ("部分", SEALED)


def test_where_nobody_can_be_reached_any_more_the_correction_has_failed_and_a_person_knows(
    persons: Bench, tmp_path: Path
) -> None:
    persons.clock.forward(days=RECEIPTS_CLOSE.days, minutes=1)
    forget(persons.office)
    write(tmp_path, (7,))
    correct(persons)
    assert leave(persons) == []
    assert [row.status for row in persons.rows(t.deliveries, push_id=2)] == ["failed"] * 3
    assert any("等 3 人" in text for text in persons.alarms())


def test_a_correction_is_not_bundled_with_a_first_push_whose_receivers_are_others(
    persons: Bench, tmp_path: Path
) -> None:
    write(tmp_path, (1, 2, 3, 7))
    correct(persons)
    persons.enter(to_students(title="乙"))
    persons.route()
    assert sorted(leave(persons)) == [tuple(phone(n) for n in (0, 1, 2)), tuple(phone(n) for n in (1, 2, 3, 7))]


def test_a_resend_that_is_taken_apart_never_goes_again_to_those_who_have_it(persons: Bench) -> None:
    again = orders.send_again(persons.office, 1, "王老师")
    assert again is not None
    with persons.db.write() as conn:
        assert placements.scrap(conn, again, "目标的地址已变更，重新编排", persons.clock.now)
    assert leave(persons) == [(phone(3),)]


def test_what_everybody_has_got_ends_instead_of_going_out_again(persons: Bench, tmp_path: Path) -> None:
    again = orders.send_again(persons.office, 1, "王老师")
    assert again is not None
    with persons.db.write() as conn:
        placements.scrap(conn, again, "重新编排", persons.clock.now)
    write(tmp_path, (0, 1, 2))
    assert leave(persons) == []
    [row] = persons.rows(t.placements)
    assert (row.ended, row.reason) == ("cancelled", NOBODY_LEFT)


class Departments(Persons):
    """One that can turn a department into its persons, who are not always the same."""

    def __init__(self, *args: Any, **limits: Any) -> None:
        super().__init__(*args, **limits)
        self.now = ["a", "b", "c"]

    def expand(self, target: Target) -> Sequence[str]:
        return list(self.now)


def test_a_correction_to_a_department_goes_to_those_who_were_in_it(bench: Bench) -> None:
    channel = bench.use(Departments, addresses=10)
    assert isinstance(channel, Departments)
    bench.publish(ROW)
    bench.deliver()
    channel.now = ["b", "c", "d"]
    correct(bench)
    assert leave(bench) == [("a", "b", "c")]


# -- redo by person


@pytest.fixture
def three_failed(bench: Bench, tmp_path: Path) -> Bench:
    """Of four students three did not get it."""
    write(tmp_path, FIRST)
    bench.use(Persons, addresses=10, person="手机号")
    bench.office.people, bench.office.seal_key = People(tmp_path), KEY
    bench.target("Q1", address="名单:学生")
    bench.vendor.says(GROUPS, refuses(1, 2, 3))
    bench.publish(ROW)
    bench.deliver()
    return bench


def failed(bench: Bench, **options: Any) -> list[tuple[int | None, str]]:
    from desk.log import asked

    with bench.db.read() as conn:
        rows = log.rows(conn, asked(bench.db, {"failed": True, **options}))
        return [(row.push_id, str(row.status)) for row in rows]


def test_one_person_is_sent_to_again_and_the_others_stay_failed_and_can_be_sent_to_later(
    three_failed: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.retry_failed(three_failed.office, {"failed": True, "person": phone(2)})
    assert "推送 1 指定的接收人已重新排队，作为推送 2" in capsys.readouterr().out
    assert leave(three_failed) == [(phone(2),)]
    assert [row.status for row in three_failed.rows(t.deliveries, push_id=2)] == ["delivered", "failed", "failed"]
    assert failed(three_failed) == [(2, "部分"), (1, "部分")]
    desk.retry_failed(three_failed.office, {"failed": True})
    assert leave(three_failed) == [(phone(1), phone(3))]
    desk.retry_failed(three_failed.office, {"failed": True})
    assert leave(three_failed) == []


def test_the_log_of_one_person_shows_how_it_ended_for_that_person(three_failed: Bench) -> None:
    assert failed(three_failed, person=phone(2)) == [(1, "失败")]
    assert failed(three_failed, person=phone(0)) == []
    with three_failed.db.read() as conn:
        rows = list(log.rows(conn, log.Filter(person=(phone(0),))))
    assert [(row.push_id, row.status) for row in rows] == [(1, "成功")]


def test_a_sealed_person_is_found_by_the_number_and_sent_to_again_from_todays_list(
    three_failed: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from config import places

    three_failed.clock.forward(days=RECEIPTS_CLOSE.days, minutes=1)
    forget(three_failed.office)
    monkeypatch.setattr(places, "environment", lambda *_: {"XXGK_SEAL_KEY": KEY})
    desk.retry_failed(three_failed.office, {"failed": True, "person": phone(2)})
    assert leave(three_failed) == [(phone(2),)]


def test_a_person_who_got_it_is_not_sent_to_again(three_failed: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    desk.retry_failed(three_failed.office, {"failed": True, "person": phone(0)})
    assert "没有需要补推的" in capsys.readouterr().out
    assert leave(three_failed) == []


def test_a_spare_target_is_for_a_whole_push(three_failed: Bench) -> None:
    with pytest.raises(DeskError, match="不能与 --person 合用"):
        desk.retry_at_spares(three_failed.office, {"failed": True, "person": phone(1)})


@pytest.mark.parametrize(
    ("by", "sent_to"),
    [
        ({"push": 2}, {"g1"}),
        ({"channel": GROUPS}, {"g1", "q1"}),
        ({"target": "Q1"}, {"q1"}),
        ({"person": "g1"}, {"g1"}),
    ],
)
def test_by_push_channel_target_or_person_exactly_the_failed_ones_are_sent_again(
    bench: Bench, by: dict[str, Any], sent_to: set[str]
) -> None:
    bench.vendor.says(GROUPS, Outcome.REFUSED, Outcome.REFUSED, Outcome.DELIVERED)
    bench.publish(to_students(title="甲"), entry(audience=("教职工",), title="乙"), entry(title="丙"))
    bench.deliver()
    bench.deliver("account")
    bench.publish(to_students(title="丁"))
    bench.deliver()
    by_target = {row.target: row.id for row in bench.rows(t.pushes)}
    if "push" in by:
        by = {"push": by_target["G1"]}
    bench.clock.forward(minutes=1)
    desk.retry_failed(bench.office, {"failed": True, **by})
    before = len(bench.vendor.calls)
    for name in bench.office.channels:
        bench.deliver(name)
    assert {a for call in bench.vendor.calls[before:] for a in call.addresses} == sent_to
    assert timedelta(0) < bench.clock.now - bench.rows(t.pushes)[0].created_at


def test_who_is_found_to_have_it_only_after_the_retraction_went_out_is_named_to_a_person(
    bench: Bench, tmp_path: Path
) -> None:
    write(tmp_path, FIRST)
    bench.use(Persons, addresses=10, person="手机号")
    bench.office.people, bench.office.seal_key = People(tmp_path), KEY
    bench.target("Q1", address="名单:学生")
    bench.vendor.says(GROUPS, lambda call: [each for each in refuses(3)(call) if each.address != phone(2)])
    bench.publish(ROW)
    bench.deliver()
    assert bench.statuses() == ["delivered", "delivered", "uncertain", "failed"]
    amend.retract(bench.office, 1, "王老师", "有误")
    assert leave(bench) == [(phone(0), phone(1))]
    judge(bench.office, 1, "delivered", "王老师", whom=phone(2))
    [told] = [text for text in bench.alarms() if "请人工告知" in text]
    assert phone(2)[-2:] in told and phone(2) not in told and "撤回" in told
