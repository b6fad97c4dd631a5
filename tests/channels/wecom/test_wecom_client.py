"""Tokens, each app with its own, and what the platform's codes mean."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from channels.base import SendError
from channels.wecom import codes
from channels.wecom.client import Client
from rules.outcome import Outcome
from tests.channels.samples import Ticks
from tests.channels.servers import Vendor
from tests.channels.wecom.wecom_support import OK, SECRET, SECRETS, SENT, TOKEN, app, send, usual

OURS = {40001, 40013, 40014, 40056, 40091, 41001, 41002, 41004, 41011, 42001, 43012, 50003, 60020, 301002} | {
    48001, 48002, 48004, 48006, 48008, 48009
}  # fmt: skip
NOT_REFUSED = {-1: Outcome.UNAVAILABLE, 45009: Outcome.THROTTLED, 45033: Outcome.THROTTLED, 42014: Outcome.ACCEPTED}
STALE = {"errcode": 40014, "errmsg": "invalid access_token"}


@pytest.fixture
def wecom(vendor: Vendor) -> Vendor:
    return usual(vendor)


def token(value: str, seconds: int = 7200) -> dict[str, Any]:
    return {**OK, "access_token": value, "expires_in": seconds}


def tokens_used(vendor: Vendor, path: str) -> list[str]:
    asked = [asked for asked, _, _ in vendor.asked if asked.partition("?")[0].endswith(path)]
    return [each.rpartition("access_token=")[2] for each in asked]


@pytest.mark.parametrize("code", codes.CODES)
def test_every_code_has_the_outcome_this_table_says_and_words_that_name_the_fix(code: int) -> None:
    meaning = codes.CODES[code]
    wanted = NOT_REFUSED.get(code, Outcome.MISCONFIGURED if code in OURS else Outcome.REFUSED)
    assert meaning.outcome is wanted
    assert meaning.reason
    assert meaning.advice or code in (-1, codes.TASK_KNOWN)


def test_every_code_of_this_table_is_known() -> None:
    assert {*OURS, *NOT_REFUSED, *codes.STALE_TOKEN, *codes.NO_RIGHT} <= set(codes.CODES)


@pytest.mark.parametrize(("code", "wait"), [(45009, 60), (45033, 5), (60020, None), (12345, None)])
def test_a_refused_send_has_its_outcome_its_code_and_the_platforms_own_words(
    wecom: Vendor, code: int, wait: int | None
) -> None:
    wecom.at("message/send", {"errcode": code, "errmsg": "whatever, hint: [1], from ip: 1.2.3.4"})
    with pytest.raises(SendError) as caught:
        send(app(wecom.base), "a")
    error = caught.value
    known = codes.CODES.get(code, codes.UNKNOWN)
    assert (error.outcome, error.code, error.reason) == (known.outcome, str(code), known.reason)
    assert error.retry_after == (None if wait is None else timedelta(seconds=wait))
    assert "whatever" in error.raw


def test_busy_is_uncertain_for_a_send_and_no_more_than_a_wait_for_a_question(wecom: Vendor) -> None:
    wecom.at("message/send", {"errcode": -1, "errmsg": "system error"})
    wecom.at("agent/get", {"errcode": -1, "errmsg": "system error"})
    client = Client(wecom.base, "c", "s", Ticks())
    for outcome, call in (
        (Outcome.UNCERTAIN, lambda: client.commit("message/send", {})),
        (Outcome.UNAVAILABLE, lambda: client.ask("agent/get")),
    ):
        with pytest.raises(SendError) as caught:
            call()
        assert caught.value.outcome is outcome


def test_a_token_is_fetched_once_and_again_only_when_it_ends(wecom: Vendor) -> None:
    clock = Ticks()
    channel = app(wecom.base, clock)
    for _ in range(3):
        send(channel, "a")
    assert len(wecom.calls("gettoken")) == 1
    clock.forward(seconds=7139)
    send(channel, "a")
    assert len(wecom.calls("gettoken")) == 1
    clock.forward(seconds=1)
    send(channel, "a")
    assert len(wecom.calls("gettoken")) == 2


def test_threads_share_one_token(wecom: Vendor) -> None:
    client = Client(wecom.base, "c", "s", Ticks())
    threads = [threading.Thread(target=lambda: client.token) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(wecom.calls("gettoken")) == 1


def test_two_apps_of_one_company_never_use_each_others_token(wecom: Vendor) -> None:
    wecom.at("gettoken", token("FIRST"), token("SECOND"))
    wecom.at("agent/get", OK)
    first, second = (Client(wecom.base, "corp", secret, Ticks()) for secret in ("one", "two"))
    for client in (first, second, first):
        client.ask("agent/get")
    assert tokens_used(wecom, "agent/get") == ["FIRST", "SECOND", "FIRST"]


@pytest.mark.parametrize("code", sorted(codes.STALE_TOKEN))
def test_a_stale_token_is_fetched_anew_once_and_the_same_bytes_are_sent_again(wecom: Vendor, code: int) -> None:
    wecom.at("gettoken", token("OLD"), token("NEW"))
    wecom.at("message/send", {**STALE, "errcode": code}, SENT)
    (sent,) = send(app(wecom.base), "a")
    assert sent.outcome is Outcome.ACCEPTED
    assert tokens_used(wecom, "message/send") == ["OLD", "NEW"]
    first, second = wecom.calls("message/send")
    assert first == second


def test_a_token_that_stays_stale_stops_the_channel_and_is_not_fetched_for_ever(wecom: Vendor) -> None:
    wecom.at("message/send", STALE)
    with pytest.raises(SendError) as caught:
        send(app(wecom.base), "a")
    assert caught.value.outcome is Outcome.MISCONFIGURED
    assert len(wecom.calls("gettoken")) == len(wecom.calls("message/send")) == 2


@pytest.mark.parametrize("missing", ["WECOM_CORP_ID", "WECOM_APP_SECRET"])
def test_without_a_secret_nobody_is_called(wecom: Vendor, missing: str) -> None:
    with pytest.raises(SendError) as caught:
        send(app(wecom.base, secrets={**SECRETS, missing: " "}), "a")
    assert caught.value.outcome is Outcome.MISCONFIGURED
    assert missing in caught.value.advice
    assert wecom.asked == []


@pytest.mark.parametrize(
    "answer",
    [(502, b"<html/>"), b"", {"errcode": 0}, {**OK, "access_token": "", "expires_in": 1}, {**OK, "access_token": "x"}],
)
def test_no_token_means_surely_not_sent(wecom: Vendor, answer: object) -> None:
    wecom.at("gettoken", answer)
    with pytest.raises(SendError) as caught:
        send(app(wecom.base), "a")
    assert caught.value.outcome is Outcome.UNAVAILABLE
    assert wecom.calls("message/send") == []


def test_nobody_listening_means_surely_not_sent_and_no_secret_is_told() -> None:
    with pytest.raises(SendError) as caught:
        send(app("http://127.0.0.1:1"), "a")
    error = caught.value
    assert error.outcome is Outcome.UNAVAILABLE
    assert SECRET not in f"{error!r}{error}{error.raw}{error.advice}"


def test_the_secret_and_the_token_are_in_no_log(wecom: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    send(app(wecom.base), "a")
    assert SECRET not in caplog.text
    assert TOKEN not in caplog.text
