"""The WeCom robot over real HTTP against the sandbox."""

from __future__ import annotations

import pytest

from channels.base import SendError, Sent
from channels.wecom_bot import WecomBot
from rules.outcome import Outcome
from tests.channels.samples import BUNDLES, Ticks, bundle, setting, target
from tests.channels.servers import Sandbox

KEY = "693a91f6-7a0c-4bc4-97a0-0ec2f1fa5aaa"
ADDRESS = "WECOM_ROBOT_T01"
TARGET = target("wecom_bot", ADDRESS)
CALL = "wecom.webhook.send"


@pytest.fixture
def group(sandbox: Sandbox) -> Sandbox:
    """The sandbox with one robot in one group."""
    sandbox.setup(robots=[{"key": KEY, "name": "全校教职工群", "members": 286}])
    return sandbox


def send(sandbox: Sandbox, key: str = KEY, name: str = "single", form: str = "markdown") -> Sent:
    channel = WecomBot(setting("wecom_bot", f"{sandbox.base}/wecom", format=form), {ADDRESS: key}, Ticks())
    content = channel.render(BUNDLES[name], TARGET)
    (sent,) = channel.send(channel.prepare(content.payload, "k"), [ADDRESS], "k")
    return sent


def failure(sandbox: Sandbox, key: str = KEY) -> SendError:
    with pytest.raises(SendError) as caught:
        send(sandbox, key)
    return caught.value


@pytest.mark.parametrize("form", ["markdown", "text", "news"])
@pytest.mark.parametrize("name", BUNDLES)
def test_every_kind_of_bundle_is_taken_whole_and_without_an_oddity(group: Sandbox, name: str, form: str) -> None:
    assert send(group, name=name, form=form).outcome is Outcome.DELIVERED
    (post,) = group.posts("robot")
    assert bundle().mark in str(post)
    assert group.flags() == []


def test_the_twenty_first_in_a_minute_is_throttled_and_taken_a_minute_later(group: Sandbox) -> None:
    for _ in range(20):
        send(group)
    error = failure(group)
    assert (error.outcome, error.code) == (Outcome.THROTTLED, "45009")
    assert error.retry_after is not None
    group.forward(error.retry_after)
    assert send(group).outcome is Outcome.DELIVERED
    assert len(group.posts("robot")) == 21


def test_a_robot_that_was_removed_refuses_and_keeps_its_key_secret(group: Sandbox) -> None:
    other = KEY.replace("6", "7")
    error = failure(group, other)
    assert (error.outcome, error.code) == (Outcome.UNAVAILABLE, "93000")
    assert "群主" in error.advice
    assert other not in f"{error}{error.raw}"


@pytest.mark.parametrize(("kind", "when", "posts"), [
    ("before", "before", 0),
    ("after", "after", 1),
    ("502", "before", 0),
    ("502", "after", 1),
    ("reset", "after", 1),
    ("html", "before", 0),
])  # fmt: skip
def test_a_lost_answer_is_uncertain_whether_the_message_is_there_or_not(
    group: Sandbox, kind: str, when: str, posts: int
) -> None:
    group.fault(CALL, kind, when=when)
    assert failure(group).outcome is Outcome.UNCERTAIN
    assert len(group.posts("robot")) == posts


def test_busy_is_uncertain(group: Sandbox) -> None:
    group.fault(CALL, "error", errcode=-1)
    assert failure(group).outcome is Outcome.UNCERTAIN


def test_check_posts_nothing(group: Sandbox) -> None:
    channel = WecomBot(setting("wecom_bot", f"{group.base}/wecom"), {ADDRESS: KEY}, Ticks())
    assert all(finding.ok for finding in channel.check([TARGET]))
    assert group.posts("robot") == []
