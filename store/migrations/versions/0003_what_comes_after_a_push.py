"""What comes after a push: taken back, done by hand, other people's articles, short links; allowances by weight."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db import Instant, RowId

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BYTES: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    op.add_column("placements", sa.Column("follows_id", RowId, nullable=True))
    op.add_column("reach", sa.Column("subject", sa.String(100), nullable=False, server_default=""))
    op.add_column("quotas", sa.Column("n", sa.Integer(), nullable=False, server_default="1"))
    op.create_index("ix_deliveries_vendor", "deliveries", ["channel", "vendor_id"])
    _recalls()
    _handoffs()
    _articles()
    _links()


def _id() -> sa.Column[int]:
    return sa.Column("id", RowId, autoincrement=True, nullable=False)


def _recalls() -> None:
    op.create_table(
        "recalls",
        _id(),
        sa.Column("placement_id", RowId, nullable=False),
        sa.Column("push_id", RowId, nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ordered_by", sa.String(100), nullable=False),
        sa.Column("ordered_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", sa.String(100), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["placement_id"], ["placements.id"], name="fk_recalls_placement_id"),
        sa.ForeignKeyConstraint(["push_id"], ["pushes.id"], name="fk_recalls_push_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recalls"),
        sa.UniqueConstraint("placement_id", "push_id", "kind", name="uq_recalls_placement_id"),
        **_BYTES,
    )
    op.create_index("ix_recalls_placement_id", "recalls", ["placement_id"])
    op.create_index("ix_recalls_push_id", "recalls", ["push_id"])
    op.create_index("ix_recalls_status", "recalls", ["status", "not_before"])


def _handoffs() -> None:
    op.create_table(
        "handoffs",
        _id(),
        sa.Column("delivery_id", RowId, nullable=False),
        sa.Column("done_at", Instant(), nullable=False),
        sa.Column("done_by", sa.String(100), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("proof", sa.String(500), nullable=False),
        sa.Column("proof_sha256", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_handoffs_delivery_id"),
        sa.PrimaryKeyConstraint("id", name="pk_handoffs"),
        sa.UniqueConstraint("delivery_id", name="uq_handoffs_delivery_id"),
        **_BYTES,
    )


def _articles() -> None:
    op.create_table(
        "articles",
        _id(),
        sa.Column("channel", sa.String(50), nullable=False),
        sa.Column("article_id", sa.String(100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("push_id", RowId, nullable=True),
        sa.Column("item_id", RowId, nullable=True),
        sa.Column("gone_at", Instant(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["push_id"], ["pushes.id"], name="fk_articles_push_id"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_articles_item_id"),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
        sa.UniqueConstraint("channel", "article_id", "position", name="uq_articles_channel"),
        **_BYTES,
    )
    op.create_index("ix_articles_push_id", "articles", ["push_id"])
    op.create_index("ix_articles_item_id", "articles", ["item_id"])


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("push_id", RowId, nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["push_id"], ["pushes.id"], name="fk_links_push_id"),
        sa.PrimaryKeyConstraint("token", name="pk_links"),
        **_BYTES,
    )
    op.create_index("ix_links_push_id", "links", ["push_id"])
    op.create_table(
        "clicks",
        _id(),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["token"], ["links.token"], name="fk_clicks_token"),
        sa.PrimaryKeyConstraint("id", name="pk_clicks"),
        **_BYTES,
    )
    op.create_index("ix_clicks_token", "clicks", ["token"])


def downgrade() -> None:
    for table in ("clicks", "links", "articles", "handoffs", "recalls"):
        op.drop_table(table)
    op.drop_index("ix_deliveries_vendor", "deliveries")
    op.drop_column("quotas", "n")
    op.drop_column("reach", "subject")
    op.drop_column("placements", "follows_id")
