"""Where the bot keeps its things, and the one setting every command needs: the database. Imports nothing heavy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
CONFIG = HOME / "config"
VAR = HOME / "var"
#: What the last demonstration has left; its own database is looked at with --demo.
DEMO = VAR / "demo" / "last"
DEMO_FILE = DEMO / "demo.sqlite3"
DEMO_CONFIG = "demo/config"
DEFAULT_DATABASE = f"sqlite:///{(VAR / 'xxgk.sqlite3').as_posix()}"


def environment(env_file: Path | None = HOME / ".env") -> dict[str, str]:
    """The process's variables over those of .env; an empty variable counts as unset."""
    found: dict[str, str | None] = {}
    if env_file is not None and env_file.exists():
        from dotenv import dotenv_values

        found.update(dotenv_values(env_file, encoding="utf-8-sig"))
    found.update(os.environ)
    return {name: value for name, value in found.items() if value}


def config_folder() -> Path:
    """XXGK_CONFIG (another folder with school.toml and targets.csv), or config/."""
    named = environment().get("XXGK_CONFIG")
    return (HOME / named) if named else CONFIG


def use_demo() -> None:
    """Let this command look at the last demonstration instead of the real store."""
    os.environ["XXGK_DATABASE_URL"] = f"sqlite:///{DEMO_FILE.as_posix()}"
    os.environ["XXGK_CONFIG"] = DEMO_CONFIG


def of_demo() -> bool:
    """True if this command looks at a demonstration."""
    return os.environ.get("XXGK_CONFIG") == DEMO_CONFIG


def database_url(env: Mapping[str, str]) -> str:
    """XXGK_DATABASE_URL, or the SQLite file under var/."""
    return env.get("XXGK_DATABASE_URL", DEFAULT_DATABASE)


def people_folder(env: Mapping[str, str]) -> Path:
    """XXGK_PEOPLE (lists of persons, outside the repository), or var/名单."""
    named = env.get("XXGK_PEOPLE")
    return (HOME / named) if named else VAR / "名单"
