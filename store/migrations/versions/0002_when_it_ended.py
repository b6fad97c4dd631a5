"""When a placement ended, and what was last found of a delivery beside what put it where it stands.

Rows from before have no time of their ending. They get the best one known, tried in this order: the last order to
cancel the item; the alarm that told of the expiry; the last news of a push they had been in; the routing of the
item's newest version; and where nothing of these is there, the time the placement was made. It is never earlier than
that. A report with a cut-off before this migration is as exact as that time.

An accepted delivery gets back the reason of the outcome that put it there; what a later look had written over it
stays beside it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db import Instant, RowId

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The columns as they are at this revision: store.tables goes on changing.
placements = sa.table(
    "placements", sa.column("id", RowId), sa.column("item_id", RowId), sa.column("ended", sa.String()),
    sa.column("created_at", Instant()), sa.column("ended_at", Instant()),
)  # fmt: skip
acts = sa.table(
    "acts", sa.column("act", sa.String()), sa.column("subject", sa.String()), sa.column("at", Instant())
)
alarms = sa.table("alarms", sa.column("subject", sa.String()), sa.column("raised_at", Instant()))
push_placements = sa.table("push_placements", sa.column("push_id", RowId), sa.column("placement_id", RowId))
deliveries = sa.table(
    "deliveries", sa.column("id", RowId), sa.column("push_id", RowId), sa.column("status", sa.String()),
    sa.column("reason", sa.Text()), sa.column("looked", sa.Text()), sa.column("changed_at", Instant()),
)  # fmt: skip
outcomes = sa.table(
    "outcomes", sa.column("id", RowId), sa.column("delivery_id", RowId), sa.column("status", sa.String()),
    sa.column("reason", sa.Text()),
)  # fmt: skip
versions = sa.table("item_versions", sa.column("item_id", RowId), sa.column("routed_at", Instant()))


def upgrade() -> None:
    op.add_column("placements", sa.Column("ended_at", Instant(), nullable=True))
    op.add_column("deliveries", sa.Column("looked", sa.Text(), nullable=True))
    conn = op.get_bind()
    _date_endings(conn)
    _restore_reasons(conn)


def _date_endings(conn: sa.Connection) -> None:
    p = placements.c
    ended = conn.execute(sa.select(p.id, p.item_id, p.ended, p.created_at).where(p.ended != "")).all()
    for row in ended:
        known = _best_known(conn, row)
        moment = max(known, row.created_at) if known is not None else row.created_at
        conn.execute(sa.update(placements).where(p.id == row.id).values(ended_at=moment))


def _best_known(conn: sa.Connection, row: Any) -> datetime | None:
    ordered = sa.select(sa.func.max(acts.c.at)).where(acts.c.act == "取消", acts.c.subject == f"条目 {row.item_id}")
    told = sa.select(sa.func.max(alarms.c.raised_at)).where(alarms.c.subject == f"过期:{row.id}")
    in_push = push_placements.c.placement_id == row.id
    news = (
        sa.select(sa.func.max(deliveries.c.changed_at))
        .select_from(deliveries.join(push_placements, push_placements.c.push_id == deliveries.c.push_id))
        .where(in_push)
    )
    routed = sa.select(sa.func.max(versions.c.routed_at)).where(versions.c.item_id == row.item_id)
    tried = (told,) if row.ended == "expired" else (ordered,)
    for query in (*tried, news, routed):
        moment: datetime | None = conn.scalar(query)
        if moment is not None:
            return moment
    return None


def _restore_reasons(conn: sa.Connection) -> None:
    d, o = deliveries.c, outcomes.c
    first = (
        sa.select(sa.func.min(o.id)).where(o.delivery_id == d.id, o.status == d.status).correlate(deliveries)
    ).scalar_subquery()
    its = outcomes.alias("its").c
    led = sa.select(its.reason).where(its.id == first).correlate(deliveries).scalar_subquery()
    accepted = conn.execute(sa.select(d.id, d.reason, led.label("led")).where(d.status == "accepted")).all()
    for row in accepted:
        if row.led is not None and row.led != row.reason:
            conn.execute(sa.update(deliveries).where(d.id == row.id).values(reason=row.led, looked=row.reason))


def downgrade() -> None:
    op.drop_column("deliveries", "looked")
    op.drop_column("placements", "ended_at")
