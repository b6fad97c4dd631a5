"""公开达 (xxgk-bot): the front door. Each command is a few lines that call a room below.

    sources/  → watch → items, versions, reviews        what was approved, and where
    rules/    → gate, fence, routes                      what may be said, to whom, when
    jobs/     → route → plan → deliver → track → sweep   placements → pushes → deliveries → outcomes, receipts, reach
    channels/ → WeChat, WeCom, QQ                        one file a vendor
    store/    → the push log                             what the report is counted from

Imports are late on purpose: `--help` and `log` must not wait for what they do not use.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

try:
    import click
except ModuleNotFoundError:  # started with another Python than the one of .venv
    sys.exit(
        "缺少依赖的软件包。请用项目目录中 .venv 的 Python 运行：.venv/bin/python bot.py …（Windows：.venv\\Scripts\\python bot.py …）"
    )

from config import places
from desk.errors import NO_DEMO, DeskError
from desk.front import Front, speaking_of_demo

if TYPE_CHECKING:
    from jobs.office import Office
    from store.db import Db


#: A row's number; a longer one no database can hold.
ROW = click.IntRange(1, 10**18)


@click.group(cls=Front, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--demo", "of_demo", is_flag=True, help="查看上一次演练的数据，如 bot.py --demo log")
@click.pass_context
def bot(ctx: click.Context, of_demo: bool) -> None:
    """公开达：把已批准的公开信息按受众范围推送到公众号和各群，并留下可统计的推送日志。"""
    if of_demo:
        places.use_demo()
        if places.of_demo() and not places.DEMO_FILE.exists() and ctx.invoked_subcommand not in ("demo", "restore"):
            raise DeskError(NO_DEMO)  # before anything opens the database, and so makes it
        ctx.with_resource(speaking_of_demo())


def _db() -> Db:
    from store.db import Db

    return Db(places.database_url(places.environment()))


def _office() -> Office:
    from desk.start import look_office, start_office

    return look_office() if places.of_demo() else start_office()


@bot.command()
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="改放自己的登记表目录（.xlsx、.csv）",
)
@click.option("--exit", "leave", is_flag=True, help="演完即退出，不停留在手机页面")
@click.option("--json", "as_json", is_flag=True, help="结果输出为一个 JSON 对象")
@click.option("--keep", is_flag=True, help="接着上一次的演练数据，不重新开始")
def demo(folder: Path | None, leave: bool, as_json: bool, keep: bool) -> None:
    """演练：用示例学校的一整学年走一遍，全部发往本机演练环境。"""
    from desk.demo import run

    sys.exit(run(folder, leave=leave, as_json=as_json, keep=keep))


@bot.command()
def run() -> None:
    """正式运行：按时监看、编排、推送、核实，并接收回调。"""
    from desk.service import serve

    serve()


@bot.command()
@click.argument("name", metavar="任务")
def once(name: str) -> None:
    """只执行一次某个任务：watch scan review route plan deliver track takedown recall sweep measure survey audit forget clock answers oversee brief seal rollup onsite visits clicks all。"""
    from desk.rounds import run_once

    sys.exit(run_once(_office(), name))


@bot.command()
@click.option("--json", "as_json", is_flag=True)
def check(as_json: bool) -> None:
    """自检：一次列出所有设置问题和改法，并逐个渠道试探（不发送）。"""
    from desk.check import check_all

    sys.exit(check_all(as_json))


@bot.command()
@click.option("--json", "as_json", is_flag=True)
@click.option("--status", help="只看某一状态：已公开、待公开、暂停 …")
@click.option("--category", help="大类")
@click.option("--department", help="责任部门")
@click.option("--problems", "only_problems", is_flag=True, help="只看问题清单")
@click.option("--page", type=click.IntRange(1, 1000), default=50, show_default=True, help="每页行数")
@click.option("--before", type=ROW, help="接上一页末尾显示的编号")
@click.argument("text", metavar="[标题中的字]", required=False)
def items(**wanted: Any) -> None:
    """条目：登记、状态、到达情况，以及需要修改的问题。"""
    from desk import items as desk

    desk.show(_db(), **wanted)


@bot.command()
@click.argument("word", type=click.Choice(["verify"]), metavar="[verify]", required=False)
@click.option(
    "--head", default="", metavar="封存号", help="与 verify 合用：简报、年度报告上印出的封存号，核对是否仍在其中"
)
@click.option("--since", help="起始时间，如 2020-09-01 或 2020-09-01T08:00")
@click.option("--until", help="截止时间（含当日）")
@click.option("--channel", help="渠道，或其名称")
@click.option("--target", help="目标编号或名称")
@click.option("--audience", help="目标受众")
@click.option("--category", help="大类")
@click.option("--department", help="责任部门")
@click.option("--status", help="成功、部分、失败、待定、过期、取消、撤回、待发")
@click.option("--item", help="条目编号、文号或标题")
@click.option("--push", type=click.IntRange(1), help="只看这一次推送（编号）")
@click.option("--person", help="只看发给这一个人的：手机号、账号或邮箱")
@click.option("--failed", is_flag=True, help="只看失败和部分失败的，等同 --status 失败,部分")
@click.option("--retry", is_flag=True, help="与 --failed 合用：只向没有收到的重新推送")
@click.option("--spare", is_flag=True, help="与 --retry 合用：无人收到的，改发到登记册中的备用目标")
@click.option(
    "--csv", "csv_path", type=click.Path(dir_okay=False, path_type=Path), help="导出 .csv，可直接用 Excel 打开"
)
@click.option("--json", "as_json", is_flag=True)
@click.option("--page", type=click.IntRange(1, 1000), default=50, show_default=True, help="每页行数")
@click.option("--after", help="接上一页末尾显示的位置")
@click.option(
    "--by",
    default="",
    help="分组合计：渠道、目标、目标受众、月份、日期、大类、小项、责任部门、条目、用途、来源、结果，可写几个，如 渠道,月份",
)
@click.option("--save", default="", metavar="名称", help="保存这个查询")
@click.option("--saved", default="", metavar="名称", help="用保存过的查询，另写的条件优先")
def log(
    retry: bool, spare: bool, csv_path: Path | None, as_json: bool, page: int, after: str | None, by: str,
    save: str, saved: str, word: str | None, head: str, **filters: Any,
) -> None:  # fmt: skip
    """推送日志：按时间、渠道、目标、受众、大类、部门、结果、条目查询；分组合计，保存常用的查询；verify 核对封存。"""
    if word or head:
        from desk import seal
        from desk.start import look_office

        sys.exit(seal.show(look_office(), head, as_json=as_json))
    from desk import log as desk
    from desk import logsums

    if as_json and csv_path is not None:
        raise click.UsageError("--json 与 --csv 只能写一个")
    filters, by = logsums.kept(_db(), filters, by, save=save, saved=saved)
    if (retry and not filters["failed"]) or (spare and not retry):
        raise click.UsageError("--retry 须与 --failed 合用，--spare 须与 --failed --retry 合用")
    if by:
        logsums.show(_db(), filters, by, as_json=as_json, csv_path=csv_path)
    elif retry:
        from desk import orders

        (orders.retry_at_spares if spare else orders.retry_failed)(_office(), filters)
    else:
        desk.show(_db(), filters, page=page, after=after, as_json=as_json, csv_path=csv_path)


@bot.command()
@click.argument("item", metavar="条目")
@click.argument("file", metavar="[文件.zip]", required=False, type=click.Path(dir_okay=False, path_type=Path))
def evidence(item: str, file: Path | None) -> None:
    """凭证：一个条目谁审查、推给谁、何时、原文、回执，写成一个带校验值的 .zip；不写文件则列出经过。"""
    from desk import evidence as desk

    if file is None:
        desk.trace(_db(), item)
    else:
        desk.write(_db(), item, file)


@bot.command()
@click.option("--year", help="学年，如 2020-2021")
@click.option("--from", "first", help="或任意期限的起日，如 2020-09-01")
@click.option("--to", "last", help="止日，含当日")
@click.option("--cut-off", help="截止日：只用当日及以前已知的数，默认现在")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="写成文件放入这个文件夹：年度报告、台账、统计数据"
)
@click.option("--explain", "place", metavar="位置", help="列出一个数字由哪些行得出；位置见年度报告.html，鼠标停在数字上")
@click.option("--freeze", "freezing", is_flag=True, help="封存报送的数字；以后的变化在报告中列为说明")
@click.option("--by", metavar="姓名", help="封存人，默认本机用户名")
@click.option("--json", "as_json", is_flag=True)
def report(
    year: str | None, first: str | None, last: str | None, cut_off: str | None, out: Path | None,
    place: str | None, freezing: bool, by: str | None, as_json: bool,
) -> None:  # fmt: skip
    """统计：一学年或任意期限的条、条次、次、人次，并核对合计；--out 写成年度报告（.docx、.html）和台账（.xlsx、.csv）。"""
    from desk import report as desk

    period = desk.asked(year, first, last)
    desk.run(_db(), period, cut_off, as_json=as_json, out=out, place=place, freezing=freezing, by=by)


@bot.command()
@click.option("--rebuild", "again", is_flag=True, help="全部重新汇总")
@click.option("--json", "as_json", is_flag=True)
def rollup(again: bool, as_json: bool) -> None:
    """汇总：报告所用的每日、每月汇总，与推送日志的明细逐一核对；--rebuild 全部重新汇总。"""
    from desk import rollup as desk
    from desk.start import look_office

    sys.exit(desk.show(_office() if again else look_office(), again=again, as_json=as_json))


@bot.command("check-report")
@click.argument("file", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def check_report(file: Path, as_json: bool) -> None:
    """旧报告体检：读去年的报告（.docx、.txt、.pdf、.html），列出合计、数目、期限、途径和缺少的内容。"""
    from desk import checkup

    sys.exit(1 if checkup.run(file, as_json) else 0)


@bot.command()
@click.argument("item", metavar="条目")
@click.option("--json", "as_json", is_flag=True)
def why(item: str, as_json: bool) -> None:
    """为什么：一个条目对每个目标推了没有、原因、经过。"""
    from desk import why as desk

    desk.run(_db(), item, as_json)


@bot.command()
@click.option("--json", "as_json", is_flag=True)
def channels(as_json: bool) -> None:
    """渠道：每个渠道的状态、连续成败、等待、待定、今日失败，以及下一步做什么。"""
    from desk.channels import show
    from desk.start import look_office

    show(look_office(), as_json)


@bot.command()
@click.option("--json", "as_json", is_flag=True)
@click.option("--channel", help="只看一个渠道，或其名称")
def quota(as_json: bool, channel: str | None) -> None:
    """额度账本：每项额度可用、已用、剩余、何时恢复，用在哪些推送，谁在等。"""
    from desk.quota import show
    from desk.start import look_office

    show(look_office(), channel, as_json)


@bot.command()
@click.option("--days", type=click.IntRange(1, 62), default=7, show_default=True, help="看几天，今天算第一天")
@click.option("--json", "as_json", is_flag=True)
def plan(days: int, as_json: bool) -> None:
    """推送计划：这几天哪天几点发到哪里、怎么发、有哪些条目，什么在等、为什么；只推算，不发送。"""
    from desk.start import look_office
    from desk.week import show

    show(look_office(), days, as_json)


@bot.command()
@click.option("--department", help="只看一个责任部门的")
@click.option("--json", "as_json", is_flag=True)
def due(department: str | None, as_json: bool) -> None:
    """期限：每个条目的应公开期限和剩余工作日，公示、征求意见、年度报告的日子。"""
    from desk.due import show
    from desk.start import look_office

    show(look_office(), department, as_json)


@bot.command()
@click.argument("channel", default="all", metavar="[渠道|all]")
@click.option("--reason", default="", help="原因")
def pause(channel: str, reason: str) -> None:
    """暂停一个或全部渠道，下一次发送之前生效。"""
    from desk import orders

    orders.pause(_office(), channel, reason)


@bot.command()
@click.argument("channel", default="all", metavar="[渠道|all]")
def resume(channel: str) -> None:
    """恢复一个或全部渠道。"""
    from desk import orders

    orders.resume(_office(), channel)


@bot.command()
@click.option("--yes", "number", metavar="清单号", help="看过这份清单，确认推送")
@click.option("--only", help="只看、只确认这些条次，用逗号分隔")
def confirm(number: str | None, only: str | None) -> None:
    """确认模式：列出当天清单（发什么、发给谁、多少人），确认后才推送。"""
    from desk import orders

    orders.confirm(_office(), number, only)


@bot.command()
@click.argument("item", metavar="条目")
@click.option("--reason", default="", help="原因")
@click.option("--undo", is_flag=True, help="恢复：取消过的重新等待推送")
def cancel(item: str, reason: str, undo: bool) -> None:
    """取消一个条目尚未发出的全部推送；--undo 恢复。"""
    from desk import orders

    if undo:
        orders.take_up(_office(), item)
    else:
        orders.cancel(_office(), item, reason)


@bot.command()
@click.argument("item", metavar="条目")
@click.option("--reason", default="", help="理由，与操作人一并留痕")
@click.option("--undo", is_flag=True, help="收回")
def urgent(item: str, reason: str, undo: bool) -> None:
    """紧急：不等时段、上课时间和合并时间，尽快推送；受众范围和审查照常核对。"""
    if not (reason or undo):
        raise click.UsageError("请用 --reason 写明理由")
    from desk import orders

    orders.hurry(_office(), item, reason, undo=undo)


@bot.command()
@click.argument("item", metavar="条目")
@click.option("--at", "when", default="", help="推送时间，如 2020-09-12 09:00")
@click.option("--undo", is_flag=True, help="不再定时")
def schedule(item: str, when: str, undo: bool) -> None:
    """定时：到了时间再推送。"""
    if not (when or undo):
        raise click.UsageError("请用 --at 写明推送时间")
    from desk import orders

    orders.schedule(_office(), item, "" if undo else when)


@bot.command()
@click.argument("item", metavar="条目")
@click.option("--reason", required=True, help="原因")
def retract(item: str, reason: str) -> None:
    """撤回一个条目：未发出的取消，已发出的能撤回就撤回，不能的发撤回通知，其余交人处理。"""
    from desk import amend

    amend.retract(_office(), item, reason)


@bot.command()
@click.argument("item", metavar="条目")
@click.option("--reason", required=True, help="原因")
def correct(item: str, reason: str) -> None:
    """更正一个已变更的条目：向收到旧版本的每个目标推送新版本的更正。"""
    from desk import amend

    amend.correct(_office(), item, reason)


@bot.command()
@click.argument("word", type=click.Choice(["done"]), metavar="[done]", required=False)
@click.argument("number", metavar="[编号]", type=int, required=False)
@click.option("--json", "as_json", is_flag=True)
def recalls(word: str | None, number: int | None, as_json: bool) -> None:
    """撤回和撤下的指令及其进展；done 编号：人工处理的已办完。"""
    from desk import amend

    if word is None:
        amend.show_recalls(_office(), as_json)
    elif number is None:
        raise click.UsageError("请写明指令的编号，如  python bot.py recalls done 3")
    else:
        amend.done(_office(), number)


@bot.command()
@click.argument("word", metavar="[list|delivered|resend|drop]", default="list")
@click.argument("number", metavar="[推送号]", type=ROW, required=False)
@click.option("--person", "whom", default="", help="只判断推送中的这一个人：手机号或账号，也可只写末几位")
@click.option("--json", "as_json", is_flag=True)
def uncertain(word: str, number: int | None, whom: str, as_json: bool) -> None:
    """结果待定的推送：列出证据和该看哪里，由人判断已发出、重发或不再发。"""
    from desk import unclear

    if word == "list":
        unclear.show(_office(), as_json)
    elif number is None:
        raise click.UsageError(f"请写明推送号，如  python bot.py uncertain {word} 3")
    else:
        unclear.decide(_office(), word, number, whom)


@bot.group(cls=Front, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def review(ctx: click.Context, as_json: bool) -> None:
    """待审：还没有审查结论的条目，在 Excel 表中或逐条审查。不写命令时列出待审的。"""
    if ctx.invoked_subcommand is None:
        from desk import review as desk

        desk.show(_office(), as_json)


@review.command("list")
@click.option("--json", "as_json", is_flag=True)
def review_list(as_json: bool) -> None:
    """列出待审的条目和保密检查的发现。"""
    from desk import review as desk

    desk.show(_office(), as_json)


@review.command("approve")
@click.argument("item", metavar="条目")
@click.option("--by", required=True, help="审查人")
@click.option("--basis", default="", help="审查依据")
@click.option("--release", default="", help="保密检查有发现而确可公开的，写明理由，一并放行")
def review_approve(item: str, by: str, basis: str, release: str) -> None:
    """可以公开。"""
    from desk import review as desk

    desk.say(_office(), desk.CONCLUDES["approve"], item, by=by, basis=basis, release=release)


@review.command("return")
@click.argument("item", metavar="条目")
@click.option("--by", required=True, help="审查人")
@click.option("--reason", required=True, help="退回的理由，告知责任部门")
def review_return(item: str, by: str, reason: str) -> None:
    """退回责任部门修改。"""
    from desk import review as desk

    desk.say(_office(), desk.CONCLUDES["return"], item, by=by, basis=reason)


@review.command("refuse")
@click.argument("item", metavar="条目")
@click.option("--by", required=True, help="审查人")
@click.option("--reason", required=True, help="不予公开的理由")
def review_refuse(item: str, by: str, reason: str) -> None:
    """不予公开。"""
    from desk import review as desk

    desk.say(_office(), desk.CONCLUDES["refuse"], item, by=by, basis=reason)


@review.command("sheet")
@click.argument("file", metavar="文件.xlsx", type=click.Path(dir_okay=False, path_type=Path))
def review_sheet(file: Path) -> None:
    """把待审的写成 Excel 表，供审查人填写。"""
    from desk import review as desk

    many = desk.write_sheet(_office(), file)
    click.echo(f"已写入 {file}：{many} 条待审。填好黄色的列后运行  python bot.py review read {file}")


@review.command("read")
@click.argument("file", metavar="文件.xlsx", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def review_read(file: Path) -> None:
    """读回填好的 Excel 表，逐行登记。"""
    from desk import review as desk

    desk.read_sheet(_office(), file)


@bot.group(cls=Front, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def guard(ctx: click.Context, as_json: bool) -> None:
    """保密检查：标题、正文和附件中的个人信息、密级标志等。不写命令时列出拦下的条目。"""
    if ctx.invoked_subcommand is None:
        from desk import review as desk

        desk.show_guard(_office(), as_json)


@guard.command("list")
@click.option("--json", "as_json", is_flag=True)
def guard_list(as_json: bool) -> None:
    """列出拦下的条目和发现的内容。"""
    from desk import review as desk

    desk.show_guard(_office(), as_json)


@guard.command("release")
@click.argument("item", metavar="条目")
@click.option("--reason", required=True, help="理由")
def guard_release(item: str, reason: str) -> None:
    """核对之后放行。"""
    from desk import review as desk

    desk.release(_office(), item, reason)


@bot.command()
@click.argument(
    "word", type=click.Choice(["list", "send", "digest", "drop"]), metavar="[list|send|digest|drop]", default="list"
)
@click.argument("texts", metavar="[条目 …]", nargs=-1)
@click.option("--json", "as_json", is_flag=True)
def backlog(word: str, texts: tuple[str, ...], as_json: bool) -> None:
    """补推：停机期间该推送的，列出后由人决定推送、并入合并推送或不再推送。"""
    from desk import backlog as desk

    desk.show(_office(), as_json) if word == "list" else desk.decide(_office(), word, texts)


@bot.command()
@click.option("--month", help="月份，如 2020-09；不写为上个月")
@click.option("--quarter", help="季度，如 2020-3，各部门的情况")
def brief(month: str | None, quarter: str | None) -> None:
    """简报：一个月的条、条次、次、逾期、暂停、失败，与上月相比；或一个季度各部门的情况。"""
    from desk import brief as desk
    from desk.start import look_office

    desk.show(look_office(), month, quarter)


@bot.group(cls=Front, invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="包括已办结的")
@click.pass_context
def rectify(ctx: click.Context, everything: bool) -> None:
    """限期整改：通报要求各部门整改的事项，到期前提醒，直到办结。不写命令时列出未办结的。"""
    if ctx.invoked_subcommand is None:
        from desk import rectify as desk

        desk.show(_office(), everything)


@rectify.command("add")
@click.option("--department", required=True, help="责任部门")
@click.option("--text", required=True, help="要求整改的内容")
@click.option("--circular", required=True, help="通报的名称或文号")
@click.option("--due", required=True, help="期限，如 2020-12-31")
@click.option("--item", help="有关的条目")
def rectify_add(**said: Any) -> None:
    """登记一项。"""
    from desk import rectify as desk

    desk.add(_office(), **said)


@rectify.command("done")
@click.argument("number", metavar="编号", type=ROW)
@click.option("--note", required=True, help="整改结果")
def rectify_done(number: int, note: str) -> None:
    """办结一项。"""
    from desk import rectify as desk

    desk.done(_office(), number, note)


@bot.group(cls=Front, invoke_without_command=True)
@click.pass_context
def register(ctx: click.Context) -> None:
    """登记簿：依申请公开、评议、举报、咨询、培训等年度报告需要的事项。不写命令时列出各登记簿和本学年的数字。"""
    if ctx.invoked_subcommand is None:
        from desk import registers as desk

        desk.show(_office())


@register.command("open")
@click.argument("name", metavar="登记簿")
def register_open(name: str) -> None:
    """启用：从此年度报告写明数字，没有登记的写 0 件。"""
    from desk import registers as desk

    desk.open_it(_office(), name)


@register.command("show")
@click.argument("name", metavar="登记簿")
def register_show(name: str) -> None:
    """列出登记的各行和编号。"""
    from desk import registers as desk

    desk.show_rows(_office(), name)


@register.command("add")
@click.argument("name", metavar="登记簿")
@click.option("--set", "said", multiple=True, required=True, metavar="列=值", help="一列的内容，可写多次")
def register_add(name: str, said: tuple[str, ...]) -> None:
    """登记一行。"""
    from desk import registers as desk

    desk.add(_office(), name, said)


@register.command("correct")
@click.argument("number", metavar="编号", type=ROW)
@click.option("--set", "said", multiple=True, required=True, metavar="列=值", help="改成的内容，可写多次；值为空则删去")
def register_correct(number: int, said: tuple[str, ...]) -> None:
    """更正或办结一行：原行留痕，另记一行。"""
    from desk import registers as desk

    desk.correct(_office(), number, said)


@register.command("void")
@click.argument("number", metavar="编号", type=ROW)
@click.option("--reason", required=True, help="作废的原因")
def register_void(number: int, reason: str) -> None:
    """作废一行：留痕，不再计入。"""
    from desk import registers as desk

    desk.void(_office(), number, reason)


@register.command("sheet")
@click.argument("name", metavar="登记簿")
@click.argument("path", metavar="文件.xlsx", type=click.Path(dir_okay=False, path_type=Path))
def register_sheet(name: str, path: Path) -> None:
    """写出表格：已登记的各行，下面可续填。"""
    from desk import registers as desk

    desk.write_sheet(_office(), name, path)


@register.command("read")
@click.argument("name", metavar="登记簿")
@click.argument("path", metavar="文件.xlsx", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def register_read(name: str, path: Path) -> None:
    """读入填好的表格：没有编号的行新登记，有编号且改过的行更正。"""
    from desk import registers as desk

    desk.read_sheet(_office(), name, path)


@bot.command()
@click.argument("texts", metavar="[条目 …]", nargs=-1)
@click.option("--to", "number", metavar="目标编号", help="发到这个测试群，标题写明“演练”，不计入统计；受众范围照常核对")
@click.option("--json", "as_json", is_flag=True)
def rehearse(texts: tuple[str, ...], number: str | None, as_json: bool) -> None:
    """演练条目：原样的文字、发给谁、多少人、保密检查怎么说；不写编号则演练全部待审的。不推送，不登记。"""
    from desk import rehearse as desk

    desk.to_group(_office(), texts, number) if number else desk.show(_office(), texts, as_json)


@bot.group("hand-off", cls=Front, invoke_without_command=True)
@click.pass_context
def hand_off(ctx: click.Context) -> None:
    """交办：公告栏、电子屏、会议、文件等由人办理的推送。不写命令时列出待办理的。"""
    if ctx.invoked_subcommand is None:
        from desk import handoff

        handoff.show_open(_office())


@hand_off.command("show")
@click.argument("number", metavar="编号", type=int)
def hand_off_show(number: int) -> None:
    """文稿：可直接张贴、宣读或印发。"""
    from desk import handoff

    handoff.show(_office(), number)


@hand_off.command("done")
@click.argument("number", metavar="编号", type=int)
@click.option("--by", required=True, help="办理人")
@click.option("--at", required=True, help="办理时间，如 2020-09-12 或 2020-09-12 10:00")
@click.option("--place", help="办理地点")
@click.option("--amount", type=int, help="数量")
@click.option("--unit", help="单位：份、场、人次、处")
@click.option("--proof", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="照片、回执等凭证文件")
@click.option("--note", help="备注")
def hand_off_done(number: int, **said: Any) -> None:
    """登记：已办理。"""
    from desk import handoff

    handoff.done(_office(), number, **said)


@hand_off.command("drop")
@click.argument("number", metavar="编号", type=int)
@click.option("--reason", required=True, help="原因")
def hand_off_drop(number: int, reason: str) -> None:
    """登记：不再办理，按失败计。"""
    from desk import handoff

    handoff.drop(_office(), number, reason)


@hand_off.command("sheet")
@click.argument("file", metavar="文件.xlsx", type=click.Path(dir_okay=False, path_type=Path))
def hand_off_sheet(file: Path) -> None:
    """把待办理的写成 Excel 表，供经办人填写。"""
    from desk import handoff

    handoff.write_sheet(_office(), file)


@hand_off.command("read")
@click.argument("file", metavar="文件.xlsx", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def hand_off_read(file: Path) -> None:
    """读回填好的 Excel 表，逐行登记。"""
    from desk import handoff

    handoff.read_sheet(_office(), file)


@hand_off.command("print")
@click.argument("number", metavar="编号", type=int)
@click.argument("file", metavar="文件.pdf", type=click.Path(dir_okay=False, path_type=Path))
def hand_off_print(number: int, file: Path) -> None:
    """印成 A4 告示（PDF），带原文二维码。"""
    from desk import handoff

    handoff.print_notice(_office(), number, file)


@bot.command()
@click.argument("item", metavar="[条目]", required=False)
@click.option("--channel", default="", help="渠道，或其名称")
@click.option("--target", help="目标编号或名称")
@click.option("--at", help="公开时间，如 2020-09-12 或 2020-09-12 10:00")
@click.option("--by", help="办理人")
@click.option("--amount", type=int, help="数量")
@click.option("--unit", help="单位：份、场、人次、处")
@click.option("--note", help="备注")
@click.option(
    "--sheet", type=click.Path(dir_okay=False, path_type=Path), help="从 Excel 表逐行补录；文件不存在时写一份空表"
)
def book(item: str | None, sheet: Path | None, **said: Any) -> None:
    """补录：公开达之外由人公开的（启用之前，或另外张贴、宣读、印发的），按人工补录单独统计。"""
    from desk import book as desk

    if sheet is not None:
        desk.from_sheet(_office(), sheet) if sheet.exists() else desk.write_sheet(sheet)
        return
    missing = [name for name in ("target", "at", "by") if not said[name]]
    if item is None or missing:
        raise click.UsageError("请写明条目和 --target、--at、--by；或用 --sheet 文件.xlsx 逐行补录")
    desk.one(_office(), item, **said)


@bot.command()
@click.option("--title", help="标题")
@click.option("--doc-no", help="文号")
@click.option("--department", help="责任部门")
@click.option("--departments-beside", help="其他部门，用顿号分开")
@click.option("--category", help="大类")
@click.option("--sub-item", help="小项")
@click.option("--list-items", help="清单编号")
@click.option("--disclosure", help="公开属性：主动公开、依申请公开、不予公开")
@click.option("--audience", help="受众范围，如 社会、教职工")
@click.option("--reason", help="校内公开理由")
@click.option("--formed-on", help="形成日期，如 2020-09-01")
@click.option("--notice-from", help="公示起")
@click.option("--notice-to", help="公示止")
@click.option("--ends-on", help="截止日期")
@click.option("--urgent", help="紧急：是、否")
@click.option("--url", help="链接")
@click.option("--summary", help="摘要")
@click.option("--note", help="备注")
@click.option(
    "--attachment",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="附件，可写几次",
)
@click.option("--change", metavar="编号", help="更改以前登记的一条：只写要改的各项")
@click.option("--watch", help="有几处手工登记时，写其名称")
@click.option("--json", "as_json", is_flag=True)
def enter(files: tuple[Path, ...], change: str | None, watch: str | None, as_json: bool, **said: str | None) -> None:
    """登记一个条目：有问题当场指出；审查通过之前不推送。"""
    from desk import enter as desk

    desk.enter({desk.OPTIONS[name]: value for name, value in said.items()}, files, change, watch, as_json)


@bot.command()
@click.argument("file", metavar="文件", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """备份数据库到一个文件；运行中也可以备份。"""
    from desk.keeping import back_up

    back_up(_db(), file)


@bot.command()
@click.argument("file", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="确认用备份覆盖现有数据")
@click.pass_context
def restore(ctx: click.Context, file: Path, yes: bool) -> None:
    """从备份恢复；先停止运行。现有数据会先另存一份。"""
    from desk.keeping import bring_back
    from desk.start import now

    bring_back(_db(), file, yes, demo=bool(ctx.find_root().params["of_demo"]), clock=now)


@bot.command()
@click.argument("target", metavar="目标编号")
@click.option("--owner", required=True, metavar="账号", help="群主")
@click.option("--member", "members", multiple=True, metavar="账号", help="成员，可写多次")
@click.option("--list", "listed", metavar="名单", help="或用名单文件夹中的一份名单（“账号”列）")
def chat(target: str, owner: str, members: tuple[str, ...], listed: str | None) -> None:
    """建群：由应用建立登记册中的群聊；重复执行无害。"""
    from desk import chat as desk

    desk.make(_office(), target, owner, members, listed)


@bot.command()
def erase() -> None:
    """清除：回执期过后，手机号、账号只留加密的散列和末两位；列出还留着的和原因。"""
    from desk.erase import run as erase_now

    erase_now(_office())


@bot.command()
@click.option("--port", type=click.IntRange(0, 65535), default=9009, show_default=True, help="端口；0 表示任选一个")
@click.option("--smtp-port", type=click.IntRange(0, 65535), default=9025, show_default=True, help="邮件服务器的端口")
@click.option("--bare", is_flag=True, help="不按本校设置准备账号和群")
def sandbox(port: int, smtp_port: int, bare: bool) -> None:
    """单独启动演练环境：严格模仿各平台接口，只在本机。"""
    from desk.sandbox import serve

    serve(port, smtp_port, bare)


if __name__ == "__main__":
    bot()
