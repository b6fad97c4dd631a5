"""Errors a person can mend, in plain lines; anything else is a bug and keeps its stack."""

from __future__ import annotations

import sys

from config import places


def explain(error: Exception) -> list[str] | None:
    """The lines to print, None if this is no error of settings, data or the database."""
    if isinstance(error, DeskError):
        return [str(error)]
    config = sys.modules.get("config.settings")
    if config is not None and isinstance(error, config.ConfigError):
        return ["设置有问题，请改好后再运行：", *(f"  · {line}" for line in error.lines)]
    alchemy = sys.modules.get("sqlalchemy.exc")
    if alchemy is not None and isinstance(error, (alchemy.ArgumentError, alchemy.NoSuchModuleError)):
        return [
            "XXGK_DATABASE_URL 无法识别。应写成 sqlite:///文件、postgresql://用户:密码@主机/库 或 mysql://用户:密码@主机/库"
        ]
    if alchemy is not None and isinstance(error, (alchemy.OperationalError, alchemy.ProgrammingError)):
        return _database(error)
    return None


class DeskError(Exception):
    """What a person asked for cannot be done; the message says why and what to do."""


def _database(error: Exception) -> list[str]:
    text = str(getattr(error, "orig", error)).splitlines()[0]
    if places.of_demo() and ("no such table" in text or "unable to open" in text):
        return ["还没有演练数据。请先运行  python bot.py demo"]
    if "no such table" in text or "does not exist" in text or "doesn't exist" in text:
        return ["数据库里还没有公开达的数据。请先运行  python bot.py once watch  或  python bot.py run"]
    return [f"数据库打不开：{text}", "请检查 .env 中的 XXGK_DATABASE_URL、数据库是否启动、账号权限和磁盘空间"]
