"""`bot.py log verify`: whether the log is still what was sealed (封存), and the first place where it is not."""

from __future__ import annotations

import json

import click

from desk.words import clock
from jobs.office import Office
from jobs.seal import Verified, verify
from rules.seal import BROKEN_CHAIN, OTHER_KEY, SHORT, TABLES


def show(office: Office, head: str = "", *, as_json: bool = False) -> int:
    """Print it; returns the exit code: 0 if everything holds. JSON: the fields of jobs.seal.Verified, and `holds`."""
    try:
        found = verify(office.db, office.seal_key, head.strip().lower())
    finally:
        office.close()
    if as_json:
        broken = found.broken and {**found.broken.__dict__, "sealed_at": found.broken.sealed_at.isoformat()}
        click.echo(json.dumps({**found.__dict__, "broken": broken, "holds": found.holds}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(found, head)))
    return 0 if found.holds else 1


def _lines(found: Verified, head: str) -> list[str]:
    if found.broken is None and not found.seals:
        said = ["推送日志还没有封存过：正式运行时每天自动封存，也可运行  python bot.py once seal（最近 15 分钟内的记录下一次封存）"]
    elif found.broken is None:
        said = [
            f"封存的尝试、结果、回执完整：{found.seals} 次封存、{found.rows} 行记录逐行核对无误。封存号 {found.head[:SHORT]}",
            "推送、条次和投递状态不在封存之内：汇总之后被人直接改动的，运行  python bot.py rollup  可以发现。",
            f"尚未封存 {found.unsealed} 行（每天封存一次）。" if found.unsealed else "没有尚未封存的记录。",
        ]
    else:
        said = _broken(found)
    if not found.knows_head:
        said.append(
            f"【不一致】封存号“{head}”不在核对过的封存之中：请先核对是否抄错；没有抄错的，是印出它之后封存被删去或重做过，请保留现有数据库和备份，与备份比对"
        )
    return said


def _broken(found: Verified) -> list[str]:
    seal = found.broken
    assert seal is not None
    where = f"第 {seal.id} 号封存（{clock(seal.sealed_at)}，{TABLES.get(seal.table_name, seal.table_name)}第 {seal.from_id} 至 {seal.to_id} 号，共 {seal.rows} 行）"
    if found.what == OTHER_KEY:
        return [f"【无法核对】{where}：{found.what}。请在 .env 中恢复原来的 XXGK_SEAL_KEY 后再核对"]
    said = "此前的封存核对无误" if found.seals > 1 else "这是第一次封存"
    first = f"【不一致】{where}：{found.what}。{said}，其后的没有再核对"
    how = "封存表" if found.what == BROKEN_CHAIN else "这些记录"
    return [first, f"请保留现有数据库，用封存之后的备份（python bot.py backup 所存）比对{how}，查明何人何时改动"]
