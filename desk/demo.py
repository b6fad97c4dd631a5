"""The demonstration at the command line: a progress bar, one page of results, then the phone page until Ctrl-C."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from config.places import HOME
from desk.errors import DeskError

if TYPE_CHECKING:
    from rich.console import Console

    from demo.replay import Replay
    from demo.result import Result
    from demo.trouble import Ended
    from jobs.report import Report
    from jobs.tallies import Channel


def run(folder: Path | None, *, leave: bool, as_json: bool, keep: bool) -> int:
    """Replay, show, serve. Returns 0 if all sums hold and both sets of books agree, 1 otherwise."""
    import os

    from demo.replay import SAMPLE, NotADemo, opened
    from demo.result import pushes, result_of
    from store.migrate import upgrade

    logging.basicConfig(level=logging.CRITICAL)  # trouble is met on purpose; the table tells how it ended
    try:
        with opened(folder or SAMPLE, os.environ.get("XXGK_DATABASE_URL"), keep) as replay:
            upgrade(replay.stage.office.db)
            before, started = pushes(replay), time.monotonic()
            _replay(replay, quiet=as_json)
            result = result_of(replay, before, time.monotonic() - started)
            sheets, papers = replay.problem_sheets(), _papers(replay, result)
            if as_json:
                plain = result.as_json() | {"papers": [str(folder.resolve()) for folder in papers]}
                click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
            else:
                _show(replay, result, sheets, papers)
            if not leave:
                _serve(replay)
            return 0 if result.good else 1
    except (NotADemo, ValueError) as error:
        raise DeskError(str(error)) from None


def _replay(replay: Replay, *, quiet: bool) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, quiet=quiet)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=40),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    days = (replay.end - replay.start).days + 1
    with Progress(*columns, console=console) if not quiet else nullcontext() as bar:
        task = bar.add_task("准备", total=days) if bar else None

        def progress(day: date, done: int) -> None:
            if bar is not None and task is not None:
                bar.update(task, completed=done, description=f"{day:%Y-%m-%d}")

        replay.run(progress)
        if bar is not None and task is not None:
            bar.update(task, completed=days, description=f"{replay.end:%Y-%m-%d}")


def _papers(replay: Replay, result: Result) -> list[Path]:
    """Write each year's papers as the office would hand them in; returns their folders."""
    from desk.report import write_papers
    from rules.dates import SchoolYear

    stage = replay.stage
    folders = []
    for each in result.reports:
        folder = stage.register.parent / f"年度报告-{each.year.removesuffix('学年')}"
        write_papers(stage.office.db, stage.office.school, SchoolYear.parse(each.year), stage.clock.now, folder)
        folders.append(folder)
    return folders


def _show(replay: Replay, result: Result, sheets: list[Path], papers: list[Path]) -> None:
    from rich.console import Console

    from demo.result import years_of

    console = Console(width=max(120, Console().width))
    console.rule(f"[bold]{replay.stage.office.school.name}　{years_of(replay.first, replay.last)}　演练结果")
    for each in result.reports:
        _channels(console, each)
        _categories(console, each)
    _troubles(console, result)
    _figures(console, result)
    _week(console, replay, result)
    _books(console, result, {name: each.label for name, each in replay.stage.office.school.channels.items()})
    _problems(result, sheets)
    if result.unreviewed:
        click.echo(f"\n另有 {result.unreviewed} 条没有审查结论，没有推送，列出：{_python()} bot.py --demo review")
    for folder in papers:
        click.echo(f"\n年度报告和台账（.docx、.html、.xlsx、.csv、.json）已写入 {folder.resolve()}（演练数据，其中的链接演练结束后打不开）")
    _next(result)


def _channels(console: Console, report: Report) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(
        title=f"{report.year}　各渠道（截至 {report.cut_off:%Y-%m-%d}）",
        title_justify="left",
        title_style="bold",
        box=SIMPLE,
        header_style="bold",
    )
    table.add_column("渠道")
    for name in ("条", "条次", "次", "人次", "成功", "部分", "失败", "待定", "等待"):
        table.add_column(name, justify="right")
    table.add_column("触达（口径）", no_wrap=True)
    for each in report.channels:
        if each.origin != "bot":
            continue
        ends = (each.results.get(name, 0) for name in ("成功", "部分", "失败", "待定", "待发"))
        numbers = (each.items, each.due, each.pushes, each.reached, *ends)
        table.add_row(each.label, *(f"{n:,}" for n in numbers), _reach(each))
    console.print(table)


def _reach(channel: Channel) -> str:
    """What is known of the reach, each figure with its basis; what nobody knows is —."""
    from jobs.metrics import metric_of

    known = [each for each in channel.reach if each.value is not None and (not each.of_pushes or each.metric == "送达")]
    names = [each.metric if each.of_pushes else metric_of(each, channel.name)[0].removesuffix("合计") for each in known]
    return "\n".join(f"{name} {each.value:,}（{each.basis}）" for name, each in zip(names, known, strict=True)) or "—"


def _categories(console: Console, report: Report) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(
        title=f"{report.year}　主动公开 {report.items.disclosed} 条，按大类",
        title_justify="left",
        title_style="bold",
        box=SIMPLE,
        header_style="bold",
        show_footer=True,
    )
    table.add_column("大类", footer="合计")
    table.add_column("小项", justify="right", footer=str(sum(len(c.sub_items) for c in report.items.categories)))
    table.add_column("条", justify="right", footer=str(sum(c.items for c in report.items.categories)))
    for each in report.items.categories:
        table.add_row(each.name, str(len(each.sub_items)), str(each.items))
    console.print(table)
    broken = [each for each in report.identities if not each.holds]
    if broken:
        console.print(f"[bold red]未核对[/]：{report.year} {len(broken)} 个合计不成立")
        for one in broken:
            console.print(f"  {one.name}：{one.left} ≠ {one.right}　{'；'.join(one.rows[:5])}")
    else:
        console.print(f"[green]✓[/] {report.year} {len(report.identities)} 个合计全部成立")


def _troubles(console: Console, result: Result) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    if not result.troubles:
        return
    table = Table(title="途中有意制造的故障", title_justify="left", title_style="bold", box=SIMPLE, header_style="bold")
    for name in ("日期", "故障", "经过", "结果"):
        table.add_column(name, overflow="fold")
    for each in result.troubles:
        table.add_row(each.day, each.name, "\n".join(each.steps), _ending(each))
    console.print(table)


def _ending(trouble: Ended) -> str:
    """How a trouble ended: for a push to many how many got it, and who did not and could not."""
    if not trouble.solved:
        return f"[red]{trouble.status}[/]"
    if trouble.push_id is None:
        return "[green]已恢复[/]"
    if trouble.got + trouble.failed == 1:
        return "[green]已送出[/]"
    lost = f"\n{trouble.failed} 人失败，如实记录" if trouble.failed else ""
    return f"[green]{trouble.got} 人已送出[/]{lost}"


def _figures(console: Console, result: Result) -> None:
    """What the office's rules and its persons' orders came to."""
    shown = [each for each in result.figures if each.value]
    if shown:
        console.print("[bold]审查、检查和人工指令[/]")
    for each in shown:
        sign = "[green]✓[/]" if each.kept else "[red]✗[/]"
        console.print(f"{sign} {each.value} {each.unit}{each.text}")


def _week(console: Console, replay: Replay, result: Result) -> None:
    """The week's plan as the office saw it on one morning, before anything of it happened."""
    from desk.week import lines

    if result.week is not None:
        console.print("[bold]那一周的推送计划（python bot.py plan）[/]")
        for line in lines(result.week, replay.stage.office):
            console.print(line, markup=False, highlight=False)


def _books(console: Console, result: Result, labels: Mapping[str, str]) -> None:
    for each in result.compared:
        sign = "[green]✓[/]" if each.equal else "[red]✗[/]"
        # A handset's later no leaves the vendor's book as it is: both sides count what the vendor took.
        ours = {"人次": "推送日志中平台受理过", "次": "推送日志"}.get(each.unit, "公开达记录")
        label = labels[each.channel] + (f"（{each.part}）" if each.part else "")
        console.print(f"{sign} {label}：{ours} {each.log} {each.unit}，演练环境自己的账 {each.book} {each.unit}")
        for words, marks in (("账上没有", each.missing), ("账上重复", each.doubled), ("日志没有", each.unknown)):
            if marks:
                console.print(f"    {words}：{'、'.join(marks[:5])}")
    if result.pushed_now == 0:
        console.print("[green]✓[/] 同一批条目再走一遍，没有新的推送")


def _problems(result: Result, sheets: list[Path]) -> None:
    if not result.problems:
        return
    click.echo(f"\n登记表中有 {len(result.problems)} 处需要修改（有问题的行没有推送，也没有计入）：")
    for each in result.problems[:5]:
        click.echo(f"  · {each}")
    for sheet in sheets:
        click.echo(f"  全部写在问题清单里：{sheet.resolve()}")


def _next(result: Result) -> None:
    """One command a line, and never wrapped: it is there to be copied."""
    click.echo(f"\n用时 {result.seconds:.0f} 秒。接下来可以：")
    years = [(each.year.removesuffix("学年"), f"{each.cut_off:%Y-%m-%d}") for each in result.reports]
    hints = (
        ("查推送日志", "--demo log"),
        *((f"看 {year} 学年的统计", f"--demo report --year {year} --cut-off {day}") for year, day in years),
        ("查某一条推给了谁、为什么", "--demo why 条目"),
        ("列出条目和需要修改的问题", "--demo items"),
        ("把自己的登记表放进一个文件夹再演一遍", "demo --folder 文件夹"),
        ("对照 README 的五个步骤接入本校", "check"),
    )
    for words, command in hints:
        click.echo(f"  · {words}：{_python()} bot.py {command}")


def _python() -> str:
    """The Python that has what the bot needs, as it is typed in the project's folder."""
    found = Path(sys.executable)
    return str(found.relative_to(HOME)) if found.is_relative_to(HOME) else "python"


def _serve(replay: Replay) -> None:
    """Leave the sandbox up so that a person can look at what each group and follower saw."""
    click.echo(f"\n各群、关注者和个人看到的内容：{replay.stage.sandbox.base}/　按 Ctrl-C 结束")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        click.echo("演练结束")
