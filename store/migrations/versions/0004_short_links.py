"""Short links know their placement, and clicks are counted by the hour: a storm of them fills no disk.

Nothing has written the two tables before this, so they are made anew.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db import Instant, RowId

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BYTES: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    _drop()
    _links(sa.Column("placement_id", RowId, nullable=False))
    op.create_index("ix_links_placement_id", "links", ["placement_id"])
    op.create_table(
        "clicks",
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("hour", Instant(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["token"], ["links.token"], name="fk_clicks_token"),
        sa.PrimaryKeyConstraint("token", "counted", "hour", name="pk_clicks"),
        **_BYTES,
    )


def _drop() -> None:
    op.drop_table("clicks")
    op.drop_table("links")


def _links(*more: sa.Column[Any]) -> None:
    named = [sa.ForeignKeyConstraint([c.name], ["placements.id"], name=f"fk_links_{c.name}") for c in more]
    op.create_table(
        "links",
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("push_id", RowId, nullable=False),
        *more,
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["push_id"], ["pushes.id"], name="fk_links_push_id"),
        *named,
        sa.PrimaryKeyConstraint("token", name="pk_links"),
        **_BYTES,
    )
    op.create_index("ix_links_push_id", "links", ["push_id"])


def downgrade() -> None:
    _drop()
    _links()
    op.create_table(
        "clicks",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["token"], ["links.token"], name="fk_clicks_token"),
        sa.PrimaryKeyConstraint("id", name="pk_clicks"),
        **_BYTES,
    )
    op.create_index("ix_clicks_token", "clicks", ["token"])
