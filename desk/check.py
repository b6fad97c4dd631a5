"""自检: every problem of the settings at once, each with key and fix; each channel probed without sending."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from channels.base import Finding
from config.settings import ConfigError, Settings, load
from desk.start import now


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
        return
    school = settings.school
    yield Finding(
        key="config/", ok=True, text=f"{school.name}：{len(school.targets)} 个目标，{len(school.routes)} 条路由"
    )
    yield from _safety(settings)
    yield from _database(settings)
    yield from _watches(settings)
    yield from _channels(settings)


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
            fix="填写 targets.csv 中一个教职工群的编号",
        )
    ways = {settings.school.targets[n].channel for n in settings.school.alarm_targets}
    if len(ways) == 1 and len(settings.school.channels) > 1:
        text = "故障提醒只走一个渠道，它自己出故障时没有人知道"
        yield Finding(key="school.alarm_targets", ok=False, text=text, fix="再填一个其他渠道的值班群")
    for column in settings.school.columns:
        if column.kind != "folder" and column.review is None:
            text = f"监看“{column.name}”没有栏目审核，其条目都会被拦下"
            yield Finding(key="watch.review", ok=False, text=text, fix="填写 review = { reviewer = …, basis = … }")


def _database(settings: Settings) -> Iterator[Finding]:
    from sqlalchemy.exc import SQLAlchemyError

    from store.db import Db
    from store.migrate import is_current

    fix = "应写成 sqlite:///文件、postgresql://用户:密码@主机/库 或 mysql://用户:密码@主机/库"
    try:
        db = Db(settings.database_url)
    except (SQLAlchemyError, ImportError):
        yield Finding(key="XXGK_DATABASE_URL", ok=False, text="地址无法识别", fix=fix)
        return
    try:
        current = is_current(db)
        text = f"{db.dialect}，表结构" + ("已是最新" if current else "需要建立或升级，运行时自动完成")
        yield Finding(key="XXGK_DATABASE_URL", ok=True, text=text)
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", error)).splitlines()[0]
        yield Finding(key="XXGK_DATABASE_URL", ok=False, text=f"连接不上：{why}", fix="检查数据库是否启动、账号和密码")
    finally:
        db.close()


def _watches(settings: Settings) -> Iterator[Finding]:
    for column in settings.school.columns:
        if column.kind == "folder":
            exists = Path(column.place).is_dir()
            fix = "" if exists else "运行时自动建立；也可改为登记表实际所在的文件夹"
            yield Finding(key=f"watch.{column.name}", ok=True, text=f"文件夹 {column.place}", fix=fix)
        else:
            yield Finding(key=f"watch.{column.name}", ok=True, text=f"网站栏目 {column.place}")


def _channels(settings: Settings) -> Iterator[Finding]:
    from channels import REGISTRY, make

    for name, setting in settings.school.channels.items():
        if name not in REGISTRY:
            yield Finding(key=f"channels.{name}", ok=False, text="没有这种渠道", fix=f"可用：{'、'.join(REGISTRY)}")
            continue
        mine = [target for target in settings.school.targets.values() if target.channel == name]
        try:
            yield from make(setting, settings.env, now).check(mine)
        except ValueError as error:
            yield Finding(key=f"channels.{name}", ok=False, text=str(error), fix="请修改 school.toml 中这个渠道的设置")
    unknown = {t.channel for t in settings.school.targets.values()} - set(settings.school.channels)
    for name in sorted(unknown):
        yield Finding(
            key="targets.csv 渠道",
            ok=False,
            text=f"渠道“{name}”没有启用",
            fix="在 school.toml 中启用，或修改该目标的渠道",
        )
