"""清除: whose number or account is still kept, and that nothing else is."""

from __future__ import annotations

import click

from jobs.forget import RECEIPTS_CLOSE, forget
from jobs.office import Office
from rules.privacy import SEAL_KEY
from rules.states import WORDS


def run(office: Office) -> None:
    """Forget now what can be forgotten, and say what is still kept and why."""
    try:
        done, key = forget(office), office.seal_key
    finally:
        office.close()
    click.echo(f"本次：{done.addresses} 个号码或账号转为加密散列（只留末两位），清空回执原文 {done.receipts} 份。")
    if not done.left:
        click.echo("数据库里已没有明文的个人号码或账号。")
        return
    if not key:
        click.echo(f"请先在 .env 中填写 {SEAL_KEY}（16 个以上随机字符），没有它不能清除。")
    left = "，".join(f"{WORDS[status]} {n} 个" for status, n in done.left.items())
    click.echo(f"还留着明文 {sum(done.left.values())} 个：{left}。发完并过 {RECEIPTS_CLOSE.days} 天回执期后自动清除；待定的请先运行 python bot.py uncertain 判断。")
