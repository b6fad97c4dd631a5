"""A 公示 without 公示止 is read for the term that its own text states; where it states none, nothing is made up."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from rules.notices import span_in, with_span
from rules.review import SEEN, TERM, same_text
from tests.factory import an_entry

PUBLISHED = date(2020, 9, 10)
SPAN = (date(2020, 9, 11), date(2020, 9, 17))


@pytest.mark.parametrize(
    "text",
    [
        "公示时间：2020年9月11日至2020年9月17日。",
        "公示期为2020年9月11日至9月17日，如有异议请与学生处联系。",
        "公示期限自2020年9月11日起至17日止",
        "公示日期：2020-09-11至2020-09-17",
        "公示期：2020.9.11—2020.9.17",
        "公示时间：9月11日至9月17日",
        "公示时间为２０２０年９月１１日（星期五）至９月１７日（星期四）",
        "公示时间：2020年9月11日8:00至2020年9月17日18:00",
        "<p>公示期：<span>2020</span>年<b>9月11日</b>&nbsp;&mdash; 9月17日</p>",
        "公示时间：2020 年 9 月 11 日 - 2020 年 9 月 17 日",
        "公示期为5个工作日（2020年9月11日至9月17日）",
        "公示期：5个工作日，自2020年9月11日至2020年9月17日",
        "公示时间为5天：2020年9月11日—9月17日",
        "公示时间：2020年9月11日上午8:00至9月17日下午17:00",
        "公示时间：9月11日8时至9月17日18时",
        "公示自2020年9月11日至9月17日",
        "现予以公示，时间为2020年9月11日至9月17日",
        "公示期从9月11日开始，至9月17日结束",
        "公示时间：2020年9月11日至9月17日。公示期（2020年9月11日至9月17日）内可反映。",
    ],
)
def test_a_term_that_is_stated_is_read(text: str) -> None:
    assert span_in(text, PUBLISHED) == SPAN


@pytest.mark.parametrize(
    "text",
    [
        "公示期5个工作日。",
        "公示期5个工作日。报名时间：2020年9月11日至9月17日",
        "现予公示。报到时间为2020年9月11日至9月17日",
        "公示结束后，2020年9月11日至9月17日报到。",
        "公示时间：2020年9月11日。<br>报到时间：2020年9月15日至9月17日",
        "公示时间：2020年9月17日至9月11日",
        "公示时间：2020年9月31日至10月5日",
        "公示时间：2020年9月11日至2029年9月17日",
        "第一批公示时间：2020年9月11日至9月17日；第二批公示时间：2020年10月11日至10月17日",
        "公示时间：即日起至9月17日",
        "公示名单领取时间：9月11日至9月17日",
        "现将名单公示，报到时间：9月11日至9月17日",
        "公示学生缴费日期：9月11日至9月17日",
        "公示期内请于9月11日至9月17日提交材料",
        "公示期5个工作日。公示结束后，体检时间为9月11日至9月17日",
    ],
)
def test_a_text_that_states_none_or_several_or_an_impossible_one_yields_none(text: str) -> None:
    assert span_in(text, PUBLISHED) is None


def test_a_term_over_the_turn_of_the_year_takes_the_next_year() -> None:
    assert span_in("公示时间：12月28日至1月4日", date(2020, 12, 27)) == (date(2020, 12, 28), date(2021, 1, 4))


def test_without_a_year_anywhere_nothing_is_guessed() -> None:
    assert span_in("公示时间：9月11日至9月17日", None) is None


def test_the_registers_own_term_is_never_overruled_and_no_other_item_is_read() -> None:
    text = "公示时间：2020年9月11日至9月17日"
    own = an_entry(title="评奖公示", body=text, notice_to=date(2020, 9, 20))
    other = an_entry(title="评奖通知", body=text)
    assert with_span(own) is own and with_span(other) is other
    assert with_span(an_entry(title="评奖公示", body=text)).notice_to == date(2020, 9, 17)


@pytest.mark.parametrize("title", ["关于国家奖学金公示结果的通知", "评奖公示无异议的说明", "关于做好公示工作的通知"])
def test_what_tells_of_a_notice_has_no_term_of_its_own(title: str) -> None:
    entry = an_entry(title=title, body="公示时间：2020年9月11日至9月17日", published_on=PUBLISHED)
    assert with_span(entry) is entry


def test_a_term_that_was_over_when_the_page_was_published_is_an_earlier_notices() -> None:
    entry = an_entry(title="结果公示的公告", body="公示期为9月4日至9月10日", published_on=PUBLISHED)
    assert with_span(entry) is entry


def test_a_term_read_from_the_text_changes_no_digest_and_no_review() -> None:
    plain = an_entry(title="评奖公示", body="公示时间：2020年9月11日至9月17日", published_on=PUBLISHED)
    read = with_span(plain)
    assert read.notice_to == date(2020, 9, 17) and read.digest() == plain.digest()
    before = SimpleNamespace(**{name: getattr(plain, name) for name in (*SEEN, *TERM, "audience", "url")}, attachments=[])
    assert same_text(before, read)
