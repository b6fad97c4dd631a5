"""What the office's rules need: the guard and its scans, a time to send, urgency by a person's order, rectifications."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db import Instant, RowId

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BYTES: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    op.add_column("item_versions", sa.Column("guard", sa.String(500), nullable=True))
    op.add_column("items", sa.Column("send_at", Instant(), nullable=True))
    op.add_column("items", sa.Column("urgent_at", Instant(), nullable=True))
    op.add_column("items", sa.Column("urgent_by", sa.String(100), nullable=True))
    op.add_column("items", sa.Column("urgent_why", sa.Text(), nullable=True))
    op.add_column("placements", sa.Column("late", sa.String(10), nullable=True))
    op.create_table(
        "scans",
        _id(),
        sa.Column("version_id", RowId, nullable=False),
        sa.Column("hits", sa.JSON(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("scanned_at", Instant(), nullable=False),
        sa.Column("released_by", sa.String(100), nullable=False),
        sa.Column("released_why", sa.Text(), nullable=False),
        sa.Column("released_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["version_id"], ["item_versions.id"], name="fk_scans_version_id"),
        sa.PrimaryKeyConstraint("id", name="pk_scans"),
        sa.UniqueConstraint("version_id", name="uq_scans_version_id"),
        **_BYTES,
    )
    op.create_table(
        "rectifications",
        _id(),
        sa.Column("department", sa.String(100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("circular", sa.String(200), nullable=False),
        sa.Column("item_id", RowId, nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_rectifications_item_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rectifications"),
        **_BYTES,
    )
    op.create_index("ix_rectifications_item_id", "rectifications", ["item_id"])


def _id() -> sa.Column[int]:
    return sa.Column("id", RowId, autoincrement=True, nullable=False)


def downgrade() -> None:
    op.drop_table("rectifications")
    op.drop_table("scans")
    for name in ("send_at", "urgent_at", "urgent_by", "urgent_why"):
        op.drop_column("items", name)
    op.drop_column("item_versions", "guard")
    op.drop_column("placements", "late")
