"""Who runs on this database: one lease in `meta`, renewed while the process lives, lapsing by itself if it is killed.

It guards no send, claims do that: it is there so that an administrator is told of a second process.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from store import facts

NAME = "lease"
#: Six renewals may be missed before another process may take over.
LASTS = timedelta(minutes=3)
RENEWED = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Lease:
    """One process at work on this database."""

    #: Never used again.
    owner: str
    host: str
    pid: int
    #: What it does, in the words an administrator reads.
    doing: str
    since: datetime
    until: datetime


def holder(conn: Connection) -> Lease | None:
    """Who holds it, also if it has lapsed; None if nobody does."""
    text = facts.get_meta(conn, NAME)
    return None if text is None else _read(text)


def take(conn: Connection, mine: Lease, is_over: Callable[[Lease], bool]) -> Lease | None:
    """Take it, also from one that is over; returns the lease that is in the way, None if it is ours now."""
    text = facts.get_meta(conn, NAME)
    if text is not None and not is_over(_read(text)):
        return _read(text)
    if facts.swap_meta(conn, NAME, text, _written(mine)):
        return None
    return take(conn, mine, is_over)  # another process was quicker: look at whose it is now


def renew(conn: Connection, owner: str, until: datetime) -> Lease | None:
    """Keep it until then; returns whoever has taken it meanwhile, None if it is still ours."""
    text = facts.get_meta(conn, NAME)
    if text is None:
        return None
    held = _read(text)
    if held.owner != owner:
        return held
    return None if facts.swap_meta(conn, NAME, text, _written(replace(held, until=until))) else holder(conn)


def give_back(conn: Connection, owner: str) -> None:
    """The process ends in good order; what another has taken meanwhile stays."""
    text = facts.get_meta(conn, NAME)
    if text is not None and _read(text).owner == owner:
        facts.swap_meta(conn, NAME, text, None)


def forget(conn: Connection) -> None:
    """Nobody holds it, whoever did."""
    text = facts.get_meta(conn, NAME)
    if text is not None:
        facts.swap_meta(conn, NAME, text, None)


def _written(lease: Lease) -> str:
    values = {**asdict(lease), "since": lease.since.isoformat(), "until": lease.until.isoformat()}
    return json.dumps(values, ensure_ascii=False)


def _read(text: str) -> Lease:
    values: dict[str, Any] = json.loads(text)
    instants = {name: datetime.fromisoformat(values[name]) for name in ("since", "until")}
    return Lease(**{**values, **instants})
