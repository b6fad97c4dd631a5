"""Backup and restore: one file with every row, the same for each kind of database."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import click

from channels.base import Clock
from config import places
from desk.duty import on_duty, refuse_second
from desk.errors import DeskError
from rules.dates import SHANGHAI
from store import facts
from store.db import Db
from store.migrate import is_bare, upgrade


def back_up(db: Db, file: Path) -> None:
    """Write a consistent copy while the bot may be running; raises OSError if the file is there already."""
    from store.backup import write

    rows = write(db, file)
    click.echo(f"已备份 {rows} 行到 {file}（{file.stat().st_size // 1024} KB）")


def bring_back(db: Db, file: Path, yes: bool, *, demo: bool, clock: Clock) -> None:
    """Put a backup in place of what is there now, which is saved beside the database first.

    Raises DeskError while the bot runs, for a file that is no backup, and for one of another kind of store.
    """
    from store.backup import NotABackup, read, write

    if not yes:
        raise DeskError("恢复会用备份覆盖现有数据。请先停止运行，确认后加 --yes")
    try:
        _refuse_other_kind(db, file, demo=demo)
    except NotABackup as error:
        raise DeskError(f"{error}，没有改动任何数据。备份由  python bot.py backup 文件  生成") from None
    refuse_second(db, clock())
    bare = is_bare(db)
    upgrade(db)
    with on_duty(db, "恢复备份", clock):
        if not bare:
            saved = _beside(db, clock)
            click.echo(f"恢复前的 {write(db, saved)} 行已另存到 {saved}")
        click.echo(f"已从 {file} 恢复 {read(db, file, clock())} 行")
    click.echo("全部渠道已暂停：备份之后发出过什么，数据库里没有。请先核对，再运行  python bot.py resume all")


def _refuse_other_kind(db: Db, file: Path, *, demo: bool) -> None:
    """A demonstration's rows never meet a real store's."""
    from store.backup import holds_demo

    if _file_of(db) == file.resolve():
        raise DeskError(f"{file} 就是现在使用的数据库，不是备份")
    backup_is_demo = holds_demo(file)
    if not is_bare(db):
        with db.read() as conn:
            demo = facts.is_demo(conn)
    if demo and not backup_is_demo:
        raise DeskError(f"{file} 是正式数据的备份，不能恢复到演练数据库。没有改动任何数据")
    if backup_is_demo and not demo:
        raise DeskError(f"{file} 是演练数据的备份，不能恢复到正式数据库。没有改动任何数据")


def _beside(db: Db, clock: Clock) -> Path:
    """A new file beside the database, or under var/ if that is a server."""
    file = _file_of(db) or places.VAR / "xxgk.sqlite3"
    stem = f"{file.stem}-恢复前-{clock().astimezone(SHANGHAI):%Y%m%d-%H%M}"
    names = (f"{stem}{'' if n == 1 else f'-{n}'}.sqlite3" for n in count(1))
    return next(path for name in names if not (path := file.with_name(name)).exists())


def _file_of(db: Db) -> Path | None:
    """Where an SQLite store lies."""
    return Path(db.url.database).resolve() if db.dialect == "sqlite" and db.url.database else None
