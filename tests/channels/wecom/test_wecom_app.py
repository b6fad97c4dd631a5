"""One call for many persons: the same bytes each time, an answer for each, and what may be done when it is lost."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from channels import make
from channels.base import Expands, Follows, Measures, Prepared, Recalls, Resolves, SendError
from channels.wecom.app import WecomApp, task_id
from rules.outcome import Outcome
from tests.channels.samples import KEY, NOW, Ticks, bundle, setting
from tests.channels.servers import Vendor
from tests.channels.wecom.wecom_support import OK, SECRETS, SENT, TARGET, TOKEN, app, attempt, send, usual


@pytest.fixture
def wecom(vendor: Vendor) -> Vendor:
    return usual(vendor)


def failure(channel: WecomApp, *addresses: str) -> SendError:
    with pytest.raises(SendError) as caught:
        send(channel, *(addresses or ("zhangsan",)))
    return caught.value


def test_the_registry_makes_it_and_it_can_what_it_says() -> None:
    channel = make(setting("wecom_app"), SECRETS, Ticks())
    assert (channel.name, channel.label) == ("wecom_app", "企业微信应用消息")
    assert all(isinstance(channel, each) for each in (Expands, Measures, Recalls, Resolves))
    assert not isinstance(channel, Follows)  # the platform has no word on delivery to ask for


def test_a_thousand_persons_are_one_call(wecom: Vendor) -> None:
    people = [f"u{n:04}" for n in range(app("x").limits.addresses)]
    sent = send(app(wecom.base), *people)
    assert [each.address for each in sent] == people
    assert {(each.outcome, each.vendor_id) for each in sent} == {(Outcome.ACCEPTED, "MSG1")}
    (body,) = wecom.calls("message/send")
    assert body["touser"].split("|") == sorted(people)
    assert len(people) == 1000


def test_the_same_push_and_persons_make_the_same_bytes_whenever_and_in_whatever_order(wecom: Vendor) -> None:
    clock = Ticks()
    for form in ({"format": "markdown"}, {"ack": True}):
        channel = app(wecom.base, clock, **form)
        send(channel, "lisi", "zhangsan", "Wang")
        clock.forward(hours=3)
        send(app(wecom.base, clock, **form), "zhangsan", "Wang", "lisi")
    one, two, three, four = (json.dumps(body) for body in wecom.calls("message/send"))
    assert one == two
    assert three == four


def test_the_platform_is_told_to_drop_doubles_for_four_hours(wecom: Vendor) -> None:
    send(app(wecom.base), "zhangsan")
    (body,) = wecom.calls("message/send")
    assert (body["enable_duplicate_check"], body["duplicate_check_interval"]) == (1, 14400)
    assert body["agentid"] == 1000002


def test_another_push_never_makes_the_same_bytes(wecom: Vendor) -> None:
    """Else a person's resend would be dropped as a double of the first."""
    for form in ("textcard", "markdown", "text"):
        send(app(wecom.base, format=form), "zhangsan")
        send(app(wecom.base, format=form), "zhangsan", key="f" * 32)
    bodies = [json.dumps(body) for body in wecom.calls("message/send")]
    assert len(set(bodies)) == 6


def test_a_card_has_a_task_id_of_its_own_for_each_call_of_a_push(wecom: Vendor) -> None:
    channel = app(wecom.base, ack=True)
    send(channel, "a", "b")
    send(channel, "c")
    ids = [body["template_card"]["task_id"] for body in wecom.calls("message/send")]
    assert len(set(ids)) == 2
    assert all(each.startswith(KEY) and len(each) <= 128 for each in ids)
    assert ids[0] == task_id(KEY, ["a", "b"])


def test_a_stored_payload_is_not_changed_by_sending_it(wecom: Vendor) -> None:
    channel = app(wecom.base, ack=True)
    stored = json.loads(json.dumps(channel.render(bundle(), TARGET).payload))
    before = json.dumps(stored)
    channel.send(Prepared(payload=stored), ["a"], KEY)
    assert json.dumps(stored) == before


def test_each_person_has_an_answer_of_his_own_whatever_the_case_of_his_id(wecom: Vendor) -> None:
    lists = {"invaliduser": "gone", "unlicenseduser": "wangwu", "invalidparty": "", "invalidtag": ""}
    wecom.at("message/send", {**SENT, **lists, "response_code": "RC"})
    ok, gone, without = send(app(wecom.base), "ZhangSan", "Gone", "WangWu")
    assert (ok.outcome, ok.vendor_id, ok.evidence) == (Outcome.ACCEPTED, "MSG1", {"response_code": "RC"})
    assert "无送达回执" in ok.reason
    assert (gone.outcome, gone.vendor_id) == (Outcome.REFUSED, "")
    assert "可见范围" in gone.reason
    assert without.outcome is Outcome.REFUSED
    assert "许可" in without.reason


def test_a_department_a_tag_and_all_are_answered_as_one_receiver_each(wecom: Vendor) -> None:
    wecom.at("message/send", {**SENT, "invalidparty": "9", "invalidtag": "8", "unlicenseduser": "x|y"})
    two, nine, three, eight = send(app(wecom.base), "部门:2", "部门:9", "标签:3", "标签:8")
    assert [each.outcome for each in (two, nine, three, eight)] == [
        Outcome.ACCEPTED,
        Outcome.REFUSED,
        Outcome.ACCEPTED,
        Outcome.REFUSED,
    ]
    assert "按一个部门计" in two.reason
    assert "2人因没有接口许可" in two.reason
    assert "标签" in three.reason
    assert "部门不存在" in nine.reason
    (body,) = wecom.calls("message/send")
    assert (body["toparty"], body["totag"], "touser" in body) == ("2|9", "3|8", False)


def test_all_is_the_platforms_own_word(wecom: Vendor) -> None:
    (sent,) = send(app(wecom.base), "@all")
    assert wecom.calls("message/send")[0]["touser"] == "@all"
    assert "按一个全体计" in sent.reason


def test_when_none_is_any_good_each_is_refused_and_the_call_is_not_repeated(wecom: Vendor) -> None:
    wecom.at("message/send", {"errcode": 81013, "errmsg": "user & party & tag all invalid", "invaliduser": "a"})
    sent = send(app(wecom.base), "a", "b")
    assert [each.outcome for each in sent] == [Outcome.REFUSED] * 2
    assert all(each.reason and each.code == "81013" for each in sent)
    assert len(wecom.calls("message/send")) == 1


def test_a_card_that_was_taken_before_is_taken_and_its_lost_id_is_not_made_up(wecom: Vendor) -> None:
    wecom.at("message/send", {"errcode": 42014, "errmsg": "taskid has existed"})
    (sent,) = send(app(wecom.base, ack=True), "a")
    assert (sent.outcome, sent.vendor_id, sent.code) == (Outcome.ACCEPTED, "", "42014")
    assert "没有再发" in sent.reason


def test_the_others_names_are_not_kept_with_every_row(wecom: Vendor) -> None:
    wecom.at("message/send", {**SENT, "invaliduser": "somebodyelse"})
    sent, _ = send(app(wecom.base), "a", "somebodyelse")
    assert "somebodyelse" not in sent.raw
    assert "MSG1" in sent.raw


@pytest.mark.parametrize(
    "answer", [(502, b"<html>502</html>"), b"", [], {"ok": True}, {"errcode": -1, "errmsg": "busy"}]
)
def test_an_answer_that_proves_nothing_is_uncertain(wecom: Vendor, answer: object) -> None:
    wecom.at("message/send", answer)
    assert failure(app(wecom.base)).outcome is Outcome.UNCERTAIN


def test_a_success_with_a_warning_about_the_format_is_no_success(wecom: Vendor) -> None:
    wecom.at("message/send", {"errcode": 0, "errmsg": "ok. Warning: wrong json format. "})
    assert failure(app(wecom.base)).outcome is Outcome.UNKNOWN_CODE


def test_without_an_agent_id_nobody_is_called(wecom: Vendor) -> None:
    secrets = {**SECRETS, "WECOM_APP_AGENT_ID": "公开"}
    error = failure(app(wecom.base, secrets=secrets))
    assert error.outcome is Outcome.MISCONFIGURED
    assert "WECOM_APP_AGENT_ID" in error.advice
    assert wecom.asked == []


def test_the_agent_id_may_stand_in_the_settings(wecom: Vendor) -> None:
    send(app(wecom.base, agent_id=7), "a")
    assert wecom.calls("message/send")[0]["agentid"] == 7


def test_five_of_the_platforms_thirty_a_minute_are_kept_back_for_each_person() -> None:
    limits = app("x").limits
    (rate,) = limits.rates
    assert (rate.most, rate.per, rate.of) == (25, timedelta(seconds=60), "address")
    assert (limits.person, limits.recall, limits.resolvable) == ("账号", timedelta(hours=24), True)
    assert (limits.receipts, app("x", ack=True).limits.receipts) == (False, True)


@pytest.mark.parametrize(
    ("age", "resend", "again"),
    [
        (timedelta(seconds=20), False, timedelta(seconds=40)),
        (timedelta(seconds=60), True, None),
        (timedelta(hours=3, minutes=44), True, None),
        (timedelta(hours=3, minutes=45), False, None),
        (timedelta(days=2), False, None),
    ],
)
def test_an_uncertain_send_is_repeated_while_the_platform_remembers_it(
    age: timedelta, resend: bool, again: timedelta | None
) -> None:
    clock = Ticks(NOW + age)
    found = app("x", clock).resolve(attempt())
    assert (found.outcome, found.resend, found.ask_again) == (Outcome.UNCERTAIN, resend, again)
    assert found.reason


def test_the_platforms_memory_counts_from_the_first_call_of_the_push() -> None:
    clock = Ticks(NOW + timedelta(hours=5))
    found = app("x", clock).resolve(attempt(last_begun_at=NOW + timedelta(hours=4)))
    assert not found.resend


def test_a_message_is_taken_back_by_its_id_however_often(wecom: Vendor) -> None:
    wecom.at("message/recall", OK)
    channel = app(wecom.base)
    for _ in range(2):
        taken = channel.retract(attempt(vendor_id="MSG1"))
        assert (taken.address, taken.outcome) == ("zhangsan", Outcome.DELIVERED)
    assert wecom.calls("message/recall") == [{"msgid": "MSG1"}] * 2


def test_after_a_day_or_without_an_id_nothing_is_asked_and_a_person_is_told_what_to_do(wecom: Vendor) -> None:
    late = app(wecom.base, Ticks(NOW + timedelta(hours=24, seconds=1)))
    for channel, facts in ((late, {"vendor_id": "MSG1"}), (app(wecom.base), {})):
        with pytest.raises(SendError) as caught:
            channel.retract(attempt(**facts))
        assert caught.value.outcome is Outcome.REFUSED
        assert "推送一条" in caught.value.advice
    assert wecom.asked == []


def test_an_id_the_platform_does_not_know_is_no_matter_of_length(wecom: Vendor) -> None:
    wecom.at("message/recall", {"errcode": 40058, "errmsg": "msgid invalid"})
    with pytest.raises(SendError) as caught:
        app(wecom.base).retract(attempt(vendor_id="MSG2"))
    assert (caught.value.outcome, caught.value.code) == (Outcome.REFUSED, "40058")
    assert "消息编号" in caught.value.reason


def test_a_recall_whose_answer_is_lost_is_asked_again(wecom: Vendor) -> None:
    wecom.at("message/recall", (502, b"bad gateway"))
    with pytest.raises(SendError) as caught:
        app(wecom.base).retract(attempt(vendor_id="MSG1"))
    assert caught.value.outcome is Outcome.UNAVAILABLE


def test_no_token_and_no_secret_is_in_any_result_or_error(wecom: Vendor) -> None:
    told: list[Any] = []
    for answer in (SENT, (502, f"<html>/send?access_token={TOKEN}".encode()), {"errcode": 60020, "errmsg": "x"}):
        wecom.at("message/send", answer)
        channel = app(wecom.base)
        try:
            told += send(channel, "a")
        except SendError as error:
            told += [error, error.raw, error.advice]
    assert TOKEN not in repr(told)
    assert SECRETS["WECOM_APP_SECRET"] not in repr(told)
