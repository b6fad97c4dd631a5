"""待审 and 保密检查 at the command line and in Excel: what waits, what the guard found, and a person's word on it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from desk import sheets
from desk.errors import DeskError
from desk.find import one_item
from desk.handoff import report
from desk.sheets import Line, WrongCell
from desk.words import clock
from jobs import review
from jobs.office import Office
from jobs.orders import whoami
from jobs.review import Conclusion, Refused
from rules.guard import masked
from rules.item import MAY_OPEN
from rules.review import WORDS
from store import scans
from store.reviews import Waiting

#: The name of the sheet beside a watched folder.
SHEET = "待审清单"
#: The columns of the sheet with their widths; those to fill in come last.
COLUMNS = {
    "编号": 8, "版本": 10, "标题": 46, "责任部门": 16, "大类": 18, "小项": 18, "受众范围": 12, "文号": 18, "摘要": 40, "链接": 30,
    "附件": 24, "保密检查": 40, "本次": 8, "审查结论": 12, "审查人": 12, "审查依据": 30, "放行理由": 24,
}  # fmt: skip
FILL = ("审查结论", "审查人", "审查依据", "放行理由")


def show(office: Office, as_json: bool) -> None:
    """What waits for a review."""
    found = review.queue(office)
    if as_json:
        rows = [_plain(each, step, says) for each, step, says in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for each, step, says in found:
        click.echo(f"{each.item_id:>6}  {masked(each.title)}　[{'、'.join(each.audience)}] {each.department}，等待{step}")
        click.echo(f"        登记于 {each.place}；保密检查：{says}")
    if not found:
        click.echo("没有待审的条目")
        return
    click.echo(f"\n共 {len(found)} 条待审。写成 Excel 表：python bot.py review sheet {SHEET}.xlsx；或逐条：")
    click.echo("  python bot.py review approve 编号 --by 审查人 --basis 依据　（退回 return，不予公开 refuse）")


def _plain(each: Waiting, step: str, says: str) -> dict[str, object]:
    return {
        "item": each.item_id, "version": each.mark, "title": each.title, "department": each.department,
        "audience": list(each.audience), "place": each.place, "step": step, "guard": says,
    }  # fmt: skip


def say(office: Office, word: str, text: str, *, by: str, basis: str, release: str = "") -> None:
    """One conclusion on one item, seen as it stands now."""
    item_id = one_item(office.db, text)
    mine = next((each for each, _, _ in review.queue(office) if each.item_id == item_id), None)
    said = Conclusion(word=word, reviewer=by, basis=basis, release=release)
    try:
        click.echo(review.conclude(office, item_id, mine.mark if mine else "", said, whoami()))
    except Refused as error:
        raise DeskError(str(error)) from None


def write_sheet(office: Office, path: Path) -> int:
    """The queue as a sheet to fill in; returns its rows."""
    return write_rows(path, list(rows(office)))


def write_rows(path: Path, queue: Sequence[tuple[object, ...]]) -> int:
    """These rows as a sheet to fill in; returns how many."""
    return sheets.write(path, SHEET, COLUMNS, FILL, queue, choices={"审查结论": WORDS})


def rows(office: Office) -> Iterator[tuple[object, ...]]:
    """What the sheet shows of each version that waits."""
    for each, step, says in review.queue(office):
        yield (
            each.item_id, each.mark, each.title, each.department, each.category, each.sub_item, "、".join(each.audience),
            each.doc_no, each.summary or each.body[:200], each.url, "；".join(each.attachments), says, step,
        )  # fmt: skip


def read_sheet(office: Office, path: Path) -> None:
    """Apply a filled sheet, each row by itself; raises DeskError with every wrong cell after the good rows are written."""
    done, wrong, left = applied(office, path)
    report(done, wrong, left_out=left)


def applied(office: Office, path: Path) -> tuple[list[str], list[str], int]:
    """What was done, what is wrong, and how many rows were not filled in; raises DeskError if it is no such sheet."""
    lines = sheets.read(path, ["编号", "版本", *FILL])
    filled = [line for line in lines if not line.is_empty(FILL)]
    person = whoami()
    done, wrong = sheets.apply(path, filled, lambda line: _apply(office, line, person))
    return done, wrong, len(lines) - len(filled)


def _apply(office: Office, line: Line, person: str) -> str:
    number = line.number("编号")
    if number is None:
        raise WrongCell("编号", "未填写，请照  python bot.py review sheet  写出的表填写")
    said = Conclusion(
        word=line.text("审查结论"), reviewer=line.text("审查人"), basis=line.prose("审查依据"),
        release=line.prose("放行理由"), guard=line.prose("保密检查"),
    )  # fmt: skip
    try:
        return review.conclude(office, number, line.text("版本"), said, person)
    except Refused as error:
        raise WrongCell(error.column, str(error)) from None


def show_guard(office: Office, as_json: bool) -> None:
    """What the guard holds."""
    with office.db.read() as conn:
        held = scans.held(conn)
    if as_json:
        rows = [{"item": s.item_id, "title": masked(s.title), "found": [str(f) for f in s.found]} for s in held]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for each in held:
        click.echo(f"{each.item_id:>6}  {masked(each.title)}　{each.department}，{clock(each.scanned_at)} 检查")
        for found in each.found:
            click.echo(f"        {found}")
    if held:
        click.echo(
            f"\n共 {len(held)} 条暂停推送。请修改原件；确可公开的：python bot.py guard release 编号 --reason 理由"
        )
    else:
        click.echo("保密检查没有拦下的条目")


def release(office: Office, text: str, reason: str) -> None:
    """Let an item pass that the guard holds."""
    item_id = one_item(office.db, text)
    many = review.release(office, item_id, whoami(), reason)
    if not many:
        raise DeskError(f"条目 {item_id} 没有被保密检查拦下")
    click.echo(f"条目 {item_id} 已放行：{many} 处，理由：{reason}")


#: What the words of the command line conclude.
CONCLUDES = {"approve": MAY_OPEN, "return": WORDS[1], "refuse": WORDS[2]}
