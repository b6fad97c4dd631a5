"""The real thing: the scheduler and the door for callbacks, and one job at a time by hand."""

from __future__ import annotations

import logging
import logging.handlers
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import func, select

from channels.base import Calls
from config import places
from desk.errors import DeskError
from jobs.deliver import deliver
from jobs.office import Office
from jobs.plan import plan
from jobs.route import route
from jobs.sweep import sweep
from jobs.track import measure, track
from jobs.watch import watch, write_problem_sheet
from rules.outcome import Outcome
from sources import make as make_source
from store import facts
from store import tables as t

log = logging.getLogger("xxgk")

JOBS = ("watch", "route", "plan", "deliver", "track", "sweep", "measure")

#: How often each job looks for work (seconds). An approved item leaves within the watch's interval and these.
EVERY = {"plan": 20, "deliver": 5, "track": 30, "sweep": 60, "measure": 6 * 3600}


def jobs_of(office: Office) -> dict[str, tuple[Callable[[], Any], timedelta]]:
    """Every job with its interval: one watch a column, one deliver, track and measure a channel."""

    def on_clock(job: Callable[..., Any], *args: Any) -> Callable[[], Any]:
        return lambda: job(office, *args, office.now())

    def on_channel(job: Callable[..., Any], name: str) -> Callable[[], Any]:
        return lambda: job(office, name)

    found: dict[str, tuple[Callable[[], Any], timedelta]] = {}
    for column in office.school.columns:
        found[f"watch:{column.name}"] = (_watcher(office, column.name), column.every)
    found["plan"] = (
        lambda: (route(office, office.now()), plan(office, office.now())),
        timedelta(seconds=EVERY["plan"]),
    )
    found["sweep"] = (on_clock(sweep), timedelta(seconds=EVERY["sweep"]))
    for name in office.channels:
        for job in (deliver, track, measure):
            kind = job.__name__
            found[f"{kind}:{name}"] = (on_channel(job, name), timedelta(seconds=EVERY[kind]))
    return found


def _watcher(office: Office, name: str) -> Callable[[], Any]:
    column = next(each for each in office.school.columns if each.name == name)
    source = make_source(column, office.clock)

    def look() -> Any:
        done = watch(office, column, source, office.now())
        if done.health != "unchanged":
            write_problem_sheet(office, column)
        return done

    return look


def run_once(office: Office, name: str) -> None:
    """Run one kind of job once and print what it came to; `all` runs a whole round."""
    wanted = JOBS if name == "all" else (name,)
    if not set(wanted) <= set(JOBS):
        raise DeskError(f"没有“{name}”这个任务。可用：{'、'.join((*JOBS, 'all'))}")
    try:
        _locate(office)
        for kind in wanted:
            for summary in _once(office, kind):
                click.echo(say(summary))
    finally:
        office.close()


#: What a job's summary says, field by field; what came to nothing is not said.
WORDS = {
    "new": "新增 {} 条", "changed": "变更 {} 条", "known": "已有 {} 条", "problems": "需要修改 {} 处", "missing": "消失 {} 条",
    "versions": "选路由 {} 条", "placements": "{} 条次", "held": "审查关拦下 {} 条", "nobody": "没有目标可推 {} 条",
    "pushes": "编成 {} 次推送", "expired": "过期 {} 条次", "waiting": "等待 {} 条次", "claimed": "发送 {} 个地址",
    "released": "放回 {} 个", "outcomes": "{}", "resolved": "核实 {} 个", "followed": "跟踪到结果 {} 个", "receipts": "回执 {} 份",
    "samples": "人数 {} 项", "requeued": "重新排队 {} 个", "uncertain": "待核实 {} 个", "told": "提醒 {} 条", "note": "{}",
}  # fmt: skip
NAMES = {
    "Watched": "监看",
    "Routed": "路由",
    "Planned": "编排",
    "Delivered": "发送",
    "Tracked": "核实",
    "Swept": "清扫",
}
OUTCOMES = {
    Outcome.ACCEPTED: "已受理", Outcome.HANDED: "已存草稿", Outcome.DELIVERED: "已发出", Outcome.REFUSED: "被拒绝", Outcome.UNKNOWN_CODE: "未知代码",
    Outcome.THROTTLED: "限流", Outcome.UNAVAILABLE: "暂不可用", Outcome.MISCONFIGURED: "设置有误", Outcome.UNCERTAIN: "结果不明",
}  # fmt: skip


def say(summary: Any) -> str:
    """A job's summary in one Chinese line."""
    if not is_dataclass(summary):
        return f"人数：{summary} 项"
    values = {each.name: getattr(summary, each.name) for each in fields(summary)}
    if values.get("outcomes"):
        values["outcomes"] = "、".join(f"{OUTCOMES[outcome]} {n}" for outcome, n in values["outcomes"].items())
    who = values.get("column") or values.get("channel") or ""
    said = "，".join(WORDS[name].format(value) for name, value in values.items() if value and name in WORDS)
    return f"{NAMES[type(summary).__name__]} {who}：{said or '没有新的'}".replace(" ：", "：")


def _once(office: Office, kind: str) -> list[Any]:
    if kind == "watch":
        return [_watcher(office, column.name)() for column in office.school.columns]
    if kind in ("route", "plan", "sweep"):
        return [{"route": route, "plan": plan, "sweep": sweep}[kind](office, office.now())]
    per_channel: Callable[..., Any] = {"deliver": deliver, "track": track, "measure": measure}[kind]
    return [per_channel(office, name) for name in office.channels]


def _locate(office: Office) -> None:
    """A watched folder is made if it is missing."""
    for column in office.school.columns:
        if column.kind == "folder":
            Path(column.place).mkdir(parents=True, exist_ok=True)


def serve(start: Callable[[], Office]) -> None:
    """Scheduler plus web until Ctrl-C or a stop signal; what is under way finishes first."""
    import signal

    from apscheduler.schedulers.background import BackgroundScheduler

    from config.settings import load
    from web.app import create_app
    from web.server import serve as serve_web

    _log_to_file()
    settings, office = load(), start()
    _locate(office)
    jobs = jobs_of(office)
    scheduler = BackgroundScheduler(
        timezone="Asia/Shanghai",
        executors={"default": {"type": "threadpool", "max_workers": len(jobs)}},
        # The library's one-second grace silently drops the run of a busy minute.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for name, (job, every) in jobs.items():
        scheduler.add_job(
            _guarded(name, job), "interval", seconds=every.total_seconds(), id=name, next_run_time=office.now()
        )
    scheduler.start()
    doors = {name: each for name, each in office.channels.items() if isinstance(each, Calls)}
    app = create_app(office.db, doors, office.clock, lambda: health(office))
    click.echo(
        f"公开达已启动：{office.school.name}，健康检查 http://{settings.web_host}:{settings.web_port}/healthz，按 Ctrl-C 停止"
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        serve_web(app, settings.web_host, settings.web_port)
    except KeyboardInterrupt:
        click.echo("正在停止，等待进行中的推送完成…")
    finally:
        scheduler.shutdown(wait=True)
        office.close()


def _guarded(name: str, job: Callable[[], Any]) -> Callable[[], None]:
    """One job's bug must not stop the others; it is written down and tried again next time."""

    def run() -> None:
        try:
            job()
        except Exception:
            log.exception("任务 %s 出错，下次再试", name)

    return run


def _log_to_file() -> None:
    folder = places.VAR / "log"
    folder.mkdir(parents=True, exist_ok=True)
    file = logging.handlers.TimedRotatingFileHandler(
        folder / "xxgk.log", when="midnight", backupCount=190, encoding="utf-8"
    )
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        handlers=[file, logging.StreamHandler()],
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def health(office: Office) -> dict[str, Any]:
    """What /healthz answers: no secret, no title. Not ok: a channel is paused, a watch is bad, or an alarm is untold."""
    with office.db.read() as conn:
        watches = {r.name: r.health for r in conn.execute(select(t.watches.c.name, t.watches.c.health))}
        paused = sorted(n for n in office.channels if facts.channel_state(conn, n).paused_at is not None)
        d = t.deliveries.c
        counts = {r[0]: r[1] for r in conn.execute(select(d.status, func.count()).group_by(d.status))}
        untold = len(facts.untold_alarms(conn))
    ok = not paused and "bad" not in watches.values() and not untold
    return {"ok": ok, "watches": watches, "paused": paused, "deliveries": counts, "untold_alarms": untold}
