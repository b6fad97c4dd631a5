"""Two sources that disagree on one item: the narrower word holds until a person has said which is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs import orders, review
from jobs.review import Conclusion
from rules.item import CLOSED, MAY_OPEN, Review
from store import tables as t
from tests.jobs.bench import ACCOUNT, COLUMN, DAY, OTHER, Bench, entry, sheet

BOTH = {"number": "", "doc_no": "院办〔2020〕8号", "title": "关于调整岗位的通知"}
STANDING = Review("办公室", MAY_OPEN, DAY, "栏目审核制度", "栏目审核")


def site(bench: Bench, **over: object) -> None:
    row = entry(**{**BOTH, "own_key": "site/8", "source": OTHER.name, "review": STANDING, **over})
    bench.watch(sheet(row, file="page", whole=frozenset()), OTHER)


@pytest.mark.parametrize(
    "narrower", [{"audience": ("教职工",), "inner_reason": "内部管理事项"}, {"disclosure": CLOSED, "audience": ()}]
)
def test_what_the_register_keeps_narrower_does_not_go_out_as_wide_as_the_site_says(
    bench: Bench, narrower: dict[str, object]
) -> None:
    site(bench)
    bench.enter(entry(**{**BOTH, "source": COLUMN.name, **narrower}))
    bench.tick()
    assert bench.statuses(ACCOUNT) == []
    [text] = [text for text in bench.alarms() if "登记，而" in text]
    assert "“网站专栏”登记，而“信息公开登记表”" in text and "cancel 1 --undo" in text


def test_a_person_says_that_the_first_is_right_and_is_not_asked_again(bench: Bench) -> None:
    site(bench)
    row = entry(**{**BOTH, "source": COLUMN.name, "audience": ("教职工",), "inner_reason": "内部管理事项"})
    bench.enter(row)
    assert orders.take_up(bench.office, 1, "王老师") is not None
    bench.enter(row)
    bench.tick()
    assert bench.statuses(ACCOUNT) == ["delivered"]
    assert [row.stopped for row in bench.rows(t.items)] == [""]


def test_a_second_source_that_says_the_same_or_more_changes_nothing(bench: Bench) -> None:
    bench.enter(entry(**{**BOTH, "source": COLUMN.name, "audience": ("教职工",), "inner_reason": "内部管理事项"}))
    site(bench)
    bench.tick()
    assert [row.stopped for row in bench.rows(t.items)] == [""]
    assert bench.statuses(ACCOUNT) == []


@pytest.mark.parametrize("word", ["退回", CLOSED])
def test_a_standing_review_never_undoes_what_a_person_concluded_on_the_item(bench: Bench, word: str) -> None:
    site(bench, review=None, approved_on=None)
    bench.route()
    [(version, _, _)] = review.queue(bench.office)
    said = Conclusion(word=word, reviewer="李主任", basis="个人隐私")
    review.conclude(bench.office, 1, version.mark, said, "clerk")
    site(bench)  # the column has a standing review now
    bench.tick()
    assert bench.statuses(ACCOUNT) == []


def test_what_no_reader_sees_makes_nothing_changed_and_keeps_the_release(bench: Bench) -> None:
    row = entry(title="甲", number="1", summary="身份证号 110101199003070011", url="http://www.example.edu.cn/1.htm")
    bench.publish(row)
    review.release(bench.office, 1, "王老师", "本人同意")
    bench.tick()
    assert bench.statuses(ACCOUNT) == ["delivered"]
    for over in ({"url": "https://www.example.edu.cn/1.htm"}, {"note": "备注"}, {"department": "教务处"}):
        row = replace(row, **over)  # type: ignore[arg-type]
        bench.publish(row)
    assert [item.changed_at for item in bench.rows(t.items)] == [None]
    assert [version.guard for version in bench.rows(t.versions)][-1] == ""
    bench.publish(replace(row, summary="改过的摘要"))
    assert bench.rows(t.items)[0].changed_at is not None
