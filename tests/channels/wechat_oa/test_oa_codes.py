"""The table of errcodes: every one said in plain words, with the outcome that the house draws from it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from channels.wechat_oa.codes import CODES, errcode, refusal
from rules.dates import SHANGHAI
from rules.outcome import Outcome
from tests.channels.wechat_oa.oa_support import NOW

EXPECTED = {
    Outcome.UNAVAILABLE: {-1, 61503},
    Outcome.MISCONFIGURED: {40001, 40014, 41001, 42001, 40013, 40125, 40243, 40164, 89503, 89504, 89505, 89506, 89507}
    | {48001, 48004, 48008, 50002, 40050, 40152, 45010, 40037},
    Outcome.THROTTLED: {45009, 45011, 45028, 45066},
    Outcome.ACCEPTED: {45065},
}


def test_every_code_has_the_outcome_written_down_for_it_and_all_others_are_final() -> None:
    named = {number: outcome for outcome, numbers in EXPECTED.items() for number in numbers}
    assert {number: code.outcome for number, code in CODES.items()} == {
        number: named.get(number, Outcome.REFUSED) for number in CODES
    }
    assert named.keys() <= CODES.keys()


@pytest.mark.parametrize("number", sorted(CODES))
def test_every_code_is_said_in_chinese_and_what_a_person_must_mend_has_its_fix(number: int) -> None:
    code = CODES[number]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in code.reason)
    assert code.advice or code.outcome is not Outcome.MISCONFIGURED
    assert not code.reason.endswith("。")


def test_a_code_nobody_has_written_down_is_unknown_and_keeps_its_raw_answer() -> None:
    error = refusal({"errcode": 99999, "errmsg": "new thing rid: 1-2-3"}, NOW)
    assert (error.outcome, error.code) == (Outcome.UNKNOWN_CODE, "99999")
    assert "new thing" in error.raw


def test_busy_is_uncertain_only_where_something_is_sent_to_people() -> None:
    assert refusal({"errcode": -1}, NOW).outcome is Outcome.UNAVAILABLE
    assert refusal({"errcode": -1}, NOW, final=True).outcome is Outcome.UNCERTAIN
    assert refusal({"errcode": 45028}, NOW, final=True).outcome is Outcome.THROTTLED


@pytest.mark.parametrize(
    ("number", "service", "now", "wait"),
    [
        (45066, False, NOW, timedelta(seconds=65)),
        (45011, False, datetime(2020, 9, 7, 9, 0, 40, tzinfo=SHANGHAI), timedelta(seconds=25)),
        (45009, False, NOW, timedelta(hours=15)),
        (45009, True, NOW, timedelta(hours=15)),
        (45028, False, NOW, timedelta(hours=15)),
        (45028, True, NOW, timedelta(days=23, hours=15)),
        (45028, True, datetime(2020, 12, 31, 23, 0, tzinfo=SHANGHAI), timedelta(hours=1)),
        (40007, False, NOW, None),
    ],
)
def test_a_refused_call_waits_until_the_platform_would_take_it(
    number: int, service: bool, now: datetime, wait: timedelta | None
) -> None:
    assert refusal({"errcode": number}, now, service=service).retry_after == wait


@pytest.mark.parametrize(("answer", "number"), [({}, 0), ({"errcode": "40001"}, 40001), ({"errcode": "x"}, -1)])
def test_the_errcode_is_read_whatever_its_form(answer: dict[str, object], number: int) -> None:
    assert errcode(answer) == number
