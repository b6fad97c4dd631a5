"""Visits (网页访问): what the counters of the school's own pages show, kept as reach on the days it is asked for."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from channels.website import Website
from config.safety import LOOPBACK
from jobs.office import Office
from jobs.site import sites_of
from rules.dates import day_of
from rules.place import WEBSITE
from rules.routing import Target
from rules.site import counts, host_of, look_due, stands_at
from sources.counters import Unread, read
from sources.web import Site, WebError
from store import facts, reach, site
from store.site import READS, Standing

log = logging.getLogger("xxgk.visits")

#: Seconds between two requests to one site.
PAUSE = 1.0
#: After so many failures in a row a site is left alone until the next run.
GIVE_UP = 3
#: How it is known: the site's own statistics.
BASIS = "平台统计"


@dataclass
class Visited:
    """What one run came to: figures kept, and pages whose figure could not be read."""

    visits: int = 0
    unread: int = 0


def read_visits(office: Office, pause: float = PAUSE) -> Visited:
    """Ask each site, one page after the other; what cannot be read is no figure and stays in the log."""
    done, targets = Visited(), {target.number: target for target in sites_of(office)}
    channel = office.channels.get(WEBSITE)
    if not targets or not isinstance(channel, Website) or _paused(office):
        return done
    today = day_of(office.now())
    with office.db.read() as conn:
        found = site.standing(conn, office.now() - timedelta(days=channel.days + 1))
    due = [each for each in found if look_due(each.published_on, each.last_on, today, channel.days)]
    for pages in _by_site(office, due, targets).values():
        _read_site(office, _of_today(pages, channel.pages, today), done, pause)
    return done


def _of_today(pages: Sequence[Standing], most: int, today: date) -> list[Standing]:
    """So many of a site's pages, each day from further on: those that never can be read hold up no others."""
    start = today.toordinal() * most % len(pages)
    return [*pages[start:], *pages[:start]][:most]


def _paused(office: Office) -> bool:
    with office.db.read() as conn:
        return facts.channel_state(conn, WEBSITE).paused_at is not None


def _by_site(office: Office, due: Sequence[Standing], targets: Mapping[str, Target]) -> dict[str, list[Standing]]:
    """The pages of each site; only those that still lie under their target, and before going live only this machine's."""
    found: dict[str, list[Standing]] = {}
    for each in due:
        target = targets.get(each.target)
        if target is None or not stands_at(each.url, target.address):
            continue
        if office.live or host_of(each.url) in LOOPBACK:
            found.setdefault(urlsplit(each.url).netloc.lower(), []).append(each)
    return found


def _read_site(office: Office, pages: Sequence[Standing], done: Visited, pause: float) -> None:
    """One connection for the whole site."""
    where, failures = Site(pages[0].url, office.clock, {}, pause), 0
    try:
        for page in pages:
            answered = _read_page(office, where, page, done)
            failures = 0 if answered else failures + 1
            if failures == GIVE_UP:
                log.warning("网站 %s 连续几次没有正常答复，下次再读取访问次数", where.root)
                return
    finally:
        where.close()


def _read_page(office: Office, where: Site, page: Standing, done: Visited) -> bool:
    """False if the site did not answer as it should."""
    try:
        figure = read(where, page.url)
        why, answered = counts(figure, page.last), True
    except Unread as error:
        why, answered = str(error), True
    except WebError as error:
        why, answered = str(error), False
    except Exception as error:  # one page that we cannot read must not hide the others
        log.exception("读取 %s 的访问次数时程序出错", page.url)
        why, answered = type(error).__name__, True
    if why:
        done.unread += 1
        log.warning("网页 %s 的访问次数没有读到：%s", page.url, why)
        return answered
    assert figure is not None
    _keep(office, page, figure)
    done.visits += 1
    return True


def _keep(office: Office, page: Standing, figure: int) -> None:
    now = office.now()
    sample = {
        "channel": WEBSITE, "target": page.target, "push_id": page.push_id, "metric": READS, "value": figure,
        "basis": BASIS, "true_at": now, "known_at": now,
    }  # fmt: skip
    with office.db.write() as conn:
        reach.add(conn, sample)
