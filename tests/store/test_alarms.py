"""Alarms: one subject is told once; of what lasts an open one says what was said last."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from store import facts
from store import tables as t
from store.db import Db
from tests import factory as f

NOON = f.moment("2020-10-01")


def test_an_open_alarm_is_not_raised_again_and_names_whom_it_named(db: Db) -> None:
    with db.write() as conn:
        assert facts.raise_alarm(conn, "失败:1", "3 个接收人，号码无效", NOON)
        assert not facts.raise_alarm(conn, "失败:1", "1 个接收人，关机", NOON + timedelta(hours=1))
        assert facts.untold_alarms(conn)[0].text == "3 个接收人，号码无效"


def test_what_lasts_says_the_last_reason_and_is_told_once(db: Db) -> None:
    with db.write() as conn:
        assert facts.state_alarm(conn, "渠道:a", "令牌失效", NOON)
        assert not facts.state_alarm(conn, "渠道:a", "IP 不在白名单", NOON + timedelta(hours=1))
        rows = conn.execute(select(t.alarms.c.text, t.alarms.c.raised_at)).all()
    assert rows == [("IP 不在白名单", NOON)]


def test_what_is_over_keeps_its_reason_and_is_raised_anew(db: Db) -> None:
    with db.write() as conn:
        facts.raise_alarm(conn, "渠道:a", "令牌失效", NOON)
        facts.clear_alarm(conn, "渠道:a", NOON)
        assert facts.raise_alarm(conn, "渠道:a", "IP 不在白名单", NOON)
        assert list(conn.scalars(select(t.alarms.c.text).order_by(t.alarms.c.id))) == ["令牌失效", "IP 不在白名单"]
