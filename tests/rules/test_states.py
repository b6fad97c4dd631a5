"""The states of a delivery, and the one word a push comes to."""

from __future__ import annotations

from itertools import combinations

import pytest

from rules.states import MOVES, TAKEN, Result, Status, may_move, result_of

OPEN = {Status.QUEUED, Status.SENDING, Status.HANDED, Status.UNCERTAIN}


def test_every_state_has_its_moves_and_every_move_ends_in_a_state() -> None:
    assert set(MOVES) == set(Status)
    assert all(target in MOVES for targets in MOVES.values() for target in targets)
    assert all(old not in targets for old, targets in MOVES.items())


def test_finished_is_finished() -> None:
    for status in (Status.FAILED, Status.EXPIRED, Status.CANCELLED, Status.RETRACTED):
        assert MOVES[status] == frozenset()
    assert MOVES[Status.DELIVERED] == {Status.RETRACTED}
    assert MOVES[Status.ACCEPTED] == {Status.DELIVERED, Status.FAILED, Status.RETRACTED}


def test_every_state_can_be_reached_and_can_end() -> None:
    reached, fresh = {Status.QUEUED}, {Status.QUEUED}
    while fresh:
        fresh = {new for old in fresh for new in MOVES[old]} - reached
        reached |= fresh
    assert reached == set(Status)
    ends = {status for status in Status if not MOVES[status]}
    for status in Status:
        seen, fresh = {status}, {status}
        while fresh:
            fresh = {new for old in fresh for new in MOVES[old]} - seen
            seen |= fresh
        assert seen & ends


def test_what_may_have_left_is_never_cancelled_or_expired() -> None:
    for status in Status:
        for stopped in (Status.CANCELLED, Status.EXPIRED):
            assert may_move(status, stopped) == (status is Status.QUEUED)


def expected(present: set[Status]) -> Result:
    """The report's words, written down a second time and differently."""
    if present <= {Status.QUEUED}:
        return Result.WAITING
    if present & OPEN:
        return Result.PENDING
    if present <= TAKEN:
        return Result.SUCCESS
    if present & TAKEN:
        return Result.PARTIAL
    if Status.RETRACTED in present:  # what some got is taken back, whoever missed it before
        return Result.RETRACTED
    if len(present) > 1:
        return Result.FAILURE
    return {
        Status.FAILED: Result.FAILURE,
        Status.EXPIRED: Result.EXPIRED,
        Status.CANCELLED: Result.CANCELLED,
        Status.RETRACTED: Result.RETRACTED,
    }[present.pop()]


@pytest.mark.parametrize("size", range(len(Status) + 1))
def test_every_mixture_of_states_comes_to_one_result(size: int) -> None:
    for present in combinations(Status, size):
        assert result_of(dict.fromkeys(present, 3)) is expected(set(present)), present
        zeros = dict.fromkeys(Status, 0)
        assert result_of({**zeros, **dict.fromkeys(present, 1)}) is expected(set(present))
