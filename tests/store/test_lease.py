"""One lease a database: taken once however many try, kept by renewing, lost by silence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from store import facts, lease
from store.db import Db
from store.lease import Lease

NOW = datetime(2020, 9, 10, 1, tzinfo=UTC)


def a_lease(owner: str, since: datetime = NOW) -> Lease:
    return Lease(owner=owner, host="主机", pid=1, doing="运行", since=since, until=since + lease.LASTS)


def take(db: Db, owner: str, now: datetime = NOW) -> Lease | None:
    with db.write() as conn:
        return lease.take(conn, a_lease(owner, now), lambda held: held.until <= now)


def holder(db: Db) -> str | None:
    with db.read() as conn:
        held = lease.holder(conn)
    return None if held is None else held.owner


def test_the_second_is_told_of_the_first(db: Db) -> None:
    assert take(db, "a") is None
    assert take(db, "b") == a_lease("a")
    assert holder(db) == "a"


def test_of_many_at_once_one_gets_it(db: Db) -> None:
    with ThreadPoolExecutor(8) as pool:
        others = list(pool.map(lambda n: take(db, f"p{n}"), range(8)))
    assert others.count(None) == 1
    assert {each.owner for each in others if each is not None} == {holder(db)}


def test_a_lapsed_lease_is_taken_over_by_one_of_many(db: Db) -> None:
    take(db, "killed")
    with ThreadPoolExecutor(8) as pool:
        others = list(pool.map(lambda n: take(db, f"p{n}", NOW + lease.LASTS), range(8)))
    assert others.count(None) == 1
    assert holder(db) != "killed"


def test_a_renewed_lease_does_not_lapse(db: Db) -> None:
    take(db, "a")
    with db.write() as conn:
        assert lease.renew(conn, "a", NOW + timedelta(minutes=5)) is None
    other = take(db, "b", NOW + timedelta(minutes=4))
    assert other is not None and (other.owner, other.since) == ("a", NOW)


def test_whoever_slept_past_its_lease_hears_who_has_it_now_and_does_not_take_it_back(db: Db) -> None:
    take(db, "asleep")
    take(db, "new", NOW + timedelta(minutes=4))
    with db.write() as conn:
        other = lease.renew(conn, "asleep", NOW + timedelta(minutes=9))
        lease.give_back(conn, "asleep")
    assert other is not None and other.owner == "new"
    assert holder(db) == "new"


def test_a_lease_given_back_is_free_at_once(db: Db) -> None:
    take(db, "a")
    with db.write() as conn:
        lease.give_back(conn, "a")
    assert take(db, "b") is None


def test_a_fact_is_changed_only_if_it_still_is_what_was_seen(db: Db) -> None:
    with db.write() as conn:
        assert facts.swap_meta(conn, "x", None, "1")
        assert not facts.swap_meta(conn, "x", None, "2")
        assert not facts.swap_meta(conn, "x", "0", "2")
        assert facts.swap_meta(conn, "x", "1", "2")
        assert not facts.swap_meta(conn, "x", "1", None)
        assert facts.get_meta(conn, "x") == "2"
        assert facts.swap_meta(conn, "x", "2", None)
        assert facts.get_meta(conn, "x") is None
