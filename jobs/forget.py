"""Forget: the numbers and accounts of persons, as soon as no receipt can come any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import channels
from jobs.office import Office
from rules.privacy import digest_of, sealed
from rules.states import Status
from store import forget as asked

#: The latest receipt of any vendor comes after 72 hours; one day more for what lay in a queue.
RECEIPTS_CLOSE = timedelta(days=4)
TOGETHER = 2000


@dataclass
class Forgotten:
    """What one run came to: addresses sealed, receipts emptied, and those that still name a person, by status."""

    addresses: int = 0
    receipts: int = 0
    left: Mapping[Status, int] = field(default_factory=dict)


def forget(office: Office) -> Forgotten:
    """Seal what has closed; what is still open keeps its address until it closes.

    Of a channel that is switched off too; without a key nothing can be sealed, and all of it is `left`.
    """
    done = Forgotten()
    off = sorted(channels.TO_PERSONS - office.channels.keys())
    names = [*(name for name, channel in office.channels.items() if channel.limits.person), *off]
    before = office.now() - RECEIPTS_CLOSE
    while office.seal_key:
        with office.db.write() as conn:
            found = asked.forgettable(conn, names, before, TOGETHER)
            asked.seal(conn, {n: sealed(address, office.seal_key) for n, address in found.items()})
        done.addresses += len(found)
        if len(found) < TOGETHER:
            break
    done.receipts = _empty_receipts(office, names, off, before) if office.seal_key else 0
    with office.db.read() as conn:
        done.left = asked.still_plain(conn, names)
    return done


def _empty_receipts(office: Office, names: list[str], off: list[str], before: datetime) -> int:
    many = 0
    while True:
        with office.db.write() as conn:
            found = asked.open_receipts(conn, names, off, before, TOGETHER)
            asked.empty_receipts(conn, {n: digest_of(raw, office.seal_key) for n, raw in found.items()})
        many += len(found)
        if len(found) < TOGETHER:
            return many
