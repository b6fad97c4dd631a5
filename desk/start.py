"""Opening the office for real: settings checked, tables current, never a demonstration's database."""

from __future__ import annotations

from datetime import UTC, datetime

from config.settings import load
from desk.errors import DeskError
from jobs.office import Office, open_office
from store import facts


def now() -> datetime:
    """The one place where the real clock is read."""
    return datetime.now(UTC)


def start_office() -> Office:
    """The office as set up in config/ and .env; raises ConfigError with everything that is wrong."""
    from store.migrate import upgrade

    office = open_office(load(), now)
    upgrade(office.db)
    with office.db.write() as conn:
        if facts.get_meta(conn, "demo") == "1":
            raise DeskError("这个数据库里是演练数据，不能用于正式运行。请在 .env 中换一个 XXGK_DATABASE_URL")
        facts.ensure_channels(conn, office.channels)
    return office
