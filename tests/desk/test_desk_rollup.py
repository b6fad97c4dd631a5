"""`bot.py rollup` in words: nothing counted yet, all of it true, and where a row was changed by hand."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from desk import rollup as desk
from jobs import rollup
from jobs.office import Office
from rules.states import Status
from store import tables as t
from store.db import Db
from tests import factory as f

NOON = f.moment("2020-09-10")


@pytest.fixture
def office(sqlite_db: Db) -> Office:
    """One push on 10 September; it is the 12th."""
    with sqlite_db.write() as conn:
        f.send(conn, "Q01", [f.place(conn, f.add_item(conn, NOON), "Q01", NOON)], NOON, Status.DELIVERED)
    return Office(f.a_school(), sqlite_db, {}, lambda: NOON + timedelta(days=2))


def test_what_was_never_counted_says_how_it_is_done(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.show(office, again=False) == 0
    assert "python bot.py once rollup" in capsys.readouterr().out


def test_what_is_true_is_said_with_how_much_was_compared(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    rollup.rollup(office)
    assert desk.show(office, again=False) == 0
    assert "11 份汇总" in capsys.readouterr().out


def test_a_row_changed_by_hand_is_named_with_what_to_do(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    rollup.rollup(office)
    with office.db.write() as conn:
        conn.execute(update(t.deliveries).values(status=Status.FAILED))
    assert desk.show(office, again=False) == 1
    said = capsys.readouterr().out
    assert "【不一致】2020-09-10" in said and "rollup --rebuild" in said
    assert desk.show(office, again=True) == 0
    assert "已重新汇总 11 天" in capsys.readouterr().out


def test_json_tells_the_same(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.show(office, again=True, as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {"days": 11, "months": 0, "compared": 11, "wrong": []}
