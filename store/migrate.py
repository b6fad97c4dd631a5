"""Bring a database to the current tables. Alembic is imported here only: queries of the log do without it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from store.db import Db

FOLDER = Path(__file__).parent / "migrations"


class Upgrade(StrEnum):
    """What an upgrade came to."""

    NOTHING = "nothing"
    MADE = "made"
    RAISED = "raised"


def upgrade(db: Db) -> Upgrade:
    """Apply every migration the database does not have yet; each in one transaction where the database can."""
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
        return _revision(conn) == ScriptDirectory.from_config(_config()).get_current_head()


def is_bare(db: Db) -> bool:
    """True if there is no table of ours yet."""
    with db.read() as conn:
        return _revision(conn) is None


def _revision(conn: Connection) -> str | None:
    return MigrationContext.configure(conn).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
