"""`bot.py rollup`: whether every roll-up (汇总) says what its rows say; `--rebuild` counts all of them anew."""

from __future__ import annotations

import json

import click

from jobs import rollup
from jobs.office import Office


def show(office: Office, *, again: bool, as_json: bool = False) -> int:
    """Print it; returns the exit code: 0 if nothing differs. JSON: days, months, compared, wrong (level and first day)."""
    try:
        made = rollup.rebuild(office.db, office.now) if again else rollup.Rolled()
        found = rollup.check(office.db)
    finally:
        office.close()
    if as_json:
        wrong = [{"level": level, "first": first.isoformat()} for level, first in found.wrong]
        plain = {**made.__dict__, "compared": found.compared, "wrong": wrong}
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(made, found, again=again)))
    return 1 if found.wrong else 0


def _lines(made: rollup.Rolled, found: rollup.Checked, *, again: bool) -> list[str]:
    said = [f"已重新汇总 {made.days} 天、{made.months} 个整月。"] if again else []
    if found.wrong:
        names = "、".join(rollup.name_of(level, first) for level, first in found.wrong[:10])
        more = f" 等 {len(found.wrong)} 处" if len(found.wrong) > 10 else ""
        return [
            *said, f"【不一致】{names}{more}的汇总与推送日志的明细不符。",
            "推送日志可能被人直接改动过。请先核对封存：  python bot.py log verify  ，再重新汇总：  python bot.py rollup --rebuild",
        ]  # fmt: skip
    if not found.compared:
        return [*said, "还没有汇总：正式运行时每小时自动汇总已过去的日子，也可运行  python bot.py once rollup"]
    return [*said, f"{found.compared} 份汇总（每天、每个整月各一份）与推送日志的明细逐一核对，全部一致。"]
