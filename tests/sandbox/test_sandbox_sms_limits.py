"""How many messages a number may get: windows, what counts, and what does not."""

from __future__ import annotations

from tests.sandbox.sms_clients import KEY, ONE, TENCENT_ID, TWO


def many(aliyun, n, **more):
    return [aliyun.send(**more)["Code"] for _ in range(n)]


def test_fifty_notices_a_day_count_by_signature_template_and_number(aliyun, box):
    assert many(aliyun, 50) == ["OK"] * 50
    answer = aliyun.send(title="别的话")
    assert (answer["Code"], answer["Message"]) == ("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:50")
    assert aliyun.send(TWO)["Code"] == "OK"
    assert aliyun.send(SignName="二号签名")["Code"] == "OK"
    assert aliyun.send(TemplateCode="SMS_2")["Code"] == "OK"
    assert len(box.books()["sms"]) == 53


def test_a_day_is_twenty_four_hours_from_each_send(aliyun, box):
    aliyun.send()
    box.admin("clock", advance=3600)
    assert many(aliyun, 50) == ["OK"] * 49 + ["isv.BUSINESS_LIMIT_CONTROL"]
    box.admin("clock", advance=86_400 - 3601)
    assert many(aliyun, 1) == ["isv.BUSINESS_LIMIT_CONTROL"]
    box.admin("clock", advance=1)
    assert many(aliyun, 2) == ["OK", "isv.BUSINESS_LIMIT_CONTROL"]


def test_one_full_number_refuses_the_whole_call(aliyun, box):
    box.admin("setup", sms_accounts=[{"key_id": KEY, "limits": {"day": 1}}])
    aliyun.send()
    assert aliyun.send(f"{TWO},{ONE}")["Code"] == "isv.BUSINESS_LIMIT_CONTROL"
    assert [line["number"] for line in box.books()["sms"]] == [ONE]


def test_a_number_that_stands_twice_in_a_call_is_counted_twice(aliyun, box):
    box.admin("setup", sms_accounts=[{"key_id": KEY, "limits": {"day": 1}}])
    assert aliyun.send(f"{ONE},{ONE}")["Code"] == "isv.BUSINESS_LIMIT_CONTROL"


def test_only_what_was_taken_counts_whatever_becomes_of_it(aliyun, box):
    box.admin(
        "setup", sms_accounts=[{"key_id": KEY, "limits": {"day": 1}}], sms_numbers=[{"number": TWO, "fate": "off"}]
    )
    assert aliyun.send(SignName="没有的")["Code"] == "isv.SMS_SIGNATURE_ILLEGAL"
    assert aliyun.send()["Code"] == "OK"
    assert [aliyun.send(TWO)["Code"] for _ in range(2)] == ["OK", "isv.BUSINESS_LIMIT_CONTROL"]


def test_numbers_on_the_whitelist_have_no_limit(aliyun, box):
    box.admin("setup", sms_accounts=[{"key_id": KEY, "limits": {"day": 1}, "whitelist": [ONE]}])
    assert many(aliyun, 3) == ["OK"] * 3
    assert many(aliyun, 2, numbers=TWO) == ["OK", "isv.BUSINESS_LIMIT_CONTROL"]


def test_codes_go_once_a_minute_by_the_clock(aliyun, box):
    box.admin("clock", advance=50)
    assert aliyun.code() == "OK"
    refused = aliyun.send(TemplateCode="SMS_CODE", TemplateParam='{"code":"1234"}')
    assert refused["Message"] == "触发分钟级流控Permits:1"
    box.admin("clock", advance=10)
    assert aliyun.code() == "OK"


def test_codes_go_five_times_an_hour_by_the_clock_and_ten_a_day(aliyun, box):
    codes = []
    for minute in (55, 56, 57, 58, 59, 59.5, 60, 61, 62, 63, 64, 120):
        box.admin(
            "clock",
            now=f"2020-09-01T{8 + int(minute // 60):02d}:{int(minute % 60):02d}:{int(minute % 1 * 60):02d}+08:00",
        )
        codes.append(aliyun.code())
    limited = "isv.BUSINESS_LIMIT_CONTROL"
    assert codes == ["OK"] * 5 + [limited] + ["OK"] * 5 + [limited]
    assert aliyun.send(TemplateCode="SMS_CODE", TemplateParam='{"code":"1"}')["Code"] == "isv.TEMPLATE_PARAMS_ILLEGAL"
    assert aliyun.send()["Code"] == "OK"


def test_forty_codes_a_day_are_all_a_number_gets_from_everybody(aliyun, box):
    signs = [{"name": f"签名{n}"} for n in range(5)]
    box.admin("setup", sms_accounts=[{"key_id": KEY, "signs": signs, "limits": {"minute": 0, "hour": 0}}])
    codes = [aliyun.code(SignName=f"签名{n // 10}") for n in range(41)]
    assert codes == ["OK"] * 40 + ["isv.BUSINESS_LIMIT_CONTROL"]


SHORT = "LimitExceeded.PhoneNumberThirtySecondLimit"


def test_tencent_takes_the_same_words_once_in_thirty_seconds(tencent, box):
    assert tencent.codes(ONE) == ["Ok"]
    box.admin("clock", advance=29)
    assert tencent.codes(ONE, TWO) == [SHORT, "Ok"]
    assert tencent.codes(ONE, title="别的话") == ["Ok"]
    box.admin("clock", advance=1)
    assert tencent.codes(ONE) == ["Ok"]
    assert len(box.books()["sms"]) == 4


def test_tencent_takes_a_number_that_stands_twice_once(tencent):
    assert tencent.codes(ONE, ONE) == ["Ok", SHORT]


def test_tencent_takes_ten_to_a_number_on_a_calendar_day(tencent, box):
    assert [tencent.codes(title=str(n)) for n in range(11)] == [["Ok"]] * 10 + [["LimitExceeded.PhoneNumberDailyLimit"]]
    box.admin("clock", now="2020-09-01T23:59:59+08:00")
    assert tencent.codes(title="x") == ["LimitExceeded.PhoneNumberDailyLimit"]
    box.admin("clock", now="2020-09-02T00:00:00+08:00")
    assert tencent.codes(title="x") == ["Ok"]


def test_tencents_customer_may_set_the_other_limits(tencent, box):
    limits = {"thirty_seconds": 0, "hour": 3, "same_day": 2}
    box.admin("setup", sms_accounts=[{"key_id": TENCENT_ID, "limits": limits}])
    assert [tencent.codes()[0] for _ in range(3)] == ["Ok", "Ok", "LimitExceeded.PhoneNumberSameContentDailyLimit"]
    assert tencent.codes(title="别的话") == ["Ok"]
    assert tencent.codes(title="再一句") == ["LimitExceeded.PhoneNumberOneHourLimit"]
