"""What goes on the wire, byte for byte in meaning; the golden files are what the vendor's pages ask for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from channels.base import Prepared, SendError
from rules.bundle import CORRECTION
from rules.outcome import Outcome
from rules.planner import Other, Thrift
from tests.channels.wechat_oa.oa_support import (
    HANG_UP,
    KEY,
    SECRET,
    TARGET,
    TOKEN,
    Time,
    Vendor,
    account,
    bundle,
    piece,
)

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


def pushed(vendor: Vendor, clock: Time, **options: Any) -> Any:
    channel = account(vendor.base, clock, **options)
    content = channel.render(bundle(), TARGET)
    return channel.send(channel.prepare(content.payload, KEY), ["gh_sample"], KEY)[0]


def test_a_single_article_is_drafted_as_the_golden_file_says(vendor: Vendor, clock: Time) -> None:
    sent = pushed(vendor, clock)
    assert vendor.bodies("draft/add") == [golden("draft_add_one")]
    assert (sent.outcome, sent.vendor_id, sent.evidence) == (
        Outcome.HANDED,
        "DRAFT",
        {"mode": "draft", "media_id": "DRAFT"},
    )
    assert vendor.paths() == ["stable_token", "material/add_material", "draft/add"]


def test_several_articles_are_drafted_as_the_golden_file_says(vendor: Vendor, clock: Time) -> None:
    channel = account(vendor.base, clock)
    long_title = "关于公布示例职业技术学院二〇二〇至二〇二一学年奖助学金评审工作实施办法的通知"
    content = channel.render(
        bundle(
            piece(body="<p>第一段<script>bad()</script></p><table><tr><td>甲</td></tr></table>"),
            piece(placement=2, title=long_title, purpose=CORRECTION),
            piece(placement=3, title="国家奖学金名单公示", notice=True, body="<p>张三</p>", summary="张三"),
        ),
        TARGET,
    )
    channel.send(channel.prepare(content.payload, KEY), ["gh_sample"], KEY)
    assert vendor.bodies("draft/add") == [golden("draft_add_many")]


def test_titles_leave_as_raw_utf8_and_never_as_escapes(vendor: Vendor, clock: Time) -> None:
    pushed(vendor, clock)
    assert "关于公布2020年预算的通知".encode() in vendor.raw("draft/add")
    assert b"\\u" not in vendor.raw("draft/add")


@pytest.mark.parametrize(("options", "name"), [({}, "sendall_to_all"), ({"tag_id": 101}, "sendall_to_tag")])
def test_a_mass_send_is_what_the_golden_file_says(
    vendor: Vendor, clock: Time, options: dict[str, Any], name: str
) -> None:
    sent = pushed(vendor, clock, mode="群发", **options)
    assert vendor.bodies("message/mass/sendall") == [golden(name)]
    assert (sent.outcome, sent.vendor_id) == (Outcome.ACCEPTED, "34182")
    assert sent.evidence == {"mode": "mass", "media_id": "DRAFT", "msg_data_id": "2"}


def test_a_publication_is_what_the_golden_file_says(vendor: Vendor, clock: Time) -> None:
    sent = pushed(vendor, clock, mode="发布")
    assert vendor.bodies("freepublish/submit") == [golden("submit")]
    assert (sent.outcome, sent.vendor_id) == (Outcome.ACCEPTED, "100000001")


def test_the_token_is_asked_for_in_the_stable_way_and_only_once(vendor: Vendor, clock: Time) -> None:
    channel = account(vendor.base, clock)
    for _ in range(2):
        channel.send(channel.prepare(channel.render(bundle(), TARGET).payload, KEY), ["gh_sample"], KEY)
    assert vendor.bodies("stable_token") == [golden("stable_token")]
    clock.passes(seconds=7200 - 299)
    channel.send(channel.prepare(channel.render(bundle(), TARGET).payload, KEY), ["gh_sample"], KEY)
    assert vendor.paths().count("stable_token") == 2
    assert vendor.paths().count("material/add_material") == 1  # the cover is known by its sha256


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_stale_token_is_fetched_once_more_and_the_call_made_once_more(vendor: Vendor, clock: Time, code: int) -> None:
    vendor.answers["stable_token"] = [
        {"access_token": "OLD", "expires_in": 7200},
        {"access_token": "NEW", "expires_in": 7200},
    ]
    vendor.answers["message/mass/sendall"] = [{"errcode": code, "errmsg": "no"}, {"errcode": 0, "msg_id": 7}]
    assert pushed(vendor, clock, mode="mass").vendor_id == "7"
    tokens = [query["access_token"] for path, query, _body in vendor.calls if path == "message/mass/sendall"]
    assert tokens == ["OLD", "NEW"]


def test_a_token_that_stays_refused_stops_the_channel_and_is_not_tried_a_third_time(
    vendor: Vendor, clock: Time
) -> None:
    vendor.answers["draft/add"] = {"errcode": 40001, "errmsg": "invalid credential"}
    with pytest.raises(SendError) as raised:
        pushed(vendor, clock)
    assert raised.value.outcome is Outcome.MISCONFIGURED
    assert vendor.paths().count("draft/add") == 2
    assert "WECHAT_APP_SECRET" in str(raised.value)


@pytest.mark.parametrize(
    ("mode", "path"), [("draft", "draft/add"), ("publish", "freepublish/submit"), ("mass", "message/mass/sendall")]
)
@pytest.mark.parametrize(
    "answer",
    [
        HANG_UP,
        (502, b"<html>bad gateway</html>"),
        (200, b"not json"),
        (200, b"[]"),
        {"errcode": -1, "errmsg": "system error"},
    ],
)
def test_a_send_without_a_clear_answer_is_uncertain(
    vendor: Vendor, clock: Time, mode: str, path: str, answer: object
) -> None:
    vendor.answers[path] = answer
    with pytest.raises(SendError) as raised:
        pushed(vendor, clock, mode=mode)
    assert raised.value.outcome is Outcome.UNCERTAIN
    assert vendor.paths().count(path) == 1


@pytest.mark.parametrize("path", ["stable_token", "material/add_material", "draft/add"])
@pytest.mark.parametrize("answer", [HANG_UP, (502, b"bad"), (200, b"not json"), {"errcode": -1}])
def test_before_the_send_the_same_trouble_means_surely_not_sent(
    vendor: Vendor, clock: Time, path: str, answer: object
) -> None:
    vendor.answers[path] = answer
    with pytest.raises(SendError) as raised:
        pushed(vendor, clock, mode="mass")
    assert raised.value.outcome is Outcome.UNAVAILABLE
    assert "message/mass/sendall" not in vendor.paths()


def test_a_platform_that_cannot_be_reached_has_surely_got_nothing(clock: Time) -> None:
    channel = account("http://127.0.0.1:9", clock)
    with pytest.raises(SendError) as raised:
        channel.send(Prepared(payload={"articles": []}, handles={"media_id": "D"}), ["gh_sample"], KEY)
    assert raised.value.outcome is Outcome.UNAVAILABLE


def test_no_error_and_no_raw_answer_holds_the_token_or_the_secret(vendor: Vendor, clock: Time) -> None:
    page = f"<html>/cgi-bin/message/mass/sendall?access_token={TOKEN} not available</html>".encode()
    for path, answer in (
        ("message/mass/sendall", (502, page)),
        ("stable_token", (200, f'{{"x": "{TOKEN}"}}'.encode())),
    ):
        vendor.answers[path] = answer
        with pytest.raises(SendError) as raised:
            pushed(vendor, clock, mode="mass")
        told = f"{raised.value} {raised.value.raw} {raised.value!r}"
        assert TOKEN not in told
        assert SECRET not in told


def test_an_id_that_the_platform_knows_already_is_a_yes(vendor: Vendor, clock: Time) -> None:
    vendor.answers["message/mass/sendall"] = {"errcode": 45065, "errmsg": "clientmsgid exist", "msg_id": 34182}
    sent = pushed(vendor, clock, mode="mass")
    assert (sent.outcome, sent.vendor_id, sent.code) == (Outcome.ACCEPTED, "34182", "45065")


def test_a_cover_deleted_on_the_platform_is_uploaded_anew(vendor: Vendor, clock: Time) -> None:
    vendor.answers["draft/add"] = [{"errcode": 40007, "errmsg": "invalid media_id"}, {"media_id": "DRAFT"}]
    vendor.answers["material/add_material"] = [{"media_id": "GONE"}, {"media_id": "COVER"}]
    assert pushed(vendor, clock).vendor_id == "DRAFT"
    thumbs = [body["articles"][0]["thumb_media_id"] for body in vendor.bodies("draft/add")]
    assert thumbs == ["GONE", "COVER"]


def test_a_push_prepared_before_a_restart_is_sent_with_its_stored_draft(vendor: Vendor, clock: Time) -> None:
    channel = account(vendor.base, clock, mode="mass")
    content = channel.render(bundle(), TARGET)
    stored = json.loads(json.dumps(dict(channel.prepare(content.payload, KEY).handles)))
    again = account(vendor.base, clock, mode="mass")
    again.send(Prepared(payload=json.loads(json.dumps(dict(content.payload))), handles=stored), ["gh_sample"], KEY)
    assert vendor.paths().count("draft/add") == 1


WHY = "本月群发还剩 1 次，留给紧急事项；本条改为发布"


def test_in_a_mass_account_a_push_that_is_spared_a_mass_send_is_published_and_its_payload_says_so(
    vendor: Vendor, clock: Time
) -> None:
    channel = account(vendor.base, clock, mode="群发")
    usual, spared = channel.render(bundle(), TARGET), channel.render(replace(bundle(), spared=WHY), TARGET)
    assert spared.payload == {**usual.payload, "mode": "publish", "spares": {"群发": WHY}} and "mode" not in usual.payload
    assert spared.text == usual.text
    prepared = channel.prepare(spared.payload, KEY)
    sent = channel.send(prepared, ["gh_sample"], KEY)[0]
    assert vendor.bodies("freepublish/submit") == [golden("submit")] and "message/mass/sendall" not in vendor.paths()
    assert (sent.evidence["mode"], prepared.handles["mode"]) == ("publish", "publish")


@pytest.mark.parametrize(("mode", "path"), [("草稿", "draft/add"), ("发布", "freepublish/submit")])
def test_an_account_that_sends_no_more_itself_lets_no_older_push_do_so(
    vendor: Vendor, clock: Time, mode: str, path: str
) -> None:
    spared = account(vendor.base, clock, mode="群发").render(replace(bundle(), spared=WHY), TARGET)
    later = account(vendor.base, clock, mode=mode)
    later.send(later.prepare(spared.payload, KEY), ["gh_sample"], KEY)
    assert vendor.paths()[-1] == path


def test_only_a_mass_account_has_scarce_sends(vendor: Vendor, clock: Time) -> None:
    assert account(vendor.base, clock, mode="发布").limits.thrift is None
    plain = account(vendor.base, clock, mode="发布").render(replace(bundle(), spared=WHY), TARGET)
    assert set(plain.payload) == {"articles"}
    thrift = account(vendor.base, clock, mode="群发", account="service", reserve=2, other="等待").limits.thrift
    assert thrift == Thrift(reserve=2, min_pieces=2, max_wait_days=5, other=Other.WAIT)


@pytest.mark.parametrize(("option", "value"), [("reserve", -1), ("min_pieces", "2"), ("max_wait_days", True), ("other", "x")])
def test_wrong_settings_of_the_planner_name_the_key(vendor: Vendor, clock: Time, option: str, value: Any) -> None:
    with pytest.raises(ValueError, match=option):
        account(vendor.base, clock, **{option: value})
