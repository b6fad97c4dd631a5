"""The traps of the three databases, each closed in one place."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from rules.dates import SHANGHAI, at, day_of
from rules.states import Status
from store import claims, deliveries, facts, items, quotas
from store import tables as t
from store.db import Db, shanghai_day
from tests.factory import add_item, moment, place, push, settle

NOW = moment("2020-09-10")


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2020, 9, 10, 12, 0, 0, 123456, tzinfo=SHANGHAI),
        datetime(2020, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2021, 8, 31, 23, 59, tzinfo=timezone(timedelta(hours=-11))),
    ],
)
def test_an_instant_comes_back_aware_and_to_the_microsecond(db: Db, instant: datetime) -> None:
    with db.write() as conn:
        conn.execute(insert(t.channels).values(name="x", good_at=instant))
    with db.read() as conn:
        found = conn.scalar(select(t.channels.c.good_at))
    assert found == instant
    assert found is not None and found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2020, 8, 31, 15, 59, 59, 999999, tzinfo=UTC), datetime(2020, 8, 31, 16, tzinfo=UTC),
        datetime(2021, 1, 1, 15, 59, 59, tzinfo=UTC), datetime(2020, 2, 29, 16, tzinfo=UTC), at(date(1988, 7, 1), time()), None,
    ],
)  # fmt: skip
def test_a_day_is_the_same_in_the_database_as_in_the_rules(db: Db, instant: datetime | None) -> None:
    with db.write() as conn:
        conn.execute(insert(t.channels).values(name="x", good_at=instant))
        found = conn.scalar(select(shanghai_day(t.channels.c.good_at, db.dialect)))
    assert found == (None if instant is None else day_of(instant))


def test_a_naive_instant_is_refused(db: Db) -> None:
    with pytest.raises(StatementError, match="时区"), db.write() as conn:
        conn.execute(insert(t.channels).values(name="x", good_at=datetime(2020, 9, 10)))


def test_keys_compare_by_bytes(db: Db) -> None:
    """MariaDB would take a and A, é and e for the same."""
    with db.write() as conn:
        for name in ("a", "A", "e", "é", "某政〔2020〕1号", "某政〔2020〕１号"):
            facts.set_meta(conn, name, name)
    with db.read() as conn:
        assert all(facts.get_meta(conn, name) == name for name in ("a", "A", "e", "é"))
        assert facts.get_meta(conn, "É") is None


def test_four_byte_characters_and_long_bodies_survive(db: Db) -> None:
    body = "𠮷👍" * 40_000
    with db.write() as conn:
        item_id = add_item(conn, NOW, title="𠮷👍", body=body)
    with db.read() as conn:
        row = conn.execute(select(t.versions.c.title, t.versions.c.body).where(t.versions.c.item_id == item_id)).one()
    assert tuple(row) == ("𠮷👍", body)


def test_a_transaction_that_fails_leaves_nothing(db: Db) -> None:
    with pytest.raises(ZeroDivisionError), db.write() as conn:
        add_item(conn, NOW)
        raise ZeroDivisionError
    with db.read() as conn:
        assert conn.execute(select(t.items)).all() == []


def test_many_writers_all_get_their_turn(db: Db) -> None:
    errors: list[Exception] = []

    def work(n: int) -> None:
        try:
            for k in range(8):
                with db.write() as conn:
                    facts.get_meta(conn, f"{n}.{k}")  # a read that turns into a write
                    facts.set_meta(conn, f"{n}.{k}", "x")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with db.read() as conn:
        assert len(conn.execute(select(t.meta)).all()) == 32


def test_an_item_has_one_first_push_at_a_target_by_the_stores_own_law(db: Db) -> None:
    with db.write() as conn:
        item_id = add_item(conn, NOW)
        place(conn, item_id, "Q01", NOW)
    row = {
        "item_id": item_id, "version_id": 1, "target": "Q01", "channel": "onebot", "purpose": "首发", "slot": "首发",
        "origin": "bot", "created_at": NOW,
    }  # fmt: skip
    with pytest.raises(IntegrityError), db.write() as conn:
        row["version_id"] = conn.scalar(select(t.items.c.version_id))
        conn.execute(insert(t.placements).values(**row))


def test_the_day_of_disclosure_is_set_once_by_the_first_push_that_arrived(db: Db) -> None:
    with db.write() as conn:
        item_id = add_item(conn, NOW)
        first = push(conn, "Q01", [place(conn, item_id, "Q01", NOW)], NOW)
        second = push(conn, "G01", [place(conn, item_id, "G01", NOW)], NOW)
        settle(conn, [first], moment("2021-08-31", "23:59"), Status.DELIVERED)
        settle(conn, [second], moment("2021-09-01", "00:01"), Status.DELIVERED)
        assert conn.scalar(select(t.items.c.disclosed_on).where(t.items.c.id == item_id)) == date(2021, 8, 31)


def test_a_claim_of_what_is_no_longer_queued_is_void(db: Db) -> None:
    with db.write() as conn:
        item_id = add_item(conn, NOW)
        push(conn, "Q01", [place(conn, item_id, "Q01", NOW)], NOW)
        due = deliveries.queued(conn, "onebot", NOW, 10)
        claims.claim(conn, [due], "甲", NOW, NOW)
    with pytest.raises(claims.Lost), db.write() as conn:
        claims.claim(conn, [due], "乙", NOW, NOW)
    with db.read() as conn:
        assert len(conn.execute(select(t.attempts)).all()) == 1


def test_a_claim_makes_one_attempt_a_push_and_every_delivery_knows_its_own(db: Db) -> None:
    with db.write() as conn:
        for target in ("Q01", "Q02"):
            placement = place(conn, add_item(conn, NOW), target, NOW)
            push(conn, target, [placement], NOW, addresses=[f"{target}-{n}" for n in range(2)])
        due = deliveries.queued(conn, "onebot", NOW, 10)
        calls = [[each for each in due if each.target == target] for target in ("Q01", "Q02")]
        begun = claims.claim(conn, calls, "甲", NOW, NOW)
        attempt_of = {each.id: attempt for call, attempt in zip(calls, begun, strict=True) for each in call}
        attempts = {row.id: row for row in conn.execute(select(t.attempts))}
        moved = conn.execute(select(t.deliveries)).all()
    assert len(attempts) == 2
    assert attempt_of == {row.id: row.attempt_id for row in moved}
    for row in moved:
        attempt = attempts[row.attempt_id]
        assert (attempt.push_id, attempt.owner, attempt.begun_at) == (row.push_id, "甲", NOW)
        assert attempt.addresses == sum(other.push_id == row.push_id for other in moved)


def test_the_queue_hands_out_urgent_before_old_and_no_more_than_asked(db: Db) -> None:
    with db.write() as conn:
        ids = [push(conn, "Q01", [place(conn, add_item(conn, NOW), "Q01", NOW)], NOW) for _ in range(3)]
        later = t.deliveries.update().where(t.deliveries.c.push_id == ids[0])
        conn.execute(later.values(not_before=NOW + timedelta(hours=1)))
        conn.execute(t.deliveries.update().where(t.deliveries.c.push_id == ids[2]).values(urgent=True))
        assert [each.push_id for each in deliveries.queued(conn, "onebot", NOW, 10)] == [ids[2], ids[1]]
        assert [each.push_id for each in deliveries.queued(conn, "onebot", NOW, 1)] == [ids[2]]
        assert deliveries.any_queued(conn, "onebot", NOW)
        assert not deliveries.any_queued(conn, "wecom_bot", NOW)


def test_allowances_count_from_a_moment_on_and_can_be_given_back(db: Db) -> None:
    with db.write() as conn:
        for minutes in (0, 1, 2):
            quotas.take(conn, {("n", minutes): 1}, NOW + timedelta(minutes=minutes))
        assert quotas.used(conn, ["n", "m"], NOW + timedelta(minutes=1)) == {"n": (2, NOW + timedelta(minutes=1))}
        quotas.give_back(conn, [1], ["n"])
        assert quotas.used(conn, ["n"], NOW)["n"][0] == 2


def test_an_item_is_found_by_what_a_person_types(db: Db) -> None:
    with db.write() as conn:
        one = add_item(conn, NOW, title="关于100%报销的通知", number="XXGK-1", doc_no="某政〔2020〕1号")
        two = add_item(conn, NOW, title="关于招生的通知")
        for text, expected in (
            ("XXGK-1", [one]), ("某政〔2020〕1号", [one]), (str(two), [two]), ("招生", [two]), ("的通知", [one, two]),
            ("100%", [one]), ("0_报", []), ("没有", []),
        ):  # fmt: skip
            assert items.find(conn, text) == expected, text


def test_a_figure_that_the_bot_told_a_person_to_type_finds_that_item_and_no_running_number(db: Db) -> None:
    with db.write() as conn:
        first = add_item(conn, NOW, number="9876")
        second = add_item(conn, NOW, number=str(first))
        long = add_item(conn, NOW, number="20200001")
        assert items.find(conn, str(first)) == [first]
        assert items.find(conn, str(second)) == [second]
        assert items.find(conn, "20200001") == [long]
        assert items.find(conn, "9876") == [first]


def test_an_alarm_is_raised_once_until_it_is_over(db: Db) -> None:
    with db.write() as conn:
        assert facts.raise_alarm(conn, "渠道:x", "坏了", NOW)
        assert not facts.raise_alarm(conn, "渠道:x", "还是坏的", NOW)
        facts.told(conn, [each.id for each in facts.untold_alarms(conn)], "D1", NOW)
        assert facts.untold_alarms(conn) == []
        facts.clear_alarm(conn, "渠道:x", NOW)
        assert facts.raise_alarm(conn, "渠道:x", "又坏了", NOW)
