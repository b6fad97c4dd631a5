"""Oversight (查漏): what ought to have reached somebody and has not, which source is silent, what is asked of whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy import Connection

from jobs.office import Office
from rules import oversight as rule
from rules.dates import SchoolYear, at, day_of
from rules.naming import named
from rules.reminders import to_department
from rules.school import FOLDERS, SITES
from rules.text import cut_chars
from rules.waiting import CONFIRM
from store import facts, oversight
from store.oversight import Waits

MINE = "查漏:"
#: What a site shows should be with its readers after so long; what a sheet brings waits for a slot or a confirmation.
SOON, A_DAY = timedelta(minutes=15), timedelta(days=1)
#: So far back it is looked.
BACK, HABITS = timedelta(days=7), timedelta(days=400)


@dataclass
class Overseen:
    """What one look came to: things found, and reminders that are new."""

    found: int = 0
    reminded: int = 0


def oversee(office: Office) -> Overseen:
    """Raise what is new, clear what is over."""
    now = office.now()
    with office.db.read() as conn:
        wanted = dict(_found(conn, office))
    done = Overseen(len(wanted))
    with office.db.write() as conn:
        done.reminded = facts.keep_alarms(conn, MINE, wanted, now)
    return done


def _found(conn: Connection, office: Office) -> Iterator[tuple[str, str]]:
    """Subject and text of everything there is to tell."""
    today = day_of(office.now())
    yield from _unreached(conn, office)
    yield from _waiting_long(conn, office, today)
    yield from _silent(conn, office, today)
    yield from _unread(conn, office)
    yield from _owed(conn, office, today)
    yield from _rectifications(conn, office, today)
    yield from _dead(office)


def _unreached(conn: Connection, office: Office) -> Iterator[tuple[str, str]]:
    now = office.now()
    sites = {each.name for each in office.school.columns if each.kind in SITES}
    for each in oversight.unreached(conn, now - BACK, now - SOON):
        on_site = each.watch in sites
        if not on_site and now - each.routed_at < A_DAY:
            continue
        where = "官网上已公开，" if on_site else ""
        text = f"{named(each.item_id, each.title)}已批准，{where}但没有任何人收到。原因见  python bot.py why {each.item_id}"
        yield f"{MINE}无人收到:{each.item_id}", text


def _waiting_long(conn: Connection, office: Office, today: date) -> Iterator[tuple[str, str]]:
    """What nobody has got and still waits: yesterday's list that nobody has confirmed, and what waits for days."""
    found = oversight.waits(conn, at(today, time.min), office.now())
    listed = [each for each in found if office.school.confirm and not each.confirmed and each.reason.startswith(CONFIRM)]
    if listed:
        text = f"有 {len(listed)} 条次从 {day_of(listed[0].placed_at)} 起等待确认，确认后才推送：python bot.py confirm"
        yield f"{MINE}待确认:{today}", text
    by_reason: dict[str, list[Waits]] = {}
    for each in found:
        if each not in listed and rule.waits_long(day_of(each.placed_at), today, office.school.calendar):
            by_reason.setdefault(rule.bare_reason(each.reason), []).append(each)
    for reason, waits in by_reason.items():
        first = waits[0]
        text = (
            f"有 {len(waits)} 条次等了 {rule.DAYS} 个工作日以上，还没有任何人收到，最早的是{named(first.item_id, first.title)}"
            f"：{first.reason}。请核对  python bot.py why {first.item_id}"
        )
        yield f"{MINE}久等:{reason}"[:150], text


def _silent(conn: Connection, office: Office, today: date) -> Iterator[tuple[str, str]]:
    found = oversight.new_days(conn, office.now() - HABITS)
    for column in office.school.columns:
        days = rule.silence(found.get(column.name, ()), today, office.school.calendar)
        if days is not None:
            text = f"监看“{column.name}”已 {days} 个工作日（寒暑假不计）没有新条目，比平时久得多。请核对来源是否改版、停用或换了地址"
            yield f"{MINE}没有动静:{column.name}", text


def _unread(conn: Connection, office: Office) -> Iterator[tuple[str, str]]:
    """What a site or a system shows and the bot could not register. Of a folder the clerk has the sheet beside it."""
    for column in office.school.columns:
        if column.kind in FOLDERS:
            continue
        found = facts.list_problems(conn, column.name)
        if found:
            text = (
                f"监看“{column.name}”有 {len(found)} 条没有登记，不会推送，第一条：{found[0].text}。{found[0].fix}。"
                "全部见  python bot.py items --problems"
            )
            yield f"{MINE}没有登记:{column.name}", text


def _owed(conn: Connection, office: Office, today: date) -> Iterator[tuple[str, str]]:
    year = SchoolYear.of(today)
    there = oversight.listed(conn, year.start, today)
    for each in rule.owed(sorted(office.school.taxonomy.list_items.items()), there, today):
        name = cut_chars(each.name, 40)
        text = f"事项清单第 {each.number} 项“{name}”本学年还没有公开。请{each.department or '责任部门'}核对并报送"
        number = office.school.departments.get(each.department, "")
        yield to_department(number, f"{MINE}清单:{year.first}:{each.number}:{today.month}"), text


def _rectifications(conn: Connection, office: Office, today: date) -> Iterator[tuple[str, str]]:
    for each in oversight.rectifications(conn):
        if stage := rule.stage(each.due_on, today):
            text = f"限期整改{stage}：{each.department}“{cut_chars(each.text, 60)}”（{each.circular}）应在 {each.due_on} 前完成"
            number = office.school.departments.get(each.department, "")
            yield to_department(number, f"{MINE}整改:{each.id}:{stage}"), text


def _dead(office: Office) -> Iterator[tuple[str, str]]:
    """Said by 自检 too; here once, when a change of settings has made it so."""
    for name in rule.dead_routes(office.school, office.exposure):
        yield f"{MINE}路由:{name}"[:150], f"路由“{name}”送不到任何目标：受众范围、类别或目标不相合。请检查 school.toml"
    for target in rule.dead_targets(office.school, office.exposure):
        text = f"目标 {target.number}（{target.name}）什么也收不到：没有路由通向它，或受众不相合。请检查路由和登记册"
        yield f"{MINE}目标:{target.number}", text
