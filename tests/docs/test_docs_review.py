"""The page on review and audience shows real output, run here in the page's order.

GOLDEN=write puts today's output into the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import bot
from rules.item import Place
from store.db import Db
from tests.docs.test_docs_output import BLOCK, hold, ran
from tests.jobs.bench import ACCOUNT, FILE, GROUPS, Bench, entry, make_bench, to_students

PAGE = Path(__file__).resolve().parents[2] / "docs" / "审查与受众.md"
PROMISED = {"review", "guard", "rehearse", "urgent", "schedule", "backlog", "rectify"}


@pytest.fixture
def office(sqlite_db: Db, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    """A small school with two items that wait for a review and one that the guard holds."""
    bench = make_bench(sqlite_db)
    for name, label in {GROUPS: "教职工、学生群", ACCOUNT: "官方微信公众平台", "duty": "值班群"}.items():
        bench.set(name, label=label)
    bench.office.school = replace(bench.office.school, confirm=False)
    monkeypatch.setattr(bot, "_db", lambda: bench.db)
    monkeypatch.setattr(bot, "_office", lambda: bench.office)
    monkeypatch.setattr("getpass.getuser", lambda: "张老师")
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.chdir(tmp_path)
    wants = {"review": None, "approved_on": None}
    bench.publish(
        to_students(number="XX-011", place=Place(FILE, "2020", 4), title="关于国家助学金申请的通知", **wants),
        entry(number="XX-012", place=Place(FILE, "2020", 5), title="2020年秋季学期收费标准", **wants),
        to_students(
            number="XX-013",
            place=Place(FILE, "2020", 6),
            title="校外住宿审批结果",
            summary="身份证号码：110101199003070118",
        ),
        entry(number="XX-014", place=Place(FILE, "2020", 7), title="2020年招生章程"),
    )
    yield bench
    bench.close()


def test_every_output_in_the_page_is_what_the_command_prints(office: Bench) -> None:
    page = PAGE.read_text(encoding="utf-8")
    written: list[tuple[str, str]] = []
    for found in BLOCK.finditer(page):
        written.append((found[0], f"```\n$ {found[1]}\n{ran(found[1])}```"))
        office.route()
        office.plan()
    assert len(written) >= len(PROMISED)
    hold(PAGE, written)


def test_every_command_that_was_promised_is_shown() -> None:
    shown = {found[1].split()[2] for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}
    assert shown >= PROMISED
