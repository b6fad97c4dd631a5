"""Review item by item, and the guard before it: nothing leaves without a person's word, and who gave it is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs import review
from jobs.review import Conclusion, Refused
from rules.item import MAY_OPEN, Attachment, Review
from rules.review import RETURNED
from store import tables as t
from tests.jobs.bench import GROUPS, OTHER, Bench, sheet, to_students

YES = Conclusion(word=MAY_OPEN, reviewer="李主任", basis="校办审查制度")


def unreviewed(bench: Bench, **over: object) -> None:
    bench.publish(to_students(review=None, approved_on=None, **over))


def mark(bench: Bench) -> str:
    [(version, _, _)] = review.queue(bench.office)
    return version.mark


def say(bench: Bench, said: Conclusion = YES, seen: str | None = None) -> str:
    return review.conclude(bench.office, 1, mark(bench) if seen is None else seen, said, "clerk")


def sent(bench: Bench) -> int:
    """Persons or groups that have it; reminders to the people on duty are none."""
    bench.tick()
    return len(bench.statuses())


def test_what_nobody_has_reviewed_waits_in_the_queue_and_leaves_once_it_is_approved(bench: Bench) -> None:
    unreviewed(bench)
    assert sent(bench) == 0
    assert say(bench) == "条目 1 可以公开"
    assert sent(bench) == 1
    [kept] = bench.rows(t.reviews)
    assert (kept.reviewer, kept.basis, kept.recorded_by) == ("李主任", "校办审查制度", "clerk")
    assert kept.digest == bench.rows(t.versions)[0].digest
    assert [row.act for row in bench.rows(t.acts)] == ["审查"]
    assert bench.rows(t.versions)[0].approved_on == kept.concluded_on
    assert review.queue(bench.office) == []


def test_a_return_tells_the_department_why_and_the_mended_item_comes_back_to_the_queue(bench: Bench) -> None:
    row = to_students(review=None, approved_on=None, title="甲")
    bench.publish(row)
    say(bench, Conclusion(word=RETURNED, reviewer="李主任", basis="请补充监督电话"))
    assert sent(bench) == 0 and review.queue(bench.office) == []
    assert any("请补充监督电话" in text and row.department in text for text in bench.alarms())
    bench.publish(replace(row, summary="监督电话已补充"))
    assert [each.title for each, _, _ in review.queue(bench.office)] == ["甲"]


@pytest.mark.parametrize(
    ("said", "column"),
    [
        (replace(YES, word="行"), "审查结论"),
        (replace(YES, reviewer=""), "审查人"),
        (Conclusion(word=RETURNED, reviewer="李主任"), "审查依据"),
    ],
)
def test_a_conclusion_that_lacks_something_is_refused_and_nothing_is_kept(
    bench: Bench, said: Conclusion, column: str
) -> None:
    unreviewed(bench)
    with pytest.raises(Refused) as refused:
        say(bench, said)
    assert refused.value.column == column
    assert bench.rows(t.reviews) == bench.rows(t.acts) == []


def test_what_was_edited_after_the_reviewer_saw_it_is_not_approved_by_her_word(bench: Bench) -> None:
    row = to_students(review=None, approved_on=None)
    bench.publish(row)
    seen = mark(bench)
    bench.publish(replace(row, summary="改过的内容"))
    with pytest.raises(Refused, match="又有变化"):
        say(bench, seen=seen)
    assert sent(bench) == 0


def test_where_the_school_asks_for_three_reviews_only_the_third_of_three_people_lets_it_go(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, reviews=3)
    unreviewed(bench)
    assert "等待复审" in say(bench)
    with pytest.raises(Refused, match="须由另一人"):
        say(bench)
    assert "等待终审" in say(bench, replace(YES, reviewer="王科长"))
    assert sent(bench) == 0
    assert say(bench, replace(YES, reviewer="陈院长")) == "条目 1 可以公开"
    assert sent(bench) == 1
    assert [row.conclusion for row in bench.rows(t.reviews)] == ["初审通过", "复审通过", MAY_OPEN]


def test_an_item_changed_after_its_review_goes_back_and_one_whose_text_stands_does_not(bench: Bench) -> None:
    row = to_students(title="甲", review=Review("李主任", MAY_OPEN, bench.clock.now.date()))
    bench.office.school = replace(bench.office.school, confirm=True)
    bench.publish(row)
    bench.publish(replace(row, department="教务处"))
    assert review.queue(bench.office) == []
    bench.publish(replace(row, summary="另一个内容", department="教务处"))
    assert [each.title for each, _, _ in review.queue(bench.office)] == ["甲"]


def test_an_approval_from_the_queue_stays_good_while_the_text_stands(bench: Bench) -> None:
    row = to_students(review=None, approved_on=None)
    bench.publish(row)
    say(bench)
    bench.publish(replace(row, department="教务处"))
    assert review.queue(bench.office) == []
    bench.publish(replace(row, department="教务处", title="改后"))
    assert len(review.queue(bench.office)) == 1


def test_it_stays_good_through_any_number_of_such_edits_with_who_wrote_it_down_and_what_was_seen(bench: Bench) -> None:
    row = to_students(review=None, approved_on=None)
    bench.publish(row)
    say(bench)
    for department in ("教务处", "学生处", "财务处"):
        bench.publish(replace(row, department=department))
    assert review.queue(bench.office) == []
    seen = bench.rows(t.versions)[0].digest
    assert [(row.recorded_by, row.digest) for row in bench.rows(t.reviews)] == [("clerk", seen)] * 4


def test_three_reviews_are_by_three_people_whatever_is_edited_between_them(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, reviews=3)
    row = to_students(review=None, approved_on=None)
    bench.publish(row)
    say(bench)
    say(bench, replace(YES, reviewer="王科长"))
    bench.publish(replace(row, department="教务处"))
    with pytest.raises(Refused, match="须由另一人"):
        say(bench)
    assert say(bench, replace(YES, reviewer="陈院长")) == "条目 1 可以公开"


def test_a_changed_link_goes_back_to_review(bench: Bench) -> None:
    row = to_students(review=None, approved_on=None, url="http://www.example.edu.cn/a.htm")
    bench.publish(row)
    say(bench)
    bench.publish(replace(row, url="https://www.example.edu.cn/a.htm"))
    assert review.queue(bench.office) == []
    bench.publish(replace(row, url="http://www.example.edu.cn/b.htm"))
    assert len(review.queue(bench.office)) == 1


def test_another_address_of_the_same_article_leaves_its_review_good(bench: Bench) -> None:
    site = "http://www.example.edu.cn"
    script = f"{site}/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1116&wbnewsid=5946"
    row = to_students(review=None, approved_on=None, url=script)
    bench.publish(row)
    say(bench)
    bench.publish(replace(row, url=f"{site}/info/1116/5946.htm"))
    assert review.queue(bench.office) == []
    bench.publish(replace(row, url=f"{site}/info/1116/5947.htm"))
    assert len(review.queue(bench.office)) == 1


def test_a_returned_item_goes_back_to_the_queue_whatever_of_it_was_mended(bench: Bench) -> None:
    row = to_students(review=None, approved_on=None)
    bench.publish(row)
    say(bench, Conclusion(word=RETURNED, reviewer="李主任", basis="责任部门写错了"))
    bench.publish(replace(row, department="教务处"))
    assert len(review.queue(bench.office)) == 1


SECRET = {"summary": "身份证号 110101199003070011"}


def test_what_the_guard_finds_holds_the_item_until_a_person_releases_it_with_a_reason(bench: Bench) -> None:
    bench.publish(to_students(**SECRET))
    assert sent(bench) == 0
    [held] = [text for text in bench.alarms() if "保密检查" in text]
    assert "199003070011" not in held and "guard" in held
    assert review.release(bench.office, 1, "clerk", "为考生本人号码，已获单独同意") == 1
    assert sent(bench) == 1
    act = bench.rows(t.acts)[-1]
    assert (act.act, act.person) == ("放行", "clerk") and "单独同意" in act.reason and "199003070011" not in act.reason
    assert review.release(bench.office, 1, "clerk", "再来一次") == 0


def test_one_release_at_the_review_covers_what_the_guard_has_found(bench: Bench) -> None:
    unreviewed(bench, **SECRET)
    bench.tick()
    assert "仍暂停推送" in say(bench)
    assert sent(bench) == 0
    assert review.release(bench.office, 1, "clerk", "核对无误") == 1
    assert sent(bench) == 1


def test_a_release_written_before_the_guard_found_more_releases_nothing(bench: Bench) -> None:
    bench.publish(to_students(review=None, approved_on=None, **SECRET))
    told = review.conclude(bench.office, 1, mark(bench), replace(YES, release="已脱敏", guard="未发现问题"), "clerk")
    assert "放行没有登记" in told and sent(bench) == 0


def test_a_release_is_of_one_version_and_the_next_is_looked_at_anew(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, confirm=True)
    row = to_students(**SECRET)
    bench.publish(row)
    review.release(bench.office, 1, "clerk", "核对无误")
    bench.publish(replace(row, title="改后"))
    assert [row.guard != "" for row in bench.rows(t.versions)] == [False, True]


def test_one_title_from_two_sources_is_held_until_a_person_says_that_it_is_two_items(bench: Bench) -> None:
    bench.publish(to_students(title="关于评选优秀学生的公示", number="", doc_no=""))
    assert sent(bench) == 1
    again = to_students(title="关于评选优秀学生的公示", number="", own_key="site/9", source=OTHER.name)
    bench.watch(sheet(again, file="page", whole=frozenset()), OTHER)
    assert sent(bench) == 1
    assert any("可能重复" in text and "条目 1 相同" in text and "cancel 2" in text for text in bench.alarms())
    assert review.release(bench.office, 2, "王老师", "两个学院各有一份") == 1
    assert sent(bench) == 2


@pytest.mark.parametrize("title", ["关于评选(优秀)学生的公示", " 关于评选（优秀）学生的公示", "关于评选 （优秀） 学生的公示"])
def test_one_title_in_another_spelling_is_the_same(bench: Bench, title: str) -> None:
    bench.publish(to_students(title="关于评选（优秀）学生的公示", number=""))
    bench.watch(sheet(to_students(title=title, number="", own_key="site/9", source=OTHER.name), file="page", whole=frozenset()), OTHER)
    assert sent(bench) == 1


def test_a_title_that_is_mended_into_another_sources_is_held_too(bench: Bench) -> None:
    row = to_students(title="关于评选学生的公示（稿）", number="XX-7", review=None, approved_on=None)
    bench.publish(row)
    bench.watch(sheet(to_students(title="关于评选学生的公示", number="", own_key="s", source=OTHER.name), file="page", whole=frozenset()), OTHER)
    assert sent(bench) == 1
    bench.publish(replace(row, title="关于评选学生的公示"))
    say(bench)
    bench.tick()
    assert bench.vendor.titles(GROUPS) == [("关于评选学生的公示",)]


def test_one_title_twice_in_one_source_is_two_items(bench: Bench) -> None:
    for key in ("site/1", "site/2"):
        row = to_students(title="预备党员转正公示", number="", own_key=key, source=OTHER.name)
        bench.watch(sheet(row, file=key, whole=frozenset()), OTHER)
    bench.tick()
    assert bench.vendor.titles(GROUPS) == [("预备党员转正公示", "预备党员转正公示")]


def test_an_attachment_that_cannot_be_had_holds_the_item_and_is_asked_for_again(bench: Bench) -> None:
    bench.publish(to_students(attachments=(Attachment("名单.xlsx", "名单.xlsx"),)))
    assert sent(bench) == 0
    assert any("附件没有读到" in text for text in bench.alarms())
    [before] = bench.rows(t.scans)
    bench.clock.forward(minutes=31)
    bench.route()
    assert bench.rows(t.scans)[0].scanned_at > before.scanned_at


def test_what_was_approved_before_the_first_watch_is_neither_looked_through_nor_queued(bench: Bench) -> None:
    bench.publish(to_students(approved_on=bench.clock.now.date().replace(year=2019), **SECRET))
    assert bench.rows(t.scans) == []
    assert sent(bench) == 0


def test_a_number_in_a_title_is_masked_in_what_the_people_on_duty_hear(bench: Bench) -> None:
    bench.publish(to_students(title="关于110101199003070118的处理决定"))
    [text] = [text for text in bench.alarms() if "保密检查" in text]
    assert "199003070118" not in text


@pytest.mark.parametrize(("word", "kept"), [("同意", MAY_OPEN), ("通过", MAY_OPEN), ("不同意", "不予公开"), ("退回", RETURNED)])
def test_the_words_that_a_register_may_use_are_understood_in_the_queue_too(bench: Bench, word: str, kept: str) -> None:
    unreviewed(bench)
    say(bench, replace(YES, word=word))
    assert [row.conclusion for row in bench.rows(t.reviews)] == [kept]


def test_a_text_that_is_only_a_picture_is_held(bench: Bench) -> None:
    bench.publish(to_students(body="<p><img src='/upload/list.jpg'></p>"))
    assert sent(bench) == 0
    assert any("正文只有图片" in text for text in bench.alarms())


def test_a_text_with_a_picture_is_a_text(bench: Bench) -> None:
    bench.publish(to_students(body="<p>请各班按时参加本周的消防演练。</p><p><img src='/upload/map.jpg'></p>"))
    assert sent(bench) == 1


def test_a_return_is_told_to_the_department(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, departments={to_students().department: "G1"})
    unreviewed(bench)
    say(bench, Conclusion(word=RETURNED, reviewer="李主任", basis="请补充监督电话"))
    assert [row.subject for row in bench.rows(t.alarms) if "退回" in row.subject] == ["部门:G1:退回:1"]
