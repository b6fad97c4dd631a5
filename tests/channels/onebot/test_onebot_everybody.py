"""@全体成员: only where the school wants it, only for what is urgent, only while allowed and left; decided once a push."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.base import Prepared
from channels.onebot import OneBot
from rules.bundle import Bundle
from rules.outcome import Outcome
from tests.channels.onebot.qq_support import (
    BOARD,
    GROUP,
    NOBODY,
    ONE,
    SEND,
    TWO,
    failure,
    furnish,
    one,
    passes,
    rendered,
    send,
    sits,
    two,
)
from tests.channels.samples import Ticks, bundle, check_golden, piece, setting
from tests.channels.servers import Sandbox

URGENT = bundle(piece(urgent=True))
ASK = "onebot.get_group_at_all_remain"
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(params=["spec", "napcat"])
def qq(sandbox: Sandbox, request: pytest.FixtureRequest) -> Sandbox:
    """Both accounts in the group, both its admins."""
    furnish(sandbox, request.param, role="admin")
    return sandbox


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def called(sandbox: Sandbox) -> list[bool]:
    """Whether each message in the group called everybody."""
    return [post["text"].startswith("@全体成员 ") for post in sandbox.posts("qq")]


def test_what_goes_on_the_wire_is_what_the_golden_file_says(qq: Sandbox, ticks: Ticks) -> None:
    channel = one(qq, ticks, at_all=True)
    content = rendered(channel, of=URGENT)
    check_golden(GOLDEN / "at_all.json", content.payload)
    send(channel, of=URGENT)
    (post,) = qq.posts("qq")
    assert post["text"] == f"@全体成员 {content.text}"


@pytest.mark.parametrize(
    ("at_all", "of", "address"),
    [
        (False, URGENT, GROUP),
        (["Q02"], URGENT, GROUP),
        (True, bundle(), GROUP),
        (True, bundle(piece(urgent=True, purpose="撤回")), GROUP),
        (True, Bundle(key=URGENT.key, school="示例学院", pieces=URGENT.pieces, kind="故障提醒"), GROUP),
        (True, URGENT, BOARD),
    ],
)
def test_nobody_is_called_unless_it_is_wanted_and_urgent(at_all: object, of: Bundle, address: str) -> None:
    channel = OneBot(setting("onebot", at_all=at_all), {}, Ticks())
    assert "at_all" not in rendered(channel, address, of).payload


def test_without_the_setting_nothing_is_prepared_and_nothing_asked(qq: Sandbox, ticks: Ticks) -> None:
    channel = one(qq, ticks)
    assert not channel.limits.prepares
    send(channel, of=URGENT)
    assert ASK not in qq.books()["calls"]


@pytest.mark.parametrize(
    ("seat", "group", "words"),
    [
        ({"role": "member"}, {}, "不是管理员"),
        ({}, {"at_all_left": 0}, "今日次数已用完"),
    ],
)
def test_where_it_is_not_allowed_or_none_is_left_the_message_goes_without_and_says_why(
    qq: Sandbox, ticks: Ticks, seat: dict[str, str], group: dict[str, int], words: str
) -> None:
    qq.setup(groups=[{"group_id": GROUP, **group}])
    sits(qq, ONE, **seat)
    sent = send(one(qq, ticks, at_all=True), of=URGENT)
    assert sent.outcome is Outcome.DELIVERED
    assert sent.reason.startswith("没有@全体成员：") and words in sent.reason
    assert called(qq) == [False]


def test_none_left_of_the_accounts_own_allowance_is_none_left(qq: Sandbox, ticks: Ticks) -> None:
    qq.setup(bots=[{"self_id": ONE, "at_all_left": 0}])
    assert "今日次数已用完" in send(one(qq, ticks, at_all=True), of=URGENT).reason


def test_where_nobody_can_tell_the_message_goes_without(qq: Sandbox, ticks: Ticks) -> None:
    qq.setup(bots=[{"self_id": ONE, "lacks": ["get_group_at_all_remain"]}])
    assert "查不到" in send(one(qq, ticks, at_all=True), of=URGENT).reason
    qq.setup(bots=[{"self_id": ONE, "lacks": []}])
    qq.fault(ASK, "502")
    assert "查不到" in send(one(qq, ticks, at_all=True), of=URGENT).reason
    assert called(qq) == [False, False]


def prepared(channel: OneBot) -> Prepared:
    return channel.prepare(rendered(channel, of=URGENT).payload, "k")


def test_what_was_decided_against_stays_so_at_a_resend(qq: Sandbox, ticks: Ticks) -> None:
    qq.setup(groups=[{"group_id": GROUP, "at_all_left": 0}])
    channel = one(qq, ticks, at_all=True)
    kept = prepared(channel)
    qq.setup(groups=[{"group_id": GROUP, "at_all_left": 10}])
    (sent,) = channel.send(kept, [GROUP], "k")
    assert "今日次数已用完" in sent.reason
    assert called(qq) == [False]


def test_what_was_decided_for_is_asked_once_more_just_before_the_send(qq: Sandbox, ticks: Ticks) -> None:
    channel = one(qq, ticks, at_all=True)
    kept = prepared(channel)
    qq.setup(groups=[{"group_id": GROUP, "at_all_left": 0}])
    (sent,) = channel.send(kept, [GROUP], "k")
    assert "今日次数已用完" in sent.reason
    assert called(qq) == [False]


def test_each_account_calls_by_its_own_right(qq: Sandbox, ticks: Ticks) -> None:
    channel = two(qq, ticks, at_all=["Q01"])
    sits(qq, TWO, role="member")
    kept = prepared(channel)
    assert kept.handles == {"at_all": {ONE: "", TWO: "机器人不是管理员，或本群不允许"}}
    sits(qq, ONE, muted=True)
    (sent,) = channel.send(kept, [GROUP], "k")
    assert sent.reason.startswith("由备用账号发出（主账号：") and "没有@全体成员" in sent.reason
    assert called(qq) == [False]


def test_while_no_account_answers_nothing_is_decided(qq: Sandbox, ticks: Ticks) -> None:
    channel = OneBot(setting("onebot", NOBODY, at_all=True), {"ONEBOT_TOKEN": "x"}, ticks)
    assert failure(channel, of=URGENT).outcome is Outcome.UNAVAILABLE


def test_a_refused_call_to_everybody_waits_and_then_goes_without(qq: Sandbox, ticks: Ticks) -> None:
    """Somebody used up the last one between the question and the message."""
    channel = one(qq, ticks, at_all=True)
    kept = prepared(channel)
    qq.fault(
        SEND, "error", errmsg='EventChecker Failed: x EventRet:\n{"result":122,"errMsg":"今日@全体成员次数已用完"}'
    )
    with pytest.raises(Exception, match="不能@全体成员") as caught:
        channel.send(kept, [GROUP], "k")
    assert getattr(caught.value, "outcome", None) is Outcome.THROTTLED
    qq.setup(groups=[{"group_id": GROUP, "at_all_left": 0}])
    passes(qq, ticks, minutes=1)
    channel.send(kept, [GROUP], "k")
    assert called(qq) == [False]
