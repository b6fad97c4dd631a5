"""When a channel stops by itself: whole pushes, several targets, no success between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.burst import LASTING, REFUSED_PUSHES, TRIES, Failure, burst
from rules.outcome import Outcome

START = datetime(2020, 9, 10, 1, tzinfo=UTC)


def failures(outcome: Outcome, many: int, *, targets: int = 3, apart: timedelta = timedelta(0)) -> list[Failure]:
    return [Failure(n, f"G{n % targets}", outcome, START + n * apart) for n in range(many)]


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.UNKNOWN_CODE])
def test_enough_different_pushes_refused_in_a_row_are_a_burst(outcome: Outcome) -> None:
    assert burst(failures(outcome, REFUSED_PUSHES - 1), 9) == ""
    assert burst(failures(outcome, REFUSED_PUSHES), 9) == "连续 5 次推送被平台拒绝，涉及 3 个目标，其间没有一次成功"


def test_one_push_refused_often_is_one_push() -> None:
    assert burst([Failure(1, f"G{n}", Outcome.REFUSED, START) for n in range(50)], 9) == ""


def test_two_bad_groups_of_many_are_their_own_trouble_but_all_groups_of_a_small_channel_are_the_channel() -> None:
    two = failures(Outcome.REFUSED, 40, targets=2)
    assert burst(two, 9) == ""
    assert burst(two, 2) != ""
    assert burst(failures(Outcome.REFUSED, 40, targets=1), 2) == ""
    assert burst(failures(Outcome.REFUSED, REFUSED_PUSHES, targets=1), 1) != ""


@pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.UNAVAILABLE])
def test_what_is_not_taken_is_a_burst_only_when_it_is_often_and_long(outcome: Outcome) -> None:
    apart = timedelta(seconds=32)  # 19 of them: a little over ten minutes
    assert burst(failures(outcome, TRIES, apart=apart), 9).startswith("10 分钟内连续 20 次没有发成")
    assert burst(failures(outcome, TRIES, apart=apart / 2), 9) == ""
    assert burst(failures(outcome, TRIES - 1, apart=apart * 2), 9) == ""
    assert burst(failures(outcome, TRIES * 5, targets=2, apart=apart), 9) == ""


def test_a_few_groups_tried_in_vain_once_an_hour_for_days_are_no_burst() -> None:
    assert burst(failures(Outcome.UNAVAILABLE, TRIES * 5, apart=timedelta(minutes=20)), 9) == ""


def test_what_nobody_knows_is_no_failure() -> None:
    assert burst(failures(Outcome.UNCERTAIN, 100, apart=LASTING), 9) == ""
