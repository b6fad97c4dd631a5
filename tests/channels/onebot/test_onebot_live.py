"""The QQ channel over real HTTP against the sandbox, in the dialect of the specification and in NapCat's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.base import Attempt, Resolution, SendError, Sent
from channels.onebot import OneBot
from rules.outcome import Outcome
from tests.channels.samples import BUNDLES, Ticks, bundle, setting, target
from tests.channels.servers import Sandbox

ME = "3889001234"
GROUP, OTHER = "700000001", "700000002"
TOKEN = "s3cret-token"
TARGET = target("onebot", GROUP, name="学生工作群", number="Q01")
CALL = "onebot.send_group_msg"


@pytest.fixture(params=["spec", "napcat"])
def qq(sandbox: Sandbox, request: pytest.FixtureRequest) -> Sandbox:
    """The sandbox with one QQ account in two groups."""
    sandbox.setup(
        bots=[{"self_id": ME, "token": TOKEN, "dialect": request.param}],
        groups=[{"group_id": GROUP, "name": "学生工作群", "members": 168}, {"group_id": OTHER, "members": 20}],
    )
    return sandbox


@pytest.fixture
def ticks() -> Ticks:
    """The bot's clock, which starts where the sandbox's does."""
    return Ticks()


def bot(sandbox: Sandbox, ticks: Ticks, token: str = TOKEN) -> OneBot:
    return OneBot(setting("onebot", f"{sandbox.base}/onebot"), {"ONEBOT_TOKEN": token}, ticks)


def send(channel: OneBot, name: str = "single") -> Sent:
    content = channel.render(BUNDLES[name], TARGET)
    (sent,) = channel.send(channel.prepare(content.payload, "k"), [GROUP], "k")
    return sent


def failure(channel: OneBot) -> SendError:
    with pytest.raises(SendError) as caught:
        send(channel)
    return caught.value


def say_earlier(sandbox: Sandbox, ticks: Ticks, times: int = 1, text: str = "收到") -> None:
    """Members wrote into the group up to a minute ago, as in any real group."""
    for _ in range(times):
        sandbox.admin("say", {"group_id": GROUP, "text": text, "user_id": 20002})
    sandbox.forward(timedelta(minutes=1))
    ticks.forward(minutes=1)


def resolve(sandbox: Sandbox, channel: OneBot, ticks: Ticks, **later: float) -> Resolution:
    """Ask what became of a call begun now, after some time."""
    one = bundle()
    begun = ticks.now
    sandbox.forward(timedelta(**later))
    ticks.forward(**later)
    content = channel.render(one, TARGET)
    return channel.resolve(
        Attempt(
            address=GROUP, push_key=one.key, mark=one.mark, text=content.text, begun_at=begun,
            payload=content.payload, handles={}, evidence={},
        )
    )  # fmt: skip


def taken(ticks: Ticks, vendor_id: str) -> Attempt:
    return Attempt(
        address=GROUP, push_key="k", mark="m", text="", begun_at=ticks.now, payload={}, handles={}, evidence={},
        vendor_id=vendor_id,
    )  # fmt: skip


@pytest.mark.parametrize("name", BUNDLES)
def test_every_kind_of_bundle_is_posted_as_it_was_rendered(qq: Sandbox, ticks: Ticks, name: str) -> None:
    channel = bot(qq, ticks)
    sent = send(channel, name)
    (post,) = qq.posts("qq")
    assert (sent.outcome, sent.vendor_id) == (Outcome.DELIVERED, f"{ME}:{post['message_id']}")
    assert post["text"] == channel.render(BUNDLES[name], TARGET).text
    assert qq.flags() == []


def test_a_wrong_or_missing_token_is_misconfigured(qq: Sandbox, ticks: Ticks) -> None:
    for token in ("wrong", ""):
        error = failure(bot(qq, ticks, token))
        assert error.outcome is Outcome.MISCONFIGURED
        assert "ONEBOT_TOKEN" in error.advice
    assert qq.posts("qq") == []


@pytest.mark.parametrize(
    ("state", "outcome", "words"),
    [
        ({"muted": True}, Outcome.THROTTLED, "禁言"),
        ({"all_muted": True}, Outcome.THROTTLED, "禁言"),
        ({"joined": False}, Outcome.UNAVAILABLE, "移出"),
    ],
)
def test_a_group_that_refuses_says_why(
    qq: Sandbox, ticks: Ticks, state: dict[str, bool], outcome: Outcome, words: str
) -> None:
    qq.setup(groups=[{"group_id": GROUP, **state}])
    error = failure(bot(qq, ticks))
    assert error.outcome is outcome
    assert words in error.reason
    assert qq.posts("qq") == []


def test_an_account_that_is_offline_has_surely_sent_nothing(qq: Sandbox, ticks: Ticks) -> None:
    qq.setup(bots=[{"self_id": ME, "online": False}])
    assert failure(bot(qq, ticks)).outcome is Outcome.UNAVAILABLE
    assert qq.posts("qq") == []


@pytest.mark.parametrize("delivered", [True, False])
def test_the_history_tells_what_an_ambiguous_timeout_was(qq: Sandbox, ticks: Ticks, delivered: bool) -> None:
    channel = bot(qq, ticks)
    say_earlier(qq, ticks)
    qq.fault(CALL, "onebot_timeout", delivered=delivered)
    assert failure(channel).outcome is Outcome.UNCERTAIN
    found = resolve(qq, channel, ticks, seconds=31)
    assert found.outcome is (Outcome.DELIVERED if delivered else Outcome.UNAVAILABLE)
    assert bool(found.vendor_id) is delivered


@pytest.mark.parametrize(
    ("kind", "when", "posted"),
    [
        ("before", "before", False),
        ("after", "after", True),
        ("502", "after", True),
        ("reset", "after", True),
        ("html", "before", False),
    ],
)
def test_a_lost_answer_is_uncertain_until_the_history_tells(
    qq: Sandbox, ticks: Ticks, kind: str, when: str, posted: bool
) -> None:
    channel = bot(qq, ticks)
    say_earlier(qq, ticks)
    qq.fault(CALL, kind, when=when)
    assert failure(channel).outcome is Outcome.UNCERTAIN
    found = resolve(qq, channel, ticks, seconds=31)
    assert found.outcome is (Outcome.DELIVERED if posted else Outcome.UNAVAILABLE)


def test_absence_is_certain_although_much_was_said_since(qq: Sandbox, ticks: Ticks) -> None:
    say_earlier(qq, ticks)
    for _ in range(120):
        qq.admin("say", {"group_id": GROUP, "text": "收到", "user_id": 20002})
    assert resolve(qq, bot(qq, ticks), ticks, seconds=31).outcome is Outcome.UNAVAILABLE


def test_a_member_who_quotes_the_mark_is_not_taken_for_us(qq: Sandbox, ticks: Ticks) -> None:
    say_earlier(qq, ticks)
    qq.admin("say", {"group_id": GROUP, "text": f"请问{bundle().mark}是什么", "user_id": 20002})
    assert resolve(qq, bot(qq, ticks), ticks, seconds=31).outcome is Outcome.UNAVAILABLE


def test_our_message_is_found_after_the_qq_side_restarted(qq: Sandbox, ticks: Ticks) -> None:
    channel = bot(qq, ticks)
    say_earlier(qq, ticks)
    send(channel)
    qq.admin("bot", {"self_id": ME, "restart": True})
    found = resolve(qq, channel, ticks, seconds=31)
    assert found.outcome is Outcome.DELIVERED
    channel.retract(taken(ticks, found.vendor_id))


def test_nothing_is_concluded_in_the_first_thirty_seconds(qq: Sandbox, ticks: Ticks) -> None:
    found = resolve(qq, bot(qq, ticks), ticks, seconds=20)
    assert (found.outcome, found.ask_again) == (Outcome.UNCERTAIN, timedelta(seconds=10))


def test_nothing_is_concluded_while_the_account_is_offline(qq: Sandbox, ticks: Ticks) -> None:
    qq.setup(bots=[{"self_id": ME, "online": False}])
    found = resolve(qq, bot(qq, ticks), ticks, seconds=60)
    assert (found.outcome, found.ask_again) == (Outcome.UNCERTAIN, timedelta(seconds=60))


def test_nothing_is_concluded_from_an_empty_history(qq: Sandbox, ticks: Ticks) -> None:
    found = resolve(qq, bot(qq, ticks), ticks, seconds=60)
    assert (found.outcome, found.ask_again) == (Outcome.UNCERTAIN, timedelta(seconds=60))


def test_after_a_day_a_person_decides(qq: Sandbox, ticks: Ticks) -> None:
    found = resolve(qq, bot(qq, ticks), ticks, hours=25)
    assert (found.outcome, found.ask_again) == (Outcome.UNCERTAIN, None)


def test_the_members_are_the_groups_own_count(qq: Sandbox, ticks: Ticks) -> None:
    (sample,) = bot(qq, ticks).measure(TARGET)
    assert (sample.metric, sample.value, sample.basis, sample.true_at) == ("应达", 168, "群成员数", ticks.now)


def test_check_is_all_fine_and_posts_nothing(qq: Sandbox, ticks: Ticks) -> None:
    findings = bot(qq, ticks).check([TARGET])
    assert all(finding.ok for finding in findings)
    keys = ["channels.onebot.api_base", "channels.onebot", "targets.csv Q01", f"群 {OTHER}"]
    assert [f.key for f in findings] == keys
    assert qq.posts("qq") == []


def test_check_names_each_trouble_with_its_fix(qq: Sandbox, ticks: Ticks) -> None:
    qq.setup(bots=[{"self_id": ME, "online": False}], groups=[{"group_id": GROUP, "muted": True}])
    away = target("onebot", "799999999", name="不在的群", number="Q09")
    bad = [f for f in bot(qq, ticks).check([TARGET, away]) if not f.ok]
    assert [f.key for f in bad] == ["channels.onebot", "targets.csv Q01", "targets.csv Q09"]
    assert all(f.fix for f in bad)


def test_check_stops_at_a_wrong_token(qq: Sandbox, ticks: Ticks) -> None:
    (finding,) = bot(qq, ticks, "wrong").check([TARGET])
    assert (finding.key, finding.ok) == ("ONEBOT_TOKEN", False)


def test_a_message_can_be_taken_back_within_two_minutes_and_not_later(qq: Sandbox, ticks: Ticks) -> None:
    channel = bot(qq, ticks)
    first, second = send(channel), send(channel)
    channel.retract(taken(ticks, first.vendor_id))
    qq.forward(timedelta(minutes=3))
    with pytest.raises(SendError):
        channel.retract(taken(ticks, second.vendor_id))
