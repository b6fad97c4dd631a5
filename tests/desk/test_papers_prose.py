"""What the report says: a sentence stands only where it is true, and what nobody counted is left to be written."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from desk.papers.blocks import clean, fig, pieces, plain
from desk.papers.prose import document
from desk.papers.ways import ways
from jobs.tallies import Channel, Reach
from rules.origin import BOOKED
from rules.place import BY_HAND, WEBSITE
from rules.registers import Applications, Registers
from rules.states import Basis, Status
from store.db import Db
from tests import factory as f
from tests.desk.papers import facts_of, some_year

NOON = f.moment("2020-10-01")
PARTS = (
    "一、概述", "二、主动公开情况", "三、依申请公开和不予公开情况", "四、对信息公开的评议情况",
    "五、因学校信息公开工作受到举报、复议、诉讼的情况", "六、信息公开工作的主要经验、问题和改进措施", "七、其他需要报告的事项",
    "八、清单事项公开情况表",
)  # fmt: skip


def said(db: Db, registers: Registers | None = None, kind: str = "p") -> str:
    return "\n".join(plain(each.text) for each in document(facts_of(db, registers)) if each.kind == kind)


def test_the_eight_parts_of_the_ministry_stand_in_its_order(sqlite_db: Db) -> None:
    assert tuple(each.text for each in document(facts_of(sqlite_db)) if each.kind == "h1") == PARTS


def test_a_year_of_nothing_claims_nothing(sqlite_db: Db) -> None:
    text = said(sqlite_db)
    assert "本学年主动公开信息0条" in text  # counted, not unknown
    for claim in ("最主要", "推送失败", "逾期公开", "先审查", "0件", "通过", "按目标受众"):
        assert claim not in text, claim


def test_the_most_used_way_is_called_so_only_if_it_is(sqlite_db: Db) -> None:
    with sqlite_db.write() as conn:
        f.publish(conn, "A01", NOON)
        f.publish(conn, "Q01", NOON)
    assert "最主要" not in said(sqlite_db)
    with sqlite_db.write() as conn:
        f.publish(conn, "A01", NOON)
    assert "官方微信公众平台是最主要的途径，经其公开2条，多于其他各途径。" in said(sqlite_db)


def test_what_was_booked_by_hand_can_outweigh_what_was_pushed(sqlite_db: Db) -> None:
    with sqlite_db.write() as conn:
        f.publish(conn, "A01", NOON)
        for _ in range(2):
            f.book(conn, f.add_item(conn, NOON), "Q01", NOON)
    assert "学生工作QQ群是最主要的途径" in said(sqlite_db)


def test_a_way_of_two_lines_is_not_beaten_by_either_of_them(sqlite_db: Db) -> None:
    """A01 has 3; Q01 has 2 pushed and 2 booked: nobody can say from the lines which is more."""
    with sqlite_db.write() as conn:
        for _ in range(3):
            f.publish(conn, "A01", NOON)
        for _ in range(2):
            f.publish(conn, "Q01", NOON)
            f.book(conn, f.add_item(conn, NOON), "Q01", NOON)
    assert "最主要" not in said(sqlite_db)


def test_a_way_that_failed_altogether_published_nothing(sqlite_db: Db) -> None:
    with sqlite_db.write() as conn:
        item = f.add_item(conn, NOON)
        f.send(conn, "Q01", [f.place(conn, item, "Q01", NOON)], NOON, Status.FAILED)
    text = said(sqlite_db)
    assert "通过学生工作QQ群公开0条，应推送1条次（失败1条次）" in text and "1.推送失败的1条次。" in text


def test_registers_that_nobody_opened_are_left_to_be_written(sqlite_db: Db) -> None:
    slots, text = said(sqlite_db, kind="slot"), said(sqlite_db)
    for word in ("受理申请的数量", "不予公开的数量", "评议的方式", "举报、行政复议、行政诉讼的件数", "宣传教育和培训"):
        assert word in slots
    assert "0件" not in text and "0次" not in text and "None" not in text + slots


def test_a_register_that_is_open_and_empty_says_nought(sqlite_db: Db) -> None:
    registers = Registers(complaints=0, reviews=0, lawsuits=0, closed={}, opinions=0, trainings=(0, 0), rules_made=0)
    text = said(sqlite_db, registers)
    assert "受到举报0件、行政复议0件、行政诉讼0件。" in text and "意见建议0条" in text
    assert "登记不予公开0条。" in text and "培训0次，参加0人次" in text
    assert "件数" not in said(sqlite_db, registers, "slot")


def test_one_open_register_says_nothing_of_the_others(sqlite_db: Db) -> None:
    registers = Registers(complaints=2)
    assert "受到举报2件。" in said(sqlite_db, registers)
    assert "行政复议、行政诉讼的件数" in said(sqlite_db, registers, "slot")


def test_what_was_consulted_graded_and_handed_out_is_told_where_it_was_registered(sqlite_db: Db) -> None:
    by_hand = {"会议": {"场": 3}, "文件": {"份": 120}}
    text = said(sqlite_db, Registers(opinions=5, score=4.25, consultations=(2, 9, 3), by_hand=by_hand))
    assert "意见建议5条；评分平均4.2分（5分制）；公开征求意见2次，收到意见9条，采纳3条。" in text
    assert "人工办理并登记了数量的：会议3场、文件120份。" in text
    assert "公开征求意见0次。" in said(sqlite_db, Registers(consultations=(0, 0, 0)))
    nothing = said(sqlite_db, Registers())
    assert "征求意见" not in nothing and "人工办理" not in nothing and "评分" not in nothing


WHOLE = Applications(
    carried_in=1, received=4, answered=3, carried_out=2, late=0, late_open=0, by_answer={"同意公开": 2, "不予公开": 1}, fees=12.5, waived=0
)  # fmt: skip


def test_the_applications_are_told_by_kind_of_answer(sqlite_db: Db) -> None:
    text = said(sqlite_db, Registers(applications=WHOLE))
    assert "上期结转1件，本学年新收4件；办结3件，结转下期2件，逾期0件。" in text
    late = said(sqlite_db, Registers(applications=replace(WHOLE, late=3, late_open=2)))
    assert "逾期3件（其中尚未答复2件）。" in late
    assert "同意公开2件、不予公开1件" in text and "收取费用12.50元，减免0元" in text


def test_applications_that_do_not_add_up_stamp_the_report(sqlite_db: Db) -> None:
    odd = Registers(applications=replace(WHOLE, answered=4))
    blocks = document(facts_of(sqlite_db, odd))
    assert blocks[0].kind == "note" and "未核对" in blocks[0].text


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_applications_hold_exactly_when_both_sums_do(carried: int, new: int, done: int, left: int) -> None:
    made = replace(
        WHOLE, carried_in=carried, received=new, answered=done, carried_out=left, by_answer={"同意公开": done}
    )
    assert made.holds is (carried + new == done + left)
    assert not replace(made, by_answer={"同意公开": done + 1}).holds


def test_an_item_without_a_review_is_not_claimed_to_be_reviewed(sqlite_db: Db) -> None:
    with sqlite_db.write() as conn:
        f.publish(conn, "A01", NOON)
        f.book(conn, f.add_item(conn, NOON, review=None), "Q01", NOON)
    assert "1条已公开条目没有留下审查记录" in "".join(
        plain(each.text) for each in document(facts_of(sqlite_db)) if each.kind == "slot"
    )


def test_a_standing_review_is_never_printed_as_one_by_one(sqlite_db: Db) -> None:
    from rules.item import Review

    standing = Review("宣传部", "可以公开", NOON.date(), kind="栏目审核")
    with sqlite_db.write() as conn:
        f.publish(conn, "A01", NOON, review=standing)
    text = said(sqlite_db)
    assert "栏目审核1条" in text and "逐项审查" not in text


def test_what_was_learnt_after_the_cut_off_is_in_no_paper(sqlite_db: Db) -> None:
    some_year(sqlite_db)
    before = document(facts_of(sqlite_db))
    with sqlite_db.write() as conn:
        f.measure(conn, "Q01", "应达", 999, f.moment("2021-11-05"))
        f.publish(conn, "A01", f.moment("2021-11-05"))
    assert document(facts_of(sqlite_db)) == before


def test_a_link_stands_beside_the_list_s_item_and_an_item_that_does_not_apply_says_so(sqlite_db: Db) -> None:
    some_year(sqlite_db)
    table = next(each for each in document(facts_of(sqlite_db)) if each.rows and each.rows[0][0] == "序号")
    rows = {row[0]: [plain(cell) for cell in row] for row in table.rows[1:]}
    assert rows["21"][3:] == ["公开1条", "https://www.example.edu.cn/21.htm"]
    assert rows["11"][3:] == ["不适用", "—"] and rows["1"][4] == "—"


@given(st.text(), st.integers(0, 10**9))
def test_a_text_with_a_figure_reads_as_the_text_and_the_figure(text: str, n: int) -> None:
    whole = f"{clean(text)}共{fig('items.disclosed', n)}条"
    assert plain(whole) == f"{clean(text)}共{n}条" == "".join(each.text for each in pieces(whole))
    assert [each.text for each in pieces(whole) if each.figure] == [str(n)]


def test_what_nobody_knows_is_a_dash() -> None:
    assert fig("channels.0.reach.0.value", None) == "—"


def test_a_channels_reach_stands_once_beside_its_own_line_not_again_beside_what_was_booked(sqlite_db: Db) -> None:
    noon = f.moment("2020-10-01")
    with sqlite_db.write() as conn:
        f.publish(conn, "Q01", noon)
        f.book(conn, f.add_item(conn, noon), "Q01", noon)
        f.measure(conn, "Q01", "应达", 180, noon)
    said = [plain(block.text) for block in document(facts_of(sqlite_db))]
    [own] = [text for text in said if text.startswith("通过") and "人工补录" not in text]
    [booked] = [text for text in said if text.startswith("通过") and "人工补录" in text]
    assert "180" in own and "180" not in booked


def test_what_has_a_figure_is_said_of_how_many_pushes_and_of_which(sqlite_db: Db) -> None:
    with sqlite_db.write() as conn:
        f.publish(conn, "Q01", NOON)
    report = facts_of(sqlite_db).report
    own = next(each for each in report.channels if each.pushes)
    read = Reach(metric="阅读", of_pushes=True, value=9, basis="平台统计", known=1, asked=2)
    sent = replace(read, metric="送达", value=99)
    people = replace(read, of_pushes=False, metric="应达", value=180)
    own = replace(own, reach=(replace(sent, metric="提交"), sent, read, people))
    booked = replace(own, origin=BOOKED)

    def told(*channels: Channel) -> str:
        return plain("\n".join(ways(replace(report, channels=channels))))

    assert "提交合计、送达合计均为99人次（平台统计，2次推送中1次有数），阅读合计9人次（" in told(own)
    by_person = replace(sent, basis=Basis.PERSON, known=2)
    few = replace(own, reach=(by_person,), reached=240)
    assert "送达合计99人次（逐人回执，已送到的240人次中有回执的）" in told(few)
    assert "送达合计99人次（逐人回执）" in told(replace(few, reached=99))
    assert "2次推送中1次有数" in told(own) and "2个目标中1个有数" in told(own)
    assert "连同人工补录的2次推送中1次有数" in told(own, booked) and "的2个目标" not in told(own, booked)
    assert "2次登载中1次有数" in told(replace(own, name=WEBSITE)) and "2次办理中" in told(replace(own, name=BY_HAND))
