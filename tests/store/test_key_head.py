"""A push found by the first characters of its key, at its own address alone."""

from __future__ import annotations

from sqlalchemy import select

from store import deliveries
from store import tables as t
from store.db import Db
from tests.factory import add_item, moment, place, push

NOW = moment("2020-09-10")


def test_a_push_is_found_by_the_head_of_its_key_at_its_address(db: Db) -> None:
    with db.write() as conn:
        item = add_item(conn, NOW)
        ids = [push(conn, target, [place(conn, item, target, NOW)], NOW) for target in ("Q01", "Q02")]
    with db.read() as conn:
        keys = dict(conn.execute(select(t.pushes.c.id, t.pushes.c.push_key)).all())
        head = keys[ids[0]][:6]
        [found] = deliveries.by_key_head(conn, "onebot", head, "700000001")
        assert found.push_id == ids[0]
        assert deliveries.by_key_head(conn, "onebot", head, "700000002") == []
        assert deliveries.by_key_head(conn, "wecom_bot", head, "700000001") == []
        assert deliveries.by_key_head(conn, "onebot", "zzzzzz", "700000001") == []
