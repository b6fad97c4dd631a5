"""The running log: one file for each day in var/log/, and the console; all times are Beijing's, whatever the server's."""

from __future__ import annotations

import logging
from datetime import datetime, time
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path

from rules.dates import SHANGHAI

#: 190 days: group rules ask for six months.
DAYS = 190


def keep(folder: Path) -> None:
    """Write to `folder` and to the console from now on; raises OSError if it cannot be made."""
    folder.mkdir(parents=True, exist_ok=True)
    handlers: list[logging.Handler] = [_Daily(folder / "xxgk.log"), logging.StreamHandler()]
    for each in handlers:
        each.setFormatter(Beijing("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=handlers)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a round that is skipped is made up by the next one


class Beijing(logging.Formatter):
    """Times as the office's own clock shows them."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        moment = datetime.fromtimestamp(record.created, SHANGHAI)
        return f"{moment:%Y-%m-%d %H:%M:%S}.{int(record.msecs):03d}"


class _Daily(TimedRotatingFileHandler):
    """Turned over at midnight in Beijing, which is 16:00 UTC; the old file is named after the day it holds."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, when="midnight", utc=True, atTime=time(16), backupCount=DAYS, encoding="utf-8")

    def rotation_filename(self, default_name: str) -> str:
        day = datetime.fromtimestamp(self.rolloverAt - 1, SHANGHAI)
        return f"{self.baseFilename}.{day:%Y-%m-%d}"
