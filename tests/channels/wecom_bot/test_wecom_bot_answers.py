"""What WeCom's answers mean, and that a robot's key stays a secret."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from channels import make
from channels.base import Prepared, SendError, Sent
from channels.wecom_bot import CODES, WecomBot
from rules.outcome import Outcome
from rules.states import Basis
from tests.channels.samples import NOW, Ticks, bundle, setting, target
from tests.channels.servers import Vendor

KEY = "693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa"
ADDRESS = "WECOM_ROBOT_T01"
SECRETS = {ADDRESS: KEY}
TARGET = target("wecom_bot", ADDRESS)


def bot(vendor: Vendor, secrets: dict[str, str] | None = None, **options: Any) -> WecomBot:
    return WecomBot(setting("wecom_bot", vendor.base, **options), SECRETS if secrets is None else secrets, Ticks())


def send(channel: WecomBot) -> Sent:
    content = channel.render(bundle(), TARGET)
    (sent,) = channel.send(channel.prepare(content.payload, "k"), [ADDRESS], "k")
    return sent


def failure(channel: WecomBot) -> SendError:
    with pytest.raises(SendError) as caught:
        send(channel)
    return caught.value


TABLE = [
    (-1, Outcome.UNCERTAIN, None),
    (40008, Outcome.REFUSED, None),
    (40058, Outcome.REFUSED, None),
    (44004, Outcome.REFUSED, None),
    (45002, Outcome.REFUSED, None),
    (45009, Outcome.THROTTLED, timedelta(seconds=60)),
    (45033, Outcome.THROTTLED, timedelta(seconds=5)),
    (47001, Outcome.REFUSED, None),
    (93000, Outcome.UNAVAILABLE, timedelta(minutes=10)),
    (12345, Outcome.UNKNOWN_CODE, None),
]


def test_every_code_we_know_is_in_this_table() -> None:
    assert {code for code, _, _ in TABLE} == set(CODES) | {12345}


@pytest.mark.parametrize(("code", "outcome", "wait"), TABLE)
def test_a_code_becomes_an_outcome_with_words(
    vendor: Vendor, code: int, outcome: Outcome, wait: timedelta | None
) -> None:
    vendor.says({"errcode": code, "errmsg": "whatever, hint: [1], from ip: 1.2.3.4"})
    error = failure(bot(vendor))
    assert (error.outcome, error.code, error.retry_after) == (outcome, str(code), wait)
    assert error.reason
    assert "whatever" in error.raw


def test_zero_is_posted_in_the_group_and_no_more_is_claimed(vendor: Vendor) -> None:
    vendor.says({"errcode": 0, "errmsg": "ok"})
    sent = send(bot(vendor))
    assert (sent.address, sent.outcome, sent.basis, sent.vendor_id) == (ADDRESS, Outcome.DELIVERED, Basis.POSTED, "")


def test_zero_with_a_warning_about_the_format_is_no_success(vendor: Vendor) -> None:
    vendor.says({"errcode": 0, "errmsg": "ok. Warning: wrong json format. "})
    assert failure(bot(vendor)).outcome is Outcome.UNKNOWN_CODE


@pytest.mark.parametrize(
    ("answer", "status"),
    [(b"<html>502</html>", 502), (b"<html>login</html>", 200), (b"", 200), ({"ok": True}, 200), ([], 200)],
)
def test_an_answer_that_is_not_the_vendors_proves_nothing(vendor: Vendor, answer: object, status: int) -> None:
    vendor.says(answer, status)
    assert failure(bot(vendor)).outcome is Outcome.UNCERTAIN


def test_the_body_is_raw_utf8_json_and_the_key_goes_into_the_query(vendor: Vendor) -> None:
    vendor.says({"errcode": 0, "errmsg": "ok"})
    channel = bot(vendor)
    content = channel.render(bundle(), TARGET)
    send(channel)
    ((path, headers, body),) = vendor.asked
    assert path == f"/cgi-bin/webhook/send?key={KEY}"
    assert headers["Content-Type"] == "application/json"
    assert body == content.payload


def test_nobody_listening_means_surely_not_sent() -> None:
    channel = WecomBot(setting("wecom_bot", "http://127.0.0.1:1"), SECRETS, Ticks())
    error = failure(channel)
    assert error.outcome is Outcome.UNAVAILABLE
    assert KEY not in f"{error!r}{error}{error.raw}"


@pytest.mark.parametrize("code", [0, -1, 93000])
def test_the_key_is_in_no_result_no_error_and_no_log(
    vendor: Vendor, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.says({"errcode": code, "errmsg": f"invalid webhook url key={KEY}"})
    channel = bot(vendor)
    told = repr(channel.render(bundle(), TARGET))
    try:
        told += repr(send(channel))
    except SendError as error:
        told += f"{error!r}{error}{error.raw}{error.advice}"
    told += repr(channel.check([TARGET]))
    assert KEY not in told + caplog.text


def test_the_key_is_not_in_the_raw_of_a_broken_answer(vendor: Vendor) -> None:
    vendor.says(f"<html>502 for /send?key={KEY}</html>".encode(), 502)
    assert KEY not in failure(bot(vendor)).raw


@pytest.mark.parametrize("value", ["", "  ", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc", "我的密码"])
def test_a_missing_or_wrong_key_names_its_variable_and_calls_nobody(vendor: Vendor, value: str) -> None:
    error = failure(bot(vendor, {ADDRESS: value} if value else {}))
    assert error.outcome is Outcome.UNAVAILABLE  # this group waits, the others go on
    assert ADDRESS in str(error)
    assert value.strip() not in str(error) or not value.strip()
    assert vendor.asked == []


@pytest.mark.parametrize("address", [KEY, f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"])
def test_a_key_put_into_the_register_by_mistake_is_not_repeated(vendor: Vendor, address: str) -> None:
    channel = bot(vendor, {})
    with pytest.raises(SendError) as caught:
        channel.send(Prepared(payload={}), [address], "k")
    assert caught.value.outcome is Outcome.UNAVAILABLE
    assert KEY not in f"{caught.value}{caught.value.raw}{channel.check([target('wecom_bot', address)])}"
    assert not any("send" in path for path, _, _ in vendor.asked)


def test_check_reports_every_target_and_sends_nothing(vendor: Vendor) -> None:
    vendor.says({"errcode": 40066, "errmsg": "invalid url"})
    findings = bot(vendor).check([TARGET, target("wecom_bot", "WECOM_ROBOT_T02", number="T02")])
    assert [(f.key, f.ok) for f in findings] == [
        ("channels.wecom_bot.api_base", True),
        (ADDRESS, True),
        ("WECOM_ROBOT_T02", False),
    ]
    assert "第一次推送" in findings[1].text
    assert "WECOM_ROBOT_T02=" in findings[2].fix
    assert not any("send" in path for path, _, _ in vendor.asked)


def test_check_says_when_the_server_cannot_be_reached() -> None:
    (finding,) = WecomBot(setting("wecom_bot", "http://127.0.0.1:1"), SECRETS, Ticks()).check([])
    assert not finding.ok
    assert finding.fix


def test_members_are_what_the_register_says_true_on_the_day_it_was_checked(vendor: Vendor) -> None:
    (sample,) = bot(vendor).measure(TARGET)
    assert (sample.metric, sample.value, sample.basis) == ("应达", 286, "人工填报")
    assert sample.true_at.isoformat() == "2020-09-01T00:00:00+08:00"


def test_members_checked_on_no_known_day_are_true_now_and_none_are_never_zero(vendor: Vendor) -> None:
    (sample,) = bot(vendor).measure(target("wecom_bot", ADDRESS, checked_on=None))
    assert sample.true_at == NOW
    assert bot(vendor).measure(target("wecom_bot", ADDRESS, members=None)) == []


def test_a_stored_payload_is_sent_as_it_was_stored(vendor: Vendor) -> None:
    vendor.says({"errcode": 0, "errmsg": "ok"})
    channel = bot(vendor)
    stored = json.loads(json.dumps(channel.render(bundle(), TARGET).payload))
    channel.send(Prepared(payload=stored), [ADDRESS], "k")
    assert vendor.asked[0][2] == stored


def test_the_registry_makes_it() -> None:
    assert make(setting("wecom_bot"), SECRETS, Ticks()).name == "wecom_bot"
