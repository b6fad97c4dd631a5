"""Site (登载): an item whose own page stands on the school's site is booked there, once, on its source's 公开日期."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from sqlalchemy.exc import IntegrityError

from jobs.book import Booked, Word, enter
from jobs.handoff import Refused
from jobs.office import Office
from rules.dates import at, day_of
from rules.place import WEBSITE
from rules.routing import Target
from rules.site import home_of, host_of
from rules.states import Basis
from store import facts, site
from store.site import Page

log = logging.getLogger("xxgk.site")

#: Booked in one run; a school that starts with years of pages goes on in the next.
MOST = 500
#: So many items are named in one alarm.
NAMED = 5
#: Whose word it is.
SOURCE = "来源"


@dataclass
class Registered:
    """What one run came to: items (条) booked, and those that should not stand where they do, by target."""

    onsite: int = 0
    against: dict[str, list[tuple[int, str]]] = field(default_factory=dict)


def sites_of(office: Office) -> list[Target]:
    """The sites and columns of the register; none where the channel is switched off."""
    if WEBSITE not in office.channels:
        return []
    return [target for target in office.school.targets.values() if target.channel == WEBSITE]


def register(office: Office) -> Registered:
    """Book what stands there and is not booked yet. Its word is the source's: nothing is read or sent."""
    done, targets, now = Registered(), sites_of(office), office.now()
    if not targets:
        return done
    with office.db.read() as conn:
        found = site.unbooked(conn, {host_of(target.address) for target in targets}, day_of(now))
    at_home = [(page, home) for page in found if (home := home_of(page.url, targets)) is not None]
    for page, home in at_home[:MOST]:
        _register(office, page, home, done)
    for number, wrong in done.against.items():
        _tell(office, office.school.targets[number], wrong, now)
    if done.onsite:
        log.info("网站登载：登记 %d 条", done.onsite)
    return done


def _register(office: Office, page: Page, home: Target, done: Registered) -> None:
    booked = _book(office, page, home)
    if booked is None:
        return
    done.onsite += 1
    if booked.against:
        done.against.setdefault(home.number, []).append((page.item_id, booked.against))


def _book(office: Office, page: Page, home: Target) -> Booked | None:
    """None if it is booked there already: by a person, or by another process just now."""
    word = Word(
        by=SOURCE,
        basis=Basis.ON_SITE,
        reason=f"网页登载于 {page.published_on}（来源的公开日期）",
        text=f"{page.title}\n{page.url}",
        recorded_by=SOURCE,
    )
    try:
        with office.db.write() as conn:
            return enter(conn, office, page.item_id, home, word, at(page.published_on, time()))
    except (Refused, IntegrityError):
        return None


def _tell(office: Office, home: Target, wrong: Sequence[tuple[int, str]], now: datetime) -> None:
    """One alarm a run and site, by number: a reminder may be read by more people than the titles are meant for."""
    which = "、".join(str(item_id) for item_id, _ in wrong[:NAMED]) + (" 等" if len(wrong) > NAMED else "")
    text = f"{home.name}上有 {len(wrong)} 条网页与登记不符：条目 {which}；如条目 {wrong[0][0]}：{wrong[0][1]}。请核实，必要时撤下"
    with office.db.write() as conn:
        facts.raise_alarm(conn, f"登载不合:{home.number}:{wrong[0][0]}", text, now, channel=WEBSITE)
