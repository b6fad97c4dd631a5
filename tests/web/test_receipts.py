"""Receipts are stored once and applied once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from store import receipts
from store.db import Db

NOW = datetime(2020, 9, 7, tzinfo=UTC)


def add(db: Db, dedup: str, channel: str = "a", **parts: object) -> bool:
    given: dict[str, Any] = {"kind": "K", "vendor_id": "1", "raw": "原文", "dedup": dedup, **parts}
    with db.write() as conn:
        return receipts.add(conn, channel, [given], NOW) == 1


def test_a_receipt_is_stored_once_for_each_channel(db: Db) -> None:
    assert [add(db, "x"), add(db, "x"), add(db, "y"), add(db, "x", channel="b")] == [True, False, True, True]
    with db.read() as conn:
        assert [row.dedup for row in receipts.unapplied(conn, "a")] == ["x", "y"]


def test_a_duplicate_does_not_undo_what_else_the_transaction_wrote(db: Db) -> None:
    add(db, "x")
    with db.write() as conn:
        found = [{"kind": "K", "dedup": dedup, "vendor_id": "", "raw": ""} for dedup in ("y", "x", "z", "y")]
        assert receipts.add(conn, "a", found, NOW) == 2
    with db.read() as conn:
        assert [row.dedup for row in receipts.unapplied(conn, "a")] == ["x", "y", "z"]


def test_a_row_that_breaks_another_rule_is_not_taken_for_a_duplicate(db: Db) -> None:
    with pytest.raises(IntegrityError):
        add(db, "x", raw=None)


def test_a_receipt_is_applied_once(db: Db) -> None:
    add(db, "x")
    with db.write() as conn:
        [row] = receipts.unapplied(conn, "a")
        assert receipts.mark_applied(conn, row.id, NOW + timedelta(minutes=1))
        assert not receipts.mark_applied(conn, row.id, NOW)
        assert receipts.unapplied(conn, "a") == []
