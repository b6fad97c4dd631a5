"""The real thing: the scheduler and the door for callbacks, until Ctrl-C or a stop signal."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

import click
from apscheduler.schedulers.background import BackgroundScheduler

from channels.base import Calls
from config import places
from config.settings import load
from desk import journal
from desk.duty import on_duty, refuse_second, words
from desk.errors import DeskError
from desk.health import Pulse, health
from desk.rounds import jobs_of, make_folders
from desk.start import now, prepare, refuse_without_secrets
from jobs.backlog import beat, come_back
from jobs.office import Office, open_office
from store import lease
from store.lease import Lease
from web.app import create_app
from web.server import bind, running

log = logging.getLogger("xxgk")


def serve() -> None:
    """Everything that can be wrong is found before anything starts; what is under way at the end is finished."""
    settings = load()
    with ExitStack() as stack:
        office = open_office(settings, now)
        stack.callback(office.close)
        refuse_without_secrets(office, settings)
        refuse_second(office.db, now())
        listener = stack.enter_context(listening(settings.web_host, settings.web_port))
        journal.keep(places.VAR / "log")
        prepare(office)
        make_folders(office)
        if away := come_back(office):
            click.echo(f"公开达停机 {away.words}后恢复，停机期间该推送的条目见  python bot.py backlog")
        stop = stop_signal()
        mine = stack.enter_context(on_duty(office.db, "运行", now))
        pulse = stack.enter_context(scheduled(office, mine))
        app = _app(office, pulse)
        stack.callback(app.extensions["xxgk_clicks"].write_down)
        base = stack.enter_context(running(app, listener))
        click.echo(f"公开达已启动：{office.school.name}，健康检查 {base}/healthz，按 Ctrl-C 停止")
        stay(stop)
        click.echo("正在停止，等待进行中的推送完成…")
    click.echo("公开达已停止")


def stop_signal() -> threading.Event:
    """Set by Ctrl-C, by a service manager, or by Windows closing the console."""
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stop.set())
    return stop


def stay(stop: threading.Event) -> None:
    """Wait for it; a bare wait() cannot be interrupted on Windows."""
    while not stop.wait(0.5):
        pass


@contextmanager
def listening(host: str, port: int, where: str = ".env 的 XXGK_WEB_PORT") -> Iterator[socket.socket]:
    """The port, bound for as long as the block runs; raises DeskError if it cannot be had."""
    try:
        listener = bind(host, port)
    except OSError as error:
        raise DeskError(_no_port(f"{host}:{port}", where, error)) from None
    with listener:
        yield listener


def _no_port(address: str, where: str, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"监听地址 {address} 无法识别。请检查 .env 的 XXGK_WEB_HOST，一般写 127.0.0.1"
    if isinstance(error, PermissionError):
        return f"没有权限监听 {address}。请换一个 1024 以上的端口（{where}）"
    return f"{address} 已被占用或不能监听，可能另一个公开达正在运行。请先停止它，或换一个端口（{where}）"


def _app(office: Office, pulse: Pulse) -> Any:
    doors = {name: each for name, each in office.channels.items() if isinstance(each, Calls)}
    return create_app(office.db, doors, office.clock, lambda: health(office, pulse))


@contextmanager
def scheduled(office: Office, mine: Lease) -> Iterator[Pulse]:
    """Every job at its interval while the block runs; at the end those under way are waited for."""
    pulse = Pulse(office.now())
    jobs = jobs_of(office, lambda name: _wake(scheduler, name))
    jobs |= {"lease": (lambda: _stay(office, mine, pulse), lease.RENEWED)}
    scheduler = BackgroundScheduler(
        timezone="Asia/Shanghai",
        executors={"default": {"type": "threadpool", "max_workers": len(jobs)}},
        # The library's one-second grace silently drops the run of a busy minute.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for name, (job, every) in jobs.items():
        when = {"seconds": every.total_seconds(), "next_run_time": office.now()}
        scheduler.add_job(_guarded(name, job), "interval", id=name, **when)
    scheduler.start()
    try:
        yield pulse
    finally:
        scheduler.shutdown(wait=True)


def _wake(scheduler: BackgroundScheduler, name: str) -> None:
    """Run a job now; one that is at work already comes again at its interval."""
    scheduler.modify_job(name, next_run_time=datetime.now(UTC))


def _stay(office: Office, mine: Lease, pulse: Pulse) -> None:
    """Say that we are still here; a process that slept past its lease may find another in its place."""
    pulse.beat(office.now())
    beat(office)
    with office.db.write() as conn:
        other = lease.renew(conn, mine.owner, office.now() + lease.LASTS)
    if other is not None:
        log.error("%s", words(other))


def _guarded(name: str, job: Callable[[], Any]) -> Callable[[], None]:
    """One job's bug must not stop the others; it is written down and tried again next time."""

    def run() -> None:
        try:
            job()
        except Exception:
            log.exception("任务 %s 出错，下次再试", name)

    return run
