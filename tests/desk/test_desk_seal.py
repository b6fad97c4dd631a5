"""`bot.py log verify` as its reader meets it: what holds, what does not and where, and the number that was printed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from desk import seal as desk
from jobs.office import Office
from jobs.seal import seal
from rules.states import Status
from store import tables as t
from store.db import Db
from tests import factory as f

NOON = f.moment("2020-10-01")


def an_office(db: Db) -> Office:
    return Office(f.a_school(), db, {}, lambda: NOON + timedelta(days=1), seal_key="a key of sixteen signs")


@pytest.fixture
def office(sqlite_db: Db) -> Office:
    with sqlite_db.write() as conn:
        f.send(conn, "Q01", [f.place(conn, f.add_item(conn, NOON), "Q01", NOON)], NOON, Status.DELIVERED)
    return an_office(sqlite_db)


def test_a_log_that_was_never_sealed_says_how_it_is_done(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.show(office) == 0
    assert "python bot.py once seal" in capsys.readouterr().out


def test_a_whole_log_shows_its_number(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    seal(office)
    assert desk.show(office, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["holds"] and (found["seals"], found["rows"]) == (2, 2)
    assert desk.show(office, found["head"][:16]) == 0
    assert f"封存的尝试、结果、回执完整：2 次封存、2 行记录逐行核对无误。封存号 {found['head'][:16]}" in capsys.readouterr().out
    assert desk.show(office, "0123456789abcdef") == 1
    assert "封存号“0123456789abcdef”不在" in capsys.readouterr().out


def test_a_changed_row_is_named_by_its_table_and_numbers(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    seal(office)
    with office.db.write() as conn:
        conn.execute(update(t.outcomes).values(reason="改过"))
    assert desk.show(office) == 1
    out = capsys.readouterr().out
    assert "【不一致】第 2 号封存" in out and "结果第 1 至 " in out and "内容被改动" in out and "备份" in out
