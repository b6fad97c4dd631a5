"""What the log needs to find 部分 and what is in no push by its result: which deliveries share a push, and two indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.db import Instant, RowId

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_deliveries = sa.table(
    "deliveries", sa.column("push_id", RowId), sa.column("pushed_at", Instant), sa.column("shared_at", Instant)
)  # fmt: skip


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("shared_at", Instant(), nullable=True))
    d = _deliveries.c
    several = sa.select(d.push_id).group_by(d.push_id).having(sa.func.count() > 1).subquery()
    op.execute(sa.update(_deliveries).where(d.push_id.in_(sa.select(several.c.push_id))).values(shared_at=d.pushed_at))
    op.create_index("ix_deliveries_status_shared", "deliveries", ["status", "shared_at", "push_id"])
    op.create_index("ix_placements_ended_created", "placements", ["push_id", "ended", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_placements_ended_created", "placements")
    op.drop_index("ix_deliveries_status_shared", "deliveries")
    op.drop_column("deliveries", "shared_at")
