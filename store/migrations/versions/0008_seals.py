"""Evidence: the sealed log, and a receipt's digest that outlives its words."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db import Instant, RowId

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

_BYTES: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    op.add_column("receipts", sa.Column("raw_digest", sa.String(64), nullable=True))
    op.create_table(
        "seals",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("table_name", sa.String(20), nullable=False),
        sa.Column("from_id", RowId, nullable=False),
        sa.Column("to_id", RowId, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("key_mark", sa.String(16), nullable=False),
        sa.Column("sealed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seals"),
        sa.UniqueConstraint("previous", name="uq_seals_previous"),
        **_BYTES,
    )


def downgrade() -> None:
    op.drop_table("seals")
    op.drop_column("receipts", "raw_digest")
