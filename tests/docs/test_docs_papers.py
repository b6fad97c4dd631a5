"""The page on the yearly report shows what the command really says.

GOLDEN=write puts today's output into the page.
"""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

import bot
import config.settings
from desk.papers import write
from desk.papers.rows import CHANNEL, LEDGER
from store import tables as t
from store.db import Db
from tests import factory as f
from tests.desk.papers import Papers, by_mark, facts_of, some_year
from tests.docs.test_docs_output import hold

PAGE = Path(__file__).resolve().parents[2] / "docs" / "年度报告.md"
BLOCK = re.compile(r"```\n\$ python bot\.py ([^\n#]*?)( #[^\n]*)?\n(.*?)```", re.DOTALL)


def _break(db: Db) -> None:
    with db.write() as conn:
        last = conn.scalar(select(t.items.c.id).where(t.items.c.title == "迟到的条目"))
        conn.execute(update(t.items).where(t.items.c.id == last).values(department=""))


def test_every_output_in_the_page_is_what_the_command_prints(
    sqlite_db: Db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f, "_serial", count(1))  # the page shows numbers
    some_year(sqlite_db)
    monkeypatch.setattr(bot, "_db", lambda: sqlite_db)
    monkeypatch.setattr(config.settings, "load", lambda *_: SimpleNamespace(school=f.a_school()))
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text(encoding="utf-8")
    written = []
    for found in BLOCK.finditer(page):
        if found[2]:
            _break(sqlite_db)
        done = CliRunner().invoke(bot.bot, found[1].split(), prog_name="bot.py", catch_exceptions=False)
        assert done.exit_code == 0
        said = done.output.replace("\\", "/")
        written.append((found[0], f"```\n$ python bot.py {found[1]}{found[2] or ''}\n{said}```"))
    assert len(written) == 4
    hold(PAGE, written)


def test_what_the_page_names_is_there(sqlite_db: Db) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in (write.REPORT, write.BOOK, write.TABLE, write.PAGE, write.PLAIN):
        assert name in page
    for column in ("应公开期限", "是否逾期", "经办人", "备注"):
        assert f"“{column}”" in page and column in LEDGER
    assert "“计条”" in page and "计条" in CHANNEL
    known = by_mark(Papers(Path(), facts_of(sqlite_db)).facts.as_json())
    assert {"items_disclosed", "channels_0_due"} <= known.keys()
