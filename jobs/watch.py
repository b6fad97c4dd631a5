"""Watch: look at a column once, keep what is new or edited, list what a clerk must mend."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from jobs.office import Office
from jobs.orders import stop_unsent
from rules import advice
from rules.dates import at, day_of
from rules.identity import as_kept, bare_key, is_bare, keys_of_all, may_be, names, older_keys
from rules.item import REPEATED, Entry, Problem, examine
from rules.naming import named
from rules.notices import with_span
from rules.review import RETURNED, contrary, is_void, outweighs, same_text
from rules.school import Column
from sources.base import Fetched, Health, Source
from store import facts, items, placements, scans
from store import orders as asked

log = logging.getLogger("xxgk.watch")


@dataclass
class Watched:
    """What one look came to, in items (条)."""

    column: str
    health: Health
    new: int = 0
    changed: int = 0
    known: int = 0
    problems: int = 0
    missing: int = 0
    note: str = ""


def watch(office: Office, column: Column, source: Source, now: datetime) -> Watched:
    """Fetch and store in one commit: cursor, items, versions, problems. A failed look changes nothing but its health."""
    with office.db.read() as conn:
        state = facts.get_watch(conn, column.name)
    found = source.fetch(state.cursor if state else None)
    since = state.since if state else day_of(now)
    done = Watched(column.name, found.health, note=found.note)
    with office.db.write() as conn:
        if found.health not in (Health.UNCHANGED, Health.BAD):
            _keep(conn, office, column, found, since, now, done)
        _tell_health(conn, column, found, (state and state.good_at) or at(since, time.max), now)
        cursor = state.cursor if state and found.health is Health.BAD else found.cursor
        note = {"since": since, "cursor": cursor, "health": found.health, "note": found.note}
        facts.set_watch(conn, column.name, now=now, **note)  # type: ignore[arg-type]
    if done.new or done.changed or done.problems:
        log.info("监看 %s：新增 %d 条，变更 %d 条，问题 %d 处", column.name, done.new, done.changed, done.problems)
    return done


#: Looks in a row that nobody answers before a person is told: once or twice passes by itself.
AWAY_FOR = 3
#: A look that is not whole for so long is told to a person: a lock file left behind, a page that refuses us.
PATIENCE = timedelta(days=1)


def _tell_health(conn: Connection, column: Column, found: Fetched, good_at: datetime, now: datetime) -> None:
    """`good_at`: when it was last read whole; the end of the first day if it never was."""
    subject = f"监看:{column.name}"
    if found.health is Health.PARTIAL and now - good_at > PATIENCE:
        text = f"监看“{column.name}”一天多没有读全：{found.note}。请关闭占用的文件，或检查网站"
        facts.state_alarm(conn, subject, text, now)
    times = _away(conn, column, found)
    if found.health is Health.BAD and found.asked and (not found.away or times >= AWAY_FOR):
        often = f"连续 {times} 次" if found.away else ""
        facts.state_alarm(conn, subject, f"监看“{column.name}”{often}读取失败：{found.note}", now)
    elif found.health in (Health.GOOD, Health.UNCHANGED):
        facts.clear_alarm(conn, subject, now)


def _away(conn: Connection, column: Column, found: Fetched) -> int:
    """How many looks in a row nobody has answered, this one counted; kept in the store, as a restart ends nothing."""
    if not found.asked:
        return facts.times_away(conn, column.name)
    return facts.count_away(conn, column.name, away=found.away)


@dataclass
class _Round:
    """One look's state while it is stored."""

    office: Office
    since: date
    now: datetime
    done: Watched
    known: dict[str, items.Known]
    problems: list[Problem]
    #: Files that are there but were not read this time: what they held they still hold.
    elsewhere: frozenset[str]
    #: By file: the items that it held and that no row of this look names.
    lost: dict[str, list[items.Known]] = field(default_factory=dict)


def _keep(
    conn: Connection, office: Office, column: Column, found: Fetched, since: date, now: datetime, done: Watched
) -> None:
    entries = [with_span(each) for each in found.entries]
    said = list(zip(entries, keys_of_all(entries), strict=True))
    wanted = {key for entry, keys in said for key in (*keys, bare_key(entry), *older_keys(entry.url))}
    known = items.by_keys(conn, wanted)
    rows = [(entry, as_kept(entry, keys, known)) for entry, keys in said]
    elsewhere, ended = (found.files or frozenset()) - found.whole, found.whole | found.gone | found.withdrawn
    before = items.held_by_file(conn, column.name, ended | {entry.place.file for entry in found.entries})
    look = _Round(office, since, now, done, known, list(found.problems), elsewhere)
    there = {item_id for entry, keys in rows for item_id in _known(look, entry, keys)}
    look.lost = {file: [item for item in held.values() if item.id not in there] for file, held in before.items()}
    seen: dict[str, set[int]] = {}
    for entry, keys in rows:
        item_id = _keep_entry(conn, look, entry, keys)
        if item_id is not None:
            seen.setdefault(entry.place.file, set()).add(item_id)
    files = ended | {entry.place.file for entry in found.entries} | {p.place.file for p in look.problems}
    facts.replace_problems(conn, column.name, files, look.problems, now)
    if found.files is not None:
        facts.forget_problems(conn, column.name, found.files | files)
    done.problems = len(look.problems)
    here = set().union(*seen.values())  # one that has moved to another file of this look is not missing
    for file in sorted(before.keys() & ended):
        for item_id in sorted(before[file].keys() - here):
            if file in found.withdrawn:
                done.missing += _withdrawn(conn, item_id, now)
            else:
                done.missing += _missing(conn, item_id, file, at_once=file in found.whole, now=now)


def _keep_entry(conn: Connection, look: _Round, entry: Entry, keys: tuple[str, ...]) -> int | None:
    """Store one entry; returns its item, None if it is none (yet)."""
    known = _known(look, entry, keys)
    wrong = _wrong(look, entry, list(known.values()))
    look.problems += [each for each in wrong if each.column not in entry.lacking]
    if any(each.text.startswith(REPEATED) for each in wrong):
        return None
    if wrong:
        reason = f"登记内容有问题，暂停推送：{wrong[0]}"
        for each in known.values():
            if each.watch == entry.source and each.hold != reason:  # another source's item is not ours to hold
                _hold(conn, each.id, reason, look.now)
            elif each.watch != entry.source:
                _stop_contrary(conn, look, entry, each)
        return next(iter(known), None)
    old = next(iter(known.values()), None)
    item_id = _store(conn, look, entry, old)
    _keep_keys(conn, look, entry, keys, old, item_id)
    return item_id


def _keep_keys(
    conn: Connection, look: _Round, entry: Entry, keys: tuple[str, ...], old: items.Known | None, item_id: int
) -> None:
    """Its keys point at it and it is where they stand, so that it is found again, in this look too."""
    mine, file = [key for key in keys if _mine(look, key, item_id)], entry.place.file
    moved = any(key not in look.known or look.known[key].file != file for key in mine)
    if old is None or old.missed or moved:
        items.keep_keys(conn, item_id, mine, entry.source, file)
        items.found_again(conn, item_id)
        facts.clear_alarm(conn, f"消失:{item_id}", look.now)
    if old is None:
        about = (entry.number, entry.doc_no, entry.title, entry.department, entry.formed_on)
        fresh = items.Known(item_id, entry.source, entry.digest(), "", 0, file, *about)
        look.known.update({key: fresh for key in keys if key not in look.known})


def _mine(look: _Round, key: str, item_id: int) -> bool:
    """True if a key is free or this item's already."""
    return key not in look.known or look.known[key].id == item_id


def _known(look: _Round, entry: Entry, keys: tuple[str, ...]) -> dict[int, items.Known]:
    """The items a row names; a row that has gained a 编号 or 文号 since is still the item it was without."""
    known = {}
    for key in [key for key in keys if key in look.known]:
        each = look.known[key]
        if names(key, entry.number, each.number, same_source=each.watch == entry.source):
            known[each.id] = each
    was = look.known.get(bare_key(entry))
    if not known and was is not None and is_bare(was) and was.watch == entry.source and was.file == entry.place.file:
        known = {was.id: was}
    return known


def _doubt(look: _Round, entry: Entry) -> Iterable[Problem]:
    """A row no item is known by, beside an item that has lost its place in this file: which it is, the clerk must say."""
    lost = [] if entry.own_key else look.lost.get(entry.place.file, [])
    for item in [item for item in lost if may_be(entry, item)][:1]:
        text = f"可能是改过的条目 {item.id}“{item.title}”，为免重复推送先拦下"
        yield Problem(entry.place, "编号", text, advice.mended(item.id))


def _wrong(look: _Round, entry: Entry, known: list[items.Known]) -> tuple[Problem, ...]:
    """What is wrong with a row, by itself and beside what is known already."""
    school = look.office.school
    wrong = examine(entry, school.taxonomy, school.audiences.parents, day_of(look.now))
    if not known:
        return (*wrong, *_doubt(look, entry))
    if len(known) > 1:
        text = "编号、文号、链接指向不同的已登记条目"
        return (*wrong, Problem(entry.place, "编号", text, "请核对这一行的编号、文号和链接"))
    for each in known:
        if each.watch != entry.source or each.file == entry.place.file or each.file not in look.elsewhere:
            continue
        if each.digest == entry.digest():
            return (Problem(entry.place, "编号", f"{REPEATED}，已在 {each.file} 中登记", "请删除其中一行"),)
        text = f"与 {each.file} 中的一行编号相同、内容不同"
        return (*wrong, Problem(entry.place, "编号", text, "请核对后改正其中一行"))
    return wrong


def _store(conn: Connection, look: _Round, entry: Entry, old: items.Known | None) -> int:
    school = look.office.school
    about = {
        "counted": school.taxonomy.counts(entry.category, entry.sub_item),
        "audience_class": school.audiences.counting_class(entry.audience),
        "baseline": entry.approved_on is not None and entry.approved_on < look.since,
    }
    if old is None:
        look.done.new += 1
        return items.add(conn, entry, about, look.now)
    look.done.known += 1
    if old.watch != entry.source:  # the source that brought it first owns it; the other may speak against it
        _stop_contrary(conn, look, entry, old)
        return old.id
    if old.digest == entry.digest():
        if old.hold:
            items.set_hold(conn, old.id, "")
        return old.id
    look.done.changed += 1
    same = _renew(conn, look, entry, old.id, about)
    _replace_unsent(conn, old.id, look.now, shown=not same)
    return old.id


def _renew(conn: Connection, look: _Round, entry: Entry, item_id: int, about: dict[str, Any]) -> bool:
    """An edited item, with the reviews that are good for it; without one it goes back to the queue.

    True if nothing that is reviewed, released or read has changed.
    """
    before = items.reviewed(conn, item_id)
    same = same_text(before, entry)
    good = entry.review if same or not is_void(before.review, entry.review) else None
    if outweighs(before.review, good):
        good = None
    version_id = items.renew(conn, item_id, entry, about, look.now, good)
    returned = before.review is not None and before.review.conclusion == RETURNED  # whatever was mended, she looks again
    if same and good is None and not (before.from_source or returned):
        items.carry_reviews(conn, before.version_id, version_id)
    if same:
        scans.carry_release(conn, before.version_id, version_id)
    return same


def _replace_unsent(conn: Connection, item_id: int, now: datetime, *, shown: bool) -> None:
    """A new version replaces what has not left; where an older one left that shows something else, the item is 已变更."""
    for push_id in placements.unsent_pushes_of(conn, item_id):
        placements.scrap(conn, push_id, "条目已更新，重新编排", now)
    facts.bump_orders(conn)  # what is claimed and not yet called for is asked again: it may not leave as it was
    if shown and placements.has_left(conn, item_id):
        items.set_changed(conn, item_id, now)


def _stop_contrary(conn: Connection, look: _Round, entry: Entry, old: items.Known) -> None:
    """Another source keeps the item narrower, or closed: nothing more leaves until a person has said which is right.

    Told once for each thing it says, so that her decision stands.
    """
    before = items.reviewed(conn, old.id)
    said = contrary(before, entry, look.office.school.audiences.inside)
    mark = facts.name_of(f"contrary:{old.id}", entry.source)
    if not said or facts.get_meta(conn, mark) == said:
        return
    facts.set_meta(conn, mark, said)
    why = f"来源说法不一致：“{entry.source}”{said}"
    if not asked.stoppable(conn, old.id).stopped:
        stop_unsent(conn, old.id, why, look.now)
        items.stop(conn, old.id, why)
        facts.bump_orders(conn)
    text = f"{named(old.id, old.title)}{advice.contrary(old.id, old.watch, entry.source, said)}"
    facts.raise_alarm(conn, f"不一致:{old.id}:{entry.source}"[:150], text, look.now)


def _hold(conn: Connection, item_id: int, reason: str, now: datetime) -> None:
    items.set_hold(conn, item_id, reason)
    for push_id in placements.unsent_pushes_of(conn, item_id):
        placements.scrap(conn, push_id, reason, now)
    facts.bump_orders(conn)


def _missing(conn: Connection, item_id: int, file: str, *, at_once: bool, now: datetime) -> int:
    """Gone from the file that held it, or its own address gone twice: hold what is queued, tell a person, recall nothing."""
    looks = items.miss(conn, item_id, now)
    if not at_once and looks < 2:
        return 0
    return _stop(conn, item_id, advice.vanished(item_id, file), now)


def _withdrawn(conn: Connection, item_id: int, now: datetime) -> int:
    """Taken back where it came from: the same, at once; whether what has left is to be recalled, a person says."""
    items.miss(conn, item_id, now)
    return _stop(conn, item_id, advice.withdrawn_there(item_id), now)


def _stop(conn: Connection, item_id: int, reason: str, now: datetime) -> int:
    _hold(conn, item_id, reason, now)
    text = named(item_id, items.title_of(conn, item_id)) + reason.removeprefix(f"条目 {item_id} ")
    facts.raise_alarm(conn, f"消失:{item_id}", text, now)
    return 1


def write_problem_sheet(office: Office, column: Column) -> Path | None:
    """The 问题清单 .xlsx beside a watched folder; None if the column is no folder or the sheet is open in Excel."""
    if column.kind != "folder":
        return None
    from sources.problem_sheet import write_problems

    with office.db.read() as conn:
        found = facts.list_problems(conn, column.name)
    path = Path(column.place).parent / f"问题清单-{column.name}.xlsx"
    return path if write_problems(path, found) else None
