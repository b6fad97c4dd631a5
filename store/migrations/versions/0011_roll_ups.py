"""汇总: what each day and month came to, so that a year is not counted anew for every report."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db import Instant, LongText

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BYTES: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}


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


def downgrade() -> None:
    op.drop_index("ix_placements_created", "placements")
    op.drop_table("rollups")
