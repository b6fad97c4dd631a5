"""What its own source says was taken back: held at once, put before a person, nothing sent and nothing recalled."""

from __future__ import annotations

from dataclasses import replace

from rules.item import Entry, Place, Problem
from sources.base import Fetched
from store import tables as t
from tests.jobs.bench import Bench, to_students

PLACE = "OA公文（唯一标识 7）"


def row(**changes: object) -> Entry:
    return replace(to_students(), place=Place(PLACE), own_key="XXGK_OA_URL.v:7", number="", **changes)  # type: ignore[arg-type]


def taken_back() -> Fetched:
    return Fetched(withdrawn=frozenset((PLACE,)), whole=frozenset(("OA公文",)))


def alarms(bench: Bench) -> list[str]:
    return [alarm.text for alarm in bench.rows(t.alarms) if alarm.cleared_at is None]


def test_what_waits_is_held_and_a_person_is_told_at_the_first_look(bench3: Bench) -> None:
    bench3.watch(Fetched(entries=(row(),)))
    done = bench3.watch(taken_back())
    bench3.tick()
    assert (done.missing, bench3.vendor.keys("groups")) == (1, [])
    assert len(bench3.vendor.keys("duty")) == 1
    [item] = bench3.rows(t.items)
    assert "已在来源系统中撤回" in item.hold
    [alarm] = alarms(bench3)
    assert "已在来源系统中撤回" in alarm
    assert f"python bot.py retract {item.id} --reason 原因" in alarm


def test_what_has_left_is_not_recalled_by_the_bot(bench: Bench) -> None:
    bench.watch(Fetched(entries=(row(),)))
    bench.tick()
    bench.watch(taken_back())
    bench.tick()
    assert len(bench.vendor.keys("groups")) == 1
    assert bench.rows(t.recalls) == []
    assert len(alarms(bench)) == 1


def test_what_is_restored_goes_on_and_the_alarm_is_cleared(bench: Bench) -> None:
    bench.watch(Fetched(entries=(row(),)))
    bench.watch(taken_back())
    bench.watch(Fetched(entries=(row(),)))
    bench.tick()
    assert (alarms(bench), len(bench.vendor.keys("groups"))) == ([], 1)
    assert bench.rows(t.items)[0].hold == ""


def test_what_was_never_registered_raises_nothing_and_its_problem_is_forgotten(bench: Bench) -> None:
    wrong = Problem(Place(PLACE), "形成日期", "“昨天”无法识别为日期", "请改正")
    bench.watch(Fetched(entries=(row(problems=(wrong,)),)))
    assert len(bench.rows(t.problems)) == 1
    done = bench.watch(taken_back())
    assert (done.missing, alarms(bench), bench.rows(t.problems)) == (0, [], [])
