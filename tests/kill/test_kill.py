"""Kill the process anywhere on the send path: nothing is lost and nothing doubled, by the vendors' own books.

Every test ends with a fresh process that takes over a few seconds later, on the same store, with the vendors as they
were; the clerk adds two items, time goes on, and `Ground.recover` asks every question.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

import pytest

from tests.kill.ground import KILLED, Ground
from tests.kill.points import FINDING_OUT, around, named, once, twice
from tests.kill.school import ALL, WAYS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows 没有 fork 和 SIGKILL")

Make = Callable[[str], Ground]
#: A life takes about this long (seconds) from its birth to its last push.
LIFE = 0.08


@pytest.mark.parametrize("way", WAYS)
def test_an_undisturbed_life_sends_everything_once_and_passes_no_point_but_those_of_the_table(
    ground: Make, way: str
) -> None:
    here = ground(way)
    assert here.lead(here.life(rows=ALL)) == [0]
    passed = {point for point in here.points() if not point.endswith(": in call")}
    assert here.judge(ALL) == {}
    assert passed == named(way)


@pytest.mark.parametrize(("way", "point", "nth"), once())
def test_killed_once_nothing_is_lost_and_nothing_doubled(ground: Make, way: str, point: str, nth: int) -> None:
    here = ground(way)
    assert here.lead(here.life(point, nth)) == [KILLED]
    here.recover()


@pytest.mark.parametrize(("way", "first", "second"), twice())
def test_killed_again_while_finding_out_nothing_is_lost_and_nothing_doubled(
    ground: Make, way: str, first: str, second: str
) -> None:
    here = ground(way)
    assert here.lead(here.life(first)) == [KILLED]
    assert here.lead(here.life(second, rows=ALL)) == [KILLED]
    here.recover()


@pytest.mark.parametrize("executed", ["before", "after"])
@pytest.mark.parametrize("way", WAYS)
def test_killed_in_the_middle_of_the_call_whether_the_vendor_is_done_with_it_or_not(
    ground: Make, way: str, executed: str
) -> None:
    here = ground(way)
    path = WAYS[way].send.removeprefix("onebot/").replace("/", ".")
    call = {"wecom": "wecom.", "onebot": "onebot.", "wechat": "wechat."}[WAYS[way].door] + path
    slow = 0.4
    # "after": it is executed at once and answered late; "before": it is executed when the caller is dead already.
    here.sandbox.fault(call, "slow", seconds=slow, when=executed)
    assert here.lead(here.life(f"{WAYS[way].send}: in call")) == [KILLED]
    time.sleep(slow)
    here.recover()


@pytest.mark.parametrize("way", WAYS)
def test_killed_before_the_call_at_every_start_it_still_ends_well(ground: Make, way: str) -> None:
    here = ground(way)
    ends = [here.lead(here.life(f"{WAYS[way].send}: before call"))[0] for _ in range(3)]
    assert ends[0] == KILLED
    here.recover()


@pytest.mark.parametrize("moment", range(3))
@pytest.mark.parametrize("way", WAYS)
def test_killed_at_any_moment_nothing_is_lost_and_nothing_doubled(ground: Make, way: str, moment: int) -> None:
    here = ground(way)
    here.kill_after(random.Random(f"{way} {moment}").uniform(0.0, LIFE))
    here.recover()


@pytest.mark.parametrize("point", ["claim.claim: after commit", "SEND: before call", "SEND: after call", ""])
@pytest.mark.parametrize("way", WAYS)
def test_two_workers_share_a_store_and_one_is_killed(ground: Make, way: str, point: str) -> None:
    here = ground(way)
    mortal = here.life(point.replace("SEND", WAYS[way].send), ages=False)
    healthy = here.life(ages=False)
    ends = here.lead(mortal, healthy)
    assert ends[1] == 0
    assert ends[0] in (0, KILLED)  # where the other one was quicker, this one has had nothing to send
    here.recover()


@pytest.mark.parametrize("point", around("settle.settle_resolution", "commit"))
def test_killed_while_a_person_says_what_is_in_the_group_the_word_counts_once(ground: Make, point: str) -> None:
    here = ground("wecom_bot")
    assert here.lead(here.life("webhook/send: after call", 2)) == [KILLED]
    seen = here.take_over()
    assert seen
    assert here.lead(here.life(point, rows=ALL, seen=seen)) == [KILLED]
    here.recover()


@pytest.mark.parametrize("way", WAYS)
def test_whoever_takes_over_passes_the_points_of_finding_out(ground: Make, way: str) -> None:
    here = ground(way)
    assert here.lead(here.life(f"{WAYS[way].send}: after call")) == [KILLED]
    here.take_over()
    assert set(FINDING_OUT[way]) <= set(here.points())
