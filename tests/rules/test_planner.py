"""How scarce sends are spent: the next bundle, its cover, its way, and why the rest waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rules.dates import at
from rules.planner import FULL, Next, Other, Ripe, Scarce, Stand, Thrift, arranged, cover, plan_next

DAY = date(2020, 9, 10)
NOW = at(DAY, time(11))
MONTHLY = Scarce(name="群发", most=4, per="month")
DAILY = Scarce(name="群发", most=1, per="day")


def stand(*scarce: Scarce, most: int = 8, now: Any = NOW, **thrift: Any) -> Stand:
    return Stand(now=now, most=most, thrift=Thrift(**thrift), scarce=scarce)


def piece(number: int, days: int = 0, **over: Any) -> Ripe:
    """One that has waited so many days."""
    return Ripe(placement=number, since=NOW - timedelta(days=days), **over)


def numbers(found: Next) -> list[int]:
    return [each.placement for each in found.bundle]


# -- the way


def test_the_last_send_of_the_month_is_kept_for_what_is_urgent_and_the_rest_goes_the_other_way() -> None:
    used = replace(MONTHLY, used=3)
    plain = plan_next([piece(1), piece(2)], stand(used))
    assert numbers(plain) == [1, 2] and plain.spared == "本月群发还剩 1 次，留给紧急事项；本条改为发布"
    urgent = plan_next([piece(1), piece(2, urgent=True)], stand(used))
    assert numbers(urgent) == [2, 1] and urgent.spared == ""


def test_what_may_not_go_the_other_way_waits_for_the_next_month() -> None:
    found = plan_next([piece(1)], stand(replace(MONTHLY, used=3), other=Other.WAIT))
    assert not found.bundle and found.waits == {1: "本月群发还剩 1 次，留给紧急事项，等待 10-01 起的群发"}


def test_with_nothing_left_an_urgent_item_goes_the_other_way_at_once_or_waits_as_the_school_says() -> None:
    gone = replace(MONTHLY, used=4)
    found = plan_next([piece(1, urgent=True)], stand(gone))
    assert numbers(found) == [1] and found.spared == "本月群发已用完；本条改为发布"
    assert not plan_next([piece(1, urgent=True)], stand(gone, other=Other.WAIT)).bundle


def test_what_can_wait_for_tomorrows_send_does_and_what_closes_today_does_not() -> None:
    found = plan_next([piece(1), piece(2, closes_on=DAY), piece(3, urgent=True)], stand(replace(DAILY, used=1)))
    assert numbers(found) == [3, 2] and found.waits == {1: "今日群发已用完，等待 09-11 起的群发"}
    assert plan_next([piece(1)], stand(replace(DAILY, used=1), max_wait_days=0)).spared


def test_at_the_end_of_a_month_a_piece_waits_for_the_next_ones_sends() -> None:
    end = at(date(2020, 9, 28), time(11))
    late = [Ripe(placement=1, since=end)]
    assert not plan_next(late, stand(replace(MONTHLY, used=4), now=end)).bundle
    earlier = stand(replace(MONTHLY, used=4), now=end - timedelta(days=10))
    assert plan_next([Ripe(placement=1, since=end - timedelta(days=10))], earlier).spared


def test_of_a_day_and_a_months_allowance_the_one_that_lasts_longer_is_named() -> None:
    found = plan_next([piece(1)], stand(replace(DAILY, used=1), replace(MONTHLY, used=4)))
    assert found.spared.startswith("本月群发已用完")


def test_a_single_plain_piece_waits_for_company_but_not_for_ever() -> None:
    few = stand(MONTHLY, min_pieces=3, max_wait_days=5)
    assert plan_next([piece(1)], few).waits == {1: "不足 3 条，等待合并，最迟 09-15 群发"}
    assert numbers(plan_next([piece(1), piece(2), piece(3)], few)) == [1, 2, 3]
    assert numbers(plan_next([piece(1, days=5)], few)) == [1]
    assert numbers(plan_next([piece(1, closes_on=DAY + timedelta(days=1))], few)) == [1]
    assert numbers(plan_next([piece(1), piece(2, urgent=True)], few)) == [2, 1]


def test_one_refused_article_goes_alone_and_holds_up_no_urgent_one() -> None:
    found = plan_next([piece(1, days=2, alone=True), piece(2, days=1), piece(3)], stand(MONTHLY))
    assert numbers(found) == [1] and found.waits == {2: FULL, 3: FULL}
    found = plan_next([piece(1, urgent=True), piece(2, urgent=True, alone=True), piece(3)], stand(MONTHLY))
    assert numbers(found) == [1] and set(found.waits) == {2, 3}


# -- the order and the cover


def test_urgent_goes_before_what_closes_soon_before_what_is_old() -> None:
    old, closing, later = piece(1, days=9), piece(2, closes_on=date(2020, 9, 14)), piece(3, closes_on=date(2020, 12, 1))
    urgent = piece(4, urgent=True)
    found = plan_next([old, closing, later, urgent], stand(MONTHLY, most=3))
    assert numbers(found)[:2] == [4, 2] and found.waits == {3: FULL}


def test_soon_is_counted_in_working_days() -> None:
    """2020-09-10 is a Thursday: three working days later it is Tuesday."""
    here = stand(MONTHLY)
    assert here.soon(piece(1, closes_on=date(2020, 9, 15))) and not here.soon(piece(1, closes_on=date(2020, 9, 16)))
    assert here.soon(piece(1, closes_on=date(2020, 9, 1))) and not here.soon(piece(1))


def test_the_cover_is_urgent_else_closing_else_of_the_biggest_category_with_a_picture() -> None:
    here = stand(MONTHLY)
    one, two, three = piece(1, category="甲"), piece(2, category="乙"), piece(3, category="乙", picture=True)
    assert cover([one, two, three], here) == three
    assert cover([one, two], here) == one
    closing = replace(two, closes_on=DAY)
    assert plan_next([one, closing, three], here).bundle[0] == closing
    urgent = replace(one, urgent=True)
    assert plan_next([urgent, closing, three], here).bundle[0] == urgent


def test_a_public_notice_is_no_cover_beside_anything_else() -> None:
    notice, plain = piece(1, days=3, notice=True, urgent=True), piece(2)
    assert numbers(plan_next([notice, plain], stand(MONTHLY))) == [2, 1]
    assert numbers(plan_next([notice], stand(MONTHLY))) == [1]


def test_a_category_stands_together_and_in_it_a_department() -> None:
    pieces = [
        piece(1, 9, category="甲", department="教务处"), piece(2, 8, category="乙", department="教务处"),
        piece(3, 7, category="甲", department="学工处"), piece(4, 6, category="甲", department="教务处"),
        piece(5, 5, category="丙", urgent=True), piece(6, 4, category="乙", department="学工处"),
    ]  # fmt: skip
    assert [each.placement for each in arranged(pieces, stand(MONTHLY))] == [5, 1, 4, 3, 2, 6]


# -- properties


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Ripe], Stand]:
    days = st.integers(-3, 12)
    ripe = [
        Ripe(
            placement=n, since=NOW - timedelta(days=draw(st.integers(0, 9))), urgent=draw(st.booleans()),
            alone=draw(st.integers(0, 5)) == 0, category=draw(st.sampled_from("甲乙丙")),
            closes_on=DAY + timedelta(days=draw(days)) if draw(st.booleans()) else None,
            notice=draw(st.booleans()), picture=draw(st.booleans()),
        )
        for n in draw(st.lists(st.integers(1, 99), unique=True, max_size=12))
    ]  # fmt: skip
    scarce = [Scarce(name="群发", most=4, per="month", used=draw(st.integers(0, 5)))]
    if draw(st.booleans()):
        scarce.append(Scarce(name="群发", most=1, per="day", used=draw(st.integers(0, 2))))
    thrift = Thrift(
        reserve=draw(st.integers(0, 3)), min_pieces=draw(st.integers(1, 4)), max_wait_days=draw(st.integers(0, 30)),
        other=draw(st.sampled_from(Other)),
    )  # fmt: skip
    return ripe, Stand(now=NOW, most=draw(st.integers(1, 8)), thrift=thrift, scarce=tuple(scarce))


@given(cases())
def test_every_piece_is_in_the_bundle_or_has_a_reason_and_never_both(case: tuple[list[Ripe], Stand]) -> None:
    ripe, here = case
    found = plan_next(ripe, here)
    assert {each.placement for each in found.bundle} | set(found.waits) == {each.placement for each in ripe}
    assert not {each.placement for each in found.bundle} & set(found.waits)
    assert len(found.bundle) <= here.most and all(found.waits.values())
    assert len(found.bundle) <= 1 or not any(each.alone for each in found.bundle)


@given(cases())
def test_no_more_is_spent_than_there_is_and_the_reserve_only_on_what_is_urgent(case: tuple[list[Ripe], Stand]) -> None:
    ripe, here = case
    found = plan_next(ripe, here)
    if found.bundle and not found.spared:
        assert all(each.left > 0 for each in here.scarce)
        urgent = any(each.urgent for each in found.bundle)
        assert urgent or all(each.left > here.thrift.reserve for each in here.scarce if each.per == "month")
    assert not (found.spared and here.thrift.other is Other.WAIT)


@given(cases())
def test_an_urgent_piece_is_never_behind_a_plain_one(case: tuple[list[Ripe], Stand]) -> None:
    ripe, here = case
    found = plan_next(ripe, here)
    waits = [each for each in ripe if each.placement in found.waits and each.urgent]
    assert not (waits and any(not each.urgent for each in found.bundle))
    behind = [each.urgent for each in found.bundle[1:]]
    assert behind == sorted(behind, reverse=True)


@given(cases(), st.randoms())
def test_the_same_input_gives_the_same_plan_in_whatever_order(case: tuple[list[Ripe], Stand], random: Any) -> None:
    ripe, here = case
    shuffled = list(ripe)
    random.shuffle(shuffled)
    assert plan_next(shuffled, here) == plan_next(ripe, here)


@given(cases())
def test_a_public_notice_is_the_cover_only_among_public_notices(case: tuple[list[Ripe], Stand]) -> None:
    bundle = plan_next(*case).bundle
    assert not bundle or not bundle[0].notice or all(each.notice for each in bundle)


@given(cases())
def test_what_waits_leaves_in_the_end_where_the_other_way_is_open(case: tuple[list[Ripe], Stand]) -> None:
    ripe, here = case
    here = replace(here, thrift=replace(here.thrift, other=Other.PUBLISH))
    left = list(ripe)
    for day in range(60):
        today = replace(here, now=NOW + timedelta(days=day))
        for _ in ripe:
            gone = {each.placement for each in plan_next(left, today).bundle}
            left = [each for each in left if each.placement not in gone]
    assert left == []


def test_nothing_ripe_is_an_empty_plan() -> None:
    assert plan_next([], stand(MONTHLY)) == Next()
