"""A school year of log rows, made inside the database: one placement (条次) in one push (次) with its delivery (人次) each.

Every item goes to 60 targets on one day of the year, from 8:00 to 19:00; of 200 rows 194 arrive, four fail and two stay
uncertain; one of 2003 has a second address, which failed; beside every hundredth one a placement was cancelled before
it had a push. Half of the items have their own 公开日期, the others the day they were first taken. No attempts and
outcomes: the figures of today ask for none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Column, Connection, Date, Integer, MetaData, String, Table, insert, text

from rules.dates import SHANGHAI
from rules.school import School
from store.db import Db, Instant

FIRST, DAYS, TARGETS = date(2020, 9, 1), 365, 60
CHANNELS = ("onebot", "wecom_bot", "wecom_app", "mail", "notice_board", "sms_aliyun")
#: When all of it was known.
NOW = datetime(2021, 10, 29, 18, tzinfo=SHANGHAI)

#: The pushes with a second address, which failed.
_SHARED = "u.id % 2003 = 5"

_plan = MetaData()
_days = Table("bench_days", _plan, Column("n", Integer, primary_key=True), Column("day", Date), Column("at", Instant))
_kinds = Table(
    "bench_kinds", _plan, Column("n", Integer, primary_key=True), Column("category", String(100)),
    Column("sub_item", String(100)), Column("department", String(100)),
)  # fmt: skip
_targets = Table(
    "bench_targets", _plan, Column("n", Integer, primary_key=True), Column("channel", String(50)),
    Column("target", String(50)), Column("audience", String(100)), Column("number", Integer),
)  # fmt: skip
_slots = Table("bench_slots", _plan, Column("n", Integer, primary_key=True), Column("at", Instant))


def fill(db: Db, school: School, rows: int) -> int:
    """Write at least so many rows of the log into an empty store; returns how many."""
    items = -(-rows // TARGETS)
    with db.write() as conn:
        _plan.create_all(conn)
        _lay_out(conn, school)
        for statement in _statements(items):
            conn.execute(text(statement))
        _plan.drop_all(conn)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("ANALYZE")
    return items * TARGETS


def _lay_out(conn: Connection, school: School) -> None:
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    dawn = [datetime(day.year, day.month, day.day, 8, tzinfo=SHANGHAI) for day in days]
    conn.execute(insert(_days), [{"n": n, "day": day, "at": dawn[n]} for n, day in enumerate(days)])
    moments = [at + timedelta(minutes=11 * n) for at in dawn for n in range(TARGETS)]
    conn.execute(insert(_slots), [{"n": n, "at": at} for n, at in enumerate(moments)])
    kinds = [(c.name, sub) for c in school.taxonomy.categories for sub, counts in c.sub_items.items() if counts]
    conn.execute(
        insert(_kinds),
        [
            {"n": n, "category": kind[0], "sub_item": kind[1], "department": f"部门{n % 20}"}
            for n, kind in enumerate(kinds)
        ],
    )
    conn.execute(insert(_targets), list(_targets_of(school)))


def _targets_of(school: School) -> Iterator[dict[str, object]]:
    audiences = sorted({each.audience for each in school.targets.values()})
    for n in range(TARGETS):
        channel = CHANNELS[n % len(CHANNELS)]
        yield {
            "n": n, "channel": channel, "target": f"B{n:02d}", "audience": audiences[n % len(audiences)], "number": n,
        }  # fmt: skip


def _statements(items: int) -> Iterator[str]:
    """Items, versions, pushes, placements, what is in which, deliveries; ids run from 1, so that they need no lookup."""
    series = f"WITH RECURSIVE s(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM s WHERE k + 1 < {items})"
    day, kind = f"(s.k * {DAYS} / {items})", "(s.k % (SELECT count(*) FROM bench_kinds))"
    yield (
        "INSERT INTO items (id, watch, number, version_id, title, category, sub_item, counted, department, audience_class,"
        " disclosure, disclosed_on, baseline, hold, stopped, missed, created_at)"
        f" {series} SELECT s.k + 1, 'bench', 'B-' || s.k, s.k + 1, 'item ' || s.k, kind.category, kind.sub_item, true,"
        " kind.department, '校内', '主动公开', d.day, false, '', '', 0, d.at"
        f" FROM s JOIN bench_days d ON d.n = {day} JOIN bench_kinds kind ON kind.n = {kind}"
    )
    yield (
        "INSERT INTO item_versions (id, item_id, number, digest, title, doc_no, summary, body, url, attachments,"
        " department, departments_beside, category, sub_item, list_items, disclosure, audience, inner_reason, approved_on,"
        " published_on, is_notice, urgent, place, seen_at)"
        " SELECT i.id, i.id, 1, 'd', i.title, '', '', '', '', '[]', i.department, '[]', i.category, i.sub_item, '[1]',"
        " i.disclosure, '[]', '', i.disclosed_on, CASE WHEN i.id % 2 = 0 THEN i.disclosed_on END, false, false, '',"
        " i.created_at FROM items i"
    )
    each = f"FROM s CROSS JOIN bench_targets g JOIN bench_slots m ON m.n = {day} * {TARGETS} + g.n"
    number = f"s.k * {TARGETS} + g.n + 1"
    yield (
        "INSERT INTO pushes (id, push_key, channel, target, target_name, audience, origin, urgent, pieces, text, payload,"
        " bytes, sha256, shortened, made_by, created_at)"
        f" {series} SELECT {number}, 'k' || ({number}), g.channel, g.target, g.target, g.audience, 'bot', false, 1,"
        f" 'text', '{{}}', 4, 's', false, 'bench', m.at {each}"
    )
    arrives = "CASE WHEN u.id / 7 % 50 = 0 THEN 'failed' WHEN u.id / 7 % 100 = 1 THEN 'uncertain' ELSE 'delivered' END"
    yield (
        "INSERT INTO placements (id, item_id, version_id, target, channel, purpose, slot, origin, push_id, ended, reason,"
        " confirmed_by, alone, taken_at, created_at)"
        f" SELECT u.id, (u.id - 1) / {TARGETS} + 1, (u.id - 1) / {TARGETS} + 1, u.target, u.channel, '首发', '首发',"
        f" 'bot', u.id, '', '', '', false, CASE WHEN {arrives} = 'delivered' THEN u.created_at END, u.created_at"
        " FROM pushes u"
    )
    yield "INSERT INTO push_placements (push_id, placement_id, position) SELECT id, id, 0 FROM pushes"
    yield (
        "INSERT INTO deliveries (id, push_id, channel, address, status, basis, reason, urgent, tries, maybe_sent, owner,"
        " vendor_id, changed_at, pushed_at, shared_at)"
        f" SELECT u.id, u.id, u.channel, 'a' || (u.id % {TARGETS}), {arrives},"
        f" CASE WHEN {arrives} = 'delivered' THEN '群内已发' ELSE '' END, '', false, 1, false, '', 'v' || u.id,"
        f" u.created_at, u.created_at, CASE WHEN {_SHARED} THEN u.created_at END FROM pushes u"
    )
    yield (
        "INSERT INTO deliveries (id, push_id, channel, address, status, basis, reason, urgent, tries, maybe_sent, owner,"
        " vendor_id, changed_at, pushed_at, shared_at)"
        f" SELECT u.id + {items * TARGETS}, u.id, u.channel, 'b' || (u.id % {TARGETS}), 'failed', '', '', false, 1, false,"
        f" '', '', u.created_at, u.created_at, u.created_at FROM pushes u WHERE {_SHARED}"
    )
    yield (
        "INSERT INTO placements (id, item_id, version_id, target, channel, purpose, slot, origin, ended, ended_at, reason,"
        " confirmed_by, alone, created_at)"
        f" SELECT p.id + {items * TARGETS}, p.item_id, p.version_id, 'C' || p.target, p.channel, p.purpose, p.slot, p.origin, 'cancelled',"
        " p.created_at, '', '', false, p.created_at FROM placements p WHERE p.id % 100 = 7"
    )
