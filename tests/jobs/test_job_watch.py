"""Watch: an item is one item, however often and from wherever it is read; its versions, its holds, its problems."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from bot import bot
from jobs import orders
from rules import advice
from rules.identity import keys_of
from rules.item import CLOSED, Place, Problem, Review
from rules.outcome import Outcome
from sources.base import Fetched, Health
from store import facts, items
from store import tables as t
from tests.jobs.bench import COLUMN, DAY, FILE, OTHER, Bench, Shelf, entry, sheet, to_students, watch


def test_a_replayed_source_brings_nothing_new(bench3: Bench) -> None:
    row = to_students()
    for _ in range(3):
        bench3.watch(sheet(row))
        bench3.tick()
    assert len(bench3.rows(t.items)) == len(bench3.rows(t.versions)) == len(bench3.vendor.calls) == 1


def test_an_edited_title_is_a_new_version_and_no_second_push(bench3: Bench) -> None:
    row = to_students()
    bench3.watch(sheet(row))
    bench3.tick()
    done = bench3.watch(sheet(replace(row, title="改后的标题")))
    bench3.tick()
    assert (done.new, done.changed) == (0, 1)
    assert [v.number for v in bench3.rows(t.versions)] == [1, 2]
    assert len(bench3.vendor.calls) == 1
    [item] = bench3.rows(t.items)
    assert item.title == "改后的标题"
    assert item.changed_at is not None
    assert len(bench3.rows(t.placements)) == 1


def test_a_new_version_replaces_what_has_not_left(bench3: Bench) -> None:
    row = to_students(title="旧")
    bench3.publish(row)
    bench3.enter(replace(row, title="新"))
    bench3.tick()
    assert bench3.vendor.titles() == [("新",)]
    assert bench3.statuses() == ["cancelled", "delivered"]
    assert bench3.rows(t.items)[0].changed_at is None


def test_one_document_from_two_sources_is_one_item(bench3: Bench) -> None:
    by_doc = to_students(doc_no="某政〔2020〕1号")
    by_url = to_students(url="https://www.example.edu.cn/1.htm", number="")
    bench3.enter(by_doc, by_url)
    place = Place("https://www.example.edu.cn/1.htm")
    done = bench3.watch(
        Fetched(
            entries=(
                to_students(source=OTHER.name, place=place, number="", own_key="1", doc_no="某政〔2020〕1号"),
                to_students(
                    source=OTHER.name, place=place, number="", own_key="2", url="https://www.example.edu.cn/1.htm"
                ),
            )
        ),
        OTHER,
    )
    bench3.tick()
    assert (done.new, done.changed, done.known) == (0, 0, 2)
    assert len(bench3.rows(t.items)) == 2
    assert sorted(len(titles) for titles in bench3.vendor.titles()) == [2]


def test_a_row_that_points_at_two_items_is_held_and_told(bench: Bench) -> None:
    page = "https://www.example.edu.cn/{}.htm"
    one, other = (to_students(number="", doc_no=f"某政〔2020〕{n}号", url=page.format(n)) for n in (1, 2))
    bench.enter(one, other)
    done = bench.enter(replace(one, doc_no="某政〔2020〕2号", title="两者混在一起"))
    bench.tick()
    assert done.problems == 1
    assert len(bench.rows(t.versions)) == 2
    assert bench.vendor.calls == []
    assert all("指向不同的已登记条目" in row.hold for row in bench.rows(t.items))


def test_what_was_approved_before_the_first_watch_is_counted_and_not_pushed(bench: Bench) -> None:
    old, fresh = to_students(approved_on=date(2020, 9, 9)), to_students(approved_on=DAY)
    bench.enter(old, fresh)
    bench.tick()
    assert [row.baseline for row in bench.rows(t.items)] == [True, False]
    assert bench.vendor.titles() == [(fresh.title,)]


def test_the_baseline_is_the_day_of_the_first_look_even_if_it_failed(bench: Bench) -> None:
    column = replace(COLUMN, name="新栏目")
    watch(bench.office, column, Shelf(Fetched(health=Health.BAD, note="打不开")), bench.clock.now)
    bench.clock.forward(days=3)
    between = to_students(source="新栏目", approved_on=date(2020, 9, 11))
    watch(bench.office, column, Shelf(sheet(between)), bench.clock.now)
    assert [row.baseline for row in bench.rows(t.items)] == [False]


def test_a_failed_look_changes_nothing_but_its_health(bench: Bench) -> None:
    row = to_students()
    bench.watch(sheet(row, cursor={"files": "kept"}))
    bench.watch(Fetched(health=Health.BAD, note="网络盘断开", whole=frozenset({FILE})))
    [state] = bench.rows(t.watches, name=COLUMN.name)
    assert (state.health, state.note) == ("bad", "网络盘断开")
    assert state.cursor == {"files": "kept"}
    assert bench.rows(t.items)[0].hold == ""
    assert bench.subjects() == ["监看"]
    bench.watch(sheet(row))
    assert [row.cleared_at is None for row in bench.rows(t.alarms)] == [False]


def test_the_next_look_starts_where_the_last_one_ended(bench: Bench) -> None:
    shelf = Shelf(sheet(cursor={"n": 1}), sheet(cursor={"n": 2}))
    for _ in range(2):
        watch(bench.office, COLUMN, shelf, bench.clock.now)
    assert shelf.cursors == [{"first": True}, {"n": 1}]


# -- problems


def test_problems_are_kept_for_each_file_and_cleared_when_it_is_mended(bench3: Bench) -> None:
    wrong = to_students(title="", place=Place("甲.xlsx", "2020", 3))
    also = to_students(category="没有的", place=Place("乙.xlsx", "2020", 4))
    done = bench3.watch(Fetched(entries=(wrong, also), whole=frozenset({"甲.xlsx", "乙.xlsx"})))
    assert done.problems == 2
    mended = replace(wrong, title="补上了")
    bench3.watch(Fetched(entries=(mended,), whole=frozenset({"甲.xlsx"})))
    assert [(p.file, p.row, p.column) for p in bench3.rows(t.problems)] == [("乙.xlsx", 4, "大类")]
    assert [row.title for row in bench3.rows(t.items)] == ["补上了"]


def test_a_row_that_has_become_wrong_holds_what_is_queued_until_it_is_mended(bench: Bench) -> None:
    row = to_students()
    bench.publish(row)
    bench.enter(replace(row, category="没有的"))
    bench.tick()
    assert bench.vendor.calls == []
    assert "登记内容有问题" in bench.waiting()[0].reason
    bench.enter(row)
    bench.tick()
    assert bench.vendor.titles() == [(row.title,)]


def test_a_wrong_row_elsewhere_does_not_hold_what_another_source_owns(bench: Bench) -> None:
    """Its mending would be read from the other source, which does not own the item: the hold would never end."""
    own = to_students(doc_no="某政〔2020〕1号")
    bench.enter(own)
    copy = to_students(source=OTHER.name, number="", doc_no="某政〔2020〕1号", place=Place("网页"), category="没有的")
    bench.watch(Fetched(entries=(copy,)), OTHER)
    bench.watch(Fetched(entries=(replace(copy, category=own.category),)), OTHER)
    bench.tick()
    assert bench.vendor.titles() == [(own.title,)]


def test_what_no_item_could_be_made_of_is_kept_as_a_problem(bench: Bench) -> None:
    trouble = Problem(Place("坏.xlsx"), "", "打不开", "请另存为 .xlsx")
    bench.watch(Fetched(problems=(trouble,), health=Health.PARTIAL))
    with bench.db.read() as conn:
        assert facts.list_problems(conn, COLUMN.name) == [trouble]


def test_a_cell_too_long_for_the_store_stops_only_its_own_row(bench3: Bench) -> None:
    good = to_students()
    bench3.enter(to_students(department="处" * 300), to_students(url="https://a.cn/" + "长" * 1200), good)
    assert [row.title for row in bench3.rows(t.items)] == [good.title]


def test_rows_are_not_blamed_for_a_column_that_their_sheet_has_not_and_yet_none_gets_through(bench: Bench) -> None:
    """The sheet's one line has told it."""
    told = Problem(Place(FILE, "2020", 1), "", "没有“受众范围”列", "请补上")
    lacking = to_students(audience=(), lacking=("受众范围",))
    done = bench.watch(sheet(lacking, replace(lacking, title="乙", category="没有的"), problems=(told,)))
    bench.tick()
    with bench.db.read() as conn:
        assert [p.column for p in facts.list_problems(conn)] == ["", "大类"]
    assert (done.new, done.problems) == (0, 2)
    assert (bench.rows(t.items), bench.vendor.calls) == ([], [])


def test_what_goes_out_may_have_been_consented_to_in_other_words(bench: Bench) -> None:
    review = Review("办公室主任", "同意公开", DAY)
    doubtful = to_students(review=replace(review, conclusion="同意，但须隐去姓名"))
    sent = to_students(review=review)
    bench.enter(sent, doubtful)
    bench.tick()
    assert bench.vendor.titles() == [(sent.title,)]


# -- 公开日期


def test_a_cleared_disclosure_date_is_cleared_until_something_is_pushed(bench3: Bench) -> None:
    old = to_students(published_on=date(2020, 9, 1), approved_on=date(2020, 8, 31))
    bench3.watch(sheet(old))
    assert [row.disclosed_on for row in bench3.rows(t.items)] == [date(2020, 9, 1)]
    bench3.watch(sheet(replace(old, published_on=None)))
    assert [row.disclosed_on for row in bench3.rows(t.items)] == [None]


def test_a_cleared_disclosure_date_falls_back_on_the_day_of_the_first_push(bench3: Bench) -> None:
    row = to_students(published_on=date(2020, 9, 1))
    bench3.watch(sheet(row))
    bench3.tick()
    bench3.watch(sheet(replace(row, published_on=None)))
    assert [row.disclosed_on for row in bench3.rows(t.items)] == [DAY]


# -- vanished


def test_what_a_person_is_told_to_do_names_only_commands_that_exist() -> None:
    for text in (advice.vanished(7, FILE), advice.changed(7)):
        named = re.findall(r"bot\.py (\w+)", text)
        assert named
        assert set(named) <= set(bot.commands)


def test_a_vanished_item_says_at_once_what_to_do_by_hand(bench: Bench) -> None:
    bench.watch(sheet(to_students()))
    bench.watch(sheet())
    [item] = bench.rows(t.items)
    assert item.hold == advice.vanished(item.id, FILE)
    assert f"bot.py cancel {item.id}" in bench.alarms()[0]


def test_a_file_that_cannot_be_opened_is_listed_at_once_and_alarms_nobody_for_a_day(bench: Bench) -> None:
    trouble = Problem(Place("坏.xlsx"), "", "暂时打不开", "会自动再试")
    look = Fetched(problems=(trouble,), health=Health.PARTIAL, note="坏.xlsx打不开")
    column = replace(COLUMN, name="新文件夹")
    for hours, alarms in ((0, 0), (1, 0), (48, 1)):
        bench.clock.forward(hours=hours)
        watch(bench.office, column, Shelf(look), bench.clock.now)
        with bench.db.read() as conn:
            assert facts.list_problems(conn, "新文件夹") == [trouble]
        assert len(bench.alarms()) == alarms, hours


def test_a_row_gone_from_its_whole_file_holds_what_is_queued_and_tells_a_person(bench3: Bench) -> None:
    gone, stays = to_students(), to_students()
    bench3.watch(sheet(gone, stays))
    bench3.route()
    bench3.plan()
    done = bench3.watch(sheet(stays))
    assert done.missing == 1
    bench3.tick()
    assert bench3.vendor.titles("groups") == [(stays.title,)]
    assert "消失" in bench3.subjects()
    assert "消失" in bench3.waiting()[0].reason


def test_what_has_left_is_never_recalled_because_its_row_is_gone(bench: Bench) -> None:
    bench.watch(sheet(to_students()))
    bench.tick()
    bench.watch(sheet())
    bench.tick()
    assert bench.statuses() == ["delivered"]
    assert len(bench.vendor.keys("groups")) == 1


def test_a_row_that_is_back_goes_on(bench: Bench) -> None:
    row = to_students()
    bench.watch(sheet(row))
    bench.watch(sheet())
    bench.watch(sheet(row))
    bench.tick()
    assert bench.vendor.titles("groups") == [(row.title,)]
    [item] = bench.rows(t.items)
    assert (item.hold, item.missed, item.missing_since) == ("", 0, None)


def test_a_page_must_be_gone_twice(bench: Bench) -> None:
    page = Place("https://www.example.edu.cn/7.htm")
    article = to_students(source=OTHER.name, number="", own_key="7", place=page)
    bench.watch(Fetched(entries=(article,)), OTHER)
    missing = Fetched(gone=frozenset({page.file}))
    assert bench.watch(missing, OTHER).missing == 0
    assert bench.rows(t.items)[0].hold == ""
    assert bench.watch(missing, OTHER).missing == 1
    assert "消失" in bench.rows(t.items)[0].hold


def test_a_look_that_read_nothing_whole_misses_nothing(bench: Bench) -> None:
    bench.watch(sheet(to_students()))
    assert bench.watch(Fetched(health=Health.PARTIAL)).missing == 0
    assert bench.watch(sheet(to_students(), file="别的.xlsx")).missing == 0


def test_a_row_moved_to_another_file_is_not_missing(bench: Bench) -> None:
    row = to_students(place=Place("2020年秋.xlsx", "s", 2))
    bench.watch(sheet(row, file="2020年秋.xlsx"))
    both = frozenset({"2020年秋.xlsx", "2021年春.xlsx"})
    done = bench.watch(Fetched(entries=(replace(row, place=Place("2021年春.xlsx", "s", 9)),), whole=both))
    bench.tick()
    assert done.missing == 0
    assert bench.subjects() == []
    assert bench.vendor.titles("groups") == [(row.title,)]


# -- persons


def test_a_persons_cancel_is_never_undone_by_reading_the_source_again(bench3: Bench) -> None:
    row = to_students()
    bench3.publish(row)
    [item] = bench3.rows(t.items)
    assert orders.cancel(bench3.office, item.id, "王老师", "家长来电").placements == 1
    for again in (row, replace(row, title="改了一个字"), replace(row, category="没有的"), row):
        bench3.watch(sheet(again))
        bench3.tick()
    bench3.watch(sheet())
    bench3.watch(sheet(row))
    bench3.tick()
    assert [c for c in bench3.vendor.calls if c.channel != "duty"] == []
    assert [row.ended for row in bench3.rows(t.placements)] == ["cancelled"]
    assert "王老师" in bench3.rows(t.items)[0].stopped


def test_an_item_that_may_no_longer_be_disclosed_ends_what_waits_for_it(bench: Bench) -> None:
    """Else it is 待发 for ever, waiting for a routing that will not come."""
    row = to_students()
    bench.publish(row)
    bench.enter(replace(row, disclosure=CLOSED))
    bench.tick()
    assert bench.vendor.calls == []
    [placement] = bench.rows(t.placements)
    assert placement.ended == "cancelled" or "不予公开" in placement.reason


# -- two at once


def test_two_processes_reading_the_same_sheet_make_one_item(bench3: Bench) -> None:
    rows = [entry(audience=("社会",)) for _ in range(5)]
    offices = [bench3.colleague(), bench3.colleague()]
    start, errors = threading.Barrier(2), []

    def look(office: Bench) -> None:
        start.wait()
        try:
            office.enter(*rows)
        except Exception as error:  # the loser of a race may fail; its next look finds everything
            errors.append(error)

    threads = [threading.Thread(target=look, args=(office,)) for office in offices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bench3.enter(*rows)
    assert len(bench3.rows(t.items)) == len(bench3.rows(t.versions)) == 5
    assert len(errors) < 2


def test_an_item_that_another_process_has_just_stored_is_not_stored_again(bench3: Bench) -> None:
    """Its keys were unknown when this look began and are there when it writes them: the look is void, not the key."""
    row = to_students()
    bench3.enter(row)
    keys = keys_of(row)
    with pytest.raises(IntegrityError), bench3.db.write() as conn:
        second = items.add(conn, row, {"counted": True, "audience_class": "校内", "baseline": False}, bench3.clock.now)
        items.keep_keys(conn, second, keys, row.source, row.place.file)
    assert len(bench3.rows(t.items)) == 1


def test_a_first_push_that_failed_goes_out_with_the_mended_version(bench: Bench) -> None:
    """Nothing of it has left, so the new version takes its place."""
    row = to_students(title="违规词")
    bench.vendor.says("groups", Outcome.REFUSED)
    bench.publish(row)
    bench.deliver()
    assert bench.statuses() == ["failed"]
    bench.enter(replace(row, title="改好了"))
    bench.tick()
    assert bench.vendor.titles("groups") == [("违规词",), ("改好了",)]


def test_a_version_read_while_the_older_one_is_on_its_way_takes_its_place_when_that_call_came_to_nothing(
    bench: Bench,
) -> None:
    row = to_students(title="旧")

    def edit_meanwhile(_call: object) -> Outcome:
        bench.enter(replace(row, title="新"))
        bench.route()
        return Outcome.UNAVAILABLE

    bench.vendor.says("groups", edit_meanwhile)
    bench.publish(row)
    bench.deliver()
    for _ in range(4):
        bench.clock.forward(minutes=5)
        bench.tick()
    assert bench.vendor.titles("groups") == [("旧",), ("新",)]
    assert bench.waiting() == []


def test_a_row_that_gains_its_number_later_is_the_same_item(bench3: Bench) -> None:
    row = to_students(number="", doc_no="")
    bench3.watch(sheet(row))
    bench3.tick()
    done = bench3.watch(sheet(replace(row, number="XXGK-2020-0001")))
    bench3.tick()
    assert (done.new, done.changed) == (0, 1)
    assert len(bench3.vendor.calls) == 1
    assert bench3.watch(sheet(replace(row, number="XXGK-2020-0001"))).known == 1


def test_a_row_without_number_that_changes_its_title_is_held_and_not_pushed_again(bench3: Bench) -> None:
    row = to_students(number="", doc_no="", title="旧标题")
    bench3.watch(sheet(row))
    bench3.tick()
    done = bench3.watch(sheet(replace(row, title="新标题")))
    bench3.tick()
    assert (done.new, done.problems, done.missing) == (0, 1, 1)
    assert not [titles for titles in bench3.vendor.titles() if "新标题" in titles]


def test_a_list_that_has_changed_since_it_was_read_is_not_confirmed_unseen(bench3: Bench) -> None:
    bench3.office.school = replace(bench3.office.school, confirm=True)
    seen = to_students(title="看过的")
    bench3.enter(seen)
    bench3.route()
    number = orders.list_number(orders.day_list(bench3.office))
    bench3.enter(seen, to_students(title="没看过的"))
    bench3.route()
    assert orders.list_number(orders.day_list(bench3.office)) != number


def test_rows_that_share_the_columns_address_stay_items_of_their_own(bench3: Bench) -> None:
    column = "https://www.example.edu.cn/21/list.htm"
    rows = [to_students(number=f"XX-000{n}", title=f"第{n}件事", url=column) for n in (1, 2, 3)]
    assert bench3.watch(sheet(*rows)).new == 3
    again = bench3.watch(sheet(*rows, to_students(number="XX-0004", title="第4件事", url=column)))
    assert (again.new, again.changed) == (1, 0)


def test_a_notice_and_its_annex_under_one_document_number_are_two_items(bench3: Bench) -> None:
    notice, annex = (to_students(number=f"XX-000{n}", title=f"附{n}", doc_no="某政〔2020〕1号") for n in (1, 2))
    assert bench3.watch(sheet(notice)).new == 1
    done = bench3.watch(sheet(notice, annex))
    assert (done.new, done.changed, done.problems) == (1, 0, 0)
