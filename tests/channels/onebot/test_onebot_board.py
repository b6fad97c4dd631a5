"""Announcements (群公告) over real HTTP: a target of its own, put up once, found on the board, taken down."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from channels.base import SendError
from channels.onebot import OneBot
from rules.outcome import Outcome
from rules.states import Basis
from tests.channels.onebot.qq_support import (
    BOARD,
    GROUP,
    ONE,
    TWO,
    attempt,
    failure,
    furnish,
    one,
    passes,
    refused,
    rendered,
    resolve,
    send,
    sits,
    two,
)
from tests.channels.samples import BUNDLES, Ticks, bundle, check_golden, piece, setting, target
from tests.channels.servers import Sandbox

CALL = "onebot._send_group_notice"
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(params=["spec", "napcat"])
def qq(sandbox: Sandbox, request: pytest.FixtureRequest) -> Sandbox:
    """Both accounts in the group, both its admins."""
    furnish(sandbox, request.param, role="admin")
    return sandbox


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def board(sandbox: Sandbox) -> list[str]:
    """What stands on the board."""
    return [each["text"] for each in sandbox.books()["notices"] if not each.get("recalled")]


@pytest.mark.parametrize("name", ["single", "several", "notice", "retraction_and_notice"])
def test_what_goes_on_the_board_is_what_the_golden_file_says(name: str) -> None:
    channel = OneBot(setting("onebot"), {}, Ticks())
    check_golden(GOLDEN / f"board_{name}.json", rendered(channel, BOARD, BUNDLES[name]).payload)


def test_an_announcement_has_no_summary_and_keeps_its_link_and_mark() -> None:
    content = rendered(OneBot(setting("onebot"), {}, Ticks()), BOARD)
    assert piece().summary not in content.text
    assert piece().url in content.text and content.text.endswith(bundle().mark)
    assert len(content.text) <= 600


def test_links_that_fit_no_announcement_are_refused_so_that_fewer_travel_together() -> None:
    many = bundle(*(piece(n, url=f"https://e.cn/{n}/" + "a" * 100) for n in range(8)))
    with pytest.raises(SendError) as caught:
        rendered(OneBot(setting("onebot"), {}, Ticks()), BOARD, many)
    assert caught.value.outcome is Outcome.REFUSED


def test_an_announcement_is_put_up_and_no_message_goes_along(qq: Sandbox, ticks: Ticks) -> None:
    channel = one(qq, ticks)
    sent = send(channel, BOARD)
    assert (sent.outcome, sent.basis, sent.address) == (Outcome.DELIVERED, Basis.POSTED, BOARD)
    assert board(qq) == [rendered(channel, BOARD).text]
    assert qq.posts("qq") == []


def test_only_an_admin_puts_it_up_and_nothing_is_tried_without_one(qq: Sandbox, ticks: Ticks) -> None:
    sits(qq, ONE, role="member")
    sent = send(two(qq, ticks), BOARD)
    assert sent.vendor_id == f"{TWO}:" and "主账号：机器人不是该群管理员" in sent.reason
    sits(qq, TWO, role="member")
    error = failure(two(qq, ticks), BOARD)
    assert error.outcome is Outcome.UNAVAILABLE and "管理员" in error.advice
    assert CALL not in qq.books()["refused"]
    assert len(board(qq)) == 1


def test_a_build_without_announcements_says_so_and_stops_nothing_else(qq: Sandbox, ticks: Ticks) -> None:
    qq.setup(bots=[{"self_id": ONE, "lacks": ["_send_group_notice"]}])
    error = failure(one(qq, ticks), BOARD)
    assert error.outcome is Outcome.UNAVAILABLE and "不支持群公告" in error.reason


@pytest.mark.parametrize(
    ("kind", "when", "put_up"),
    [("after", "after", True), ("502", "after", True), ("before", "before", False), ("html", "before", False)],
)
def test_a_lost_answer_is_uncertain_until_the_board_tells(
    qq: Sandbox, ticks: Ticks, kind: str, when: str, put_up: bool
) -> None:
    channel = two(qq, ticks)
    qq.fault(CALL, kind, when=when, match={"self_id": ONE})
    assert failure(channel, BOARD).outcome is Outcome.UNCERTAIN
    assert len(board(qq)) == put_up
    assert resolve(qq, channel, ticks, BOARD, seconds=31).outcome is Outcome.UNCERTAIN
    found = resolve(qq, channel, ticks, BOARD, minutes=3)
    assert found.outcome is (Outcome.DELIVERED if put_up else Outcome.UNAVAILABLE)
    assert bool(found.vendor_id) is put_up


def test_the_same_text_put_up_by_a_person_is_not_taken_for_ours(qq: Sandbox, ticks: Ticks) -> None:
    channel = one(qq, ticks)
    begun = ticks.now
    send(two(qq, ticks, first="http://127.0.0.1:1"), BOARD)  # TWO is nobody of ours for the channel with one account
    passes(qq, ticks, minutes=3)
    found = channel.resolve(attempt(begun, BOARD))
    assert found.outcome is Outcome.UNCERTAIN and "不能确认" in found.reason


def test_a_board_that_shows_only_its_newest_twenty_proves_no_absence(qq: Sandbox, ticks: Ticks) -> None:
    channel, begun = one(qq, ticks), ticks.now
    passes(qq, ticks, minutes=3)
    for n in range(20):
        send(channel, BOARD, replace(bundle(), key=f"{n:06d}" + "0" * 26))
    assert channel.resolve(attempt(begun, BOARD)).outcome is Outcome.UNCERTAIN


def test_an_announcement_is_taken_down_at_any_time_by_any_admin(qq: Sandbox, ticks: Ticks) -> None:
    channel = two(qq, ticks)
    begun, sent = ticks.now, send(channel, BOARD)
    passes(qq, ticks, days=5)
    sits(qq, ONE, role="member")
    order = attempt(begun, BOARD, sent.vendor_id)
    assert channel.retract(order).reason == "群公告已删除（备用账号）"
    assert board(qq) == []
    assert channel.retract(order).outcome is Outcome.DELIVERED  # gone already


def test_without_an_admin_a_person_must_take_it_down(qq: Sandbox, ticks: Ticks) -> None:
    channel = one(qq, ticks)
    begun, sent = ticks.now, send(channel, BOARD)
    sits(qq, ONE, role="member")
    error = refused(channel, attempt(begun, BOARD, sent.vendor_id))
    assert error.outcome is Outcome.REFUSED and "群主" in error.advice


def test_a_board_holds_nobody_beside_its_group(qq: Sandbox, ticks: Ticks) -> None:
    assert one(qq, ticks).measure(target("onebot", BOARD)) == []


@pytest.mark.parametrize(("address", "urgent"), [(BOARD, False), (f"紧急{BOARD}", True), (GROUP, False)])
def test_a_board_may_be_kept_for_what_is_urgent(address: str, urgent: bool) -> None:
    assert OneBot(setting("onebot"), {}, Ticks()).urgent_only(target("onebot", address)) is urgent
