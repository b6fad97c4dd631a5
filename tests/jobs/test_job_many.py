"""One push to many persons: calls by the dozen, an answer and a receipt for each, and nobody named afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from channels import TO_PERSONS, make
from channels.base import Rate, Receipt, Resolution, SendError, Sent, Word
from config.people import People
from config.settings import load
from demo.replay import CONFIG
from demo.stage import SECRETS
from jobs import orders
from jobs.forget import RECEIPTS_CLOSE, forget
from jobs.track import measure
from rules.outcome import Outcome
from rules.privacy import is_sealed
from rules.routing import Target
from rules.states import Basis
from store import quotas, receipts
from store import tables as t
from tests.jobs.bench import GROUPS, Bench, Resolving, failed_pushes, to_students

KEY = "k" * 16


class Persons(Resolving):
    """A channel whose vendor tells of each person later."""

    def door(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        raise PermissionError

    def word(self, receipt: Receipt, received_at: Any) -> Word | None:
        said = json.loads(receipt.raw)
        return Word(
            outcome=Outcome(said["outcome"]),
            reason="回执",
            push_key=said["key"],
            address=said["to"],
            basis=Basis.HANDSET,
        )


@pytest.fixture
def persons(bench: Bench, tmp_path: Path) -> Bench:
    """The students' group is a list of persons, ten in a call."""
    write(tmp_path, range(25))
    bench.use(Persons, addresses=10, person="手机号", senders=2)
    bench.office.people, bench.office.seal_key = People(tmp_path), KEY
    bench.target("Q1", address="名单:学生")
    return bench


def write(folder: Path, numbers: Sequence[int] | range) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(("手机号",))
    for n in numbers:
        page.append((phone(n),))
    book.save(folder / "学生.xlsx")


def phone(n: int) -> str:
    return f"138000{n:05d}"


def tell(bench: Bench, key: str, numbers: Sequence[int], outcome: Outcome = Outcome.DELIVERED, time: int = 1) -> None:
    with bench.db.write() as conn:
        found = [
            {
                "kind": "k",
                "dedup": f"{time}:{n}",
                "vendor_id": "",
                "raw": json.dumps({"outcome": outcome, "key": key, "to": phone(n)}),
            }
            for n in numbers
        ]
        receipts.add(conn, GROUPS, found, bench.clock.now)


def test_a_list_is_sent_to_in_calls_of_ten_and_each_person_has_a_row(persons: Bench) -> None:
    persons.publish(to_students())
    persons.deliver()
    assert sorted(len(call.addresses) for call in persons.vendor.calls) == [5, 10, 10]
    assert sorted(a for call in persons.vendor.calls for a in call.addresses) == [phone(n) for n in range(25)]
    assert persons.statuses() == ["delivered"] * 25
    assert [row.addresses for row in persons.rows(t.attempts)] == [10, 10, 5]
    assert len({row.attempt_id for row in persons.rows(t.deliveries)}) == 3


def test_a_no_to_one_person_is_no_no_to_the_others(persons: Bench) -> None:
    def some(call: Any) -> Any:
        sent = [Sent(address=a, outcome=Outcome.ACCEPTED, vendor_id="v") for a in call.addresses]
        sent[0] = Sent(address=call.addresses[0], outcome=Outcome.REFUSED, reason="号码无效", code="x")
        sent[1] = Sent(
            address=call.addresses[1], outcome=Outcome.THROTTLED, reason="今日已满", retry_after=timedelta(hours=5)
        )
        sent[2] = Sent(address=call.addresses[2], outcome=Outcome.UNCERTAIN, reason="超时")
        return sent

    persons.vendor.says(GROUPS, some)
    persons.publish(to_students())
    persons.deliver()
    first = persons.vendor.calls[0].addresses
    rows = {row.address: row for row in persons.rows(t.deliveries)}
    assert (rows[first[0]].status, rows[first[0]].reason) == ("failed", "号码无效（x）")
    assert (rows[first[1]].status, rows[first[1]].not_before) == ("queued", persons.clock.now + timedelta(hours=5))
    assert (rows[first[2]].status, rows[first[2]].maybe_sent) == ("uncertain", True)
    assert [rows[a].status for a in first[3:]] == ["accepted"] * 7


def test_hundreds_of_refusals_are_one_alarm_that_says_how_many_and_why(persons: Bench) -> None:
    persons.vendor.says(
        GROUPS, *[[Sent(address=phone(n), outcome=Outcome.REFUSED, reason="空号") for n in range(25)]] * 3
    )
    persons.publish(to_students())
    persons.deliver()
    assert persons.statuses() == ["failed"] * 25
    [alarm] = persons.alarms()
    assert "个接收人，空号" in alarm
    assert not any(phone(n) in alarm for n in range(25))


def test_who_left_the_list_before_the_call_is_left_out(persons: Bench, tmp_path: Path) -> None:
    persons.publish(to_students())
    write(tmp_path, range(1, 25))
    persons.deliver()
    assert phone(0) not in [a for call in persons.vendor.calls for a in call.addresses]
    gone = next(row for row in persons.rows(t.deliveries) if row.address == phone(0))
    assert (gone.status, gone.reason) == ("cancelled", "已不在名单中，不再发送")


def test_a_list_that_cannot_be_read_holds_the_push_and_is_told_once(persons: Bench, tmp_path: Path) -> None:
    (tmp_path / "学生.xlsx").unlink()
    persons.publish(to_students())
    assert persons.rows(t.pushes) == []
    [waiting] = persons.waiting()
    assert "找不到名单 学生.xlsx" in waiting.reason
    write(tmp_path, range(3))
    persons.clock.forward(minutes=11)
    persons.plan()
    assert persons.deliver().claimed == 3


def test_a_list_that_breaks_after_planning_holds_the_calls(persons: Bench, tmp_path: Path) -> None:
    persons.publish(to_students())
    (tmp_path / "学生.xlsx").write_bytes(b"PK broken")
    persons.deliver()
    assert persons.vendor.calls == []
    assert {row.status for row in persons.rows(t.deliveries)} == {"queued"}


def test_receipts_move_each_their_own_person_whatever_the_order_and_once(persons: Bench) -> None:
    persons.vendor.usual = Outcome.ACCEPTED
    persons.publish(to_students())
    persons.deliver()
    key = persons.vendor.calls[0].key
    tell(persons, key, range(20))
    tell(persons, key, range(20))
    tell(persons, key, range(20, 23), Outcome.REFUSED)
    assert persons.track().receipts == 23
    by_address = {row.address: row for row in persons.rows(t.deliveries)}
    assert [by_address[phone(n)].status for n in range(25)] == ["delivered"] * 20 + ["failed"] * 3 + ["accepted"] * 2
    assert by_address[phone(0)].basis == Basis.HANDSET
    tell(persons, key, range(20), Outcome.REFUSED, time=2)
    persons.track()
    assert persons.statuses().count("delivered") == 20


def test_a_receipt_that_comes_before_our_own_answer_waits_for_it(persons: Bench) -> None:
    persons.publish(to_students())
    with persons.db.write() as conn:
        conn.execute(t.deliveries.update().values(status="sending", lease_until=persons.clock.now + timedelta(hours=1)))
    [push] = persons.rows(t.pushes)
    tell(persons, push.push_key, range(5))
    assert persons.track().receipts == 0
    with persons.db.write() as conn:
        conn.execute(t.deliveries.update().values(status="accepted", lease_until=None))
    assert persons.track().receipts == 5


def test_a_resend_travels_with_all_of_the_lost_call_and_nobody_else(persons: Bench) -> None:
    persons.vendor.says(GROUPS, SendError(Outcome.UNCERTAIN, "超时"))
    persons.publish(to_students())
    persons.deliver()
    lost = persons.vendor.calls[0].addresses
    again = Resolution(outcome=Outcome.UNCERTAIN, reason="以同一内容再发", resend=True)
    later = Resolution(outcome=Outcome.UNCERTAIN, reason="稍后再问", ask_again=timedelta(minutes=1))
    persons.vendor.resolutions.extend([again] * 9 + [later])
    persons.track()
    assert persons.deliver().claimed == 0  # nine of the ten would be another body: somebody would get it twice
    persons.clock.forward(minutes=2)
    persons.vendor.resolutions.append(again)
    persons.track()
    assert persons.deliver().claimed == 10
    assert sorted(persons.vendor.calls[-1].addresses) == sorted(lost)


def test_a_budget_counts_each_person_by_weight_and_gives_back_what_was_refused(persons: Bench) -> None:
    rate = Rate(name="每月预算", most=20, per="month", of="delivery")
    persons.use(Persons, addresses=10, person="手机号", senders=1, rates=(rate,))
    persons.vendor.says(GROUPS, [Sent(address=phone(n), outcome=Outcome.REFUSED, reason="空号") for n in range(10)])
    persons.publish(to_students())
    persons.deliver()
    assert persons.statuses().count("failed") == 10
    assert persons.statuses().count("delivered") == 15
    assert sum(row.n for row in persons.rows(t.quotas)) == 15
    assert not any(phone(n)[:9] in row.name for row in persons.rows(t.quotas) for n in range(25))


def test_what_is_over_budget_waits_with_its_reason(persons: Bench) -> None:
    rate = Rate(name="每月预算", most=20, per="month", of="delivery")
    persons.use(Persons, addresses=10, person="手机号", senders=1, rates=(rate,))
    persons.publish(to_students())
    persons.deliver()
    assert persons.statuses().count("delivered") == 20
    waiting = [row.reason for row in persons.rows(t.deliveries) if row.status == "queued"]
    assert waiting == ["每月预算额度已用完（20 次），等待恢复"] * 5


def test_cancelling_stops_the_rest_of_a_push_that_has_left_in_part(persons: Bench) -> None:
    rate = Rate(name="每月预算", most=20, per="month", of="delivery")
    persons.use(Persons, addresses=10, person="手机号", senders=1, rates=(rate,))
    persons.publish(to_students())
    persons.deliver()
    orders.cancel(persons.office, 1, "张三", "重复")
    assert persons.statuses().count("cancelled") == 5


def test_addresses_are_sealed_after_their_receipts_have_closed_and_the_failed_are_still_found(
    persons: Bench,
) -> None:
    persons.vendor.usual = Outcome.ACCEPTED
    persons.publish(to_students())
    persons.deliver()
    tell(persons, persons.vendor.calls[0].key, range(20))
    tell(persons, persons.vendor.calls[0].key, range(20, 25), Outcome.REFUSED)
    persons.track()
    assert forget(persons.office).addresses == 0
    persons.clock.forward(days=RECEIPTS_CLOSE.days, minutes=1)
    done = forget(persons.office)
    assert (done.addresses, done.receipts, done.left) == (25, 25, {})
    rows = persons.rows(t.deliveries)
    assert all(is_sealed(row.address) for row in rows)
    everything = " ".join(str(row) for table in t.metadata.sorted_tables for row in persons.rows(table))
    assert not any(phone(n) in everything for n in range(25))
    [failed] = failed_pushes(persons.office)
    assert orders.send_again(persons.office, failed, "张三") is not None
    persons.deliver()
    assert sorted(persons.vendor.calls[-1].addresses) == [phone(n) for n in range(20, 25)]


def test_a_channel_that_is_switched_off_is_forgotten_too(persons: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.TO_PERSONS", frozenset({GROUPS}))
    persons.vendor.usual = Outcome.DELIVERED
    persons.publish(to_students())
    persons.deliver()
    tell(persons, persons.vendor.calls[0].key, range(20))  # told after the switch, and so never applied
    office = persons.office
    office.channels = {name: each for name, each in office.channels.items() if name != GROUPS}
    persons.clock.forward(days=RECEIPTS_CLOSE.days, minutes=1)
    office.seal_key, key = "", office.seal_key
    assert forget(office).left == {"delivered": 25}  # without a key nothing is sealed, and it is said
    office.seal_key = key
    done = forget(office)
    assert (done.addresses, done.receipts, done.left) == (25, 20, {})
    everything = " ".join(str(row) for table in t.metadata.sorted_tables for row in persons.rows(table))
    assert not any(phone(n) in everything for n in range(25))


def test_every_channel_that_writes_to_persons_is_known_as_one() -> None:
    settings = load(CONFIG, SECRETS)
    made = {name: make(each, SECRETS, datetime.now) for name, each in settings.school.channels.items()}
    assert {name for name, channel in made.items() if channel.limits.person} == TO_PERSONS


def test_a_call_that_never_reached_the_vendor_uses_up_none_of_a_numbers_allowance_of_hours(
    bench: Bench, tmp_path: Path
) -> None:
    write(tmp_path, range(2))
    rates = (Rate(name="每号24小时", most=5, per=timedelta(hours=24)),)
    bench.use(Persons, addresses=10, person="手机号", senders=1, rates=rates)
    bench.office.people, bench.office.seal_key = People(tmp_path), KEY
    bench.target("Q1", address="名单:学生")
    bench.vendor.says(GROUPS, *[SendError(Outcome.UNAVAILABLE, "连接不上对方服务器")] * 4, Outcome.ACCEPTED)
    bench.publish(to_students())
    for _ in range(10):
        bench.deliver()
        bench.clock.forward(minutes=30)
    assert bench.statuses() == ["accepted"] * 2
    key = f"{GROUPS}:每号24小时:{bench.office.kept(GROUPS, phone(0))}"
    with bench.db.read() as conn:
        assert quotas.used(conn, [key], bench.clock.now - timedelta(hours=24))[key][0] == 1


def test_an_open_delivery_keeps_its_address(persons: Bench) -> None:
    persons.vendor.says(GROUPS, *[SendError(Outcome.UNCERTAIN, "超时")] * 3)
    persons.publish(to_students())
    persons.deliver()
    persons.clock.forward(days=9)
    assert forget(persons.office).left == {"uncertain": 25}


def test_a_list_on_a_channel_for_groups_is_told(bench: Bench) -> None:
    bench.target("Q1", address="名单:学生")
    bench.publish(to_students())
    [waiting] = bench.waiting()
    assert "不能发给名单" in waiting.reason


class Departments(Persons):
    """One that can turn a department into its persons."""

    def expand(self, target: Target) -> Sequence[str]:
        return ["a", "b", "c"]


def test_a_department_becomes_its_persons(bench: Bench) -> None:
    bench.use(Departments, addresses=10)
    bench.publish(to_students())
    bench.deliver()
    assert [call.addresses for call in bench.vendor.calls] == [("a", "b", "c")]


def test_a_list_counts_its_persons_whatever_the_vendor_can_tell_and_anew_when_it_has_changed(
    persons: Bench, tmp_path: Path
) -> None:
    def counted() -> list[tuple[str, int, str]]:
        return [(row.metric, row.value, row.basis) for row in persons.rows(t.reach, target="Q1")]

    assert measure(persons.office, GROUPS) == 1 and counted() == [("应达", 25, "人工填报")]
    assert measure(persons.office, GROUPS) == 0
    write(tmp_path, range(26))
    persons.clock.forward(hours=6)
    assert measure(persons.office, GROUPS) == 1 and counted()[-1] == ("应达", 26, "人工填报")


def test_a_list_that_cannot_be_read_counts_nobody_and_holds_up_no_other(persons: Bench) -> None:
    persons.target("Q1", address="名单:没有这个")
    assert measure(persons.office, GROUPS) == 0 and persons.rows(t.reach) == []
