"""汇总: what each day and month came to, so that a year is not counted anew for every report; indexes for the log's pages."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db import Instant, LongText, RowId

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BYTES: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}

_pushes = sa.table("pushes", sa.column("id", RowId), sa.column("created_at", Instant))
_deliveries = sa.table("deliveries", sa.column("push_id", RowId), sa.column("pushed_at", Instant))


def upgrade() -> None:
    op.create_table(
        "rollups",
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("sums", LongText(), nullable=False),
        sa.PrimaryKeyConstraint("level", "first", name="pk_rollups"),
        **_BYTES,
    )
    op.create_index("ix_placements_created", "placements", ["created_at"])
    op.create_index("ix_placements_push_created", "placements", ["push_id", "created_at"])
    op.drop_index("ix_placements_push_id", "placements")
    op.create_index("ix_pushes_target_created", "pushes", ["target", "created_at"])
    op.add_column("deliveries", sa.Column("pushed_at", Instant(), nullable=True))
    made = sa.select(_pushes.c.created_at).where(_pushes.c.id == _deliveries.c.push_id).scalar_subquery()
    op.execute(sa.update(_deliveries).values(pushed_at=made))
    op.create_index("ix_deliveries_status_pushed", "deliveries", ["status", "pushed_at", "push_id"])


def downgrade() -> None:
    op.drop_index("ix_deliveries_status_pushed", "deliveries")
    op.drop_column("deliveries", "pushed_at")
    op.drop_index("ix_pushes_target_created", "pushes")
    op.create_index("ix_placements_push_id", "placements", ["push_id"])
    op.drop_index("ix_placements_push_created", "placements")
    op.drop_index("ix_placements_created", "placements")
    op.drop_table("rollups")
