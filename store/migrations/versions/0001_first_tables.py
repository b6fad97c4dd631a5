"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from store.db import Instant, RowId

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LongText = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "acts",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("act", sa.String(length=50), nullable=False),
        sa.Column("subject", sa.String(length=150), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "alarms",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("subject", sa.String(length=150), nullable=False),
        sa.Column("channel", sa.String(length=50), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("told_at", Instant(), nullable=True),
        sa.Column("told_by", sa.String(length=50), nullable=False),
        sa.Column("cleared_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_alarms_subject"), "alarms", ["subject"], unique=False)
    op.create_table(
        "channels",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("paused_at", Instant(), nullable=True),
        sa.Column("paused_by", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("good_at", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channels")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "items",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("watch", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("version_id", RowId, nullable=True),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("sub_item", sa.String(length=100), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("audience_class", sa.String(length=20), nullable=False),
        sa.Column("disclosure", sa.String(length=20), nullable=False),
        sa.Column("disclosed_on", sa.Date(), nullable=True),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("hold", sa.Text(), nullable=False),
        sa.Column("stopped", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=True),
        sa.Column("missing_since", Instant(), nullable=True),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_items_disclosed_on"), "items", ["disclosed_on"], unique=False)
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "problems",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("watch", sa.String(length=100), nullable=False),
        sa.Column("file", sa.String(length=300), nullable=False),
        sa.Column("sheet", sa.String(length=100), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.String(length=50), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fix", sa.Text(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_problems_watch"), "problems", ["watch"], unique=False)
    op.create_table(
        "pushes",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("push_key", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=50), nullable=False),
        sa.Column("target", sa.String(length=50), nullable=False),
        sa.Column("target_name", sa.String(length=100), nullable=False),
        sa.Column("audience", sa.String(length=100), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("resend_of", RowId, nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("text", LongText, nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("shortened", sa.Boolean(), nullable=False),
        sa.Column("prepared", sa.JSON(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=True),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["resend_of"], ["pushes.id"], name=op.f("fk_pushes_resend_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushes")),
        sa.UniqueConstraint("push_key", name=op.f("uq_pushes_push_key")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_pushes_channel_created", "pushes", ["channel", "created_at"], unique=False)
    op.create_index("ix_pushes_created", "pushes", ["created_at"], unique=False)
    op.create_table(
        "quotas",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("push_id", RowId, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotas")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_quotas_name_at", "quotas", ["name", "at"], unique=False)
    op.create_index(op.f("ix_quotas_push_id"), "quotas", ["push_id"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=50), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("dedup", sa.String(length=100), nullable=False),
        sa.Column("vendor_id", sa.String(length=200), nullable=False),
        sa.Column("raw", LongText, nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("applied_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("channel", "dedup", name=op.f("uq_receipts_channel")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "watches",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("cursor", sa.JSON(), nullable=False),
        sa.Column("health", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("looked_at", Instant(), nullable=False),
        sa.Column("good_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_watches")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "attempts",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("push_id", RowId, nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("addresses", sa.Integer(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["push_id"], ["pushes.id"], name=op.f("fk_attempts_push_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_attempts_push_id"), "attempts", ["push_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("push_id", RowId, nullable=False),
        sa.Column("channel", sa.String(length=50), nullable=False),
        sa.Column("address", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("maybe_sent", sa.Boolean(), nullable=False),
        sa.Column("attempt_id", RowId, nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("vendor_id", sa.String(length=200), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["push_id"], ["pushes.id"], name=op.f("fk_deliveries_push_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("push_id", "address", name=op.f("uq_deliveries_push_id")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_deliveries_due", "deliveries", ["channel", "status", "not_before"], unique=False)
    op.create_table(
        "item_keys",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("watch", sa.String(length=100), nullable=False),
        sa.Column("file", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_keys_item_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_item_keys")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_item_keys_item_id"), "item_keys", ["item_id"], unique=False)
    op.create_table(
        "item_versions",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("doc_no", sa.String(length=100), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", LongText, nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("departments_beside", sa.JSON(), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("sub_item", sa.String(length=100), nullable=False),
        sa.Column("list_items", sa.JSON(), nullable=False),
        sa.Column("disclosure", sa.String(length=20), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("inner_reason", sa.Text(), nullable=False),
        sa.Column("formed_on", sa.Date(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("notice_from", sa.Date(), nullable=True),
        sa.Column("notice_to", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("is_notice", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(length=500), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("routed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_versions_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_versions")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_item_versions_item_id")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_item_versions_item_id"), "item_versions", ["item_id"], unique=False)
    op.create_index(op.f("ix_item_versions_routed_at"), "item_versions", ["routed_at"], unique=False)
    op.create_table(
        "reach",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=50), nullable=False),
        sa.Column("target", sa.String(length=50), nullable=False),
        sa.Column("push_id", RowId, nullable=True),
        sa.Column("metric", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("true_at", Instant(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["push_id"], ["pushes.id"], name=op.f("fk_reach_push_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reach")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_reach_push_id"), "reach", ["push_id"], unique=False)
    op.create_index("ix_reach_target_metric", "reach", ["target", "metric", "true_at"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("version_id", RowId, nullable=False),
        sa.Column("target", sa.String(length=50), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["item_versions.id"], name=op.f("fk_decisions_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("version_id", "target", name=op.f("uq_decisions_version_id")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_decisions_version_id"), "decisions", ["version_id"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("attempt_id", RowId, nullable=True),
        sa.Column("delivery_id", RowId, nullable=False),
        sa.Column("said_by", sa.String(length=100), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("vendor_id", sa.String(length=200), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_outcomes_attempt_id")),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_outcomes_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_outcomes_attempt_id"), "outcomes", ["attempt_id"], unique=False)
    op.create_index(op.f("ix_outcomes_delivery_id"), "outcomes", ["delivery_id"], unique=False)
    op.create_table(
        "placements",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("version_id", RowId, nullable=False),
        sa.Column("target", sa.String(length=50), nullable=False),
        sa.Column("channel", sa.String(length=50), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("slot", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("push_id", RowId, nullable=True),
        sa.Column("ended", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=100), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_placements_item_id")),
        sa.ForeignKeyConstraint(["push_id"], ["pushes.id"], name=op.f("fk_placements_push_id")),
        sa.ForeignKeyConstraint(["version_id"], ["item_versions.id"], name=op.f("fk_placements_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
        sa.UniqueConstraint("item_id", "target", "slot", name=op.f("uq_placements_item_id")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_placements_item_id"), "placements", ["item_id"], unique=False)
    op.create_index(op.f("ix_placements_push_id"), "placements", ["push_id"], unique=False)
    op.create_index(op.f("ix_placements_taken_at"), "placements", ["taken_at"], unique=False)
    op.create_index(op.f("ix_placements_version_id"), "placements", ["version_id"], unique=False)
    op.create_index("ix_placements_waiting", "placements", ["target", "push_id", "ended"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("version_id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reviewer", sa.String(length=100), nullable=False),
        sa.Column("conclusion", sa.String(length=50), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("concluded_on", sa.Date(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["item_versions.id"], name=op.f("fk_reviews_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_reviews_version_id"), "reviews", ["version_id"], unique=False)
    op.create_table(
        "push_placements",
        sa.Column("push_id", RowId, nullable=False),
        sa.Column("placement_id", RowId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["placement_id"], ["placements.id"], name=op.f("fk_push_placements_placement_id")),
        sa.ForeignKeyConstraint(["push_id"], ["pushes.id"], name=op.f("fk_push_placements_push_id")),
        sa.PrimaryKeyConstraint("push_id", "placement_id", name=op.f("pk_push_placements")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_push_placements_placement_id"), "push_placements", ["placement_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_push_placements_placement_id"), table_name="push_placements")
    op.drop_table("push_placements")
    op.drop_index(op.f("ix_reviews_version_id"), table_name="reviews")
    op.drop_table("reviews")
    op.drop_index("ix_placements_waiting", table_name="placements")
    op.drop_index(op.f("ix_placements_version_id"), table_name="placements")
    op.drop_index(op.f("ix_placements_taken_at"), table_name="placements")
    op.drop_index(op.f("ix_placements_push_id"), table_name="placements")
    op.drop_index(op.f("ix_placements_item_id"), table_name="placements")
    op.drop_table("placements")
    op.drop_index(op.f("ix_outcomes_delivery_id"), table_name="outcomes")
    op.drop_index(op.f("ix_outcomes_attempt_id"), table_name="outcomes")
    op.drop_table("outcomes")
    op.drop_index(op.f("ix_decisions_version_id"), table_name="decisions")
    op.drop_table("decisions")
    op.drop_index("ix_reach_target_metric", table_name="reach")
    op.drop_index(op.f("ix_reach_push_id"), table_name="reach")
    op.drop_table("reach")
    op.drop_index(op.f("ix_item_versions_routed_at"), table_name="item_versions")
    op.drop_index(op.f("ix_item_versions_item_id"), table_name="item_versions")
    op.drop_table("item_versions")
    op.drop_index(op.f("ix_item_keys_item_id"), table_name="item_keys")
    op.drop_table("item_keys")
    op.drop_index("ix_deliveries_due", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_attempts_push_id"), table_name="attempts")
    op.drop_table("attempts")
    op.drop_table("watches")
    op.drop_table("receipts")
    op.drop_index(op.f("ix_quotas_push_id"), table_name="quotas")
    op.drop_index("ix_quotas_name_at", table_name="quotas")
    op.drop_table("quotas")
    op.drop_index("ix_pushes_channel_created", table_name="pushes")
    op.drop_table("pushes")
    op.drop_index(op.f("ix_problems_watch"), table_name="problems")
    op.drop_table("problems")
    op.drop_table("meta")
    op.drop_index(op.f("ix_items_disclosed_on"), table_name="items")
    op.drop_table("items")
    op.drop_table("channels")
    op.drop_index(op.f("ix_alarms_subject"), table_name="alarms")
    op.drop_table("alarms")
    op.drop_table("acts")
