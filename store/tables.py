"""Every table, with what one row is in the office's words: 条, 条次, 次, 人次.

One long page on purpose: who wants to know what the bot remembers reads it here from top to bottom.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.schema import SchemaItem

from store.db import Instant, LongText, RowId

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _table(name: str, *columns: SchemaItem) -> Table:
    return Table(name, metadata, *columns)


@event.listens_for(metadata, "before_create")
def by_bytes(_metadata: MetaData, conn: Connection, **_: Any) -> None:
    """Keys compare by bytes on MariaDB as they do on SQLite and PostgreSQL.

    Said here and not at each table, where it would load MariaDB's dialect for everybody who asks for the log.
    """
    if conn.dialect.name in ("mysql", "mariadb"):
        for table in metadata.tables.values():
            table.dialect_kwargs.update(mysql_charset="utf8mb4", mysql_collate="utf8mb4_bin", mysql_engine="InnoDB")


def _id() -> Column[int]:
    return Column("id", RowId, primary_key=True, autoincrement=True)


def _ref(name: str, to: str, *, nullable: bool = False, index: bool = True) -> Column[int]:
    return Column(name, RowId, ForeignKey(to), nullable=nullable, index=index)


#: One row: a fact about the store itself (that it holds a demo; the stamp of the last order a person gave).
meta = _table("meta", Column("name", String(64), primary_key=True), Column("value", String(500), nullable=False))

#: One row: a watched folder or column, where reading stands and how healthy its last answer looked.
watches = _table(
    "watches",
    Column("name", String(100), primary_key=True),
    Column("since", Date, nullable=False),  # baseline: approved before this is counted, not pushed
    Column("cursor", JSON, nullable=False),
    Column("health", String(20), nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("looked_at", Instant, nullable=False),
    Column("good_at", Instant),
)

#: One row: 条, one piece of information.
items = _table(
    "items",
    _id(),
    Column("watch", String(100), nullable=False),
    Column("number", String(100), nullable=False, default=""),
    Column("version_id", RowId),  # the current version
    Column("title", String(500), nullable=False),
    Column("category", String(100), nullable=False),
    Column("sub_item", String(100), nullable=False),
    Column("counted", Boolean, nullable=False),
    Column("department", String(100), nullable=False),
    Column("audience_class", String(20), nullable=False),
    Column("disclosure", String(20), nullable=False),
    Column("disclosed_on", Date, index=True),
    Column("baseline", Boolean, nullable=False, default=False),
    Column("hold", Text, nullable=False, default=""),  # why nothing of it leaves now; empty: nothing holds it
    Column("stopped", Text, nullable=False, default=""),  # a person stopped it: who and why; reading never clears it
    Column("changed_at", Instant),  # 已变更: a newer version exists than the one that left
    Column("send_at", Instant),  # a person's order: not before this moment
    Column("urgent_at", Instant),  # a person's order: also outside the hours
    Column("urgent_by", String(100)),
    Column("urgent_why", Text),
    Column("missing_since", Instant),
    Column("missed", Integer, nullable=False, default=0),
    Column("created_at", Instant, nullable=False),
)

#: One row: a key an item is recognised by.
item_keys = _table(
    "item_keys",
    Column("name", String(200), primary_key=True),
    _ref("item_id", "items.id"),
    Column("watch", String(100), nullable=False),
    Column("file", String(300), nullable=False, default=""),  # the file or page that held it last
)

#: One row: an item's text as it stood at one time.
versions = _table(
    "item_versions",
    _id(),
    _ref("item_id", "items.id"),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("title", String(500), nullable=False),
    Column("doc_no", String(100), nullable=False, default=""),
    Column("summary", Text, nullable=False, default=""),
    Column("body", LongText, nullable=False, default=""),
    Column("url", String(1000), nullable=False, default=""),
    Column("attachments", JSON, nullable=False),
    Column("department", String(100), nullable=False),
    Column("departments_beside", JSON, nullable=False),
    Column("category", String(100), nullable=False),
    Column("sub_item", String(100), nullable=False),
    Column("list_items", JSON, nullable=False),
    Column("disclosure", String(20), nullable=False),
    Column("audience", JSON, nullable=False),
    Column("inner_reason", Text, nullable=False, default=""),
    Column("formed_on", Date),
    Column("approved_on", Date),
    Column("published_on", Date),
    Column("notice_from", Date),
    Column("notice_to", Date),
    Column("ends_on", Date),
    Column("is_notice", Boolean, nullable=False, default=False),
    Column("urgent", Boolean, nullable=False, default=False),
    Column("place", String(500), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("routed_at", Instant, index=True),
    Column("guard", String(500)),  # why the guard holds it; empty: nothing found or released; NULL: not looked at yet
    UniqueConstraint("item_id", "number"),
)

#: One row: a secrecy review of one version.
reviews = _table(
    "reviews",
    _id(),
    _ref("version_id", "item_versions.id"),
    Column("kind", String(20), nullable=False),
    Column("reviewer", String(100), nullable=False),
    Column("conclusion", String(50), nullable=False),
    Column("basis", Text, nullable=False, default=""),
    Column("concluded_on", Date),
    Column("digest", String(64), nullable=False),  # the hash of what was seen
    Column("recorded_by", String(100), nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

#: One row: what the guard (隐私与保密检查) found in one version and its attachments, and who released it.
scans = _table(
    "scans",
    _id(),
    Column("version_id", RowId, ForeignKey("item_versions.id"), nullable=False, unique=True),
    Column("hits", JSON, nullable=False),  # kind, where, masked
    Column("again", Boolean, nullable=False, default=False),  # something could not be had now: looked at once more
    Column("scanned_at", Instant, nullable=False),
    Column("released_by", String(100), nullable=False, default=""),
    Column("released_why", Text, nullable=False, default=""),
    Column("released_at", Instant),
)

#: One row: 限期整改, what a circular asks of a department by a day, and its end.
rectifications = _table(
    "rectifications",
    _id(),
    Column("department", String(100), nullable=False),
    Column("text", Text, nullable=False),
    Column("circular", String(200), nullable=False),  # the circular that asks it
    _ref("item_id", "items.id", nullable=True),
    Column("asked_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("done_on", Date),
    Column("note", Text, nullable=False, default=""),
    Column("recorded_by", String(100), nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

#: One row: a register (登记簿) that has been opened; only of an opened one the report says 0件.
registers = _table(
    "registers",
    Column("name", String(50), primary_key=True),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", String(100), nullable=False),
)

#: One row: one entry of a register as a clerk wrote it down; never changed: a correction voids it and adds another.
register_rows = _table(
    "register_rows",
    _id(),
    Column("register", String(50), ForeignKey("registers.name"), nullable=False, index=True),
    Column("fields", JSON, nullable=False),
    Column("on_day", Date, nullable=False),  # decides the period
    Column("ended_on", Date),  # answered, closed, published; NULL: still open, or has no end
    Column("recorded_by", String(100), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("replaces", RowId, ForeignKey("register_rows.id"), unique=True),  # the row it corrects
    Column("void_at", Instant),
    Column("void_by", String(100), nullable=False, default=""),
    Column("void_why", Text, nullable=False, default=""),
)

#: One row: this version, this target, yes or no, and why.
decisions = _table(
    "decisions",
    _id(),
    _ref("version_id", "item_versions.id"),
    Column("target", String(50), nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
    UniqueConstraint("version_id", "target"),
)

#: One row: 条次, one item due at one target for one purpose.
placements = _table(
    "placements",
    _id(),
    _ref("item_id", "items.id"),
    _ref("version_id", "item_versions.id"),
    Column("target", String(50), nullable=False),
    Column("channel", String(50), nullable=False),
    Column("purpose", String(10), nullable=False),
    Column("slot", String(60), nullable=False),  # 首发 once per item and target; else purpose and version
    Column("origin", String(10), nullable=False),
    Column("push_id", RowId, ForeignKey("pushes.id")),  # the live push
    Column("ended", String(20), nullable=False, default=""),  # cancelled | expired before any push; retracted alone
    Column("ended_at", Instant),
    Column("reason", Text, nullable=False, default=""),  # why it waits or ended
    Column("not_before", Instant),
    Column("confirmed_at", Instant),
    Column("confirmed_by", String(100), nullable=False, default=""),
    Column("alone", Boolean, nullable=False, default=False),
    Column("late", String(10)),  # an outage made it late: ask, digest or send; NULL: it did not
    Column("taken_at", Instant, index=True),  # first accepted or booked
    Column("follows_id", RowId),  # of a 更正 or 撤回: the first push's placement
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("item_id", "target", "slot"),
)
Index("ix_placements_created", placements.c.created_at)
Index("ix_placements_push_created", placements.c.push_id, placements.c.created_at)
Index("ix_placements_ended_created", placements.c.push_id, placements.c.ended, placements.c.created_at)
Index("ix_placements_waiting", placements.c.target, placements.c.push_id, placements.c.ended)

#: One row: 次, one message to one target, with who and what as they were then.
pushes = _table(
    "pushes",
    _id(),
    Column("push_key", String(32), nullable=False, unique=True),
    Column("channel", String(50), nullable=False),
    Column("target", String(50), nullable=False),
    Column("target_name", String(100), nullable=False),
    Column("audience", String(100), nullable=False),
    Column("origin", String(10), nullable=False),
    Column("resend_of", RowId, ForeignKey("pushes.id")),
    Column("urgent", Boolean, nullable=False, default=False),
    Column("pieces", Integer, nullable=False),
    Column("text", LongText, nullable=False),  # as its readers see it
    Column("payload", JSON, nullable=False),  # what the channel made of it; no secret in it
    Column("bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("shortened", Boolean, nullable=False, default=False),
    Column("prepared", JSON),  # the vendor's handles (media, draft); NULL: nothing can have been sent
    Column("evidence", JSON),  # what the vendor said later: article addresses, counts
    Column("made_by", String(100), nullable=False),
    Column("created_at", Instant, nullable=False),
)
Index("ix_pushes_channel_created", pushes.c.channel, pushes.c.created_at, pushes.c.id)
Index("ix_pushes_created", pushes.c.created_at, pushes.c.id)
Index("ix_pushes_target_created", pushes.c.target, pushes.c.created_at, pushes.c.id)

#: One row: one placement in one push.
push_placements = _table(
    "push_placements",
    Column("push_id", RowId, ForeignKey("pushes.id"), primary_key=True),
    Column("placement_id", RowId, ForeignKey("placements.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

#: One row: 人次, one address of a push; a group has one.
deliveries = _table(
    "deliveries",
    _id(),
    _ref("push_id", "pushes.id", index=False),
    Column("channel", String(50), nullable=False),
    Column("address", String(100), nullable=False),
    Column("status", String(20), nullable=False),
    Column("basis", String(20), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),  # of what put it where it stands
    Column("looked", Text),  # what the last look said that moved nothing; NULL: none since
    Column("not_before", Instant),
    Column("urgent", Boolean, nullable=False, default=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("maybe_sent", Boolean, nullable=False, default=False),
    Column("attempt_id", RowId),  # the attempt that holds or last held it
    Column("owner", String(64), nullable=False, default=""),
    Column("lease_until", Instant),
    Column("vendor_id", String(200), nullable=False, default=""),
    Column("changed_at", Instant, nullable=False),
    Column("pushed_at", Instant),  # when its push was made: the log is asked for a status in this order
    Column("shared_at", Instant),  # the same if the push has other addresses beside it: only such a one can be 部分
    UniqueConstraint("push_id", "address"),
)
Index("ix_deliveries_status_pushed", deliveries.c.status, deliveries.c.pushed_at, deliveries.c.push_id)
Index("ix_deliveries_status_shared", deliveries.c.status, deliveries.c.shared_at, deliveries.c.push_id)
Index("ix_deliveries_due", deliveries.c.channel, deliveries.c.status, deliveries.c.not_before)
Index("ix_deliveries_vendor", deliveries.c.channel, deliveries.c.vendor_id)

#: One row: one vendor call, written before its first byte leaves.
attempts = _table(
    "attempts",
    _id(),
    _ref("push_id", "pushes.id"),
    Column("owner", String(64), nullable=False),
    Column("addresses", Integer, nullable=False),
    Column("begun_at", Instant, nullable=False),
)

#: One row: what one call, resolver, receipt or person said of one delivery; append-only.
outcomes = _table(
    "outcomes",
    _id(),
    _ref("attempt_id", "attempts.id", nullable=True),
    _ref("delivery_id", "deliveries.id"),
    Column("said_by", String(100), nullable=False),  # 发送, 核实, 回执, or a person
    Column("outcome", String(20), nullable=False),
    Column("status", String(20), nullable=False),  # where it put the delivery
    Column("code", String(50), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("vendor_id", String(200), nullable=False, default=""),
    Column("raw", Text, nullable=False, default=""),
    Column("at", Instant, nullable=False),
)

#: One row: the vendor's later word, as it came; applied once.
receipts = _table(
    "receipts",
    _id(),
    Column("channel", String(50), nullable=False),
    Column("kind", String(50), nullable=False),
    Column("dedup", String(100), nullable=False),
    Column("vendor_id", String(200), nullable=False, default=""),
    Column("raw", LongText, nullable=False),
    Column("raw_digest", String(64)),  # keyed hash of the words, once they have been cut; NULL: they are still there
    Column("received_at", Instant, nullable=False),
    Column("applied_at", Instant),
    UniqueConstraint("channel", "dedup"),
)

#: One row: one measured or booked figure of how far something reached, and how that is known.
reach = _table(
    "reach",
    _id(),
    Column("channel", String(50), nullable=False),
    Column("target", String(50), nullable=False),
    _ref("push_id", "pushes.id", nullable=True),
    Column("subject", String(100), nullable=False, default=""),  # an article or a page that no push of ours stands for
    Column("metric", String(20), nullable=False),
    Column("value", Integer, nullable=False),
    Column("basis", String(20), nullable=False),
    Column("true_at", Instant, nullable=False),
    Column("known_at", Instant, nullable=False),
)
Index("ix_reach_target_metric", reach.c.target, reach.c.metric, reach.c.true_at)

#: One row: one use of a vendor's or the house's allowance, taken in the claim's commit; given back by a negative one.
quotas = _table(
    "quotas",
    _id(),
    Column("name", String(150), nullable=False),
    Column("push_id", RowId, nullable=False, index=True),
    Column("n", Integer, nullable=False, default=1),
    Column("at", Instant, nullable=False),
)
Index("ix_quotas_name_at", quotas.c.name, quotas.c.at)

#: One row: a channel's state; claims of a channel queue up on it.
channels = _table(
    "channels",
    Column("name", String(50), primary_key=True),
    Column("paused_at", Instant),
    Column("paused_by", String(100), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("good_at", Instant),
    Column("failures", Integer, nullable=False, default=0),
)

#: One row: something a person must know of; told through another channel.
alarms = _table(
    "alarms",
    _id(),
    Column("subject", String(150), nullable=False, index=True),
    Column("channel", String(50), nullable=False, default=""),
    Column("text", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("told_at", Instant),
    Column("told_by", String(50), nullable=False, default=""),
    Column("cleared_at", Instant),
)

#: One row: one thing a clerk must mend in a file (问题清单).
problems = _table(
    "problems",
    _id(),
    Column("watch", String(100), nullable=False, index=True),
    Column("file", String(300), nullable=False),
    Column("sheet", String(100), nullable=False, default=""),
    Column("row", Integer, nullable=False, default=0),
    Column("column", String(50), nullable=False, default=""),
    Column("text", Text, nullable=False),
    Column("fix", Text, nullable=False),
    Column("found_at", Instant, nullable=False),
)

#: One row: an order or judgment of a person: who, when, on what, and the hash of what was seen.
acts = _table(
    "acts",
    _id(),
    Column("person", String(100), nullable=False),
    Column("act", String(50), nullable=False),
    Column("subject", String(150), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("digest", String(64), nullable=False, default=""),
    Column("at", Instant, nullable=False),
)

#: One row: an order to take back one push, or one piece of it, where it stands.
recalls = _table(
    "recalls",
    _id(),
    _ref("placement_id", "placements.id"),
    _ref("push_id", "pushes.id"),
    Column("piece", Integer, nullable=False),  # its place in the push, from 1; 0: the whole push
    Column("kind", String(10), nullable=False),  # 撤回 (ordered) | 撤下 (its term is over)
    Column("status", String(20), nullable=False),  # queued | done | refused | handed (a person must)
    Column("reason", Text, nullable=False, default=""),
    Column("not_before", Instant),
    Column("tries", Integer, nullable=False, default=0),
    Column("ordered_by", String(100), nullable=False),
    Column("ordered_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", String(100), nullable=False, default=""),
    Column("raw", Text, nullable=False, default=""),
    UniqueConstraint("placement_id", "push_id", "kind"),
)
Index("ix_recalls_status", recalls.c.status, recalls.c.not_before)

#: One row: what a person did by hand with one delivery: posted, read out, printed, told.
handoffs = _table(
    "handoffs",
    _id(),
    Column("delivery_id", RowId, ForeignKey("deliveries.id"), nullable=False, unique=True),
    Column("done_at", Instant, nullable=False),
    Column("done_by", String(100), nullable=False),
    Column("place", String(200), nullable=False, default=""),
    Column("amount", Integer),  # NULL: nobody counted
    Column("unit", String(10), nullable=False, default=""),  # 份 | 场 | 人次 | 处
    Column("proof", String(500), nullable=False, default=""),  # a photo or file, as it was named
    Column("proof_sha256", String(64), nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("recorded_by", String(100), nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

#: One row: one article of an account, the bot's or another's.
articles = _table(
    "articles",
    _id(),
    Column("channel", String(50), nullable=False),
    Column("article_id", String(100), nullable=False),
    Column("position", Integer, nullable=False),
    Column("title", String(500), nullable=False),
    Column("url", String(1000), nullable=False, default=""),
    Column("published_at", Instant, nullable=False),
    _ref("push_id", "pushes.id", nullable=True),  # the bot's, or the booked one that stands for it; NULL: neither
    _ref("item_id", "items.id", nullable=True),  # the item it publishes, if known
    Column("gone_at", Instant),
    Column("seen_at", Instant, nullable=False),
    UniqueConstraint("channel", "article_id", "position"),
)

#: One row: a short link of one piece of one push to its item's page; the same for everybody who gets the push.
links = _table(
    "links",
    Column("token", String(32), primary_key=True),
    _ref("push_id", "pushes.id"),
    _ref("placement_id", "placements.id"),
    Column("url", String(1000), nullable=False),
    Column("made_at", Instant, nullable=False),
)

#: One row: how often (次) a link was opened in one hour; nothing of who opened it is kept.
clicks = _table(
    "clicks",
    Column("token", String(32), ForeignKey("links.token"), primary_key=True),
    Column("counted", Boolean, primary_key=True),  # False: a robot, a preview, a look without the page
    Column("hour", Instant, primary_key=True),
    Column("n", Integer, nullable=False),
)

#: One row: 封存, a run of rows of one table in the chain of seals; whoever changes one of them breaks it.
seals = _table(
    "seals",
    _id(),
    Column("table_name", String(20), nullable=False),
    Column("from_id", RowId, nullable=False),
    Column("to_id", RowId, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("content", String(64), nullable=False),  # of the same rows in whatever order
    Column("hash", String(64), nullable=False),
    Column("previous", String(64), nullable=False, unique=True),  # two runs at once make no fork
    Column("key_mark", String(16), nullable=False),  # tells whether the key is still the same
    Column("sealed_at", Instant, nullable=False),
)

#: One row: 学年封存, the figures of a period as they were handed in; nothing changes it, a later one stands beside it.
frozen = _table(
    "frozen",
    _id(),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("cut_off", Instant, nullable=False),
    Column("figures", LongText, nullable=False),  # JSON: the report as it was
    Column("fingerprint", String(64), nullable=False),  # of the rows behind them
    Column("frozen_by", String(100), nullable=False),
    Column("frozen_at", Instant, nullable=False),
)

#: One row: 汇总, what a day or a whole month came to when it was last counted; it counts for nothing while a mark says so.
rollups = _table(
    "rollups",
    Column("level", String(10), primary_key=True),  # day | month
    Column("first", Date, primary_key=True),
    Column("form", Integer, nullable=False),  # how it was counted: what an older bot kept counts for nothing
    Column("made_at", Instant, nullable=False),
    Column("sums", LongText, nullable=False),  # JSON
)

#: One row: rows behind figures that one transaction has changed; gone when the roll-ups of their days are.
marks = _table(
    "marks",
    _id(),
    Column("of", String(20), nullable=False),  # deliveries | pushes | placements | items | days
    Column("ids", LongText, nullable=False),  # of those, with commas
)
