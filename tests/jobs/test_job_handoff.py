"""What a person posts, reads out or hands out: handed over, done, dropped, late; on all three databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from channels.manual import Manual
from jobs.handoff import PROOFS, Refused, chase, drop, finish, list_open
from jobs.recall import recall, take_down
from jobs.report import report
from rules.dates import SchoolYear
from rules.place import BY_HAND
from store import tables as t
from tests.factory import moment
from tests.jobs.bench import Bench, entry, failed_pushes
from tests.jobs.by_hand import BOARD, deed, hand_over, with_places

INNER = {"audience": ("校内",), "title": "关于校内停电的通知"}


@pytest.fixture
def places(bench3: Bench) -> Bench:
    return with_places(bench3)


@pytest.fixture
def board(bench3: Bench) -> Bench:
    """Only the board."""
    bench = with_places(bench3)
    bench.target("M1", channel=None)
    return bench


def test_a_place_is_handed_over_and_nothing_is_sent(board: Bench) -> None:
    [found] = hand_over(board, entry(**INNER))
    assert (found.person, found.deadline, found.overdue) == ("李四", date(2020, 9, 13), False)
    assert "关于校内停电的通知" in found.what.text and found.what.reason == "已交李四办理"
    assert board.statuses(BY_HAND) == ["handed"] and board.vendor.calls == []
    assert board.placed("B1")[0].taken_at is None


def test_a_board_takes_nothing_that_is_not_for_the_whole_school(places: Bench) -> None:
    hand_over(places, entry(audience=("教职工",), title="教职工事项"))
    assert places.placed("B1") == [] and len(places.placed("M1")) == 1
    places.target("B1", audience="教职工")  # whoever the register says it is for: a board is seen by all
    hand_over(places, entry(audience=("教职工",), title="又一件"))
    assert places.placed("B1") == []
    reasons = [row.reason for row in places.rows(t.decisions, target="B1", granted=False)]
    assert any("该渠道校内均可阅读，超出范围" in reason for reason in reasons)


def test_a_board_needs_a_route_like_a_group(board: Bench) -> None:
    board.office.school = replace(board.office.school, routes=())
    assert hand_over(board, entry(**INNER)) == []


def test_several_items_are_several_hand_offs(board: Bench) -> None:
    assert len(hand_over(board, *(entry(**{**INNER, "title": f"第{n}件"}) for n in range(3)))) == 3


def test_done_is_written_down_with_who_when_where_how_many_and_the_proof(board: Bench, tmp_path: Path) -> None:
    [found] = hand_over(board, entry(**INNER))
    photo = tmp_path / "照片.JPG"
    photo.write_bytes(b"a picture")
    board.clock.forward(days=2)
    said = deed(amount=2, unit="处", proof=photo, note="雨天改贴室内")
    finish(board.office, found.what.push_id, said, tmp_path / "var", "clerk")
    [row] = board.rows(t.handoffs)
    assert (row.done_by, row.place, row.amount, row.unit, row.note) == ("李四", "一号楼大厅", 2, "处", "雨天改贴室内")
    assert (row.done_at, row.recorded_by, row.proof) == (moment("2020-09-11", "10:00"), "clerk", "照片.JPG")
    assert (tmp_path / "var" / PROOFS / f"{row.proof_sha256}.jpg").read_bytes() == b"a picture"
    [delivery] = board.rows(t.deliveries, channel=BY_HAND)
    assert (delivery.status, delivery.basis) == ("delivered", "人工登记")
    assert [o.said_by for o in board.rows(t.outcomes)] == ["发送", "李四"]
    assert list_open(board.office) == []


def test_it_was_out_when_the_person_did_it_not_when_it_was_written_down(board: Bench, tmp_path: Path) -> None:
    [found] = hand_over(board, entry(**INNER))
    board.clock.forward(days=5)
    finish(board.office, found.what.push_id, deed(), tmp_path, "clerk")
    assert board.placed("B1")[0].taken_at == moment("2020-09-11", "10:00")
    assert board.rows(t.items)[0].disclosed_on == date(2020, 9, 11)


def test_what_is_done_already_is_not_done_again(board: Bench, tmp_path: Path) -> None:
    [found] = hand_over(board, entry(**INNER))
    board.clock.forward(days=1, hours=3)
    finish(board.office, found.what.push_id, deed(), tmp_path, "clerk")
    with pytest.raises(Refused, match="已经登记过，没有改动"):
        finish(board.office, found.what.push_id, deed(by="别人"), tmp_path, "clerk")
    assert [row.done_by for row in board.rows(t.handoffs)] == ["李四"]


@pytest.mark.parametrize(
    ("over", "words", "column"),
    [
        ({"by": " "}, "由谁办理", "办理人"),
        ({"at": moment("2020-09-09")}, "早于交办之日", "办理时间"),
        ({"at": moment("2020-09-30")}, "还没有到", "办理时间"),
        ({"amount": 3}, "应为份、场、人次、处之一", "单位"),
        ({"amount": 3, "unit": "张"}, "应为份、场、人次、处之一", "单位"),
        ({"amount": 0, "unit": "份"}, "大于 0", "数量"),
        ({"unit": "份"}, "没有填写数量", "数量"),
    ],
)
def test_a_deed_that_cannot_be_is_refused_and_changes_nothing(
    bench: Bench, tmp_path: Path, over: dict[str, object], words: str, column: str
) -> None:
    [found, _meeting] = hand_over(with_places(bench), entry(**INNER, url="http://127.0.0.1/1"))
    bench.clock.forward(days=2)
    with pytest.raises(Refused, match=words) as error:
        finish(bench.office, found.what.push_id, replace(deed(), **over), tmp_path, "clerk")  # type: ignore[arg-type]
    assert error.value.column == column
    assert len(list_open(bench.office)) == 2 and bench.rows(t.handoffs) == []


def test_dropped_is_failed_with_its_reason_and_can_be_handed_over_again(board: Bench) -> None:
    [found] = hand_over(board, entry(**INNER))
    with pytest.raises(Refused, match="原因"):
        drop(board.office, found.what.push_id, "李四", " ")
    drop(board.office, found.what.push_id, "李四", "公告栏已拆除")
    [delivery] = board.rows(t.deliveries, channel=BY_HAND)
    assert (delivery.status, delivery.reason) == ("failed", "李四 决定不再办理：公告栏已拆除")
    assert [a for a in board.rows(t.alarms) if a.cleared_at is None] == []
    assert failed_pushes(board.office) == [found.what.push_id]


def test_what_is_late_is_told_once_a_day_for_each_person_and_no_more_when_done(board: Bench, tmp_path: Path) -> None:
    first, second = hand_over(board, entry(**INNER), entry(**{**INNER, "title": "第二件"}))
    board.clock.forward(days=3)
    assert chase(board.office, board.clock.now) == 0
    board.clock.forward(days=1)
    assert [chase(board.office, board.clock.now) for _ in range(3)] == [1, 0, 0]
    [told] = board.alarms()
    assert "李四 有 2 件交办逾期" in told and "应于 2020-09-13 前办结" in told
    board.clock.forward(days=1)
    assert board.sweep().told == 1 and board.vendor.calls[0].channel == "duty"
    for each in (first, second):
        finish(board.office, each.what.push_id, deed(), tmp_path, "clerk")
    board.clock.forward(days=1)
    assert chase(board.office, board.clock.now) == 0
    assert [a for a in board.rows(t.alarms) if a.cleared_at is None] == []


def test_the_days_are_the_schools_own(bench: Bench) -> None:
    found = hand_over(with_places(bench, days=10), entry(**INNER))
    assert {each.deadline for each in found} == {date(2020, 9, 20)}


def test_unlike_amounts_stand_under_their_own_names_and_the_sums_hold(places: Bench, tmp_path: Path) -> None:
    found = {
        each.what.target: each.what.push_id
        for each in hand_over(places, entry(**INNER), entry(**{**INNER, "title": "二"}))
    }
    assert set(found) == {"B1", "M1"}
    places.clock.forward(days=2)
    spots = [each.what.push_id for each in list_open(places.office) if each.what.target == "B1"]
    for push_id, n in zip(spots, (2, 3), strict=True):
        finish(places.office, push_id, deed(amount=n, unit="处"), tmp_path, "clerk")
    finish(places.office, found["M1"], deed(by="王五", amount=120, unit="人次"), tmp_path, "clerk")
    made = report(places.db, places.office.school, SchoolYear(2020), cut_off=places.clock.now)
    [line] = [each for each in made.channels if each.name == BY_HAND]
    reach = {each.metric: (each.value, each.basis, each.known) for each in line.reach if each.value is not None}
    assert reach == {"处": (5, "人工填报", 2), "人次": (120, "人工填报", 1)}
    assert (line.label, line.due, line.results["成功"], line.results["待定"]) == ("人工渠道", 4, 3, 1)
    assert not any(each.metric == "送达" and each.value for each in line.reach)
    assert made.checked


def test_a_hand_over_that_broke_off_is_taken_up_again(board: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(Manual, "send", broken)
    assert hand_over(board, entry(**INNER)) == []
    assert board.statuses(BY_HAND) == ["uncertain"]
    board.track(BY_HAND)
    assert [each.what.reason for each in list_open(board.office)] == ["已交李四办理"]


def test_a_place_without_a_form_is_taken_for_a_board(bench: Bench) -> None:
    with_places(bench).target("M1", address="教职工大会", audience="教职工")
    hand_over(bench, entry(audience=("教职工",)))
    assert bench.placed("M1") == [] and bench.office.exposure(replace(BOARD, address="微信群:班主任")) is None


def test_a_notice_that_hangs_on_a_board_is_taken_down_by_a_person_when_its_term_is_over(places: Bench) -> None:
    """What was read out at a meeting is over by itself; the board's sheet is not."""
    notice = entry(**INNER, notice_from=date(2020, 9, 10), notice_to=date(2020, 9, 17))
    found = hand_over(places, notice)
    places.clock.now = moment("2020-09-11", "12:00")
    for each in found:
        finish(places.office, each.what.push_id, deed(), Path("unused"), "clerk")
    places.clock.now = moment("2020-09-18", "09:00")
    assert [take_down(places.office, BY_HAND) for _ in range(2)] == [1, 0]
    assert recall(places.office, BY_HAND).by_hand == 1
    [order] = places.rows(t.recalls)
    assert (order.kind, order.status) == ("撤下", "handed")
    [board] = [text for text in places.alarms() if "公示期满，须由人撤下" in text]
    assert "一号楼公告栏" in board
