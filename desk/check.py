"""自检: every problem of the settings at once, each with key and fix; each channel probed without sending."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from channels.base import Channel, Finding
from config.settings import ConfigError, Settings, load
from desk.errors import explain
from desk.rounds import pause_words
from desk.start import now
from desk.words import clock
from rules import advice
from rules.dates import day_of
from rules.oversight import dead_routes, dead_targets
from rules.routing import Target
from rules.school import SITES, Column, School
from rules.workdays import not_entered
from sources import make as make_source
from sources.base import Checked, Cursor, Health
from store import facts, stand
from store.db import Db

#: What a kind of watched place is called.
KINDS = {
    "folder": "文件夹", "webplus": "网站栏目", "vsb": "网站栏目", "html_list": "网站栏目", "http_json": "接口", "feed": "订阅源",
    "sql": "数据库视图", "entry": "手工登记",
}  # fmt: skip
#: What every channel says of a server that does not answer.
UNREACHED = "连接不上"


def check_all(as_json: bool) -> int:
    """Print all findings; returns 0 if everything is fine, 1 otherwise."""
    found = list(findings())
    if as_json:
        rows = [{"key": f.key, "ok": f.ok, "text": f.text, "fix": f.fix} for f in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for each in found:
            click.echo(
                f"{'✓' if each.ok else '✗'} {each.key}：{each.text}" + (f"\n    → {each.fix}" if each.fix else "")
            )
        wrong = sum(not f.ok for f in found)
        click.echo(f"\n共 {len(found)} 项，{wrong} 项需要处理" if wrong else f"\n共 {len(found)} 项，全部正常")
    return 0 if all(f.ok for f in found) else 1


def findings() -> Iterator[Finding]:
    """Settings first; without them nothing else can be asked."""
    try:
        settings = load()
    except ConfigError as error:
        for line in error.lines:
            key, _, text = line.partition("：")
            yield Finding(key=key if text else "设置", ok=False, text=text or line)
        if error.settings is not None:
            yield from _unprobed(error.settings)
        return
    school = settings.school
    yield Finding(
        key="config/", ok=True, text=f"{school.name}：{len(school.targets)} 个目标，{len(school.routes)} 条路由"
    )
    yield from _safety(settings)
    yield _calendar(settings)
    read = yield from _database(settings)
    yield from _watches(settings, read)
    yield from _channels(settings)
    yield from _ways(settings)
    yield from _short_links(settings)


def _ways(settings: Settings) -> Iterator[Finding]:
    """Routes by which nothing can ever go, and targets that nothing can ever reach."""
    from channels import exposure_at, make

    made: dict[str, Channel] = {}
    for name, setting in settings.school.channels.items():
        with suppress(KeyError, ValueError):  # what it lacks is told with the channel itself
            made[name] = make(setting, settings.env, now)

    def exposure(target: Target) -> str | None:
        return exposure_at(target, made)

    for name in dead_routes(settings.school, exposure):
        text = f"路由“{name}”送不到任何目标：受众范围、类别或目标不相合"
        yield Finding(key="routes", ok=False, text=text, fix="请检查 school.toml 的这条路由和 targets.csv")
    for target in dead_targets(settings.school, exposure):
        text = f"{target.name}什么也收不到：没有路由通向它，或受众不相合"
        yield Finding(key=f"targets.csv {target.number}", ok=False, text=text, fix="请在 school.toml 加一条通向它的路由，或删去这一行")


def _unprobed(settings: Settings) -> Iterator[Finding]:
    """While settings are wrong nothing is probed, but what each channel lacks is told in the same run."""
    from channels import REGISTRY, make

    for name, setting in settings.school.channels.items():
        if name not in REGISTRY:
            continue
        mine = [target for target in settings.school.targets.values() if target.channel == name]
        try:
            yield from make(setting, settings.env, now).missing(mine)
        except ValueError as error:
            yield Finding(key=f"channels.{name}", ok=False, text=str(error), fix="请修改 school.toml 中这个渠道的设置")


def _safety(settings: Settings) -> Iterator[Finding]:
    yield Finding(key="XXGK_LIVE", ok=True, text="已启用正式推送" if settings.live else "试运行：推送不会离开本机")
    yield Finding(
        key="school.confirm", ok=True, text="确认模式" if settings.school.confirm else "不需人工确认，自动推送"
    )
    if not settings.school.alarm_targets:
        yield Finding(
            key="school.alarm_targets",
            ok=False,
            text="没有设置故障通知的目标",
            fix="填写 targets.csv 中值班群的编号，没有路由通向的那种",
        )
    else:
        names = "、".join(f"{settings.school.targets[n].name}（{n}）" for n in settings.school.alarm_targets)
        text = f"故障提醒发往{names}；条目的受众范围不含值班群的，提醒中只写编号，不写标题"
        yield Finding(key="school.alarm_targets", ok=True, text=text)
    ways = {settings.school.targets[n].channel for n in settings.school.alarm_targets}
    if len(ways) == 1 and len(settings.school.channels) > 1:
        text = "故障提醒只走一个渠道，它自己出故障时没有人知道"
        yield Finding(key="school.alarm_targets", ok=False, text=text, fix="再填一个其他渠道的值班群")
    for column in settings.school.columns:
        if column.kind in SITES and column.review is None:
            text = f"监看“{column.name}”没有栏目审核，其条目都会被拦下"
            yield Finding(key="watch.review", ok=False, text=text, fix="填写 review = { reviewer = …, basis = … }")


def _calendar(settings: Settings) -> Finding:
    """Which years' 放假安排 have been entered; a term into another year is an estimate, which is nothing broken."""
    calendar, today = settings.school.calendar, day_of(now())
    last = calendar.after(today, settings.school.terms.publish).day
    years = "、".join(map(str, sorted(calendar.years))) or "没有"
    lacking = [f"{not_entered(year)}。{advice.enter_year(year)}" for year in calendar.unknown(today, last)]
    return Finding(key="config/calendar", ok=True, text=f"已录入放假安排的年份：{years}", fix="；".join(lacking))


#: What it tells, and in the end how far each watch has read.
Told = Generator[Finding, None, Mapping[str, Cursor]]


def _database(settings: Settings) -> Told:
    """The store, and what it remembers: channels that are paused, reminders nobody has got."""
    from sqlalchemy.exc import SQLAlchemyError

    from store.migrate import is_current

    key = "XXGK_DATABASE_URL"
    try:
        db = Db(settings.database_url)
    except (SQLAlchemyError, OSError, ImportError) as error:
        what, _, fix = (explain(error) or ["地址无法识别"])[0].partition("。")
        yield Finding(key=key, ok=False, text=what, fix=fix)
        return {}
    try:
        current = is_current(db)
        text = f"{db.dialect}，表结构" + ("已是最新" if current else "需要建立或升级，运行时自动完成")
        yield Finding(key=key, ok=True, text=text)
        return (yield from _remembered(db, settings.school)) if current else {}
    except SQLAlchemyError as error:
        what, _, fix = "".join(explain(error) or [str(error)]).partition("。")
        yield Finding(key=key, ok=False, text=what, fix=fix)
    finally:
        db.close()
    return {}


def _remembered(db: Db, school: School) -> Told:
    with db.read() as conn:
        states = {name: facts.channel_state(conn, name) for name in school.channels}
        seen, alarms = stand.watches(conn), facts.untold_alarms(conn)
        kept = {column.name: facts.get_watch(conn, column.name) for column in school.columns}
    for name, state in states.items():
        if state.paused_at is not None:
            text = f"{school.channels[name].label}已暂停：{pause_words(state)}"
            fix = f"处理好后运行  python bot.py resume {name}"
            yield Finding(key=f"channels.{name}", ok=False, text=text, fix=fix)
    for column in school.columns:
        look = seen.get(column.name)
        if look is not None and look.health in (Health.BAD, Health.PARTIAL) and column.kind != "folder":
            since = f"，上次读全 {clock(look.good_at)}" if look.good_at else ""
            text = f"{clock(look.looked_at)} 没有读全：{look.note}{since}"
            yield Finding(key=f"watch.{column.name}", ok=False, text=text, fix="请检查网络和栏目地址")
    for alarm in alarms:
        fix = (
            "处理后即可；值班群能发时会自动通知"
            if school.alarm_targets
            else "处理后即可；并请设置 school.alarm_targets"
        )
        yield Finding(key="提醒", ok=False, text=alarm.text, fix=fix)
    return {name: watch.cursor for name, watch in kept.items() if watch is not None}


def _watches(settings: Settings, read: Mapping[str, Cursor]) -> Iterator[Finding]:
    for column in settings.school.columns:
        key = f"watch.{column.name}"
        if column.kind != "folder":
            yield from _place(key, column, settings.env)
        elif Path(column.place).is_dir():
            yield _folder(key, column, read.get(column.name))
        else:
            fix = "运行时自动建立；也可改为登记表实际所在的文件夹"
            yield Finding(key=key, ok=True, text=f"文件夹 {column.place}", fix=fix)


def _place(key: str, column: Column, env: Mapping[str, str]) -> Iterator[Finding]:
    """Its settings, and what the source itself has to say of them."""
    try:
        source = make_source(column, now, env)
    except ValueError as error:
        yield Finding(key=key, ok=False, text=str(error), fix="请修改 school.toml 中的这一段 [[watch]]")
        return
    yield Finding(key=key, ok=True, text=f"{KINDS[column.kind]} {column.place}")
    if isinstance(source, Checked):
        yield from source.check()


def _folder(key: str, column: Column, read: Cursor | None) -> Finding:
    """Look for ourselves, and keep nothing: a file that cannot be opened is told at once.

    `read`: how far the watch has read; an empty folder that held files before is nothing to start with.
    """
    source = make_source(column, now, {})
    found = source.fetch(None)
    if found.health is Health.UNCHANGED and source.fetch(read).health is Health.BAD:
        fix = "请把登记表放回这个文件夹；改放别处的，请改 school.toml 中的 place"
        return Finding(key=key, ok=False, text=f"文件夹 {column.place} 中没有文件了", fix=fix)
    if found.health in (Health.BAD, Health.PARTIAL):
        fix = "请关闭占用它的程序；打不开的文件请在 Excel 或 WPS 中另存为新的 .xlsx 后重新放入"
        return Finding(key=key, ok=False, text=f"文件夹 {column.place}：{found.note}", fix=fix)
    note = f"：{found.note}" if found.note else f"，{len(found.entries)} 条"
    return Finding(key=key, ok=True, text=f"文件夹 {column.place}{note}")


def _rehearsed(finding: Finding, api_base: str, settings: Settings) -> Finding:
    """Before going live nobody but the sandbox answers on this machine: then that is the fix, and no white list."""
    if finding.ok or settings.live or UNREACHED not in finding.text:
        return finding
    where = urlsplit(api_base).netloc
    fix = "试运行请先在另一个窗口运行  python bot.py sandbox"
    return replace(finding, text=f"{where} 没有应答：{finding.text.partition('。')[0]}", fix=fix)


def _channels(settings: Settings) -> Iterator[Finding]:
    from channels import REGISTRY, make

    for name, setting in settings.school.channels.items():
        if name not in REGISTRY:
            yield Finding(key=f"channels.{name}", ok=False, text="没有这种渠道", fix=f"可用：{'、'.join(REGISTRY)}")
            continue
        mine = [target for target in settings.school.targets.values() if target.channel == name]
        try:
            yield from (
                _rehearsed(each, setting.api_base, settings) for each in make(setting, settings.env, now).check(mine)
            )
        except ValueError as error:
            yield Finding(key=f"channels.{name}", ok=False, text=str(error), fix="请修改 school.toml 中这个渠道的设置")
    for name in sorted({t.channel for t in settings.school.targets.values()} - set(settings.school.channels)):
        idle = "、".join(t.number for t in settings.school.targets.values() if t.channel == name)
        text = f"没有启用，目标 {idle} 不会收到推送"
        yield Finding(key=f"channels.{name}", ok=True, text=text, fix="需要时删去 school.toml 中的 enabled = false")


def _short_links(settings: Settings) -> Iterator[Finding]:
    """That the public address leads here; asked only once pushes leave this machine."""
    key, address = "school.short_links", settings.school.short_links
    if not address:
        return
    if not settings.live:
        yield Finding(key=key, ok=True, text=f"短链接 {address}/…（试运行，没有从外面试探）")
    elif leads_here(address):
        yield Finding(key=key, ok=True, text=f"短链接 {address}/… 转到本机")
    else:
        fix = "请先启动 python bot.py run，再让反向代理把该地址转发到本机的 /s/；不用短链接就删去 school.short_links"
        yield Finding(key=key, ok=False, text=f"{address}/ 没有转到本机，收到的人打不开短链接", fix=fix)


def leads_here(address: str) -> bool:
    """True if the address of the short links answers as web/links.py does; counts nothing."""
    import requests

    from web.links import HERE

    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(f"{address}/", timeout=(5, 10), allow_redirects=False)
            return answer.status_code == 200 and answer.content == HERE.encode()
    except requests.RequestException:
        return False
