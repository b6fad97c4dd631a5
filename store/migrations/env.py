"""Alembic's entry: the connection is handed in by store.migrate."""

from __future__ import annotations

from alembic import context

from store import tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=tables.metadata, render_as_batch=connection.dialect.name == "sqlite"
)
with context.begin_transaction():
    context.run_migrations()
