"""The sandbox for a rehearsal: on its own port, furnished with what this school has set up, until Ctrl-C."""

from __future__ import annotations

import click

from config import places
from config.settings import ConfigError, load
from demo.furnish import furnish
from demo.sandbox import Sandbox, sandbox_process
from desk.service import listening, stay, stop_signal


def serve(port: int, smtp_port: int, bare: bool) -> None:
    """Start it; `bare` leaves it empty, for other bots' tests. Raises DeskError if a port is taken."""
    places.VAR.mkdir(exist_ok=True)
    with listening("127.0.0.1", port, "--port"), listening("127.0.0.1", smtp_port, "--smtp-port"):
        pass  # the sandbox is a process of its own: let us be told here that it could not listen
    with sandbox_process(places.VAR / "sandbox.sqlite3", None, port, smtp_port) as sandbox:
        stop = stop_signal()
        click.echo(
            f"演练环境已启动：{sandbox.base}/　（各群、关注者和个人看到的内容）邮件服务器 {sandbox.smtp}，按 Ctrl-C 结束"
        )
        if not bare:
            _furnish(sandbox)
        stay(stop)
    click.echo("演练环境已停止")


def _furnish(sandbox: Sandbox) -> None:
    try:
        settings = load()
    except ConfigError as error:
        click.echo(
            "学校设置还有问题，演练环境里暂时没有账号和群：\n" + "\n".join(f"  · {line}" for line in error.lines)
        )
        return
    missing = furnish(sandbox, settings, f"http://{settings.web_host}:{settings.web_port}")
    click.echo(f"已按 targets.csv 备好 {len(settings.school.targets)} 个目标")
    if missing:
        click.echo(f"以下变量没有填写，对应的渠道暂不可用（演练时可以填任意值）：{'、'.join(missing)}")
