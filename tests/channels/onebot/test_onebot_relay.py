"""Two accounts for one group over real HTTP: who sends, who steps in, who finds the message, who takes it back."""

from __future__ import annotations

import pytest

from rules.outcome import Outcome
from tests.channels.onebot.qq_support import (
    GROUP,
    NOBODY,
    ONE,
    SECRETS,
    SEND,
    TARGET,
    TWO,
    attempt,
    failure,
    furnish,
    passes,
    refused,
    resolve,
    send,
    sits,
    talk,
    two,
)
from tests.channels.samples import Ticks
from tests.channels.servers import Sandbox


@pytest.fixture(params=["spec", "napcat"])
def qq(sandbox: Sandbox, request: pytest.FixtureRequest) -> Sandbox:
    """Both accounts in the group, in either dialect."""
    furnish(sandbox, request.param)
    return sandbox


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def writers(sandbox: Sandbox) -> list[str]:
    return [post["user_id"] for post in sandbox.posts("qq") if post["user_id"] in (ONE, TWO)]


def test_the_first_account_sends_while_it_can(qq: Sandbox, ticks: Ticks) -> None:
    sent = send(two(qq, ticks))
    assert writers(qq) == [ONE]
    assert sent.vendor_id.startswith(f"{ONE}:")
    assert sent.reason == ""


@pytest.mark.parametrize(("seat", "words"), [({"muted": True}, "群内禁言中"), ({"joined": False}, "不在该群")])
def test_the_other_account_steps_in_for_one_that_is_muted_or_removed(
    qq: Sandbox, ticks: Ticks, seat: dict[str, bool], words: str
) -> None:
    sits(qq, ONE, **seat)
    sent = send(two(qq, ticks))
    assert writers(qq) == [TWO]
    assert sent.outcome is Outcome.DELIVERED
    assert sent.vendor_id.startswith(f"{TWO}:")
    assert sent.reason.startswith("由备用账号发出（主账号：") and words in sent.reason


def test_the_other_account_steps_in_for_one_that_is_offline(qq: Sandbox, ticks: Ticks) -> None:
    qq.setup(bots=[{"self_id": ONE, "online": False}])
    assert "离线" in send(two(qq, ticks)).reason
    assert writers(qq) == [TWO]


def test_the_other_account_steps_in_for_one_that_nobody_answers_for(qq: Sandbox, ticks: Ticks) -> None:
    assert "连接不上" in send(two(qq, ticks, first=NOBODY)).reason
    assert writers(qq) == [TWO]


def test_a_question_that_is_not_answered_is_no_send_and_the_other_steps_in(qq: Sandbox, ticks: Ticks) -> None:
    qq.fault("onebot.get_status", "502", match={"self_id": ONE})
    send(two(qq, ticks))
    assert writers(qq) == [TWO]


@pytest.mark.parametrize("delivered", [True, False])
def test_after_an_ambiguous_timeout_nobody_sends_again(qq: Sandbox, ticks: Ticks, delivered: bool) -> None:
    qq.fault(SEND, "onebot_timeout", delivered=delivered, match={"self_id": ONE})
    assert failure(two(qq, ticks)).outcome is Outcome.UNCERTAIN
    assert writers(qq) == [ONE] * delivered


@pytest.mark.parametrize(
    ("kind", "when"), [("after", "after"), ("502", "after"), ("reset", "after"), ("html", "before")]
)
def test_after_a_lost_answer_nobody_sends_again(qq: Sandbox, ticks: Ticks, kind: str, when: str) -> None:
    qq.fault(SEND, kind, when=when, match={"self_id": ONE})
    error = failure(two(qq, ticks))
    assert error.outcome is Outcome.UNCERTAIN
    assert error.reason.startswith("主账号：")
    assert len(writers(qq)) <= 1 and TWO not in writers(qq)


def test_a_wrong_token_of_the_other_account_is_told_and_does_not_stop_the_channel(qq: Sandbox, ticks: Ticks) -> None:
    channel = two(qq, ticks, {**SECRETS, "ONEBOT_TOKEN_2": "wrong"})
    assert send(channel).outcome is Outcome.DELIVERED
    sits(qq, ONE, muted=True)
    error = failure(channel)
    assert error.outcome is Outcome.THROTTLED
    assert "主账号：" in error.reason and "备用账号：访问令牌不对" in error.reason
    bad = [each for each in channel.check([]) if not each.ok]
    assert [each.key for each in bad] == ["ONEBOT_TOKEN_2"]
    assert "ONEBOT_TOKEN_2" in bad[0].fix


def test_wrong_tokens_everywhere_are_a_matter_of_settings(qq: Sandbox, ticks: Ticks) -> None:
    error = failure(two(qq, ticks, {"ONEBOT_TOKEN": "a", "ONEBOT_TOKEN_2": "b"}))
    assert error.outcome is Outcome.MISCONFIGURED
    assert writers(qq) == []


def test_when_none_can_it_waits_as_long_as_the_first_one_says(qq: Sandbox, ticks: Ticks) -> None:
    for self_id in (ONE, TWO):
        sits(qq, self_id, muted=True)
    error = failure(two(qq, ticks))
    assert error.outcome is Outcome.THROTTLED
    assert error.retry_after is not None


def test_what_one_account_sent_the_other_finds(qq: Sandbox, ticks: Ticks) -> None:
    channel = two(qq, ticks)
    talk(qq, ticks)
    qq.fault(SEND, "onebot_timeout", delivered=True, match={"self_id": ONE})
    failure(channel)
    qq.fault("onebot.get_group_msg_history", "502", times=None, match={"self_id": ONE})
    found = resolve(qq, channel, ticks, seconds=31)
    assert (found.outcome, found.vendor_id) == (Outcome.DELIVERED, f"{ONE}:")


def test_absent_counts_at_once_if_every_account_sees_it_and_later_if_one_is_away(qq: Sandbox, ticks: Ticks) -> None:
    channel = two(qq, ticks)
    talk(qq, ticks)
    begun = ticks.now
    passes(qq, ticks, seconds=31)
    assert channel.resolve(attempt(begun)).outcome is Outcome.UNAVAILABLE
    qq.setup(bots=[{"self_id": ONE, "online": False}])
    assert channel.resolve(attempt(begun)).outcome is Outcome.UNCERTAIN
    passes(qq, ticks, minutes=10)
    assert channel.resolve(attempt(begun)).outcome is Outcome.UNAVAILABLE


def test_an_account_that_is_not_in_the_group_holds_up_no_answer(qq: Sandbox, ticks: Ticks) -> None:
    sits(qq, TWO, joined=False)
    talk(qq, ticks)
    assert resolve(qq, two(qq, ticks), ticks, seconds=31).outcome is Outcome.UNAVAILABLE


def test_a_message_with_our_mark_of_an_account_whose_number_nobody_knows_proves_nothing(
    qq: Sandbox, ticks: Ticks
) -> None:
    talk(qq, ticks)
    begun = ticks.now
    assert send(two(qq, ticks)).vendor_id.startswith(ONE)
    later = two(qq, ticks, {**SECRETS, "ONEBOT_TOKEN": "wrong"})  # started anew, and its first account does not answer
    passes(qq, ticks, minutes=11)
    found = later.resolve(attempt(begun))
    assert found.outcome is Outcome.UNCERTAIN
    assert "不能确认" in found.reason


def test_a_message_is_taken_back_by_the_account_that_sent_it(qq: Sandbox, ticks: Ticks) -> None:
    channel = two(qq, ticks)
    sits(qq, ONE, muted=True)
    sent = send(channel)
    sits(qq, ONE, muted=False)
    assert channel.retract(attempt(ticks.now, vendor_id=sent.vendor_id)).reason == "群消息已撤回（备用账号）"
    assert [bool(post.get("recalled")) for post in qq.posts("qq")] == [True]


def test_an_account_that_is_the_groups_admin_takes_back_what_the_sender_no_longer_can(
    qq: Sandbox, ticks: Ticks
) -> None:
    channel = two(qq, ticks)
    talk(qq, ticks)
    begun, sent = ticks.now, send(channel)
    passes(qq, ticks, minutes=30)
    order = attempt(begun, vendor_id=sent.vendor_id)
    error = refused(channel, order)
    assert error.outcome is Outcome.REFUSED and "两分钟" in error.reason
    sits(qq, TWO, role="admin")
    assert channel.retract(order).reason == "群消息已撤回（备用账号）"
    assert channel.retract(order).outcome is Outcome.DELIVERED  # gone already: harmless to repeat


def test_the_sender_finds_its_message_again_after_a_restart_and_takes_it_back(qq: Sandbox, ticks: Ticks) -> None:
    channel = two(qq, ticks)
    talk(qq, ticks)
    begun, sent = ticks.now, send(channel)
    qq.admin("bot", {"self_id": ONE, "restart": True})
    assert channel.retract(attempt(begun, vendor_id=sent.vendor_id)).reason == "群消息已撤回（主账号）"


def test_while_the_sender_is_away_and_nobody_else_can_it_is_asked_again_later(qq: Sandbox, ticks: Ticks) -> None:
    sent = send(two(qq, ticks))
    channel = two(qq, ticks, first=NOBODY)
    assert refused(channel, attempt(ticks.now, vendor_id=sent.vendor_id)).outcome is Outcome.UNAVAILABLE


def test_the_members_are_read_through_any_account_and_unknown_is_never_zero(qq: Sandbox, ticks: Ticks) -> None:
    sits(qq, ONE, joined=False)
    (sample,) = two(qq, ticks).measure(TARGET)
    assert sample.value == 168
    qq.setup(groups=[{"group_id": GROUP, "members": 0}])
    assert two(qq, ticks).measure(TARGET) == []
