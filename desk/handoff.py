"""`bot.py hand-off`: what persons still have to do, what they did, as lines, as a sheet, as a notice to print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from config import places
from desk import sheets
from desk.errors import DeskError
from desk.sheets import Line, WrongCell
from desk.words import clock, cut, table
from jobs import handoff
from jobs.handoff import Deed, Open, Refused
from jobs.office import Office
from jobs.orders import whoami
from rules.bundle import marked

T = TypeVar("T")
#: What the clerk fills in.
FILL = ("办理人", "办理时间", "办理地点", "数量", "单位", "备注")
COLUMNS = {
    "编号": 8, "地点": 26, "标题": 50, "责任人": 14, "期限": 12, "办理人": 12, "办理时间": 18, "办理地点": 22, "数量": 8,
    "单位": 8, "备注": 30,
}  # fmt: skip


def show_open(office: Office) -> None:
    """Every open hand-off, overdue first."""
    found = handoff.list_open(office)
    if not found:
        click.echo("没有待办理的交办")
        return
    for line in table(("编号", "地点", "标题", "责任人", "期限", ""), map(_row, found)):
        click.echo(line)
    late = sum(each.overdue for each in found)
    click.echo(f"共 {len(found)} 件待办理" + (f"，其中 {late} 件逾期。" if late else "。"))
    click.echo(
        "看文稿：python bot.py hand-off show 编号；办好后：python bot.py hand-off done 编号 --by 办理人 --at 时间"
    )


def _row(each: Open) -> tuple[object, ...]:
    where = cut(f"{each.what.target} {each.what.target_name}", 28)
    late = "逾期" if each.overdue else ""
    return each.what.push_id, where, cut(_title(each), 40), each.person, each.deadline, late


def _title(each: Open) -> str:
    return marked(each.what.title, each.what.purpose)


def show(office: Office, number: int) -> None:
    """The ready-made text of one of them."""
    what = told(lambda: handoff.one(office, number))
    click.echo(what.text)
    if what.notice_from and what.notice_to:
        click.echo(f"公示期：{what.notice_from} 至 {what.notice_to}")
    click.echo(f"\n（交办 {number}，{what.target_name}，{clock(what.made_at)} 交办：{what.reason}）")


def told(act: Callable[[], T]) -> T:
    """What the job says, to be read by a person."""
    try:
        return act()
    except Refused as error:
        raise DeskError(str(error)) from None


def done(office: Office, number: int, **said: Any) -> None:
    """One of them is done, as a person says."""
    deed = deed_of(**said)
    counts = told(lambda: handoff.finish(office, number, deed, folder(), whoami()))
    moved = "" if counts == deed.at else f"，办理时间按 {clock(counts)} 计（在交办之后、登记之前）"
    click.echo(f"已登记：交办 {number} 由 {deed.by} 办理{_counted(deed)}{moved}")


def deed_of(*, by: str, at: str, **rest: Any) -> Deed:
    """What was typed, as a deed; raises DeskError."""
    try:
        return Deed(
            by=by.strip(), at=sheets.instant(at), **{k: v if v is not None else _EMPTY[k] for k, v in rest.items()}
        )
    except ValueError as error:
        raise DeskError(str(error)) from None


_EMPTY: dict[str, Any] = {"place": "", "amount": None, "unit": "", "note": "", "proof": None}


def _counted(deed: Deed) -> str:
    return f"，{deed.amount} {deed.unit}" if deed.amount is not None else "，没有统计数量"


def folder() -> Path:
    """Where proofs are kept; a demonstration's lie beside it."""
    return places.DEMO if places.of_demo() else places.VAR


def drop(office: Office, number: int, reason: str) -> None:
    """One of them will not be done."""
    told(lambda: handoff.drop(office, number, whoami(), reason))
    click.echo(f"已登记：交办 {number} 不再办理，按失败计，原因：{reason}")


def write_sheet(office: Office, path: Path) -> None:
    """The open ones as a sheet to fill in."""
    rows = [
        (e.what.push_id, f"{e.what.target} {e.what.target_name}", _title(e), e.person, str(e.deadline))
        for e in handoff.list_open(office)
    ]
    written = sheets.write(path, "交办办理情况", COLUMNS, FILL, rows)
    click.echo(f"已写入 {path}：{written} 件待办理。填好黄色的列后运行  python bot.py hand-off read {path}")


def read_sheet(office: Office, path: Path) -> None:
    """Apply a filled sheet, each row by itself; raises DeskError with every wrong cell after the good rows are written."""
    lines = sheets.read(path, ["编号", *FILL])
    filled = [line for line in lines if not line.is_empty(FILL)]
    report(*sheets.apply(path, filled, lambda line: _apply(office, line)), left_out=len(lines) - len(filled))


def report(applied: list[str], wrong: list[str], *, left_out: int = 0) -> None:
    """What came of a sheet; raises DeskError if a cell is wrong."""
    for text in applied:
        click.echo(text)
    click.echo(f"共处理 {len(applied)} 行" + (f"，{left_out} 行没有填写" if left_out else ""))
    if wrong:
        raise DeskError("\n".join([*wrong, f"以上 {len(wrong)} 行没有登记，改好后再读一次即可，已登记的不会重复"]))


def _apply(office: Office, line: Line) -> str:
    number = line.number("编号")
    if number is None:
        raise WrongCell("编号", "未填写，请照  python bot.py hand-off sheet  写出的表填写")
    deed = deed_in(line, place=line.text("办理地点"))
    try:
        if not handoff.one(office, number).is_open:
            return f"交办 {number} 已登记过，跳过"
        handoff.finish(office, number, deed, folder(), whoami())
    except Refused as error:
        raise WrongCell(error.column or "编号", str(error)) from None
    return f"交办 {number} 由 {deed.by} 办理，已登记" + _counted(deed)


def deed_in(line: Line, *, place: str = "", when: str = "办理时间") -> Deed:
    """What a row says was done; raises WrongCell."""
    by, at, amount = line.needed("办理人"), line.when(when), line.whole("数量")
    return Deed(by=by, at=at, place=place, amount=amount, unit=line.text("单位"), note=line.prose("备注"))


def print_notice(office: Office, number: int, path: Path) -> None:
    """A4 notice as PDF."""
    from desk.notice import write

    what = told(lambda: handoff.one(office, number))
    pages = write(path, what)
    code = "" if what.payload.get("url") else "（没有原文网址，不印二维码）"
    click.echo(f"已写入 {path}：{pages} 页{code}")
