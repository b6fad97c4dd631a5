"""Bring a database to the current tables. Alembic is imported here only: queries of the log do without it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from store.db import Db

FOLDER = Path(__file__).parent / "migrations"


def upgrade(db: Db) -> None:
    """Apply every migration the database does not have yet; each in one transaction where the database can."""
    config = _config()
    with db.engine.connect().execution_options(xxgk_write=True) as conn, conn.begin():
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


def is_current(db: Db) -> bool:
    """True if the tables are those this version of the bot was made for."""
    with db.read() as conn:
        return (
            MigrationContext.configure(conn).get_current_revision()
            == ScriptDirectory.from_config(_config()).get_current_head()
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
