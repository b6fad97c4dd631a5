"""Short links of our own (短链接): made with the push they belong to; what was clicked becomes reach (点击).

A link carries a random token and nothing else: the same for everybody who gets the push. Off until the school names a
public address for them (`[school] short_links`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobs.office import Office
from rules.bundle import RETRACTION
from rules.routing import Target
from rules.site import is_page
from store import links, reach
from store.links import CLICKS, Link
from store.placements import Due

#: 12 characters of 62: 71 random bits.
BYTES = 9


@dataclass
class Clicked:
    """What one run came to: pushes whose number has changed."""

    clicks: int = 0


def links_for(office: Office, target: Target, dues: Sequence[Due]) -> dict[int, Link]:
    """A link for each placement that shows its page; none where the school or the channel has none, nor for a 撤回."""
    if not office.school.short_links or not office.setting(target.channel).short_links:
        return {}
    shown = [due for due in dues if due.purpose != RETRACTION and is_page(due.url)]
    return {due.id: Link(new_token(), due.id, due.url) for due in shown}


def address_of(office: Office, due: Due, made: Mapping[int, Link]) -> str:
    """What the readers of a push are shown as the item's page."""
    link = made.get(due.id)
    return due.url if link is None else f"{office.school.short_links}/{link.token}"


def new_token() -> str:
    """Letters and figures only: what finds links in a text cuts off a - or _ at the end, and markup eats a _."""
    while True:
        token = secrets.token_urlsafe(BYTES)
        if token.isalnum():
            return token


def count_clicks(office: Office) -> Clicked:
    """A new figure for each push whose clicks have changed; an earlier one stays. Two clicks of one person are two (次)."""
    done, now = Clicked(), office.now()
    with office.db.read() as conn:
        found = [each for each in links.clicked(conn) if each.clicks != each.last]
    for each in found:
        sample = {
            "channel": each.channel, "target": each.target, "push_id": each.push_id, "metric": CLICKS,
            "value": each.clicks, "basis": CLICKS, "true_at": now, "known_at": now,
        }  # fmt: skip
        with office.db.write() as conn:
            reach.add(conn, sample)
        done.clicks += 1
    return done
