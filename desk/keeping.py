"""Backup and restore: one file with every row, the same for each kind of database."""

from __future__ import annotations

from pathlib import Path

import click

from desk.errors import DeskError
from desk.start import now
from store.db import Db


def back_up(db: Db, file: Path) -> None:
    """Write a consistent copy while the bot may be running."""
    from store.backup import write

    rows = write(db, file)
    click.echo(f"已备份 {rows} 行到 {file}（{file.stat().st_size // 1024} KB）")


def bring_back(db: Db, file: Path, yes: bool) -> None:
    """Put a backup in place of what is there now."""
    from store.backup import read

    if not yes:
        raise DeskError("恢复会用备份覆盖现有数据。请先停止运行，确认后加 --yes")
    click.echo(f"已从 {file} 恢复 {read(db, file, now())} 行")
    click.echo("全部渠道已暂停：备份之后发出过什么，数据库里没有。请先核对，再运行  python bot.py resume all")
