"""学年封存: the figures that were handed in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db import Instant, LongText, RowId

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BYTES: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    op.create_table(
        "frozen",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("cut_off", Instant(), nullable=False),
        sa.Column("figures", LongText(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("frozen_by", sa.String(100), nullable=False),
        sa.Column("frozen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_frozen"),
        **_BYTES,
    )


def downgrade() -> None:
    op.drop_table("frozen")
