"""Survey (普查): once a day, what an account holds whoever sent it, who has read it, and how many follow it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from channels.base import Article, Measures, SendError, Surveys
from jobs.book import book
from jobs.choose import is_scarce
from jobs.handoff import Deed, Refused
from jobs.office import Office
from rules import survey as rule
from rules.dates import SHANGHAI, SchoolYear, at, day_of
from rules.origin import BOT
from rules.routing import Target
from store import articles, facts, items, quotas, reach
from store.articles import Known

log = logging.getLogger("xxgk.survey")

#: Who is named as having published what the bot did not send: the account's list does not say who it was.
BY, RECORDED_BY = "账号工作人员", "账号普查"
#: What was not told in the morning is asked for again then.
AGAIN = timedelta(hours=3)
#: A draft may lie so long before a person sends it.
DRAFTED_BEFORE = timedelta(days=40)


@dataclass
class Done:
    """What one run came to: articles new, placements booked, articles gone, figures kept, and what is not known."""

    seen: int = 0
    booked: int = 0
    gone: int = 0
    figures: int = 0
    note: str = ""


def survey_daily(office: Office, name: str) -> Done:
    """Once a day when yesterday's figures can be had; again after a while if something was not told."""
    with office.db.read() as conn:
        state = articles.state(conn, name)
    now = office.now()
    today = day_of(now)
    early = now.astimezone(SHANGHAI).time() < rule.READY
    # A survey by hand before the hour does not stand for the day's.
    surveyed = (
        state.last is not None and rule.known_until(state.last) == rule.known_until(now) and day_of(state.last) == today
    )
    waits = state.last is not None and (state.complete or now - state.last < AGAIN)
    return Done() if early or (surveyed and waits) else survey(office, name)


def survey(office: Office, name: str) -> Done:
    """Now: the list, what is missing in the log, the figures that have become true. Repeating it changes nothing."""
    channel = office.channels[name]
    if not isinstance(channel, Surveys):
        return Done()
    with office.db.read() as conn:
        state = articles.state(conn, name)
    now = office.now()
    until = rule.known_until(now)
    days, since = rule.due(state.marks, until), _since(state, now)
    found = channel.survey(since, days)
    done = Done(note=found.note)
    account = next((each for each in office.school.targets.values() if each.channel == name), None)
    with office.db.write() as conn:
        pairs = _keep(conn, name, found.articles, since, now, done)
        _book_sends(conn, office, name, pairs)
    if done.note:
        log.warning("%s普查：%s", office.setting(name).label, done.note)
    done.booked = _book_all(office, name, account)
    marks = rule.moved(state.marks, found.told, until)
    after = replace(
        state,
        first=state.first or (now if found.listed or found.told else None),
        last=now,
        listed=day_of(now) if found.listed else state.listed,
        complete=found.listed and not rule.due(marks, until),
        whole=state.whole or (now if found.listed else None),
        marks=marks,
    )
    with office.db.write() as conn:
        done.figures = _keep_figures(conn, name, pairs, account, now)
        articles.keep_state(conn, name, after)
    done.figures += _followers(office, name)
    return done


def _since(state: articles.Surveyed, now: datetime) -> date:
    """So far back that no outage loses an article, and that what was deleted later is seen; at first the school year."""
    if state.listed is None:
        return min(SchoolYear.of(day_of(now)).start, day_of(now) - timedelta(days=rule.BACK))
    return min(state.listed - timedelta(days=1), day_of(now) - timedelta(days=rule.BACK))


def _keep(
    conn: Connection, name: str, found: Sequence[Article], since: date, now: datetime, done: Done
) -> list[tuple[int, Article]]:
    """Every article with the id of its row: the one that is there already, or a new one."""
    facts.channel_state(conn, name, lock=True)  # whoever else surveys waits
    rows = articles.known(conn, name)
    earliest = datetime.combine(since, datetime.min.time(), SHANGHAI) - DRAFTED_BEFORE
    signs = articles.pushes_by_sign(conn, name, earliest)
    pairs: list[tuple[int, Article]] = []
    for listed in (True, False):
        free = list(rows)
        some = [(_push_of(each, signs), each) for each in found if bool(each.url) is listed]
        for exact in (True, False):  # what is known for certain first, so that an equal title takes nothing from it
            rest = []
            for push_id, each in some:
                row = next((row for row in free if _is(row, each, push_id, exact)), None)
                if row is None:
                    rest.append((push_id, each))
                    continue
                free.remove(row)
                pairs.append((row.id, each))
                done.gone += _refresh(conn, row, each, push_id, now)
            some = rest
        new = [(p, each) for p, each in some if p is not None or not _may_be_listed(each, rows, pairs)]
        if len(new) < len(some):
            _note(done, f"统计中有 {len(some) - len(new)} 篇没有标题，不能确定是不是列表中的文章，暂不计入")
        pairs += [(_add(conn, name, each, push_id, now), each) for push_id, each in new]
        done.seen += len(new)
        rows = articles.known(conn, name)
    return pairs


def _book_sends(conn: Connection, office: Office, name: str, pairs: Sequence[tuple[int, Article]]) -> None:
    """Scarce sends of others: where the figures of a day name more than the quota book knows, the rest is booked."""
    rows = {row.id: row for row in articles.known(conn, name)}
    sent: dict[date, set[str]] = {}
    for id, each in pairs:
        if each.notified:
            sent.setdefault(day_of(rows[id].published_at), set()).add(each.article_id)
    names = {rate.name for rate in office.channels[name].limits.rates if is_scarce(office, name, rate)}
    for key in sorted(f"{name}:{each}" for each in names):
        for day, numbers in sorted(sent.items()):
            missing = len(numbers) - quotas.of_day(conn, key, at(day, time.min))
            if missing > 0:
                quotas.book_others(conn, key, missing, at(day, time.min))


def _note(done: Done, text: str) -> None:
    done.note = "；".join(filter(None, [done.note, text]))


def _may_be_listed(each: Article, rows: Sequence[Known], pairs: Sequence[tuple[int, Article]]) -> bool:
    """True if an article without a title may be one of the list's that day which has no figures yet: none is counted twice."""
    if each.url or each.title:
        return False
    counted = {id for id, other in pairs if not other.url}
    day = day_of(each.published_at)
    return any(row.url and row.id not in counted and day_of(row.published_at) == day for row in rows)


def _push_of(each: Article, signs: dict[str, int]) -> int | None:
    """The bot's push that sent it, by our mark in it or by what the vendor said of the push."""
    return next((signs[sign] for sign in (each.push_key, each.article_id, each.url) if sign and sign in signs), None)


def _is(row: Known, each: Article, push_id: int | None, exact: bool) -> bool:
    """True if the row is this article: by its number or push; else, between list and figures, by title and day."""
    if exact:
        same_push = push_id is not None and row.push_id == push_id
        return row.position == each.position and (row.article_id == each.article_id or same_push)
    if push_id is not None:  # one of ours that nothing ties to the row is not the article of somebody else
        return False
    across = bool(row.url) is not bool(each.url) and not (each.url and row.origin == BOT)
    return (
        across
        and bool(each.title)
        and row.title == each.title[:500]
        and day_of(row.published_at) == day_of(each.published_at)
    )


def _add(conn: Connection, name: str, each: Article, push_id: int | None, now: datetime) -> int:
    item_id = _item_of(conn, each, push_id)
    title = each.title or (items.title_of(conn, item_id) if item_id is not None else "")
    row = {
        "channel": name, "article_id": each.article_id[:100], "position": each.position, "title": title[:500],
        "url": each.url[:1000], "published_at": each.published_at, "push_id": push_id, "item_id": item_id,
        "gone_at": now if each.gone else None, "seen_at": now,
    }  # fmt: skip
    return articles.add(conn, row)


def _refresh(conn: Connection, row: Known, each: Article, push_id: int | None, now: datetime) -> bool:
    """What has come to be known since it was first seen; True if it is gone now and was not before."""
    news: dict[str, object] = {}
    if each.url and not row.url:
        news["url"] = each.url[:1000]
        if day_of(row.published_at) == day_of(each.published_at):  # the figures knew the day alone
            news["published_at"] = each.published_at
    if each.title and not row.title:
        news["title"] = each.title[:500]
    if push_id is not None and row.origin != BOT:
        news |= {"push_id": push_id, "item_id": articles.piece_of(conn, push_id, each.position)}
    elif row.item_id is None and (found := _item_of(conn, each, row.push_id)) is not None:
        news["item_id"] = found
    if each.url and each.gone is not (row.gone_at is not None):
        news["gone_at"] = now if each.gone else None
    if news:
        articles.change(conn, row.id, news)
    return news.get("gone_at") is not None


def _item_of(conn: Connection, each: Article, push_id: int | None) -> int | None:
    if push_id is not None:
        return articles.piece_of(conn, push_id, each.position)
    return articles.published_item(conn, each.source, each.title, day_of(each.published_at))


def _book_all(office: Office, name: str, account: Target | None) -> int:
    """What publishes an item of ours and is no push yet becomes a booked one, unless the item is out there already."""
    if account is None:
        return 0
    with office.db.read() as conn:
        rows = [
            row for row in articles.known(conn, name) if row.item_id and row.push_id is None and row.gone_at is None
        ]
    return sum(_book(office, account, row) for row in rows)


def _book(office: Office, account: Target, row: Known) -> bool:
    """True if it was booked now. A booking that is there, by a person or before a crash, is only tied to its article."""
    assert row.item_id is not None
    deed = Deed(by=BY, at=row.published_at, place=row.url[:200], note=f"普查账号文章时发现：{row.title}")
    try:
        book(office, row.item_id, account, deed, RECORDED_BY)
        booked = True
    except (Refused, IntegrityError) as error:  # out already, or booked by another process just now
        log.debug("%s《%s》没有补录：%s", account.name, row.title, error)
        booked = False
    with office.db.write() as conn:
        push_id = articles.booked_push(conn, row.item_id, account.number)
        if push_id is not None:
            articles.change(conn, row.id, {"push_id": push_id})
    return booked


def _keep_figures(
    conn: Connection, name: str, pairs: Iterable[tuple[int, Article]], account: Target | None, now: datetime
) -> int:
    """The readers at the days that are kept, each once; an earlier figure is never overwritten."""
    facts.channel_state(conn, name, lock=True)
    rows = {row.id: row for row in articles.known(conn, name)}
    there = articles.figures_kept(conn, name)
    kept = 0
    for id, each in pairs:
        row, born = rows[id], day_of(each.published_at)
        for sample in each.samples:
            key = (row.subject, sample.true_at)
            if key in there or not rule.is_kept(born, day_of(sample.true_at)):
                continue
            fact = {
                "channel": name, "target": account.number if account else "", "push_id": row.push_id,
                "subject": row.subject, "metric": sample.metric, "value": sample.value, "basis": sample.basis,
                "true_at": sample.true_at, "known_at": now,
            }  # fmt: skip
            reach.add(conn, fact)
            there.add(key)
            kept += 1
    return kept


def _followers(office: Office, name: str) -> int:
    """How many follow the account, once a day even if they are as many as yesterday. Returns figures kept."""
    channel, kept = office.channels[name], 0
    if not isinstance(channel, Measures):
        return 0
    for target in [each for each in office.school.targets.values() if each.channel == name]:
        try:
            samples = channel.measure(target)
        except SendError as error:
            log.warning("%s的关注人数没有读到：%s", target.name, error)
            continue
        with office.db.write() as conn:
            for sample in samples:
                last = reach.last_measured(conn, target.number, sample.metric)
                if last is None or last[0] != sample.value or day_of(last[1]) < day_of(sample.true_at):
                    fact = {
                        "channel": name, "target": target.number, "push_id": None, "metric": sample.metric,
                        "value": sample.value, "basis": sample.basis, "true_at": sample.true_at, "known_at": office.now(),
                    }  # fmt: skip
                    reach.add(conn, fact)
                    kept += 1
    return kept
