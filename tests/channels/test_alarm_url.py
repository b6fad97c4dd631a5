"""Reminders by Apprise's addresses: the package itself, unmodified, against the sandbox and a vendor that says no."""

from __future__ import annotations

import builtins
import logging
from typing import Any

import pytest

from channels import label_of, make
from channels.alarm_url import AGAIN, AlarmUrl
from channels.base import SendError
from rules.audience import REMINDERS_ONLY, Audiences, fence
from rules.bundle import Bundle
from rules.outcome import Outcome
from rules.reminders import is_here
from rules.routing import Route, Subject, decide
from tests.channels.samples import KEY, SCHOOL, Ticks, piece, setting, target
from tests.channels.servers import Sandbox, Vendor

# One of Apprise's many senders still imports a module that Python 3.13 has removed.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NAME = "ALARM_URL_DUTY"
DUTY = target("alarm_url", NAME, name="值班手机", audience="信息公开值班")
SECRET = "s3cr3t-t0ken"
REMINDER = Bundle(
    key=KEY, school=SCHOOL, kind="公开达值班提醒",
    pieces=(piece(1, title="条目 1 发往学生群，失败：群已解散"), piece(2, title="教职工企业微信群已暂停")),
)  # fmt: skip


def channel(url: str, clock: Ticks | None = None, **more: str) -> AlarmUrl:
    made = make(setting("alarm_url", ""), {NAME: url, **more}, clock or Ticks())
    assert isinstance(made, AlarmUrl)
    return made


def tell(made: AlarmUrl) -> Any:
    content = made.render(REMINDER, DUTY)
    return made.send(made.prepare(content.payload, KEY), [NAME], KEY)


def refusal(made: AlarmUrl) -> SendError:
    with pytest.raises(SendError) as error:
        tell(made)
    return error.value


def here(base: str, path: str = "/alarm") -> str:
    return base.replace("http://", "json://") + path


def test_a_reminder_arrives_as_title_and_lines(sandbox: Sandbox) -> None:
    [sent] = tell(channel(here(sandbox.base)))
    assert (sent.address, sent.outcome) == (NAME, Outcome.ACCEPTED)
    [told] = sandbox.books()["alarms"]
    assert told["title"] == f"【{SCHOOL} 公开达值班提醒】"
    assert told["message"] == "条目 1 发往学生群，失败：群已解散\n教职工企业微信群已暂停"


def test_a_no_is_tried_again_after_a_while_and_not_every_minute(vendor: Vendor) -> None:
    vendor.says("no", status=500)
    clock = Ticks()
    made = channel(here(vendor.base), clock)
    first, second = refusal(made), refusal(made)
    assert (first.outcome, second.outcome, len(vendor.asked)) == (Outcome.UNAVAILABLE, Outcome.UNAVAILABLE, 1)
    clock.now += AGAIN
    vendor.says("yes")
    assert [each.outcome for each in tell(made)] == [Outcome.ACCEPTED]
    assert len(vendor.asked) == 2


@pytest.mark.parametrize("url", [
    "json://example.edu.cn/x", f"tgram://{SECRET}/1", f"mailto://a:{SECRET}@example.edu.cn", "https://127.0.0.1/x",
    f"json://127.0.0.1,mailto://a:{SECRET}@example.edu.cn", f"json://127.0.0.1 mailto://a:{SECRET}@example.edu.cn",
    f"json://{SECRET}@127.0.0.1@example.edu.cn/", "json://127.0.0.1.example.edu.cn/", "jsons://127.0.0.1/x",
    "json://localhost.example.edu.cn", "json://127.0.0.1#@example.edu.cn", "json://127.0.0.1\\@example.edu.cn",
])  # fmt: skip
def test_without_leave_nothing_is_sent_to_any_address_but_this_machines(url: str) -> None:
    assert not is_here(url)
    error = refusal(channel(url))
    assert error.outcome is Outcome.MISCONFIGURED
    assert SECRET not in f"{error}{error.raw}" and "example.edu.cn" not in f"{error}"
    assert [finding.ok for finding in channel(url).check([DUTY])] == [False]


def test_a_redirect_is_not_followed(vendor: Vendor, sandbox: Sandbox) -> None:
    vendor.location = f"{sandbox.base}/alarm"
    vendor.says("", status=307)
    assert refusal(channel(here(vendor.base))).outcome is Outcome.UNAVAILABLE
    assert sandbox.books()["alarms"] == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_without_leave_a_proxy_is_not_taken_for_this_machine(
    name: str, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, vendor.base)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert refusal(channel(here("http://127.0.0.1:9"))).outcome is Outcome.MISCONFIGURED
    assert vendor.asked == []


@pytest.mark.parametrize("url", ["json://127.0.0.1:9009/alarm", "xml://localhost", "form://127.0.0.1/x?a=b"])
def test_this_machines_addresses_are_known(url: str) -> None:
    assert is_here(url)
    assert [finding.ok for finding in channel(url).check([DUTY])] == [True]


def test_with_leave_any_address_that_apprise_knows_is_accepted_by_check() -> None:
    url = "json://example.edu.cn/x"
    assert [finding.ok for finding in channel(url, XXGK_LIVE="1").check([DUTY])] == [True]
    [wrong] = channel("nosuch://x", XXGK_LIVE="1").check([DUTY])
    assert (wrong.key, wrong.ok) == (NAME, False)


def test_what_is_not_filled_in_is_named(sandbox: Sandbox) -> None:
    made = channel("")
    assert [(finding.key, finding.ok) for finding in made.missing([DUTY])] == [(NAME, False)]
    assert refusal(made).outcome is Outcome.MISCONFIGURED


def test_the_package_is_not_loaded_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def watched(name: str, *rest: Any, **more: Any) -> Any:
        assert not name.startswith("apprise")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", watched)
    made = channel("json://127.0.0.1/x")
    made.render(REMINDER, DUTY)
    assert made.missing([DUTY]) == [] and label_of("alarm_url").startswith("提醒地址")


def test_no_secret_stands_in_a_log_line_or_an_error(vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    vendor.says(SECRET, status=500)
    with caplog.at_level(logging.DEBUG):
        for url in (here(vendor.base, f"/{SECRET}?x={SECRET}"), f"nosuch://{SECRET}", f"json://{SECRET}:x:y/"):
            error = refusal(channel(url))
            assert SECRET not in f"{error!r}{error}{error.raw}{error.__context__}"
    assert SECRET not in caplog.text


def test_no_item_passes_whatever_its_audience_and_why_says_so() -> None:
    audiences = Audiences({"社会": (), "校内": ("社会",), "信息公开值班": ("校内",)})
    exposure = channel("").limits.exposure
    assert exposure == REMINDERS_ONLY
    everything = Route(name="全部", targets=(DUTY.number,))
    for node in (*audiences.parents, "没有"):
        assert not fence(audiences, [node], DUTY.audience, exposure).permitted
        subject = Subject(audience=(node,), category="", sub_item="", department="")
        decision = decide(subject, DUTY, [everything], audiences, exposure)
        assert (decision.granted, "只用于提醒" in decision.reason) == (False, True)
