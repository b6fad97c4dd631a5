"""The sealed log: an untouched one holds on every database, and whatever single thing is done to a row is found."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, create_engine, delete, insert, select, update

import jobs.seal
from jobs.office import Office
from jobs.seal import GRACE, Verified, seal, verify
from rules import seal as rule
from rules.privacy import digest_of, sealed
from rules.states import Status
from store import forget, receipts, seals
from store import tables as t
from store.db import Db
from tests import factory as f

KEY = "a key of sixteen signs"
NOON = f.moment("2020-10-01")
LATER = NOON + timedelta(days=1)
_serial = count(1)


def an_office(db: Db, now: Any = LATER, key: str = KEY) -> Office:
    return Office(f.a_school(), db, {}, lambda: now, seal_key=key)


def some_pushes(conn: Connection, now: Any = NOON, many: int = 4) -> None:
    for n in range(many):
        placed = f.place(conn, f.add_item(conn, now), "Q01", now)
        f.send(conn, "Q01", [placed], now, Status.DELIVERED, Status.FAILED if n % 2 else Status.ACCEPTED)
        word = {"kind": "回执", "dedup": f"第 {next(_serial)} 份", "vendor_id": f"v{n}", "raw": f"原文 {n}"}
        receipts.add(conn, "onebot", [word], now)


def looked(db: Db, key: str = KEY, head: str = "") -> Verified:
    return verify(db, key, head)


def test_an_untouched_log_holds_and_grows_link_by_link(db: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.seal, "TOGETHER", 3)
    with db.write() as conn:
        some_pushes(conn)
    done = seal(an_office(db))
    assert done.sealed == 4 + 8 + 4 and done.seals == 2 + 3 + 2
    first = looked(db)
    assert first.holds and (first.seals, first.rows, first.unsealed) == (7, 16, 0)
    with db.write() as conn:
        some_pushes(conn, LATER)
    assert looked(db).unsealed == 16
    seal(an_office(db, LATER + timedelta(days=1)))
    second = looked(db, head=first.head[:16])
    assert second.holds and second.rows == 32 and second.head != first.head
    assert seal(an_office(db, LATER + timedelta(days=2))).seals == 0


def test_what_is_younger_than_the_grace_waits_and_so_does_all_behind_it(db: Db) -> None:
    with db.write() as conn:
        some_pushes(conn, NOON, 1)
        some_pushes(conn, NOON + GRACE, 1)
        some_pushes(conn, NOON, 1)  # its clock ran behind: it still lies behind a young one
    assert seal(an_office(db, NOON + GRACE + timedelta(minutes=1))).sealed == 1 + 2 + 1
    assert looked(db).unsealed == 8
    assert seal(an_office(db)).sealed == 8 and looked(db).holds


def test_a_number_that_a_rolled_back_transaction_took_is_no_gap(db: Db) -> None:
    with db.write() as conn:
        some_pushes(conn, NOON, 1)
    with pytest.raises(RuntimeError), db.write() as conn:
        some_pushes(conn, NOON, 2)
        raise RuntimeError
    with db.write() as conn:
        some_pushes(conn, NOON, 1)
    seal(an_office(db))
    assert looked(db).holds and looked(db).rows == 8


def test_forgetting_a_number_and_a_receipts_words_breaks_nothing(db: Db) -> None:
    with db.write() as conn:
        some_pushes(conn)
    seal(an_office(db))
    with db.write() as conn:
        d, r = t.deliveries.c, t.receipts.c
        forget.seal(conn, {row.id: sealed(row.address, KEY) for row in conn.execute(select(d.id, d.address))})
        forget.empty_receipts(conn, {row.id: digest_of(row.raw, KEY) for row in conn.execute(select(r.id, r.raw))})
        receipts.mark_all_applied(conn, list(conn.scalars(select(r.id))), LATER)
    assert looked(db).holds
    with db.write() as conn:
        conn.execute(update(t.receipts).where(t.receipts.c.vendor_id == "v2").values(raw_digest=None))
    assert looked(db).what == rule.CHANGED


def test_another_person_behind_an_outcome_is_found(db: Db) -> None:
    with db.write() as conn:
        some_pushes(conn)
    seal(an_office(db))
    with db.write() as conn:
        last = select(t.outcomes.c.delivery_id).order_by(t.outcomes.c.id.desc()).limit(1)
        conn.execute(update(t.deliveries).where(t.deliveries.c.id == conn.scalar(last)).values(address="别人"))
    found = looked(db)
    assert found.broken is not None and (found.broken.table_name, found.what) == ("outcomes", rule.CHANGED)


def test_the_text_of_a_push_is_sealed_with_its_call(db: Db) -> None:
    with db.write() as conn:
        some_pushes(conn)
    seal(an_office(db))
    with db.write() as conn:
        conn.execute(update(t.pushes).values(text="从来没有这样写过"))
    found = looked(db)
    assert found.broken is not None and found.broken.table_name == "attempts"


def test_another_key_is_not_taken_for_a_change(db: Db) -> None:
    with db.write() as conn:
        some_pushes(conn)
    seal(an_office(db))
    assert looked(db, key="another key of sixteen").what == rule.OTHER_KEY


def test_seals_that_were_cut_off_or_made_anew_are_found_by_the_head_that_was_printed(db: Db) -> None:
    with db.write() as conn:
        some_pushes(conn)
    seal(an_office(db))
    printed = looked(db).head
    with db.write() as conn:
        conn.execute(delete(t.seals))
        conn.execute(update(t.outcomes).values(reason="改过"))
    assert not looked(db, head=printed).holds
    seal(an_office(db))
    assert looked(db).holds and not looked(db, head=printed[:16]).holds


def test_two_that_seal_at_once_make_no_fork(db: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.write() as conn:
        some_pushes(conn)
    seal(an_office(db))
    with db.write() as conn:
        some_pushes(conn, LATER)
    monkeypatch.setattr(seals, "head", lambda *_: "")  # this one has read what stood before the other one's commit
    assert seal(an_office(db, LATER + timedelta(days=1))).seals == 0
    monkeypatch.undo()
    assert looked(db).holds


@dataclass
class Made:
    """A file with a sealed log, to be copied and spoilt."""

    path: Path
    ids: dict[str, list[int]]


@pytest.fixture(scope="module")
def made(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    path = tmp_path_factory.mktemp("sealed") / "store.sqlite3"
    shutil.copy(sqlite_template, path)
    db = Db(f"sqlite:///{path.as_posix()}")
    with db.write() as conn:
        some_pushes(conn, NOON, 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs.seal, "TOGETHER", 4)
        seal(an_office(db))
    with db.read() as conn:
        ids = {name: list(conn.scalars(select(t.metadata.tables[name].c.id))) for name in rule.TABLES}
    with db.engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return Made(path, ids)


CHANGES = {
    "attempts": {"owner": "别人", "addresses": 77, "begun_at": LATER},
    "outcomes": {"status": "expired", "reason": "改过", "raw": "改过", "at": LATER, "said_by": "别人", "vendor_id": "x"},
    "receipts": {"raw": "改过", "kind": "x", "vendor_id": "x", "received_at": LATER, "channel": "x"},
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_one_row_changed_removed_swapped_or_slipped_in_is_found(made: Made, tmp_path: Path, data: Any) -> None:
    name = data.draw(st.sampled_from(sorted(rule.TABLES)))
    deed = data.draw(st.sampled_from(("change", "remove", "swap", "insert")))
    one, other = sorted(data.draw(st.lists(st.sampled_from(made.ids[name]), min_size=2, max_size=2, unique=True)))
    column = data.draw(st.sampled_from(sorted(CHANGES[name])))
    path = tmp_path / "spoilt.sqlite3"
    shutil.copy(made.path, path)
    with create_engine(
        f"sqlite:///{path.as_posix()}"
    ).begin() as conn:  # as whoever opens the file with a tool of his own
        _do(conn, t.metadata.tables[name], deed, one, other, column)
    db = Db(f"sqlite:///{path.as_posix()}")
    found = verify(db, KEY)
    db.close()
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    assert found.broken is not None and found.broken.table_name == name
    assert found.broken.from_id <= max(one, other)
    words = {"change": {rule.CHANGED}, "remove": {rule.REMOVED}, "insert": {rule.INSERTED, rule.CHANGED}}
    assert found.what in words.get(deed, {rule.REORDERED, rule.CHANGED})


def _do(conn: Connection, table: Table, deed: str, one: int, other: int, column: str) -> None:
    if deed == "change":
        conn.execute(update(table).where(table.c.id == one).values({column: CHANGES[table.name][column]}))
    elif deed == "swap":
        for from_, to in ((one, -1), (other, one), (-1, other)):
            conn.execute(update(table).where(table.c.id == from_).values(id=to))
    else:
        values = dict(conn.execute(select(table).where(table.c.id == one)).mappings().one())
        conn.execute(delete(table).where(table.c.id == one))
        if deed == "insert":  # room is made for it: the rows from here on move up
            for number in sorted((n for n in conn.scalars(select(table.c.id)) if n > one), reverse=True):
                conn.execute(update(table).where(table.c.id == number).values(id=number + 1))
            again = {**values, "dedup": "again"} if "dedup" in values else values
            conn.execute(insert(table), [values, {**again, "id": one + 1}])
