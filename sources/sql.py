"""A view in another system's database: SELECT only, by (更新时间, 唯一标识), each row handed over once for what it holds.

The view is made by the other system's administrator; its contract is `sources.mapped.CONTRACT`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Select, and_, bindparam, column, func, or_, select, table
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.types import NullType

from rules.finding import Finding
from rules.item import Place, Problem
from rules.school import Column
from sources import mapped
from sources.base import NO_SECRETS, Cursor, Fetched, Health, options_of
from sources.mapped import ID, OPTIONS, UPDATED, Gathered, Mapped, Row, forget, settings_of
from sources.sql_cursor import Kept, day_alone, stamp_of
from sources.sql_server import Server, Unreached, Unusable, columns_of, may_write

#: Rows of one query, and of one look; the rest follow in the next look.
BATCH = 500
MOST_ROWS = 5_000
OVERLAP_HOURS = 2
#: What is wrong with a view that holds rows, and not the newest of before. The next row of a true view ends it.
OLD = (
    "上次最新的一行已不在视图中，可能恢复了旧备份，未读取。请来源系统的管理员检查视图；"
    "确是删除了这一行的，下一条登记后自动恢复，撤回的请保留并标明已撤回，不要删除"
)
_NAME = re.compile(r"[^\W\d][\w$]{0,62}")
#: Compared as it came: a type of ours in the query might not be the column's.
_BARE = NullType()
_KEY = re.compile(r"[A-Z][A-Z0-9_]{2,60}")


@dataclass
class _Look:
    """What one look has found so far."""

    rows: Gathered
    notes: list[str] = field(default_factory=list)
    partial: bool = False


class Sql:
    """One view of one database."""

    def __init__(self, column_: Column, clock: Callable[[], datetime], env: Mapping[str, str] = NO_SECRETS) -> None:
        options = options_of(column_, ("url", "overlap_hours", "zone", *OPTIONS))
        self._column = column_
        self._clock = clock
        self._mapped = Mapped.of(column_, (ID, UPDATED, "标题"))
        self._names = tuple(dict.fromkeys(_checked(column_, name) for name in self._mapped.columns.values()))
        parts = [_checked(column_, part, "place") for part in column_.place.split(".", 1)]
        columns: list[Any] = [column(quoted_name(name, True)) for name in self._names]
        schema = quoted_name(parts[0], True) if len(parts) == 2 else None
        self._table = table(quoted_name(parts[-1], True), *columns, schema=schema)
        key = _secret_name(column_, options.get("url"))
        self._own = f"{key}.{column_.place}"
        self._server = Server(key, env.get(key))
        self._overlap, self._zone = _overlap(column_), _zone(column_)
        self._settings = settings_of(column_)

    def fetch(self, since: Cursor | None) -> Fetched:
        """Rows that are new or hold something else than before, and those that were taken back."""
        kept, look = Kept.of(since, self._settings), _Look(Gathered(self._mapped, self._own))
        lost = kept.lost
        try:
            with self._server.reading() as conn:
                self._check_columns(conn)
                kept.begin(self._clock())
                self._read(conn, kept, look)
        except (Unusable, ValueError) as error:
            away, note = isinstance(error, Unreached), f"{self._column.place}：{error}"
            return Fetched(cursor=since or {}, health=Health.BAD, note=note, away=away)
        return self._fetched(kept, look, lost)

    def check(self) -> Sequence[Finding]:
        """Whether the view can be read as it is mapped, and whether the account could write."""
        key = f"watch.{self._column.name}"
        try:
            with self._server.reading() as conn:
                self._check_columns(conn)
                conn.execute(select(self._table.c[self._mapped.columns[ID]]).limit(1)).first()
                writes = may_write(conn)
        except Unusable as error:
            text, _, fix = str(error).partition("。")
            return [Finding(key=key, ok=False, text=f"{self._column.place}：{text}", fix=fix)]
        found = self._mapped.findings()
        if writes:
            fix = "请数据库管理员换一个只有这个视图 SELECT 权限的账号（SQLite 请把文件设为只读）"
            found.append(Finding(key=key, ok=False, text="连接用的账号可以修改数据，只应能读取", fix=fix))
        return found

    def _check_columns(self, conn: Connection) -> None:
        """Raise Unusable with every column that the view has not."""
        there = columns_of(conn, self._table)
        lacking = [f"{name}（{theirs}）" for name, theirs in self._mapped.columns.items() if theirs not in there]
        if lacking:
            fix = "请核对 columns 中右边的列名和大小写，或请数据库管理员在视图中补上"
            raise Unusable(f"视图中没有这些列：{'、'.join(lacking)}。{fix}")

    def _read(self, conn: Connection, kept: Kept, look: _Look) -> None:
        """Batches to the end of the view, or to the limit of one look; raises Unusable, ValueError."""
        last = 0
        for number, row in enumerate(self._rows(conn, kept), start=1):
            self._take(row, kept, look)
            last = number
        if last >= MOST_ROWS:
            look.partial = True
            look.notes.append(f"一次读取{MOST_ROWS}行，其余下次再读取")
            return
        if not kept.seen:
            self._nothing_read(conn, kept, look)
        kept.finish()
        lost = or_(self._c(UPDATED).is_(None), self._c(ID).is_(None))
        kept.lost = conn.scalar(select(func.count()).select_from(self._table).where(lost)) or 0

    def _nothing_read(self, conn: Connection, kept: Kept, look: _Look) -> None:
        """Not even the newest row of before: an empty view or an old copy is never taken for "no news"."""
        if conn.execute(select(self._c(ID)).limit(1)).first() is None:
            if kept.had:
                raise Unusable("视图是空的，而以前有条目。请来源系统的管理员检查视图")
            look.notes.append("视图还是空的")
        elif kept.mark:
            raise Unusable(OLD)

    def _rows(self, conn: Connection, kept: Kept) -> Iterator[Row]:
        query, read = self._from(kept), 0
        while read < MOST_ROWS:
            batch = conn.execute(query.limit(min(BATCH, MOST_ROWS - read))).all()
            yield from (dict(zip(self._names, row, strict=True)) for row in batch)
            read += len(batch)
            if len(batch) < BATCH:
                return
            query = self._from(kept)

    def _from(self, kept: Kept) -> Select[Any]:
        """What follows the row read last; at the beginning of a pass, what is not older than its floor."""
        u, i = self._c(UPDATED), self._c(ID)
        query = select(*self._table.c).where(u.is_not(None), i.is_not(None)).order_by(u, i)
        behind = kept.behind()
        if behind is not None:
            at, key = bindparam("at", behind[0], _BARE), bindparam("key", behind[1], _BARE)
            return query.where(or_(u > at, and_(u == at, i > key)))
        floor = kept.floor(self._overlap, self._zone)
        if floor is None:
            return query
        days = day_alone(floor, self._zone)
        same = (u == bindparam(f"day{number}", day, _BARE) for number, day in enumerate(days))
        return query.where(or_(u >= bindparam("floor", floor, _BARE), *same))

    def _take(self, row: Row, kept: Kept, look: _Look) -> None:
        """One row; raises ValueError if its 更新时间 cannot be put in order."""
        stamp, key = stamp_of(row[self._mapped.columns[UPDATED]]), self._mapped.key(row)
        kept.read(stamp, _packed(row[self._mapped.columns[ID]]), self._zone)
        if key:
            look.rows.take(key, row)

    def _fetched(self, kept: Kept, look: _Look, lost: int) -> Fetched:
        entries, withdrawn = look.rows.news(kept.known)
        if not kept.after:
            forget(kept.known, max(mapped.REMEMBERED, kept.seen))
        self._note_clock(kept, look)
        told = entries or withdrawn or lost or kept.lost
        health = Health.GOOD if told else Health.UNCHANGED
        return Fetched(
            entries=entries,
            problems=(self._lost(kept.lost),) if kept.lost else (),
            cursor=kept.cursor(),
            health=Health.PARTIAL if look.partial else health,
            note="；".join(look.notes),
            whole=frozenset((self._column.name,)),
            withdrawn=withdrawn,
        )

    def _note_clock(self, kept: Kept, look: _Look) -> None:
        if kept.highest and datetime.fromisoformat(kept.highest) > self._clock() + self._overlap:
            look.notes.append("视图中有更新时间晚于现在的行，请核对两台服务器的时钟和时区（zone）")

    def _lost(self, many: int) -> Problem:
        """Rows that no look can find: a problem of the view, not of one row."""
        fix = "请来源系统的管理员补上，并在每次修改一行时更新它的更新时间"
        return Problem(Place(self._column.name), UPDATED, f"有{many}行没有更新时间或唯一标识，读取不到", fix)

    def _c(self, name: str) -> Any:
        return self._table.c[self._mapped.columns[name]]


def _checked(column_: Column, name: str, key: str = "columns") -> str:
    """A plain name of a view or column; raises ValueError for anything that could be more than a name."""
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"监看“{column_.name}”的 {key} 中“{name[:40]}”不是视图或列的名称，只能用文字、数字和下划线，不能写查询语句"
        )
    return name


def _secret_name(column_: Column, given: Any) -> str:
    """The name of a key in .env; raises ValueError, which never repeats what was written instead."""
    if not isinstance(given, str) or not _KEY.fullmatch(given):
        fix = '请写成 url = "XXGK_OA_URL"，并在 .env 中写 XXGK_OA_URL=连接地址'
        raise ValueError(f"监看“{column_.name}”的 url 应是 .env 中的变量名，连接地址和密码不写在 school.toml。{fix}")
    return given


def _overlap(column_: Column) -> timedelta:
    hours = column_.options.get("overlap_hours", OVERLAP_HOURS)
    if isinstance(hours, bool) or not isinstance(hours, (int, float)) or not 0 < hours <= 72:
        raise ValueError(f"监看“{column_.name}”的 overlap_hours 应为 0 至 72 之间的小时数，如 2")
    return timedelta(hours=hours)


def _zone(column_: Column) -> ZoneInfo:
    name = column_.options.get("zone", "Asia/Shanghai")
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"监看“{column_.name}”的 zone 不是时区，请写 Asia/Shanghai 或 UTC") from None


def _packed(value: Any) -> Any:
    """A 唯一标识 as the cursor can keep it and the server compare it."""
    if isinstance(value, (int, str)):
        return value
    text = str(value)
    return int(text) if text.isdecimal() else text
