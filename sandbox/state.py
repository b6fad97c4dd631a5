"""Everything the sandbox remembers, in one sqlite file: a restart keeps tokens, quotas, drafts and sends."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Doc = dict[str, Any]
# A kept message: row id, chat, time, sequence number in its chat, content.
Post = tuple[int, str, float, int | None, Doc]

SCHEMA = """
CREATE TABLE IF NOT EXISTS docs (
    kind TEXT, scope TEXT, id TEXT, seq INTEGER, doc TEXT, PRIMARY KEY (kind, scope, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS docs_by_seq ON docs (kind, scope, seq);
CREATE TABLE IF NOT EXISTS blobs (id TEXT PRIMARY KEY, mime TEXT, data BLOB);
CREATE TABLE IF NOT EXISTS posts (
    id INTEGER PRIMARY KEY, vendor TEXT, chat TEXT, at REAL, handle INTEGER, seq INTEGER, doc TEXT,
    recalled INTEGER DEFAULT 0);
CREATE INDEX IF NOT EXISTS posts_by_chat ON posts (vendor, chat, id);
CREATE INDEX IF NOT EXISTS posts_by_handle ON posts (vendor, handle);
CREATE TABLE IF NOT EXISTS quotas (name TEXT, period TEXT, used INTEGER, PRIMARY KEY (name, period)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hits (name TEXT, at REAL);
CREATE INDEX IF NOT EXISTS hits_by_name ON hits (name, at);
CREATE TABLE IF NOT EXISTS tag_fans (
    appid TEXT, tag INTEGER, fan INTEGER, PRIMARY KEY (appid, tag, fan)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fan_months (
    appid TEXT, month TEXT, fan INTEGER, used INTEGER, PRIMARY KEY (appid, month, fan)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wecom_members (
    corp TEXT, member TEXT, userid TEXT, name TEXT, licensed INTEGER, PRIMARY KEY (corp, member)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wecom_seats (
    corp TEXT, department INTEGER, member TEXT, PRIMARY KEY (corp, department, member)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS wecom_seats_by_member ON wecom_seats (corp, member);
CREATE TABLE IF NOT EXISTS wecom_tagged (
    corp TEXT, tag INTEGER, member TEXT, PRIMARY KEY (corp, tag, member)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wecom_inbox (
    post INTEGER, corp TEXT, member TEXT, door TEXT, at REAL, dropped INTEGER, pressed TEXT DEFAULT '',
    pressed_at REAL, replaced TEXT DEFAULT '', PRIMARY KEY (post, member)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS wecom_inbox_by_member ON wecom_inbox (corp, member, post);
CREATE INDEX IF NOT EXISTS wecom_inbox_by_door ON wecom_inbox (door, member, at, dropped);
CREATE INDEX IF NOT EXISTS wecom_inbox_pressed ON wecom_inbox (post) WHERE pressed<>'';
CREATE TABLE IF NOT EXISTS qq_ids (bot TEXT, handle INTEGER, post INTEGER, PRIMARY KEY (bot, handle)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS qq_ids_by_post ON qq_ids (bot, post);
CREATE TABLE IF NOT EXISTS due (id INTEGER PRIMARY KEY, at REAL, kind TEXT, doc TEXT);
CREATE INDEX IF NOT EXISTS due_by_time ON due (at, id);
CREATE TABLE IF NOT EXISTS tallies (name TEXT, errcode INTEGER, n INTEGER, PRIMARY KEY (name, errcode)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS flags (id INTEGER PRIMARY KEY, at REAL, call TEXT, text TEXT);
CREATE TABLE IF NOT EXISTS sms (
    id INTEGER PRIMARY KEY, at REAL, vendor TEXT, account TEXT, number TEXT, sign TEXT, template TEXT, kind TEXT,
    text TEXT, segments INTEGER, serial TEXT, ref TEXT, fate TEXT, code TEXT, words TEXT, known_at REAL,
    pulled INTEGER DEFAULT 0);
CREATE INDEX IF NOT EXISTS sms_by_number ON sms (number, at);
CREATE INDEX IF NOT EXISTS sms_to_pull ON sms (account, pulled, known_at);
"""
WECOM_TABLES = ("wecom_members", "wecom_seats", "wecom_tagged", "wecom_inbox")
TABLES = (
    "docs",
    "blobs",
    "posts",
    "quotas",
    "hits",
    "tag_fans",
    "fan_months",
    "qq_ids",
    "due",
    "tallies",
    "flags",
    "sms",
    *WECOM_TABLES,
)


class State:
    """One connection behind one lock: a vendor's call is one transaction, as if it were alone."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # What a crash of the machine would lose is only rehearsal data, so no write waits for the disk.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file; the sandbox is over."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a transaction inside another one joins it."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def run(self, sql: str, args: Sequence[object] = ()) -> int:
        """Execute one statement; returns the count of changed rows."""
        with self._lock:
            return self._db.execute(sql, args).rowcount

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Execute one statement for many rows."""
        with self._lock:
            self._db.executemany(sql, rows)

    def rows(self, sql: str, args: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock:
            return self._db.execute(sql, args).fetchall()

    def one(self, sql: str, args: Sequence[object] = ()) -> Any:
        """The first column of the first row, or None."""
        with self._lock:
            row = self._db.execute(sql, args).fetchone()
        return row[0] if row else None

    def insert(self, sql: str, args: Sequence[object] = ()) -> int:
        """Insert one row; returns its row id."""
        with self._lock:
            return int(self._db.execute(sql, args).lastrowid or 0)

    def get(self, kind: str, scope: str, id: object) -> Doc | None:
        """One document, or None."""
        text = self.one("SELECT doc FROM docs WHERE kind=? AND scope=? AND id=?", (kind, scope, str(id)))
        return json.loads(text) if text else None

    def put(self, kind: str, scope: str, id: object, doc: Doc) -> None:
        """Store a document; one that exists keeps its place in the order."""
        text = json.dumps(doc, ensure_ascii=False)
        self.run(
            "INSERT INTO docs VALUES (?,?,?,(SELECT coalesce(max(seq),0)+1 FROM docs WHERE kind=? AND scope=?),?)"
            " ON CONFLICT (kind, scope, id) DO UPDATE SET doc=excluded.doc",
            (kind, scope, str(id), kind, scope, text),
        )

    def drop(self, kind: str, scope: str, id: object) -> bool:
        """Forget a document; returns whether it was there."""
        return self.run("DELETE FROM docs WHERE kind=? AND scope=? AND id=?", (kind, scope, str(id))) > 0

    def count(self, kind: str, scope: str) -> int:
        """How many documents of a kind there are in a scope."""
        return int(self.one("SELECT count(*) FROM docs WHERE kind=? AND scope=?", (kind, scope)))

    def page(self, kind: str, scope: str, offset: int = 0, limit: int = -1, newest: bool = False) -> list[Doc]:
        """Documents in the order they came, or newest first."""
        order = "DESC" if newest else "ASC"
        sql = f"SELECT doc FROM docs WHERE kind=? AND scope=? ORDER BY seq {order} LIMIT ? OFFSET ?"  # noqa: S608
        return [json.loads(text) for (text,) in self.rows(sql, (kind, scope, limit, offset))]

    def next_number(self, name: str, start: int = 1) -> int:
        """The next number of a series."""
        number = int(self.one("SELECT used FROM quotas WHERE name=? AND period='series'", (name,)) or start - 1) + 1
        self.run("INSERT OR REPLACE INTO quotas VALUES (?, 'series', ?)", (name, number))
        return number

    def used(self, name: str, period: str) -> int:
        """How much of a quota is used in a period."""
        return int(self.one("SELECT used FROM quotas WHERE name=? AND period=?", (name, period)) or 0)

    def use(self, name: str, period: str, n: int = 1) -> None:
        """Take n from a quota."""
        self.run(
            "INSERT INTO quotas VALUES (?,?,?) ON CONFLICT (name, period) DO UPDATE SET used=used+excluded.used",
            (name, period, n),
        )

    def hits_since(self, name: str, since: float) -> int:
        """How many hits a rate window holds; older ones are swept away."""
        self.run("DELETE FROM hits WHERE name=? AND at<=?", (name, since))
        return int(self.one("SELECT count(*) FROM hits WHERE name=?", (name,)))

    def hit(self, name: str, at: float, n: int = 1) -> None:
        """Add n hits to a rate window."""
        self.run_many("INSERT INTO hits VALUES (?,?)", [(name, at)] * n)

    def post(
        self, vendor: str, chat: str, at: float, doc: Doc, handle: int | None = None, seq: int | None = None
    ) -> int:
        """Put a message into a chat as its members see it; returns its row id."""
        return self.insert(
            "INSERT INTO posts (vendor, chat, at, handle, seq, doc) VALUES (?,?,?,?,?,?)",
            (vendor, chat, at, handle, seq, json.dumps(doc, ensure_ascii=False)),
        )

    def posts(self, vendor: str, chat: str, upto: int | None = None, limit: int = -1) -> list[Post]:
        """A chat's newest messages that were not recalled, oldest first; `upto` ends the page at a row."""
        sql = "SELECT id, chat, at, seq, doc FROM posts WHERE vendor=? AND chat=? AND id<=? AND NOT recalled ORDER BY id DESC LIMIT ?"
        rows = self.rows(sql, (vendor, chat, 2**62 if upto is None else upto, limit))
        return [(id, str(chat), at, seq, json.loads(doc)) for id, chat, at, seq, doc in reversed(rows)]

    def posts_by_handle(self, vendor: str, handle: int) -> list[Post]:
        """The messages that a vendor's id stands for; at most one."""
        rows = self.rows("SELECT id, chat, at, seq, doc FROM posts WHERE vendor=? AND handle=?", (vendor, handle))
        return [(id, str(chat), at, seq, json.loads(doc)) for id, chat, at, seq, doc in rows]

    def amend_post(self, id: int, doc: Doc) -> None:
        """Change a kept message; one that carries `recalled` leaves its chat."""
        self.run(
            "UPDATE posts SET doc=?, recalled=? WHERE id=?",
            (json.dumps(doc, ensure_ascii=False), int("recalled" in doc), id),
        )

    def keep_blob(self, data: bytes, mime: str) -> str:
        """Keep bytes under the hash of their content; returns that hash."""
        blob = hashlib.sha256(data).hexdigest()[:32]
        self.run("INSERT OR IGNORE INTO blobs VALUES (?,?,?)", (blob, mime, data))
        return blob

    def blob(self, id: str) -> tuple[str, bytes] | None:
        """Type and bytes of a kept file, or None."""
        rows = self.rows("SELECT mime, data FROM blobs WHERE id=?", (id,))
        return (str(rows[0][0]), bytes(rows[0][1])) if rows else None

    def flag(self, at: float, call: str, text: str) -> None:
        """Note an oddity that the vendor would let pass and a person should see."""
        self.run("INSERT INTO flags (at, call, text) VALUES (?,?,?)", (at, call, text))

    def tally(self, name: str, errcode: int | str = 0) -> None:
        """Count a call (errcode 0) or a refusal."""
        self.run("INSERT INTO tallies VALUES (?,?,1) ON CONFLICT (name, errcode) DO UPDATE SET n=n+1", (name, errcode))

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in TABLES:
                self.run(f"DELETE FROM {table}")  # noqa: S608 - the names are ours
