"""What follows an outcome, as one table; and how long a "no" waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.outcome import (
    HELD,
    LONGEST_WAIT,
    NOT_SENT,
    RECEIPT,
    RESOLVING,
    SENDING,
    SWEPT,
    Outcome,
    after,
    spoken,
    verdict,
    wait_after,
)
from rules.states import MOVES, Status, may_move

NOW = datetime(2020, 9, 10, 4, tzinfo=UTC)

#: outcome, may an earlier call have been executed → status, channel paused, person told.
TABLE = [
    (Outcome.ACCEPTED, False, Status.ACCEPTED, False, False),
    (Outcome.ACCEPTED, True, Status.ACCEPTED, False, False),
    (Outcome.DELIVERED, False, Status.DELIVERED, False, False),
    (Outcome.DELIVERED, True, Status.DELIVERED, False, False),
    (Outcome.REFUSED, False, Status.FAILED, False, True),
    (Outcome.REFUSED, True, Status.UNCERTAIN, False, True),
    (Outcome.UNKNOWN_CODE, False, Status.FAILED, False, True),
    (Outcome.UNKNOWN_CODE, True, Status.UNCERTAIN, False, True),
    (Outcome.THROTTLED, False, Status.QUEUED, False, False),
    (Outcome.THROTTLED, True, Status.UNCERTAIN, False, False),
    (Outcome.UNAVAILABLE, False, Status.QUEUED, False, False),
    (Outcome.UNAVAILABLE, True, Status.UNCERTAIN, False, False),
    (Outcome.MISCONFIGURED, False, Status.QUEUED, True, True),
    (Outcome.MISCONFIGURED, True, Status.UNCERTAIN, True, True),
    (Outcome.UNCERTAIN, False, Status.UNCERTAIN, False, False),
    (Outcome.UNCERTAIN, True, Status.UNCERTAIN, False, False),
]


@pytest.mark.parametrize(("outcome", "maybe_sent", "status", "pause", "alarm"), TABLE)
def test_each_outcome_has_its_consequence(
    outcome: Outcome, maybe_sent: bool, status: Status, pause: bool, alarm: bool
) -> None:
    step = after(outcome, now=NOW, tries=1, maybe_sent=maybe_sent)
    assert (step.status, step.pause, step.alarm) == (status, pause, alarm)
    assert (step.not_before is not None) == (outcome in NOT_SENT)


@given(st.sampled_from(Outcome), st.booleans(), st.integers(1, 60))
def test_a_call_leads_only_where_the_house_allows(outcome: Outcome, maybe_sent: bool, tries: int) -> None:
    step = after(outcome, now=NOW, tries=tries, maybe_sent=maybe_sent)
    assert step.status in MOVES[Status.SENDING]
    if step.status is Status.QUEUED:
        assert outcome in NOT_SENT
        assert step.not_before is not None and step.not_before > NOW


@given(st.sampled_from(sorted(NOT_SENT)), st.integers(1, 60))
def test_a_no_says_nothing_of_an_earlier_call_that_may_have_been_executed(outcome: Outcome, tries: int) -> None:
    assert after(outcome, now=NOW, tries=tries, maybe_sent=True).maybe_sent


def test_waiting_grows_and_is_capped_whatever_the_number_of_tries() -> None:
    waits = [wait_after(tries) for tries in range(1, 60)]
    assert waits[:4] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert all(earlier <= later for earlier, later in pairwise(waits))
    assert waits[-1] == LONGEST_WAIT == wait_after(10**9)
    assert wait_after(0) == wait_after(1)


def test_the_vendors_own_wish_counts_but_a_no_that_comes_again_is_asked_less_often() -> None:
    wish = timedelta(seconds=5)
    assert after(Outcome.THROTTLED, now=NOW, tries=1, retry_after=wish).not_before == NOW + wish
    assert after(Outcome.THROTTLED, now=NOW, tries=8, retry_after=wish).not_before == NOW + wait_after(8)
    long = timedelta(hours=9)
    assert after(Outcome.THROTTLED, now=NOW, tries=8, retry_after=long).not_before == NOW + long


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_its_words_whoever_said_it_and_a_person_speaks_for_herself(outcome: Outcome) -> None:
    for said_by in (SENDING, RESOLVING, RECEIPT, SWEPT):
        assert spoken(outcome, said_by)
    assert spoken(outcome, "王老师") == spoken(outcome, HELD) == ""


def test_what_a_look_did_not_find_is_not_called_an_unavailable_platform() -> None:
    assert spoken(Outcome.UNAVAILABLE, SENDING) == "平台暂不可用"
    assert spoken(Outcome.UNAVAILABLE, RESOLVING) == spoken(Outcome.UNAVAILABLE, SWEPT) == "没有发出"


A, D, F, H, Q, S, U = (
    Status.ACCEPTED, Status.DELIVERED, Status.FAILED, Status.HANDED, Status.QUEUED, Status.SENDING, Status.UNCERTAIN,
)  # fmt: skip
SOON = timedelta(minutes=2)
#: where it stands, what was found, how → where that puts it, when it is looked at or tried, may it have been sent.
FOUND = [
    (U, Outcome.DELIVERED, {}, D, "channel", False),
    (U, Outcome.ACCEPTED, {}, A, "channel", False),
    (U, Outcome.HANDED, {}, H, "channel", False),
    (U, Outcome.REFUSED, {}, F, "channel", False),
    (U, Outcome.REFUSED, {"still_unknown": True}, F, "channel", True),
    (U, Outcome.UNAVAILABLE, {}, Q, "now", False),
    (U, Outcome.UNCERTAIN, {"resend": True}, Q, "now", True),
    (U, Outcome.UNCERTAIN, {"ask_again": SOON}, U, "later", True),
    (U, Outcome.UNCERTAIN, {}, U, "never", True),
    (H, Outcome.UNCERTAIN, {"ask_again": SOON}, H, "later", False),
    (H, Outcome.UNCERTAIN, {}, U, "never", True),
    (H, Outcome.DELIVERED, {}, D, "channel", False),
    (A, Outcome.UNCERTAIN, {"ask_again": SOON}, A, "later", False),
    (A, Outcome.UNCERTAIN, {}, A, "never", False),
    (A, Outcome.ACCEPTED, {}, A, "channel", False),
    (A, Outcome.REFUSED, {}, F, "channel", False),
    # What was taken is never queued again, and what is over stays over.
    (A, Outcome.UNAVAILABLE, {}, A, "never", False),
    (A, Outcome.UNCERTAIN, {"resend": True}, A, "never", True),
    (D, Outcome.REFUSED, {}, D, "never", False),
    (F, Outcome.DELIVERED, {}, F, "never", False),
    (Q, Outcome.DELIVERED, {}, D, "channel", False),
    (S, Outcome.UNAVAILABLE, {}, Q, "now", False),
]


@pytest.mark.parametrize(("status", "outcome", "how", "ends", "when", "maybe_sent"), FOUND)
def test_what_is_found_out_has_its_consequence(
    status: Status, outcome: Outcome, how: dict[str, Any], ends: Status, when: str, maybe_sent: bool
) -> None:
    step = verdict(status, outcome, now=NOW, tries=1, maybe_sent=status is U, **how)
    assert (step.status, step.maybe_sent) == (ends, maybe_sent)
    assert step.not_before == {"now": NOW, "later": NOW + SOON}.get(when)
    assert step.look == (when == "channel")


@given(st.sampled_from(Status), st.sampled_from(Outcome), st.booleans(), st.booleans(), st.booleans())
def test_whatever_is_found_out_moves_only_where_the_house_allows(
    status: Status, outcome: Outcome, maybe_sent: bool, resend: bool, still_unknown: bool
) -> None:
    given_up = {"resend": resend, "still_unknown": still_unknown}
    step = verdict(status, outcome, now=NOW, tries=1, maybe_sent=maybe_sent, **given_up)
    assert step.status is status or may_move(status, step.status)


def test_what_may_have_been_sent_waits_an_hour_at_most_whatever_the_vendor_asks_for() -> None:
    month = timedelta(days=20)
    doubt = after(Outcome.THROTTLED, now=NOW, tries=2, retry_after=month, maybe_sent=True)
    assert (doubt.status, doubt.not_before) == (Status.UNCERTAIN, NOW + timedelta(hours=1))
    clear = after(Outcome.THROTTLED, now=NOW, tries=2, retry_after=month)
    assert (clear.status, clear.not_before) == (Status.QUEUED, NOW + month)
