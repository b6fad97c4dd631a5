"""What the log's pages need: which deliveries share a push, what is in no push by how it ended, pushes in their full order."""

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

#: Of each the columns before the last one, which is new.
_PUSHES = {
    "ix_pushes_created": ["created_at"], "ix_pushes_channel_created": ["channel", "created_at"],
    "ix_pushes_target_created": ["target", "created_at"],
}  # fmt: skip


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("shared_at", Instant(), nullable=True))
    d = _deliveries.c
    several = sa.select(d.push_id).group_by(d.push_id).having(sa.func.count() > 1).subquery()
    op.execute(sa.update(_deliveries).where(d.push_id.in_(sa.select(several.c.push_id))).values(shared_at=d.pushed_at))
    op.create_index("ix_deliveries_status_shared", "deliveries", ["status", "shared_at", "push_id"])
    op.create_index("ix_placements_ended_created", "placements", ["push_id", "ended", "created_at"])
    _index_pushes("id")


def downgrade() -> None:
    _index_pushes()
    op.drop_index("ix_placements_ended_created", "placements")
    op.drop_index("ix_deliveries_status_shared", "deliveries")
    op.drop_column("deliveries", "shared_at")


def _index_pushes(*last: str) -> None:
    for name, columns in _PUSHES.items():
        op.drop_index(name, "pushes")
        op.create_index(name, "pushes", [*columns, *last])
