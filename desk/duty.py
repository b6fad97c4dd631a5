"""One process a database: an administrator who starts a second one, or restores under a running one, is told."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from channels.base import Clock
from desk.errors import DeskError
from desk.words import clock as shown
from jobs.office import new_owner
from store import lease
from store.db import Db
from store.lease import Lease
from store.migrate import is_bare

HOST = socket.gethostname()[:100]


def refuse_second(db: Db, now: datetime) -> None:
    """Raise DeskError if another process is at work on this database; nothing is written."""
    if is_bare(db):
        return
    with db.read() as conn:
        held = lease.holder(conn)
    if held is not None and not is_over(held, now):
        raise DeskError(words(held))


@contextmanager
def on_duty(db: Db, doing: str, clock: Clock) -> Iterator[Lease]:
    """Hold the lease while the block runs; raises DeskError if another process holds it."""
    now = clock()
    mine = Lease(owner=new_owner(), host=HOST, pid=os.getpid(), doing=doing, since=now, until=now + lease.LASTS)
    with db.write() as conn:
        held = lease.take(conn, mine, lambda other: is_over(other, now))
    if held is not None:
        raise DeskError(words(held))
    try:
        yield mine
    finally:
        with suppress(SQLAlchemyError), db.write() as conn:  # a database that is gone: the lease lapses by itself
            lease.give_back(conn, mine.owner)


def is_over(held: Lease, now: datetime) -> bool:
    """True if the process has not renewed it in time, or is known to be gone."""
    if held.until <= now:
        return True
    return held.host == HOST and (held.pid == os.getpid() or not _lives(held.pid))


def words(held: Lease) -> str:
    """Who holds it, since when, and what to do."""
    return (
        f"另一个公开达正在使用这个数据库：主机 {held.host}，进程 {held.pid}，{shown(held.since)} 起{held.doing}。\n"
        f"请先停止它（在那里按 Ctrl-C 或停止服务）。如果它其实已经不在，{shown(held.until)} 之后再试即可"
    )


def _lives(pid: int) -> bool:
    """True if there is a process of this number on this machine."""
    if sys.platform == "win32":
        return _lives_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _lives_on_windows(pid: int) -> bool:
    """There os.kill(pid, 0) is no question but Ctrl-C."""
    import ctypes

    kernel: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    query, denied, still_active = 0x1000, 5, 259
    process = kernel.OpenProcess(query, False, pid)
    if not process:
        return bool(kernel.GetLastError() == denied)
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(process, ctypes.byref(code))
    kernel.CloseHandle(process)
    return code.value == still_active
