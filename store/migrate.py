"""Bring a database to the current tables. Alembic (10 MiB) is imported here only, and only where there is something to do.

Migrations are numbered, each after the one before it: the newest number is the version this bot was made for.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from store.db import Db

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"


class Upgrade(StrEnum):
    """What an upgrade came to."""

    NOTHING = "nothing"
    MADE = "made"
    RAISED = "raised"


def upgrade(db: Db) -> Upgrade:
    """Apply every migration the database does not have yet; each in one transaction where the database can."""
    if is_current(db):
        return Upgrade.NOTHING
    from alembic import command

    config = _config()
    with db.engine.connect().execution_options(xxgk_write=True) as conn, conn.begin():
        before = _revision(conn)
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
        if before == _revision(conn):
            return Upgrade.NOTHING
        return Upgrade.MADE if before is None else Upgrade.RAISED


def is_current(db: Db) -> bool:
    """True if the tables are those this version of the bot was made for."""
    with db.read() as conn:
        return _revision(conn) == max(file.name[:4] for file in (FOLDER / "versions").glob("[0-9]*.py"))


def is_bare(db: Db) -> bool:
    """True if there is no table of ours yet."""
    with db.read() as conn:
        return _revision(conn) is None


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
