"""Small tables: facts about the store, the watches, channels' states, alarms, problems, acts of persons."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from rules.item import Place, Problem
from rules.reminders import DEPARTMENT
from store import tables as t
from store.db import AFTER_COMMIT

ORDERS = "orders"  # the stamp of the last order of a person; a deliver run that sees it change stops and asks again


def get_meta(conn: Connection, name: str) -> str | None:
    """The value of a fact, None if it was never set."""
    return conn.scalar(select(t.meta.c.value).where(t.meta.c.name == name))


def metas(conn: Connection, prefix: str) -> list[str]:
    """The names with this beginning."""
    m = t.meta.c
    return list(conn.scalars(select(m.name).where(m.name.startswith(prefix, autoescape=True)).order_by(m.name)))


def set_meta(conn: Connection, name: str, value: str) -> None:
    """Set a fact."""
    if conn.execute(update(t.meta).where(t.meta.c.name == name).values(value=value)).rowcount == 0:
        conn.execute(insert(t.meta).values(name=name, value=value))


def swap_meta(conn: Connection, name: str, old: str | None, new: str | None) -> bool:
    """Change a fact only if it still is `old`; None: there is none. False if another process was quicker."""
    m = t.meta.c
    if old is None:
        if new is None:
            return get_meta(conn, name) is None
        with conn.begin_nested() as savepoint:
            try:
                conn.execute(insert(t.meta).values(name=name, value=new))
            except IntegrityError:
                savepoint.rollback()
                return False
        return True
    same = (m.name == name, m.value == old)
    change = delete(t.meta).where(*same) if new is None else update(t.meta).where(*same).values(value=new)
    return conn.execute(change).rowcount == 1


def is_demo(conn: Connection) -> bool:
    """True if the store holds a demonstration."""
    return get_meta(conn, "demo") == "1"


#: Orders given in this process: a running delivery of ours hears of them without asking the database.
given_here = [0]


def bump_orders(conn: Connection) -> None:
    """Tell running deliveries that a person has ordered something; a stamp, as two counting at once would lose one."""
    set_meta(conn, ORDERS, uuid4().hex)
    conn.info.setdefault(AFTER_COMMIT, []).append(_given)


def _given() -> None:
    """Counted once it can be read: who looked before the commit would find nothing and not look again for a while."""
    given_here[0] += 1


@dataclass(frozen=True)
class Watch:
    """Where reading of a column stands."""

    since: date
    cursor: Mapping[str, Any]
    #: When it was last read whole.
    good_at: datetime | None


def get_watch(conn: Connection, name: str) -> Watch | None:
    """None before the first look."""
    row = conn.execute(
        select(t.watches.c.since, t.watches.c.cursor, t.watches.c.good_at).where(t.watches.c.name == name)
    ).first()
    return None if row is None else Watch(row.since, row.cursor, row.good_at)


def set_watch(
    conn: Connection, name: str, *, since: date, cursor: Mapping[str, Any], health: str, note: str, now: datetime
) -> None:
    """Remember a look; `good_at` moves only when the answer was whole."""
    values: dict[str, Any] = {"cursor": dict(cursor), "health": health, "note": note, "looked_at": now}
    if health in ("good", "unchanged"):
        values["good_at"] = now
    if conn.execute(update(t.watches).where(t.watches.c.name == name).values(**values)).rowcount == 0:
        conn.execute(insert(t.watches).values(name=name, since=since, **values))


def name_of(kind: str, name: str) -> str:
    """Under what a fact of something is kept whose own name may be longer than a fact's, such as a column."""
    return f"{kind}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def _away(name: str) -> str:
    return name_of("away", name)


def times_away(conn: Connection, name: str) -> int:
    """How many looks at a column in a row nobody has answered."""
    return int(get_meta(conn, _away(name)) or 0)


def count_away(conn: Connection, name: str, *, away: bool) -> int:
    """One more such look, or the end of them; returns how many there are now."""
    before = times_away(conn, name)
    now = before + 1 if away else 0
    if now != before:
        set_meta(conn, _away(name), str(now))
    return now


def replace_problems(
    conn: Connection, watch: str, files: Iterable[str], found: Iterable[Problem], now: datetime
) -> None:
    """The problems of these files are now `found`; those of other files stay."""
    p = t.problems.c
    conn.execute(delete(t.problems).where(p.watch == watch, p.file.in_(list(files))))
    rows = [
        {
            "watch": watch, "file": each.place.file, "sheet": each.place.sheet, "row": each.place.row,
            "column": each.column, "text": each.text, "fix": each.fix, "found_at": now,
        }
        for each in found
    ]  # fmt: skip
    if rows:
        conn.execute(insert(t.problems), rows)


def forget_problems(conn: Connection, watch: str, files: Iterable[str]) -> None:
    """Problems of files that are gone are nobody's to mend."""
    p = t.problems.c
    conn.execute(delete(t.problems).where(p.watch == watch, p.file.not_in(list(files))))


def list_problems(conn: Connection, watch: str | None = None) -> list[Problem]:
    """All open problems, by file, sheet and row."""
    p = t.problems.c
    query = select(t.problems).order_by(p.file, p.sheet, p.row, p.id)
    if watch is not None:
        query = query.where(p.watch == watch)
    return [Problem(Place(r.file, r.sheet, r.row), r.column, r.text, r.fix) for r in conn.execute(query)]


@dataclass(frozen=True)
class ChannelState:
    """Whether a channel is paused, by whom and why."""

    paused_at: datetime | None
    paused_by: str
    reason: str
    good_at: datetime | None
    failures: int


def channel_state(conn: Connection, name: str, *, lock: bool = False) -> ChannelState:
    """The channel's state; with `lock`, whoever else claims for this channel waits for this transaction."""
    query = select(t.channels).where(t.channels.c.name == name)
    row = conn.execute(query.with_for_update() if lock else query).first()
    if row is None:
        return ChannelState(None, "", "", None, 0)
    return ChannelState(row.paused_at, row.paused_by, row.reason, row.good_at, row.failures)


def ensure_channels(conn: Connection, names: Iterable[str]) -> None:
    """A row for each channel, so that claims have something to queue up on."""
    known = set(conn.scalars(select(t.channels.c.name)))
    for name in sorted(set(names) - known):
        conn.execute(insert(t.channels).values(name=name))


def pause(conn: Connection, name: str, *, by: str, reason: str, now: datetime) -> bool:
    """Stop a channel; False if it was paused already (the first reason stays)."""
    c = t.channels.c
    values = {"paused_at": now, "paused_by": by, "reason": reason}
    bump_orders(conn)
    return conn.execute(update(t.channels).where(c.name == name, c.paused_at.is_(None)).values(**values)).rowcount == 1


def resume(conn: Connection, name: str) -> bool:
    """Let a channel go on; False if it was not paused."""
    c = t.channels.c
    values = {"paused_at": None, "paused_by": "", "reason": "", "failures": 0}
    paused = update(t.channels).where(c.name == name, c.paused_at.is_not(None))
    if conn.execute(paused.values(**values)).rowcount == 0:
        return False
    last = conn.scalar(select(func.max(t.attempts.c.id))) or 0
    set_meta(conn, _RESUMED + name, str(last))
    return True


_RESUMED = "resumed:"  # the last call begun before a person let the channel go on: its failures are over and done with


def resumed_after(conn: Connection, name: str) -> int:
    """The last attempt before the channel was last resumed; 0 if it never was."""
    return int(get_meta(conn, _RESUMED + name) or 0)


def note_success(conn: Connection, name: str, now: datetime) -> None:
    """The channel worked just now."""
    conn.execute(update(t.channels).where(t.channels.c.name == name).values(good_at=now, failures=0))


def note_failure(conn: Connection, name: str) -> None:
    """One more failure in a row."""
    c = t.channels.c
    conn.execute(update(t.channels).where(c.name == name).values(failures=c.failures + 1))


def raise_alarm(conn: Connection, subject: str, text: str, now: datetime, channel: str = "") -> bool:
    """Something a person must know; False if the same subject is still open, so that nobody hears it twice."""
    a = t.alarms.c
    if conn.scalar(select(a.id).where(a.subject == subject, a.cleared_at.is_(None)).limit(1)) is not None:
        return False
    conn.execute(insert(t.alarms).values(subject=subject, channel=channel, text=text, raised_at=now))
    return True


def state_alarm(conn: Connection, subject: str, text: str, now: datetime, channel: str = "") -> bool:
    """The same of what lasts: an open one is rewritten to say how it is now. Not for a text that names who was concerned."""
    a = t.alarms.c
    conn.execute(update(t.alarms).where(a.subject == subject, a.cleared_at.is_(None), a.text != text).values(text=text))
    return raise_alarm(conn, subject, text, now, channel)


def clear_alarm(conn: Connection, subject: str, now: datetime) -> None:
    """It is over."""
    a = t.alarms.c
    conn.execute(update(t.alarms).where(a.subject == subject, a.cleared_at.is_(None)).values(cleared_at=now))


def open_alarms(conn: Connection, prefix: str) -> set[str]:
    """The subjects with this beginning that are not over yet."""
    a = t.alarms.c
    return set(
        conn.scalars(select(a.subject).where(a.subject.startswith(prefix, autoescape=True), a.cleared_at.is_(None)))
    )


def keep_alarms(conn: Connection, mine: str, wanted: Mapping[str, str], now: datetime, channel: str = "") -> int:
    """Of the alarms that begin with `mine`, those on duty's and the departments': the wanted ones (subject → text) stand.

    The others are over. Returns how many are new.
    """
    theirs = {each for each in open_alarms(conn, DEPARTMENT) if f":{mine}" in each}
    for subject in (open_alarms(conn, mine) | theirs) - wanted.keys():
        clear_alarm(conn, subject, now)
    return sum(state_alarm(conn, subject, text, now, channel) for subject, text in wanted.items())


@dataclass(frozen=True)
class Alarm:
    """An alarm nobody has been told of yet."""

    id: int
    channel: str
    text: str
    raised_at: datetime
    subject: str


def untold_alarms(conn: Connection) -> list[Alarm]:
    """Oldest first."""
    a = t.alarms.c
    query = (
        select(a.id, a.channel, a.text, a.raised_at, a.subject)
        .where(a.told_at.is_(None), a.cleared_at.is_(None))
        .order_by(a.id)
    )
    return [Alarm(**row._mapping) for row in conn.execute(query)]


def told(conn: Connection, ids: Iterable[int], by: str, now: datetime) -> None:
    """A person has been told through this target."""
    conn.execute(update(t.alarms).where(t.alarms.c.id.in_(list(ids))).values(told_at=now, told_by=by))


def record_act(
    conn: Connection, *, person: str, act: str, subject: str, now: datetime, reason: str = "", digest: str = ""
) -> None:
    """Who ordered what, when, on what, and the hash of what was seen."""
    values = {"person": person, "act": act, "subject": subject, "reason": reason, "digest": digest, "at": now}
    conn.execute(insert(t.acts).values(**values))
