"""人工渠道: the ready-made text, and that nothing leaves this machine."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from channels.base import Prepared
from channels.manual import Manual, paragraphs
from rules.bundle import Bundle, Piece
from rules.outcome import Outcome
from rules.routing import Target
from tests.channels.samples import setting

BOARD = Target(
    number="B1", name="一号楼公告栏", channel="manual", address="公告栏:一号楼大厅", audience="校内", owner="李四"
)


def manual(**options: Any) -> Manual:
    return Manual(setting("manual", "", **options), {}, lambda: datetime(2020, 9, 10, tzinfo=UTC))


def bundle(**over: Any) -> Bundle:
    facts = {
        "placement": 1,
        "title": "关于停电的通知",
        "summary": "周六停电。",
        "department": "后勤处",
        "url": "http://a.cn/1",
    }
    return Bundle(key="0" * 32, school="示例学院", pieces=(Piece(**{**facts, **over}),))


def test_the_text_can_be_posted_as_it_is() -> None:
    assert manual().render(bundle(), BOARD).text.splitlines() == [
        "【示例学院 信息公开】", "关于停电的通知", "周六停电。", "责任部门：后勤处", "原文：http://a.cn/1",
    ]  # fmt: skip


def test_the_whole_body_is_handed_over_as_paragraphs_a_reader_sees() -> None:
    html = "<style>p{}</style><p>第一段&amp;</p><script>x()</script><div>第二段<br>第三段</div>"
    content = manual().render(bundle(body=html), BOARD)
    assert content.payload["paragraphs"] == ["第一段&", "第二段", "第三段"]
    assert "周六停电" not in content.text and "x()" not in content.text


def test_of_a_public_notice_the_list_is_never_posted() -> None:
    content = manual().render(bundle(notice=True, body="<p>张三 李四</p>", summary="张三"), BOARD)
    assert content.payload["paragraphs"] == [] and "张三" not in content.text
    assert "公示通知" in content.text and "http://a.cn/1" in content.text


def test_a_send_hands_it_to_the_person_and_calls_nobody() -> None:
    channel = manual()
    content = channel.render(bundle(), BOARD)
    [sent] = channel.send(Prepared(payload=content.payload), [BOARD.address], "k")
    assert (sent.outcome, sent.reason, sent.basis) == (Outcome.HANDED, "已交李四办理", None)


@pytest.mark.parametrize("days", [0, -1, "三", 3.5, True, 1000])
def test_days_that_are_none_are_refused_in_words(days: object) -> None:
    with pytest.raises(ValueError, match=r"channels\.manual\.days"):
        manual(days=days)


@pytest.mark.parametrize(
    ("over", "ok", "words"),
    [
        ({}, True, "由李四办理"),
        ({"address": "一号楼大厅"}, False, "没有写明形式"),
        ({"address": "微信群:21级班主任"}, True, "由李四办理"),
        ({"owner": ""}, False, "没有责任人"),
    ],
)
def test_the_check_says_what_a_place_lacks(over: dict[str, Any], ok: bool, words: str) -> None:
    target = Target(**{**BOARD.__dict__, **over})
    [found] = manual().check([target])
    assert found.ok is ok and words in found.text and bool(found.fix) is not ok
    assert manual().missing([target]) == []


def test_people_are_known_only_from_the_register() -> None:
    assert manual().measure(BOARD) == []
    [sample] = manual().measure(Target(**{**BOARD.__dict__, "members": 300, "checked_on": date(2020, 9, 1)}))
    assert (sample.metric, sample.value, sample.basis) == ("应达", 300, "人工填报")


def test_plain_text_keeps_its_lines() -> None:
    assert paragraphs("甲\r\n\r\n 乙 \n3 < 5") == ["甲", "乙", "3 < 5"]
