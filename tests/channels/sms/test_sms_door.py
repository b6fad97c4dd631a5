"""Who may bring receipts, how they are stored, and what they say of one number."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Calls, Follows, Pulls, Recalls, Resolves, Word
from channels.sms.aliyun import Aliyun
from channels.sms.channel import Sms
from channels.sms.operators import not_arrived
from rules.outcome import Outcome
from rules.states import Basis
from tests.channels.samples import KEY, NOW, Ticks, setting
from tests.channels.sms.sms_support import ALIYUN, CALLBACK, MAKE, NUMBERS, ONE, SECRETS, aliyun, tencent

QUERY = {"key": CALLBACK}
# https://help.aliyun.com/document_detail/101867.html
ALIYUN_RECORD = {
    "phone_number": ONE, "send_time": "2021-03-01 09:00:00", "report_time": "2021-03-01 09:00:04", "success": True,
    "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "biz_id": "900619746936498440^0", "out_id": KEY,
}  # fmt: skip
# https://cloud.tencent.com/document/api/382/59178
TENCENT_RECORD = {
    "user_receive_time": "2021-03-01 09:00:04", "nationcode": "86", "mobile": ONE, "report_status": "SUCCESS",
    "errmsg": "DELIVRD", "description": "用户短信送达成功", "sid": "5000:1045710669157053657849499619", "ext": KEY,
}  # fmt: skip
RECORDS: dict[str, dict[str, Any]] = {"sms_aliyun": ALIYUN_RECORD, "sms_tencent": TENCENT_RECORD}
IDS = {"sms_aliyun": "biz_id", "sms_tencent": "sid"}
PHONES = {"sms_aliyun": "phone_number", "sms_tencent": "mobile"}
FAILED: dict[str, dict[str, Any]] = {
    "sms_aliyun": {"success": False, "err_code": "MOBILE_IN_BLACK", "err_msg": "黑名单"},
    "sms_tencent": {"report_status": "FAIL", "errmsg": "MK:0013", "description": "停机"},
}


def body_of(*records: object) -> bytes:
    return json.dumps(records, ensure_ascii=False).encode()


def words(channel: Sms, body: bytes) -> list[Word | None]:
    _, found = channel.door("POST", QUERY, body)
    return [channel.word(receipt, NOW) for receipt in found]


def test_the_vendors_are_answered_as_they_document() -> None:
    assert aliyun().door("POST", QUERY, body_of())[0] == '{"code":0,"msg":"成功"}'
    assert tencent().door("POST", QUERY, body_of())[0] == '{"result":0,"errmsg":"OK"}'


@pytest.mark.parametrize(
    "query", [{}, {"key": ""}, {"key": CALLBACK[:-1]}, {"key": CALLBACK + "x"}, {"key": "密" * 32}]
)
@pytest.mark.parametrize("vendor", MAKE)
def test_without_the_secret_nobody_is_let_in(vendor: str, query: dict[str, str]) -> None:
    with pytest.raises(PermissionError) as caught:
        MAKE[vendor]().door("POST", query, body_of(RECORDS[vendor]))
    assert CALLBACK not in str(caught.value)


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_a_secret_that_is_missing_or_short_lets_nobody_in(secret: str) -> None:
    channel = Aliyun(setting("sms_aliyun", **ALIYUN), {**SECRETS, "SMS_CALLBACK_SECRET": secret}, Ticks())
    with pytest.raises(PermissionError, match="SMS_CALLBACK_SECRET"):
        channel.door("POST", {"key": secret}, body_of(ALIYUN_RECORD))


@pytest.mark.parametrize("vendor", MAKE)
def test_each_record_is_a_receipt_with_its_number_in_raw_and_only_a_hash_in_its_key(vendor: str) -> None:
    records = [{**RECORDS[vendor], PHONES[vendor]: number} for number in NUMBERS]
    _, found = MAKE[vendor]().door("POST", QUERY, body_of(*records))
    assert [json.loads(receipt.raw) for receipt in found] == records
    assert len({receipt.dedup for receipt in found}) == len(NUMBERS)
    assert {receipt.vendor_id for receipt in found} == {RECORDS[vendor][IDS[vendor]]}
    assert all(len(receipt.dedup) <= 100 and not any(n in receipt.dedup for n in NUMBERS) for receipt in found)


@pytest.mark.parametrize("vendor", MAKE)
def test_the_same_receipt_brought_again_has_the_same_key(vendor: str) -> None:
    first, again = (MAKE[vendor]().door("POST", QUERY, body_of(RECORDS[vendor]))[1] for _ in range(2))
    assert first == again


@pytest.mark.parametrize("vendor", MAKE)
def test_an_arrival_is_known_by_the_handset_for_that_number_only(vendor: str) -> None:
    (word,) = words(MAKE[vendor](), body_of(RECORDS[vendor]))
    assert word == Word(
        outcome=Outcome.DELIVERED, reason="手机已收到", vendor_id=RECORDS[vendor][IDS[vendor]], push_key=KEY, address=ONE,
        basis=Basis.HANDSET,
    )  # fmt: skip


@pytest.mark.parametrize(("vendor", "reason"), [
    ("sms_aliyun", "未送达：号码在黑名单中（多为本人退订）（MOBILE_IN_BLACK）"), ("sms_tencent", "未送达：停机（MK:0013）"),
])  # fmt: skip
def test_a_failure_says_why_and_claims_no_basis(vendor: str, reason: str) -> None:
    (word,) = words(MAKE[vendor](), body_of({**RECORDS[vendor], **FAILED[vendor]}))
    assert word is not None
    assert (word.outcome, word.basis, word.reason) == (Outcome.REFUSED, None, reason)


def test_true_as_a_word_counts_as_true_and_nothing_else_does() -> None:
    said = [words(aliyun(), body_of({**ALIYUN_RECORD, "success": value}))[0] for value in ("true", "false", 1, None)]
    assert [word.outcome is Outcome.DELIVERED for word in said if word] == [True, False, False, False]


@pytest.mark.parametrize("vendor", MAKE)
def test_a_number_in_international_form_is_the_address_in_ours(vendor: str) -> None:
    (word,) = words(MAKE[vendor](), body_of({**RECORDS[vendor], PHONES[vendor]: f"+86{ONE}"}))
    assert word is not None
    assert word.address == ONE


@pytest.mark.parametrize("vendor", MAKE)
def test_a_single_record_without_its_list_is_read_too(vendor: str) -> None:
    assert len(words(MAKE[vendor](), json.dumps(RECORDS[vendor]).encode())) == 1


@pytest.mark.parametrize("vendor", MAKE)
def test_a_record_without_a_number_or_a_verdict_is_left_out_and_the_others_stay(vendor: str) -> None:
    nobody = {**RECORDS[vendor], PHONES[vendor]: "138****0001"}
    assert len(words(MAKE[vendor](), body_of(nobody, {}, "text", None, RECORDS[vendor]))) == 1


@pytest.mark.parametrize("vendor", MAKE)
def test_a_body_nobody_can_read_is_kept_without_its_numbers_and_answered(vendor: str) -> None:
    channel = MAKE[vendor]()
    answer, (receipt,) = channel.door("POST", QUERY, f'[{{"mobile":"{ONE}"'.encode() + b"\xff")
    assert answer == channel.answer
    assert receipt.kind == "SMS_UNREADABLE"
    assert ONE not in f"{receipt.raw}{receipt.dedup}"
    assert channel.word(receipt, NOW) is None


@given(body=st.binary(max_size=300))
def test_whatever_is_brought_the_door_answers_and_its_words_can_be_read(body: bytes) -> None:
    for make in MAKE.values():
        channel = make()
        answer, found = channel.door("POST", QUERY, body)
        assert answer == channel.answer
        assert all(channel.word(receipt, NOW) is None for receipt in found)


@pytest.mark.parametrize(("code", "words", "reason"), [
    ("UNDELIV", "", "号码状态异常"), ("MK:0001", "", "空号"), ("mk:0024", "", "关机"), ("MK:0005", "", "停机"),
    ("MK:9999", "没收到", "号码状态异常"), ("MOBILE_IN_BLACK", "", "黑名单"), ("NEW_CODE", "平台说的话", "平台说的话"),
    ("NEW_CODE", "", "运营商未说明原因"), ("", "", "运营商未说明原因"),
])  # fmt: skip
def test_an_operators_code_is_told_in_plain_words(code: str, words: str, reason: str) -> None:
    told = not_arrived(code, words)
    assert told.startswith("未送达：")
    assert reason in told
    assert code in told


def test_a_number_in_the_operators_words_is_hidden() -> None:
    assert ONE not in not_arrived(ONE, f"号码{ONE}停机")


def test_what_each_channel_can_do_is_what_the_jobs_will_see() -> None:
    for make in MAKE.values():
        channel = make()
        assert isinstance(channel, Resolves) and isinstance(channel, Follows) and isinstance(channel, Calls)
        assert not isinstance(channel, Recalls)
    assert isinstance(tencent(), Pulls)
    assert not isinstance(aliyun(), Pulls)
