"""标记: what a transaction has changed behind a figure, until the roll-ups of its days are removed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db import LongText, RowId

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BYTES: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    op.create_table(
        "marks",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("of", sa.String(20), nullable=False),
        sa.Column("ids", LongText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_marks"),
        **_BYTES,
    )


def downgrade() -> None:
    op.execute("DELETE FROM rollups")  # without marks nobody knows which of them are true
    op.drop_table("marks")
