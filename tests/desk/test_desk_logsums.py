"""The log grouped and counted, and queries kept under a name."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import bot
import desk.log
from channels.base import SendError
from jobs import orders
from jobs.report import report
from rules.dates import SchoolYear
from rules.outcome import Outcome
from store import tables as t
from tests.jobs.bench import GROUPS, Bench, entry, to_staff, to_students
from tests.jobs.conftest import bench as bench


@pytest.fixture
def month(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Two days in two months; one push failed."""
    monkeypatch.setattr(bot, "_db", lambda: bench.db)
    monkeypatch.setattr(desk.log, "registered", lambda: bench.office.school.targets)
    bench.office.school = replace(bench.office.school, confirm=False)
    bench.publish(to_students(title="甲", number="XX-1"), entry(title="乙", number="XX-2"))
    bench.tick()
    bench.clock.forward(days=30)
    bench.vendor.says(GROUPS, SendError(Outcome.REFUSED, "群已解散"))
    bench.publish(to_staff(title="丙", number="XX-3"))
    bench.tick()
    return bench


def run(*words: str) -> str:
    found = CliRunner().invoke(bot.bot, ["log", *words], prog_name="bot.py")
    return found.output


def test_every_row_of_the_log_is_in_exactly_one_group_and_the_words_differ(month: Bench) -> None:
    plain = json.loads(run("--by", "渠道,月份", "--json"))
    rows = json.loads(run("--json", "--page", "1000"))["rows"]
    assert plain["by"] == ["channel", "month"]
    assert sum(each["placements"] for each in plain["groups"]) == plain["total"]["placements"] == len(rows)
    assert plain["total"]["items"] == len({row["item_id"] for row in rows})
    assert plain["total"]["pushes"] == len({row["push_id"] for row in rows if row["push_id"]})
    for each in [*plain["groups"], plain["total"]]:
        assert sum(each["results"].values()) == each["placements"]
    assert {each["group"]["month"] for each in plain["groups"]} == {"2020-09", "2020-10"}


def test_what_was_planned_anew_is_one_placement_and_two_pushes_as_in_the_report(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot, "_db", lambda: bench.db)
    monkeypatch.setattr(desk.log, "registered", lambda: bench.office.school.targets)
    bench.publish(to_staff(title="甲"))
    bench.plan()
    [item] = [row.id for row in bench.rows(t.items)]
    orders.schedule(bench.office, item, "张三", bench.clock.now + timedelta(hours=1))
    bench.clock.forward(hours=2)
    bench.tick()
    assert [row.status for row in bench.rows(t.deliveries)] == ["cancelled", "delivered"]
    total = json.loads(run("--by", "渠道", "--json"))["total"]
    assert (total["items"], total["placements"], total["pushes"], total["results"]["成功"]) == (1, 1, 2, 1)
    found = report(bench.db, bench.office.school, SchoolYear(2020), cut_off=bench.clock.now)
    assert sum(each.due for each in found.channels) == 1


def test_the_filters_hold_for_the_groups_too_and_the_csv_says_the_same(month: Bench, tmp_path: Path) -> None:
    plain = json.loads(run("--by", "status", "--failed", "--json"))
    assert [each["group"]["status"] for each in plain["groups"]] == ["失败"]
    run("--by", "结果", "--csv", str(tmp_path / "x.csv"))
    lines = list(csv.reader((tmp_path / "x.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert lines[0][:4] == ["结果", "条", "条次", "次"] and lines[-1][0] == "合计"
    assert sum(int(line[2]) for line in lines[1:-1]) == int(lines[-1][2])


def test_a_query_is_kept_under_a_name_and_what_is_typed_beside_it_wins(month: Bench) -> None:
    assert "已保存" in run("--failed", "--by", "channel", "--save", "没发出的")
    assert run("--saved", "没发出的") == run("--failed", "--by", "channel")
    assert run("--saved", "没发出的", "--by", "month") == run("--failed", "--by", "month")
    assert "已有：没发出的" in run("--saved", "没有的")


def test_an_unknown_group_is_told_with_those_that_are_there(month: Bench) -> None:
    assert "channel（渠道）" in run("--by", "颜色")
