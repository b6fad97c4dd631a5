"""The jobs of an office: each with its interval for the scheduler, or one kind once by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click

from desk.errors import DeskError
from desk.exchange import exchange
from desk.words import clock as shown
from jobs.answers import remind_answers
from jobs.audit import audit
from jobs.brief import send_briefs
from jobs.clock import remind
from jobs.deliver import deliver
from jobs.forget import forget
from jobs.links import count_clicks
from jobs.office import Office
from jobs.oversight import oversee
from jobs.plan import plan
from jobs.recall import recall, take_down
from jobs.rollup import rollup
from jobs.route import route
from jobs.scan import look_through
from jobs.seal import seal
from jobs.site import register
from jobs.survey import survey, survey_daily
from jobs.sweep import sweep
from jobs.track import measure, track
from jobs.visits import read_visits
from jobs.watch import watch, write_problem_sheet
from rules.outcome import WORDS as OUTCOMES
from rules.school import FOLDERS, Column
from sources import make as make_source
from sources.base import Health, Source
from store import facts, stand

#: What is measured beside the pushes: the school's own pages, and our own short links.
BESIDE: Mapping[str, Callable[[Office], Any]] = {"onsite": register, "visits": read_visits, "clicks": count_clicks}
JOBS = (
    "watch", "scan", "review", "route", "plan", "deliver", "track", "takedown", "recall", "sweep", "measure", "survey",
    "audit", "forget", "clock", "answers", "oversee", "brief", "seal", "rollup", *BESIDE,
)  # fmt: skip
#: How often each job looks for work (seconds). An approved item leaves within the watch's interval and these.
#: The clock looks between midnight and the opening of the windows, so that "today" is said on that day.
EVERY = {
    "scan": 20, "review": 30, "plan": 20, "deliver": 5, "track": 30, "recall": 5, "sweep": 60, "takedown": 600,
    "measure": 6 * 3600, "survey": 1800, "audit": 24 * 3600, "forget": 24 * 3600, "clock": 4 * 3600, "answers": 4 * 3600, "oversee": 900, "brief": 3600, "seal": 24 * 3600, "rollup": 3600, "onsite": 300,
    "visits": 24 * 3600, "clicks": 600,
}  # fmt: skip
PER_CHANNEL: Mapping[str, Callable[[Office, str], Any]] = {
    "deliver": deliver, "track": track, "recall": recall, "takedown": take_down, "measure": measure,
    "survey": survey, "audit": audit,
}  # fmt: skip
#: Jobs of the whole office.
WHOLE: Mapping[str, Callable[[Office], Any]] = {
    "scan": lambda office: look_through(office, office.now()),
    "route": lambda office: route(office, office.now()),
    "plan": lambda office: plan(office, office.now()),
    "review": exchange,
    "sweep": lambda office: sweep(office, office.now()),
    "forget": forget,
    "clock": remind,
    "answers": remind_answers,
    "oversee": oversee,
    "brief": send_briefs,
    "seal": seal,
    "rollup": rollup,
    **BESIDE,
}

Job = Callable[[], Any]
#: Lets a job run now instead of at its next interval.
Wake = Callable[[str], None]


def jobs_of(office: Office, wake: Wake = lambda name: None) -> dict[str, tuple[Job, timedelta]]:
    """Every job with its interval: one watch a column, and every other job a channel.

    What has something new wakes who goes on with it, so that no item waits for three intervals in turn.
    """
    found: dict[str, tuple[Job, timedelta]] = {}
    for column in office.school.columns:
        found[f"watch:{column.name}"] = (_waking(_watcher(office, column), wake), column.every)
    found["scan"] = (lambda: _look_through(office, wake), _every("scan"))
    found["review"] = (lambda: exchange(office), _every("review"))
    found["plan"] = (lambda: _place(office, wake), _every("plan"))
    found["sweep"] = (lambda: sweep(office, office.now()), _every("sweep"))
    found["forget"] = (lambda: forget(office), _every("forget"))
    found["oversee"] = (lambda: oversee(office), _every("oversee"))
    found["brief"] = (lambda: send_briefs(office), _every("brief"))
    found["seal"] = (lambda: seal(office), _every("seal"))
    found["rollup"] = (lambda: rollup(office), _every("rollup"))
    found["clock"] = (lambda: remind(office), _every("clock"))
    found["answers"] = (lambda: remind_answers(office), _every("answers"))
    found.update({kind: (partial(job, office), _every(kind)) for kind, job in BESIDE.items()})
    for name in office.channels:
        for kind, job in {**PER_CHANNEL, "survey": survey_daily}.items():
            found[f"{kind}:{name}"] = (partial(job, office, name), _every(kind))
    return found


def _every(kind: str) -> timedelta:
    return timedelta(seconds=EVERY[kind])


def _waking(look: Job, wake: Wake) -> Job:
    """The look, and after one that found something the guard's."""

    def looked() -> Any:
        done = look()
        if done.new or done.changed:
            wake("scan")
        return done

    return looked


def _look_through(office: Office, wake: Wake) -> None:
    """What the guard lets pass can be routed and bundled at once."""
    if look_through(office, office.now()).scanned:
        wake("plan")


def _place(office: Office, wake: Wake) -> None:
    """New versions routed, then bundled; whoever has something to send is woken."""
    route(office, office.now())
    if plan(office, office.now()).pushes:
        for name in office.channels:
            wake(f"deliver:{name}")


def _watcher(office: Office, column: Column) -> Job:
    """A look at a column; what it remembers between two looks stays with it."""
    try:
        source: Source = make_source(column, office.clock, office.env)
    except ValueError as error:
        raise DeskError(f"school.toml 的设置有误：{error}") from None

    def look() -> Any:
        done = watch(office, column, source, office.now())
        if done.health is not Health.UNCHANGED:
            write_problem_sheet(office, column)
        return done

    return look


def make_folders(office: Office) -> None:
    """A watched folder is made if it is missing; raises OSError."""
    for column in office.school.columns:
        if column.kind in FOLDERS:
            Path(column.place).mkdir(parents=True, exist_ok=True)


def run_once(office: Office, name: str) -> int:
    """Run one kind of job once and print what it came to; `all` runs a whole round. Returns 1 if a source was not read."""
    wanted = JOBS if name == "all" else (name,)
    if not set(wanted) <= set(JOBS):
        raise DeskError(f"没有“{name}”这个任务。可用：{'、'.join((*JOBS, 'all'))}")
    try:
        make_folders(office)
        read = "watch" not in wanted or _look_everywhere(office)
        for kind in (each for each in wanted if each != "watch"):
            for line in _once(office, kind):
                click.echo(line)
        for line in paused(office):
            click.echo(line)
        return 0 if read else 1
    finally:
        office.close()


def _look_everywhere(office: Office) -> bool:
    """Look at every column and say what came of it; False if one could not be read. What is locked is read later."""
    read = True
    for column in office.school.columns:
        done = _watcher(office, column)()
        click.echo(f"{TITLES['watch']} {column.name}：{say(done)}")
        read &= done.health is not Health.BAD
    return read


def _once(office: Office, kind: str) -> Iterator[str]:
    """Run any job but the watch and say what it came to; what still waits follows with its reason."""
    title = TITLES[kind]
    if kind in PER_CHANNEL:
        for name in office.channels:
            yield f"{title} {office.setting(name).label}：{say(PER_CHANNEL[kind](office, name), COUNTED.get(kind, ''))}"
            if kind == "deliver":
                with office.db.read() as conn:
                    yield from _reasons(stand.held_back(conn, name), "个地址")
    else:
        yield f"{title}：{say(WHOLE[kind](office))}"
        if kind == "plan":
            with office.db.read() as conn:
                yield from _reasons(stand.waiting(conn), "条次")


TITLES = {
    "watch": "监看", "scan": "保密检查", "review": "待审清单", "route": "路由", "plan": "编排", "deliver": "发送", "track": "核实", "sweep": "清扫", "measure": "人数", "survey": "普查",
    "recall": "撤回", "takedown": "撤下", "audit": "自检", "forget": "清除",
    "clock": "期限", "answers": "申请答复", "oversee": "查漏", "brief": "简报", "seal": "封存", "rollup": "汇总",
    "onsite": "网站登载", "visits": "网页访问", "clicks": "短链接",
}  # fmt: skip
#: What the jobs count whose summary is a plain number.
COUNTED = {"measure": "samples", "takedown": "ordered"}
#: What a job's summary says, field by field; what came to nothing is not said.
WORDS = {
    "new": "新增 {} 条", "changed": "变更 {} 条", "known": "已有 {} 条", "problems": "需要修改 {} 处", "missing": "消失 {} 条",
    "versions": "选路由 {} 条", "placements": "{} 条次", "held": "审查关拦下 {} 条", "nobody": "没有目标可推 {} 条",
    "pushes": "编成 {} 次推送", "expired": "过期 {} 条次", "waiting": "等待 {} 条次", "claimed": "发送 {} 个地址",
    "released": "放回 {} 个", "outcomes": "{}", "resolved": "核实 {} 个", "followed": "跟踪到结果 {} 个", "receipts": "回执 {} 份",
    "samples": "人数 {} 项", "recalled": "撤回 {} 次", "noticed": "改发通知 {} 次", "by_hand": "交人处理 {} 次",
    "again": "稍后再试 {} 次", "ordered": "撤下 {} 次", "requeued": "重新排队 {} 个", "uncertain": "待核实 {} 个", "told": "提醒 {} 条", "note": "{}",
    "addresses": "个人号码转为散列 {} 个", "seen": "新见文章 {} 篇", "booked": "补录 {} 条次", "gone": "已被删除 {} 篇", "figures": "数字 {} 项",
    "onsite": "登记 {} 条", "visits": "读到访问次数 {} 页", "unread": "没有读到 {} 页（见运行日志）", "clicks": "点击有变化的推送 {} 次",
    "scanned": "检查 {} 条", "guarded": "拦下 {} 条", "applied": "登记审查 {} 条", "refused": "没有登记 {} 行",
    "findings": "查看 {} 项", "wrong": "需要处理 {} 项", "raised": "新提醒 {} 项",
    "days": "汇总 {} 天", "months": "{} 个整月", "sealed": "封存 {} 行", "found": "发现 {} 项", "terms": "查看期限 {} 项", "answers": "等待答复 {} 件", "reminded": "新提醒 {} 条",
}  # fmt: skip


def say(summary: Any, counted: str = "samples") -> str:
    """A job's summary in Chinese, without its title; a plain number counts what `counted` names."""
    values = {counted: summary}
    if is_dataclass(summary):
        values = {each.name: getattr(summary, each.name) for each in fields(summary)}
    if values.get("outcomes"):
        values["outcomes"] = "、".join(f"{OUTCOMES[outcome]} {n}" for outcome, n in values["outcomes"].items())
    said = "，".join(WORDS[name].format(value) for name, value in values.items() if value and name in WORDS)
    return said or "没有新的"


def _reasons(found: Iterable[tuple[str, int]], unit: str) -> Iterator[str]:
    for reason, many in found:
        yield f"  等待 {many} {unit}：{reason or '等待下一次编排'}"


def paused(office: Office) -> Iterator[str]:
    """A line for each channel that is paused: since when, by whom, why, and how it goes on."""
    with office.db.read() as conn:
        states = {name: facts.channel_state(conn, name) for name in office.channels}
    for name, state in states.items():
        if state.paused_at is not None:
            yield f"{office.setting(name).label}已暂停：{pause_words(state)}。恢复：python bot.py resume {name}"


def pause_words(state: facts.ChannelState) -> str:
    """Since when, by whom and why."""
    since = "" if state.paused_at is None else f"{shown(state.paused_at)} 起"
    return f"{since}，{state.paused_by or '操作人不明'}，原因：{state.reason or '没有填写'}"
