"""A rehearsal shows what would leave, word for word, and stores and sends nothing; a test group hears it as 演练."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from desk import rehearse as desk
from desk.errors import DeskError
from jobs import orders
from jobs.rehearse import NotPermitted, Shown, rehearse, send_to
from rules.dates import at
from store import tables as t
from tests.jobs.bench import DAY, GROUPS, Bench, to_staff, to_students


@pytest.fixture
def ready(bench: Bench) -> Bench:
    bench.office.school = replace(bench.office.school, confirm=False)
    bench.publish(to_students(title="甲", summary="摘要一"), to_staff(title="乙", number="2"))
    return bench


def counts(bench: Bench) -> list[int]:
    return [len(bench.rows(table)) for table in (t.placements, t.pushes, t.deliveries, t.decisions, t.alarms)]


def test_the_text_is_the_one_that_then_leaves_and_nothing_is_kept_of_the_rehearsal(ready: Bench) -> None:
    before = counts(ready)
    [shown] = [each for each in rehearse(ready.office, [1])[0].targets if each.granted and each.target.number == "Q1"]
    assert counts(ready) == before and ready.vendor.calls == []
    text = next(row.text for row in ready.rows(t.pushes) if row.target == "Q1")
    assert "甲" in shown.text
    assert [line for line in shown.text.splitlines() if "公开#" not in line] == [
        line for line in text.splitlines() if "公开#" not in line
    ]


def test_each_target_says_why_it_gets_it_or_not(ready: Bench) -> None:
    [one] = rehearse(ready.office, [2])
    granted = {each.target.number for each in one.targets if each.granted}
    assert granted and all(each.reason for each in one.targets)
    assert all("教职工" in ready.office.school.targets[number].audience for number in granted)


def test_what_may_not_leave_says_so_and_what_the_guard_found(bench: Bench) -> None:
    bench.publish(to_students(title="甲", review=None, approved_on=None, summary="身份证号 110101199003070011"))
    [one] = rehearse(bench.office, [1])
    assert not one.open
    assert "身份证" in one.guard and "199003070011" not in one.guard


def test_a_test_group_hears_it_as_a_rehearsal_that_counts_nowhere(ready: Bench) -> None:
    before = counts(ready)
    said = send_to(ready.office, [1], ready.office.school.targets["Q1"])
    assert len(said) == 1 and counts(ready) == before
    [call] = [each for each in ready.vendor.calls if each.channel == GROUPS]
    assert call.titles == ("甲",)


def test_a_rehearsal_crosses_no_fence_and_no_review_either(ready: Bench) -> None:
    with pytest.raises(NotPermitted, match="超出范围"):
        send_to(ready.office, [2], ready.office.school.targets["Q1"])
    with pytest.raises(DeskError, match="没有目标"):
        desk.to_group(ready.office, ["1"], "无此目标")


def test_what_everybody_reads_is_no_test_group_and_a_paused_channel_hears_nothing(ready: Bench) -> None:
    with pytest.raises(NotPermitted, match="不是测试群"):
        send_to(ready.office, [1], ready.office.school.targets["A1"])
    orders.pause(ready.office, GROUPS, "王老师", "年审")
    with pytest.raises(NotPermitted, match="已暂停"):
        send_to(ready.office, [1], ready.office.school.targets["Q1"])
    assert ready.vendor.calls == []


def test_the_page_names_every_target_and_says_that_nothing_was_sent(
    ready: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.show(ready.office, ["1"], as_json=False)
    out = capsys.readouterr().out
    assert all(number in out for number in ready.office.school.targets if number != "W1")
    assert "共演练 1 条，没有推送任何内容" in out and "│" in out


def first(bench: Bench, number: str = "Q1") -> Shown:
    return next(each for each in rehearse(bench.office, [1])[0].targets if each.target.number == number)


def test_the_number_of_people_is_the_last_measured_as_the_log_and_the_confirm_list_have_it(ready: Bench) -> None:
    ready.target("Q1", members=3)
    assert first(ready).addresses == 3
    with ready.db.write() as conn:
        now = ready.clock.now
        conn.execute(
            t.reach.insert().values(
                channel=GROUPS, target="Q1", metric="关注", value=5218, basis="平台统计", true_at=now, known_at=now
            )
        )
    assert first(ready).addresses == 5218


def test_the_earliest_moment_keeps_the_days_limit_and_what_a_person_has_set(ready: Bench) -> None:
    ready.set(pushes_a_day=1)
    assert first(ready).opens == at(DAY + timedelta(days=1), time(8))
    ready.set(pushes_a_day=None)
    orders.schedule(ready.office, 1, "王老师", at(DAY, time(15)))
    assert first(ready).opens == at(DAY, time(15))


def test_what_may_not_leave_has_no_earliest_moment_and_no_tick_and_shows_no_number_of_a_person(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.publish(to_students(title="处理结果 110101199003070118"))
    desk.show(bench.office, ["1"], as_json=False)
    out = capsys.readouterr().out
    assert "现在不能推送" in out and "○ " in out and "✓" not in out and "最早" not in out
    assert "处理结果 1101" in out and "110101199003070118" not in out
    desk.show(bench.office, ["1"], as_json=True)
    assert "110101199003070118" not in capsys.readouterr().out
