"""What one push carries, and its key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules.bundle import CORRECTION, FIRST, Bundle, Waiting, choose, head_of, purpose_shown, push_key

START = datetime(2020, 9, 10, tzinfo=UTC)


@st.composite
def queues(draw: st.DrawFn) -> list[Waiting]:
    numbers = draw(st.lists(st.integers(1, 99), unique=True, max_size=12))
    return [
        Waiting(
            placement=n, urgent=draw(st.booleans()), alone=draw(st.booleans()),
            since=START + timedelta(minutes=draw(st.integers(0, 3))),
        )
        for n in numbers
    ]  # fmt: skip


@given(queues(), st.integers(1, 8))
def test_urgent_goes_before_oldest_and_alone_goes_alone(waiting: list[Waiting], most: int) -> None:
    chosen = choose(waiting, most)
    assert bool(chosen) == bool(waiting)
    assert len(chosen) <= most
    assert len(chosen) == 1 or not any(each.alone for each in chosen)
    rank = {w.placement: (not w.urgent, w.since, w.placement) for w in waiting}
    if chosen:
        first = min(waiting, key=lambda w: rank[w.placement])
        assert chosen[0] == first
        left = [w for w in waiting if w not in chosen and not w.alone]
        if not first.alone and left:
            assert len(chosen) == most
            assert max(rank[c.placement] for c in chosen) < min(rank[w.placement] for w in left)


@given(queues(), st.integers(1, 8))
def test_everything_that_waits_is_chosen_in_the_end(waiting: list[Waiting], most: int) -> None:
    left = list(waiting)
    for _ in waiting:
        left = [w for w in left if w not in choose(left, most)]
    assert left == []


@given(st.lists(st.integers(1, 10**6), unique=True, min_size=1), st.randoms())
def test_the_same_placements_for_the_same_target_have_the_same_key(numbers: list[int], random: object) -> None:
    key = push_key("G01", numbers)
    shuffled = list(numbers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert push_key("G01", shuffled) == key
    assert len(key) == 32
    assert int(key, 16) >= 0
    assert len({key, push_key("G02", numbers), push_key("G01", numbers, 1), push_key("G01", [*numbers, 10**7])}) == 4


def test_a_key_does_not_change_between_versions_of_the_bot() -> None:
    """It is the vendor's protection against doubles: a key computed tomorrow must meet the one sent today."""
    assert push_key("G01", [1, 2, 3]) == "a4c4ca9ceeabe5c328730dbe4c11aa4c"
    assert push_key("G01", [12, 3]) != push_key("G01", [1, 23])


def test_a_push_is_found_again_by_a_short_visible_mark() -> None:
    assert Bundle(key="ab12cd" + "0" * 26, school="", pieces=()).mark == "【公开#AB12CD】"


@given(key=st.text("0123456789abcdef", min_size=32, max_size=32), around=st.text())
def test_a_mark_leads_back_to_the_head_of_its_key(key: str, around: str) -> None:
    mark = Bundle(key=key, school="", pieces=()).mark
    assert head_of(f"【公开#000000】{around}{mark}\n") == key[:6]
    assert head_of("公开#AB12CD 【公开#ab12cd】【公开#AB12C】") == ""


def test_a_resend_is_called_one_and_keeps_what_it_resends() -> None:
    assert purpose_shown(FIRST, resent=False) == FIRST and purpose_shown(CORRECTION, resent=False) == CORRECTION
    assert purpose_shown(FIRST, resent=True) == "补推" and purpose_shown(CORRECTION, resent=True) == "更正（补推）"
