"""The app's chats over real HTTP against the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from channels.base import SendError, Sent
from rules.outcome import Outcome
from tests.channels.samples import BUNDLES, bundle
from tests.channels.servers import Sandbox
from tests.channels.wecom.wecom_support import CHAT, CORP, SECRET, chat

CALL = "wecom.appchat.send"


@pytest.fixture
def corp(sandbox: Sandbox) -> Sandbox:
    """A company of four whose app sees them all and has made one chat."""
    members = [{"userid": name, "departments": [1]} for name in ("ZhangSan", "lisi", "wangwu", "boss")]
    sandbox.setup(corps=[{"corpid": CORP, "name": "示例学院", "members": members}])
    set_up(sandbox)
    chat(f"{sandbox.base}/wecom").create("xxgk01", "信息公开", "lisi", ["ZhangSan", "boss"])
    return sandbox


def set_up(sandbox: Sandbox, **fields: Any) -> None:
    sandbox.setup(apps=[{"corpid": CORP, "agentid": 1000002, "secret": SECRET, **fields}])


def send(corp: Sandbox, name: str = "single", form: str = "textcard") -> Sent:
    channel = chat(f"{corp.base}/wecom", format=form)
    content = channel.render(BUNDLES[name], CHAT)
    (sent,) = channel.send(channel.prepare(content.payload, "k"), ["xxgk01"], "k")
    return sent


def failure(corp: Sandbox) -> SendError:
    with pytest.raises(SendError) as caught:
        send(corp)
    return caught.value


def messages(corp: Sandbox) -> list[Any]:
    (found,) = corp.books()["wecom_chats"]
    return list(found["messages"])


@pytest.mark.parametrize("form", ["textcard", "markdown", "text"])
@pytest.mark.parametrize("name", BUNDLES)
def test_every_kind_of_bundle_is_taken_whole_and_without_an_oddity(corp: Sandbox, name: str, form: str) -> None:
    assert send(corp, name, form).outcome is Outcome.DELIVERED
    (message,) = messages(corp)
    assert bundle().mark in str(message)
    assert corp.flags() == []


def test_a_chat_is_made_counted_and_made_again_without_harm(corp: Sandbox) -> None:
    channel = chat(f"{corp.base}/wecom")
    assert channel.create("xxgk01", "信息公开", "lisi", ["ZhangSan", "boss"]) == "xxgk01"
    (sample,) = channel.measure(CHAT)
    assert (sample.value, sample.basis) == (3, "群成员数")
    assert len(corp.books()["wecom_chats"]) == 1


def test_a_stranger_cannot_be_put_into_a_chat(corp: Sandbox) -> None:
    with pytest.raises(SendError) as caught:
        chat(f"{corp.base}/wecom").create("xxgk02", "群", "lisi", ["nobody"])
    assert (caught.value.outcome, caught.value.code) == (Outcome.REFUSED, "86216")


def test_a_chat_that_was_dissolved_is_refused_and_missing_in_the_check(corp: Sandbox) -> None:
    corp.admin("wecom_dissolve", {"corpid": CORP, "chatid": "xxgk01"})
    error = failure(corp)
    assert (error.outcome, error.code) == (Outcome.REFUSED, "86003")
    assert "停用此目标" in error.advice
    finding = chat(f"{corp.base}/wecom").check([CHAT])[-1]
    assert (finding.key, finding.ok) == ("targets.csv T01", False)


def test_an_app_that_does_not_see_the_whole_company_is_told_so(corp: Sandbox) -> None:
    set_up(corp, scope={"users": ["lisi"]})
    error = failure(corp)
    assert (error.outcome, error.code) == (Outcome.MISCONFIGURED, "48002")
    assert "根部门" in error.advice


@pytest.mark.parametrize(("kind", "when", "posts"), [
    ("before", "before", 0),
    ("after", "after", 1),
    ("502", "after", 1),
    ("reset", "after", 1),
    ("html", "before", 0),
])  # fmt: skip
def test_a_lost_answer_is_uncertain_whether_the_message_is_there_or_not(
    corp: Sandbox, kind: str, when: str, posts: int
) -> None:
    corp.fault(CALL, kind, when=when)
    assert failure(corp).outcome is Outcome.UNCERTAIN
    assert len(messages(corp)) == posts


def test_check_posts_nothing(corp: Sandbox) -> None:
    assert all(finding.ok for finding in chat(f"{corp.base}/wecom").check([CHAT]))
    assert messages(corp) == []
