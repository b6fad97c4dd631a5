"""Clearing up a send whose end is not known, following one that was taken, taking one back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.base import Follows, Measures, Prepared, Resolves, SendError
from rules.outcome import Outcome
from rules.states import Basis
from tests.channels.wechat_oa.oa_support import (
    HANG_UP,
    KEY,
    NOW,
    TARGET,
    Time,
    Vendor,
    account,
    attempt,
    bundle,
    listed,
)

GONE = {"errcode": 40007, "errmsg": "invalid media_id"}
HANDLES = {"media_id": "DRAFT", "drafted_at": NOW.isoformat()}


def test_the_account_can_be_asked_all_that_the_jobs_ask(clock: Time) -> None:
    channel = account("http://x", clock)
    assert isinstance(channel, Resolves)
    assert isinstance(channel, Follows)
    assert isinstance(channel, Measures)


# 群发


def test_an_uncertain_mass_send_is_repeated_with_its_key_after_a_minute(vendor: Vendor, clock: Time) -> None:
    channel = account(vendor.base, clock, mode="mass")
    early = channel.resolve(attempt(clock, HANDLES, timedelta(seconds=20)))
    assert (early.outcome, early.ask_again, early.resend) == (Outcome.UNCERTAIN, timedelta(seconds=45), False)
    later = channel.resolve(attempt(clock, HANDLES, timedelta(seconds=65)))
    assert (later.outcome, later.resend) == (Outcome.UNCERTAIN, True)


@pytest.mark.parametrize(("draft", "word"), [(GONE, "可能已经群发"), ({"news_item": []}, "超过平台记忆期限")])
def test_after_23_hours_a_mass_send_is_never_repeated_and_a_person_decides(
    vendor: Vendor, clock: Time, draft: object, word: str
) -> None:
    vendor.answers["draft/get"] = draft
    channel = account(vendor.base, clock, mode="mass")
    clock.passes(hours=23)
    found = channel.resolve(attempt(clock, HANDLES, timedelta(minutes=5)))  # its latest call, not its first
    assert (found.outcome, found.resend, found.ask_again) == (Outcome.UNCERTAIN, False, None)
    assert word in found.reason


def test_a_draft_that_is_neither_there_nor_sent_is_not_asked_about_for_ever(vendor: Vendor, clock: Time) -> None:
    vendor.answers["message/mass/sendall"] = vendor.answers["draft/get"] = GONE
    channel = account(vendor.base, clock, mode="mass")
    with pytest.raises(SendError):
        channel.send(Prepared(payload={}, handles=HANDLES), ["gh_sample"], KEY)
    found = channel.resolve(attempt(clock, HANDLES, timedelta(minutes=5)))
    assert (found.resend, found.ask_again) == (False, None)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"msg_id": 34182, "msg_status": "SEND_SUCCESS"}, Outcome.DELIVERED),
        ({"msg_id": 34182, "msg_status": "SENDING"}, Outcome.UNCERTAIN),
        ({"msg_id": 34182, "msg_status": "SEND_FAIL"}, Outcome.REFUSED),
        ({"msg_id": 34182, "msg_status": "DELETE"}, Outcome.REFUSED),
        ({"errcode": 40059, "errmsg": "invalid msg id"}, Outcome.UNCERTAIN),
        (HANG_UP, Outcome.UNCERTAIN),
    ],
)
def test_a_mass_send_is_followed_to_its_end(vendor: Vendor, clock: Time, answer: object, outcome: Outcome) -> None:
    vendor.answers["message/mass/get"] = answer
    channel = account(vendor.base, clock, mode="mass")
    found = channel.follow(attempt(clock, HANDLES, timedelta(minutes=11), vendor_id="34182"))
    assert found.outcome is outcome
    assert (found.ask_again is not None) == (outcome is Outcome.UNCERTAIN)
    assert found.basis is (Basis.MASS_SENT if outcome is Outcome.DELIVERED else None)
    assert vendor.bodies("message/mass/get") == [{"msg_id": 34182}]


def test_a_push_is_followed_in_the_mode_it_was_sent_in_whatever_is_set_today(vendor: Vendor, clock: Time) -> None:
    vendor.answers["message/mass/get"] = {"msg_id": 34182, "msg_status": "SEND_SUCCESS"}
    found = account(vendor.base, clock).follow(attempt(clock, HANDLES, vendor_id="34182", evidence={"mode": "mass"}))
    assert found.outcome is Outcome.DELIVERED


# 发布


def test_an_uncertain_publication_is_repeated_only_while_its_draft_is_there(vendor: Vendor, clock: Time) -> None:
    channel = account(vendor.base, clock, mode="publish")
    assert channel.resolve(attempt(clock, HANDLES, timedelta(seconds=100))).ask_again == timedelta(seconds=20)
    assert channel.resolve(attempt(clock, HANDLES, timedelta(minutes=2))).resend
    vendor.answers["draft/get"] = GONE
    found = channel.resolve(attempt(clock, HANDLES, timedelta(minutes=2)))
    assert (found.resend, found.ask_again) == (False, timedelta(minutes=10))
    found = channel.resolve(attempt(clock, HANDLES, timedelta(days=1)))
    assert (found.outcome, found.resend, found.ask_again) == (Outcome.UNCERTAIN, False, None)


def test_a_publication_found_by_its_mark_is_delivered_with_its_address(vendor: Vendor, clock: Time) -> None:
    vendor.answers["freepublish/batchget"] = listed(article_id="ART")
    found = account(vendor.base, clock, mode="publish").resolve(attempt(clock, HANDLES, timedelta(minutes=2)))
    assert (found.outcome, found.basis) == (Outcome.DELIVERED, Basis.POSTED)
    assert found.evidence == {"article_id": "ART", "article_urls": ["http://mp.weixin.qq.com/s/abc"]}


@pytest.mark.parametrize(
    ("status", "outcome"), [(0, "delivered"), (1, "uncertain"), *((n, "refused") for n in range(2, 7))]
)
def test_a_publication_is_followed_to_its_end(vendor: Vendor, clock: Time, status: int, outcome: str) -> None:
    detail = {"count": 1, "item": [{"idx": 1, "article_url": "http://mp.weixin.qq.com/s/abc"}]}
    vendor.answers["freepublish/get"] = {
        "publish_id": 1,
        "publish_status": status,
        "article_id": "ART",
        "article_detail": detail,
        "fail_idx": [],
    }
    found = account(vendor.base, clock, mode="publish").follow(attempt(clock, HANDLES, vendor_id="1"))
    assert found.outcome == outcome
    if outcome == "delivered":
        assert found.basis is Basis.POSTED
        assert found.evidence["article_urls"] == ["http://mp.weixin.qq.com/s/abc"]


# 草稿


def test_an_uncertain_draft_is_looked_for_by_its_mark(vendor: Vendor, clock: Time) -> None:
    vendor.answers["draft/batchget"] = listed(media_id="DRAFT")
    found = account(vendor.base, clock).resolve(attempt(clock, ago=timedelta(minutes=2)))
    assert (found.outcome, found.vendor_id) == (Outcome.HANDED, "DRAFT")
    assert vendor.bodies("draft/batchget") == [{"offset": 0, "count": 20, "no_content": 1}]


def test_a_draft_that_is_nowhere_was_surely_not_made(vendor: Vendor, clock: Time) -> None:
    other = {"media_id": "X", "content": {"news_item": [{"content_source_url": "https://a.cn"}]}}
    vendor.answers["draft/batchget"] = [{"item": [other] * 20}, {"item": [other] * 3}]
    channel = account(vendor.base, clock)
    assert channel.resolve(attempt(clock, ago=timedelta(minutes=2))).outcome is Outcome.UNAVAILABLE
    assert [body["offset"] for body in vendor.bodies("draft/batchget")] == [0, 20]
    assert channel.resolve(attempt(clock)).ask_again == timedelta(minutes=2)


def test_a_draft_box_too_full_to_be_read_proves_nothing(vendor: Vendor, clock: Time) -> None:
    other = {"media_id": "X", "content": {"news_item": [{"content_source_url": "https://a.cn"}]}}
    vendor.answers["draft/batchget"] = {"item": [other] * 20}
    found = account(vendor.base, clock).resolve(attempt(clock, ago=timedelta(minutes=2)))
    assert (found.outcome, found.ask_again) == (Outcome.UNCERTAIN, None)


def test_without_an_address_the_mark_is_looked_for_in_the_text(vendor: Vendor, clock: Time) -> None:
    mark = bundle().mark
    item = {"media_id": "DRAFT", "content": {"news_item": [{"content": f"<p>{mark}</p>"}]}}
    vendor.answers["draft/batchget"] = {"item": [item]}
    payload = {"articles": [{"content_source_url": ""}]}
    found = account(vendor.base, clock, home="").resolve(attempt(clock, ago=timedelta(minutes=2), payload=payload))
    assert found.vendor_id == "DRAFT"
    assert vendor.bodies("draft/batchget")[0]["no_content"] == 0


def test_a_draft_sent_by_hand_is_booked_with_its_address(vendor: Vendor, clock: Time) -> None:
    channel = account(vendor.base, clock)
    waiting = channel.follow(attempt(clock, vendor_id="DRAFT"))
    assert (waiting.outcome, waiting.ask_again) == (Outcome.UNCERTAIN, timedelta(minutes=10))
    vendor.answers["draft/get"] = GONE
    assert channel.follow(attempt(clock, vendor_id="DRAFT")).ask_again is not None
    vendor.answers["freepublish/batchget"] = listed(article_id="ART")
    found = channel.follow(attempt(clock, vendor_id="DRAFT"))
    assert (found.outcome, found.basis) == (Outcome.DELIVERED, Basis.POSTED)
    assert found.evidence == {"booked": True, "article_id": "ART", "article_urls": ["http://mp.weixin.qq.com/s/abc"]}


def test_an_account_that_may_not_list_what_it_published_is_asked_again(vendor: Vendor, clock: Time) -> None:
    vendor.answers["draft/get"] = GONE
    vendor.answers["freepublish/batchget"] = {"errcode": 48001, "errmsg": "api unauthorized"}
    found = account(vendor.base, clock).follow(attempt(clock, vendor_id="DRAFT"))
    assert found.ask_again is not None  # perhaps on its way
    later = attempt(clock, vendor_id="DRAFT", evidence={"gone_at": found.evidence["gone_at"]})
    clock.now += timedelta(hours=2)
    assert account(vendor.base, clock).follow(later).ask_again is None


# Taking back, measuring, checking


@pytest.mark.parametrize(
    ("mode", "evidence", "path", "body"),
    [
        ("mass", {}, "message/mass/delete", {"msg_id": 34182, "article_idx": 0}),
        ("publish", {"article_id": "ART"}, "freepublish/delete", {"article_id": "ART", "index": 0}),
        ("draft", {}, "draft/delete", {"media_id": "34182"}),
        ("draft", {"article_id": "ART"}, "freepublish/delete", {"article_id": "ART", "index": 0}),
    ],
)
def test_a_push_is_taken_back_where_it_stands(
    vendor: Vendor, clock: Time, mode: str, evidence: dict[str, str], path: str, body: dict[str, object]
) -> None:
    done = account(vendor.base, clock, mode=mode).retract(attempt(clock, vendor_id="34182", evidence=evidence))
    assert done.outcome is Outcome.DELIVERED
    assert vendor.bodies(path) == [body]


def test_an_article_whose_id_is_not_known_is_left_to_a_person(vendor: Vendor, clock: Time) -> None:
    with pytest.raises(SendError, match="请在公众平台“发表记录”中删除"):
        account(vendor.base, clock, mode="publish").retract(attempt(clock, vendor_id="1"))


def test_followers_are_counted_where_the_account_may_ask(vendor: Vendor, clock: Time) -> None:
    channel = account(vendor.base, clock)
    vendor.answers["user/get"] = {"total": 23000, "count": 1, "data": {"openid": ["o"]}, "next_openid": "o"}
    [sample] = channel.measure(TARGET)
    assert (sample.metric, sample.value, sample.basis, sample.true_at) == ("关注", 23000, "平台统计", NOW)
    vendor.answers["user/get"] = {"errcode": 48001, "errmsg": "api unauthorized"}
    assert channel.measure(TARGET) == []
    vendor.answers["tags/get"] = {"tags": [{"id": 101, "name": "教职工", "count": 800}]}
    [sample] = account(vendor.base, clock, tag_id=101).measure(TARGET)
    assert sample.value == 800
    assert account(vendor.base, clock, tag_id=102).measure(TARGET) == []


def lines(vendor: Vendor, clock: Time, **options: object) -> dict[str, list[tuple[bool, str]]]:
    told: dict[str, list[tuple[bool, str]]] = {}
    for finding in account(vendor.base, clock, **options).check([TARGET]):
        assert finding.ok or finding.fix
        told.setdefault(finding.key, []).append((finding.ok, f"{finding.text} {finding.fix}"))
    return told


def test_a_check_of_a_good_account_finds_nothing_wrong_and_sends_nothing(vendor: Vendor, clock: Time) -> None:
    vendor.answers["tags/get"] = {"tags": [{"id": 101, "name": "教职工", "count": 800}]}
    told = lines(vendor, clock, mode="mass", tag_id=101)
    assert all(ok for said in told.values() for ok, _text in said)
    assert set(vendor.paths()) == {
        "stable_token",
        "draft/count",
        "freepublish/batchget",
        "message/mass/speed/get",
        "tags/get",
    }


@pytest.mark.parametrize(("publish", "instead"), [({"errcode": 0}, "发布"), ({"errcode": 48001}, "草稿")])
def test_a_check_names_the_mode_that_would_work(vendor: Vendor, clock: Time, publish: object, instead: str) -> None:
    vendor.answers["message/mass/speed/get"] = {"errcode": 48001, "errmsg": "api unauthorized"}
    vendor.answers["freepublish/batchget"] = publish
    [wrong] = [text for ok, text in lines(vendor, clock, mode="mass")["channels.wechat_oa.mode"] if not ok]
    assert f"改为“{instead}”" in wrong


@pytest.mark.parametrize(
    ("answer", "key", "word"),
    [
        ({"errcode": 40125, "errmsg": "invalid appsecret"}, "WECHAT_APP_SECRET", "重置 AppSecret"),
        ({"errcode": 40013, "errmsg": "invalid appid"}, "WECHAT_APP_ID", "核对"),
        ({"errcode": 40164, "errmsg": "invalid ip 1.2.3.4 ipv6 ::, not in whitelist"}, "公众平台“IP白名单”", "1.2.3.4"),
        (HANG_UP, "channels.wechat_oa.api_base", "出网白名单"),
    ],
)
def test_a_check_names_the_credential_that_is_wrong(
    vendor: Vendor, clock: Time, answer: object, key: str, word: str
) -> None:
    vendor.answers["stable_token"] = answer
    [(ok, text)] = lines(vendor, clock)[key]
    assert not ok
    assert word in text


def test_a_check_without_secrets_names_each_and_calls_nobody(vendor: Vendor, clock: Time) -> None:
    found = account(vendor.base, clock, secrets={"WECHAT_AES_KEY": "short"}).check([TARGET])
    assert [f.key for f in found if not f.ok] == [
        "WECHAT_TOKEN",
        "WECHAT_AES_KEY",
        "WECHAT_APP_ID",
        "WECHAT_APP_SECRET",
    ]
    assert vendor.calls == []
