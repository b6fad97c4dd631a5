"""Seal (封存): once a day the log's new rows become one more link of a chain; `verify` finds what was changed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile

from sqlalchemy.exc import IntegrityError

from jobs.office import Office
from rules import seal as rule
from rules.seal import BROKEN_CHAIN, START, TABLES, Seal
from store import seals
from store.db import Db

#: A row gets its number before its commit: one that commits late must not come to lie behind a seal. No transaction of
#: the bot is open during a call, so that none lasts as long as this.
GRACE = timedelta(minutes=15)
#: Rows of a seal: few, so that a broken one names few.
TOGETHER = 500


@dataclass
class Sealed:
    """What one run came to."""

    sealed: int = 0
    seals: int = 0


def seal(office: Office) -> Sealed:
    """Seal what has been there for a while; another process at the same work is left to it."""
    done = Sealed()
    for table in TABLES:
        while True:
            try:
                link = _next(office, table)
            except IntegrityError:
                return done
            if link is None:
                break
            done.sealed, done.seals = done.sealed + link.rows, done.seals + 1
    return done


def _next(office: Office, table: str) -> Seal | None:
    """One more link; None if the table has nothing old enough."""
    before = office.now() - GRACE
    with office.db.write() as conn:
        after = seals.reached(conn, table)
        found = seals.rows(conn, table, office.seal_key, after=after, most=TOGETHER)
        old = list(takewhile(lambda row: seals.time_of(table, row) < before, found))
        if not old:
            return None
        previous = seals.head(conn) or START
        link = rule.seal(table, after + 1, old[-1]["id"], old, previous, office.seal_key, office.now())
        seals.add(conn, link)
    return link


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a look through the whole chain came to: the first seal that is broken and how, or none."""

    seals: int
    rows: int
    #: The hash of the last seal; empty: nothing is sealed yet.
    head: str
    unsealed: int
    broken: Seal | None = None
    what: str = ""
    #: False: the head that was printed once is no hash of this chain.
    knows_head: bool = True

    @property
    def holds(self) -> bool:
        return not self.what and self.knows_head


def verify(db: Db, key: str, head: str = "") -> Verified:
    """Reckon the whole chain again from the rows, in one reading; `head`: a hash, or its first signs, as once printed."""
    previous, number, rows, known = START, 0, 0, not head
    ends: dict[str, int] = {}
    with db.snapshot() as conn:
        unsealed = sum(seals.unsealed(conn, table) for table in TABLES)
        for kept in list(seals.every(conn)):
            number, after = number + 1, ends.get(kept.table_name, 0)
            what = _wrong_place(kept, after)
            if not what:
                there = seals.rows(conn, kept.table_name, key, after=after, until=kept.to_id)
                what, rows = rule.difference(kept, there, previous, key), rows + len(there)
            if what:
                return Verified(
                    seals=number, rows=rows, head=previous, unsealed=unsealed, broken=kept, what=what, knows_head=known
                )
            previous, ends[kept.table_name] = kept.hash, kept.to_id
            known = known or kept.hash.startswith(head)
    end = "" if previous == START else previous
    return Verified(seals=number, rows=rows, head=end, unsealed=unsealed, knows_head=known)


def _wrong_place(kept: Seal, after: int) -> str:
    """Each table's seals follow one another without a gap."""
    return "" if kept.table_name in TABLES and kept.from_id == after + 1 <= kept.to_id else BROKEN_CHAIN
