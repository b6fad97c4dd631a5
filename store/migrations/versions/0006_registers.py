"""Registers: what the report needs and no push can give, each row with its clerk; rows are voided, never changed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db import Instant, RowId

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BYTES: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    op.create_table(
        "registers",
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("opened_by", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_registers"),
        **_BYTES,
    )
    op.create_table(
        "register_rows",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("register", sa.String(50), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("replaces", RowId, nullable=True),
        sa.Column("void_at", Instant(), nullable=True),
        sa.Column("void_by", sa.String(100), nullable=False),
        sa.Column("void_why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["register"], ["registers.name"], name="fk_register_rows_register"),
        sa.ForeignKeyConstraint(["replaces"], ["register_rows.id"], name="fk_register_rows_replaces"),
        sa.PrimaryKeyConstraint("id", name="pk_register_rows"),
        sa.UniqueConstraint("replaces", name="uq_register_rows_replaces"),
        **_BYTES,
    )
    op.create_index("ix_register_rows_register", "register_rows", ["register"])


def downgrade() -> None:
    op.drop_table("register_rows")
    op.drop_table("registers")
