"""`bot.py register`: the registers that the report needs, filled by command or by sheet, each row with its clerk."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import click

from desk import sheets
from desk.errors import DeskError, new_file
from desk.handoff import report
from desk.sheets import Line, WrongCell
from desk.words import UNKNOWN, cut, table
from jobs import registers as job
from jobs.office import Office
from jobs.orders import whoami
from jobs.registers import Figures, Refused
from rules import registry
from rules.dates import SchoolYear, day_of
from rules.registry import REGISTERS, Fields, Kind, Register
from rules.registry_sums import shown
from sources.cells import day_of_cell, text_of
from store import registers as store
from store.span import Span

T = TypeVar("T")
NUMBER = "编号"
_WIDTHS = {Kind.DAY: 14, Kind.NUMBER: 10, Kind.MONEY: 10, Kind.CHOICE: 14, Kind.TEXT: 36}


def show(office: Office) -> None:
    """Every register, whether it is open, and what it comes to in this school year."""
    now = office.now()
    year = SchoolYear.of(day_of(now))
    with office.db.read() as conn:
        opened = store.opened(conn)
        found = job.figures(conn, office.school, Span(year.start, year.end, now))
    rows = []
    for name in REGISTERS:
        state = f"{day_of(opened[name].opened_at)} 启用（{opened[name].opened_by}）" if name in opened else "未启用"
        rows.append((name, state, "；".join(_counted(name, found)) or UNKNOWN))
    for line in table(("登记簿", "状态", year.label), rows):
        click.echo(line)
    counted = found.registers.by_hand.items()
    by_hand = "、".join(f"{kind} {many} {unit}" for kind, units in counted for unit, many in units.items())
    click.echo(f"人工办理（交办和补录）：{by_hand or '没有统计数量'}")
    for broken in (each for each in found.identities if not each.holds):
        click.echo(f"！未核对：{broken.name}，{broken.left}≠{broken.right}：{'、'.join(broken.rows)}")
    click.echo("启用：python bot.py register open 登记簿；未启用的，年度报告不写数字")


def _counted(name: str, found: Figures) -> Iterator[str]:
    """What an open register comes to, each number with its word; nothing of one that is not open."""
    if name not in found.rows:
        return
    r, many = found.registers, f"{found.rows[name]} {REGISTERS[name].unit}"
    if name == registry.APPLICATIONS.name and (a := r.applications):
        yield f"上期结转 {a.carried_in} 件，新收 {a.received} 件，办结 {a.answered} 件，结转 {a.carried_out} 件，逾期 {a.late} 件"
        yield from filter(None, [shown(a.by_answer, "件")])
        yield f"收费 {a.fees:.2f} 元，减免 {a.waived:.2f} 元"
        return
    if name == registry.INQUIRIES.name and r.inquiries is not None:
        yield f"{sum(r.inquiries.values())} 次"
    else:
        yield many
    yield from filter(None, [_more(name, found)])


def _more(name: str, found: Figures) -> str:
    """What is said of a register beside its number of rows."""
    r = found.registers
    if name == registry.CLOSED.name and r.closed:
        return shown(r.closed, "条")
    if name == registry.INQUIRIES.name and r.inquiries:
        return shown(r.inquiries, "次")
    if name == registry.OPINIONS.name and r.score is not None:
        return f"平均 {r.score:.1f} 分"
    if name == registry.SURVEYS.name and r.surveys and r.surveys[1]:
        out, back, pleased = r.surveys
        return f"发放 {out} 份，回收 {back} 份，满意率 {100 * pleased / back:.1f}%"
    if name == registry.CONSULTATIONS.name and r.consultations:
        return f"收到意见 {r.consultations[1]} 条，采纳 {r.consultations[2]} 条"
    if name == registry.TRAININGS.name and r.trainings:
        return f"{r.trainings[1]} 人次"
    return ""


def show_rows(office: Office, name: str) -> None:
    """The rows that stand, with their numbers."""
    register = _register(name)
    with office.db.read() as conn:
        rows = store.rows(conn, register.name)
    heads = [each.name for each in register.columns]
    body = [(row.id, *(cut(str(row.fields.get(head, "")), 30) for head in heads), row.recorded_by) for row in rows]
    for line in table((NUMBER, *heads, "登记人"), body):
        click.echo(line)
    click.echo(f"共 {len(rows)} 行")


def open_it(office: Office, name: str) -> None:
    """The office keeps this register from now on."""
    register = _register(name)
    if not job.open_register(office, register, whoami()):
        click.echo(f"登记簿“{register.name}”已经启用")
        return
    click.echo(f"已启用登记簿“{register.name}”。没有登记时，年度报告写 0 {register.unit}")


def add(office: Office, name: str, said: Sequence[str]) -> None:
    """One row, as typed; one that says just what another says is taken, and told: it may be the same."""
    register = _register(name)
    number = told(lambda: job.add(office, register, _pairs(said), whoami()))
    click.echo(f"已登记：{register.name} 编号 {number}")
    with office.db.read() as conn:
        rows = {row.id: _same(row.fields) for row in store.rows(conn, register.name)}
    if same := [str(n) for n, fields in rows.items() if n != number and fields == rows.get(number)]:
        again = f"python bot.py register void {number} --reason 重复"
        click.echo(f"内容与编号 {'、'.join(same)} 完全相同，两行都计入。重复登记的请作废：{again}")


def correct(office: Office, number: int, said: Sequence[str]) -> None:
    """A row says something else from now on; the old one stays on record."""
    new = told(lambda: job.correct(office, number, _pairs(said), whoami()))
    click.echo(f"已更正：编号 {number} 留痕作废，新编号 {new}")


def void(office: Office, number: int, reason: str) -> None:
    """A row does not count any more."""
    old = told(lambda: job.void(office, number, whoami(), reason), "没有作废")
    click.echo(f"已作废：{old.register} 编号 {number}，原因：{reason.strip()}。该行留痕，不再计入")


def told(act: Callable[[], T], not_done: str = "没有登记") -> T:
    """What the job says, to be read by a person."""
    try:
        return act()
    except Refused as error:
        raise DeskError(f"{not_done}：\n{error}") from None


def _register(name: str) -> Register:
    """The register a person means; raises DeskError with all there are."""
    found = registry.find(name)
    if found is None:
        raise DeskError(f"没有登记簿“{name}”。可用：{'、'.join(REGISTERS)}")
    return found


def _pairs(said: Iterable[str]) -> dict[str, str]:
    """列=值, as typed; raises DeskError."""
    found: dict[str, str] = {}
    for each in said:
        column, sign, value = each.replace("＝", "=", 1).partition("=")
        if not sign or not column.strip():
            raise DeskError(f"“{each}”应写成 列=值，如 收到日期=2020-09-12")
        if column.strip() in found:
            raise DeskError(f"“{column.strip()}”写了两次，请只留一个")
        found[column.strip()] = value
    return found


# -- sheets


def write_sheet(office: Office, name: str, path: Path) -> None:
    """The rows that stand, and room for new ones; raises DeskError for a file that may hold a clerk's work."""
    register = _open_one(office, name)
    new_file(path, ".xlsx")
    with office.db.read() as conn:
        rows = store.rows(conn, register.name)
    columns = {NUMBER: 8, **{each.name: _WIDTHS[each.kind] for each in register.columns}}
    fill = [each.name for each in register.columns]
    body = [(row.id, *(row.fields.get(column, "") for column in fill)) for row in rows]
    choices = {each.name: each.choices for each in register.columns if each.choices}
    written = sheets.write(path, register.name, columns, fill, body, choices=choices)
    click.echo(
        f"已写入 {path}：已登记 {written} 行。新的一行不填编号，填好后运行  python bot.py register read {register.name} {path}"
    )


def _open_one(office: Office, name: str) -> Register:
    register = _register(name)
    with office.db.read() as conn:
        if register.name not in store.opened(conn):
            raise DeskError(f"登记簿“{register.name}”尚未启用。先运行  python bot.py register open {register.name}")
    return register


def read_sheet(office: Office, name: str, path: Path) -> None:
    """Apply a sheet, each row by itself; raises DeskError with every wrong cell after the good rows are written."""
    register = _open_one(office, name)
    lines = sheets.read(path, [NUMBER, *(each.name for each in register.columns)])
    there = _there(office, register, lines)
    report(*sheets.apply(path, lines, lambda line: _apply(office, register, line, there)))


def _there(office: Office, register: Register, lines: Iterable[Line]) -> Counter[str]:
    """What stands and is not named by a number of the sheet: a row without one that says the same has been read before."""
    named = {line.text(NUMBER) for line in lines}
    with office.db.read() as conn:
        rows = store.rows(conn, register.name)
    return Counter(_same(row.fields) for row in rows if str(row.id) not in named)


def _same(fields: Fields) -> str:
    return json.dumps(dict(fields), sort_keys=True, ensure_ascii=False)


def _apply(office: Office, register: Register, line: Line, there: Counter[str]) -> str:
    said = {each.name: _cell(line, each.name, each.kind) for each in register.columns}
    number = line.number(NUMBER)
    try:
        fields = job.checked(office, register, said)
        if number is not None:
            return _change(office, register, number, fields, said)
        if there[_same(fields)]:
            there[_same(fields)] -= 1
            return "与已登记的一行完全相同，视为读过，跳过（确为另一件的，请用 register add 登记）"
        return f"已登记，编号 {job.add(office, register, said, whoami())}"
    except Refused as error:
        first, *rest = error.problems
        raise WrongCell(first.column, "；".join([first.text, *(f"“{p.column}”列：{p.text}" for p in rest)])) from None


def _change(office: Office, register: Register, number: int, fields: Fields, said: dict[str, str]) -> str:
    """A row with a number: unchanged, changed in this way before, or to be corrected now."""
    with office.db.read() as conn:
        row = store.one(conn, number)
        newest = store.newest(conn, number)
    if row is not None and row.register != register.name:
        raise WrongCell(NUMBER, f"编号 {number} 属于登记簿“{row.register}”，不是“{register.name}”")
    if newest is not None and newest.void_at is None and newest.fields == fields:
        return f"编号 {number} 没有变化，跳过" if newest.id == number else f"编号 {number} 已更正过，跳过"
    return f"编号 {number} 已更正，新编号 {job.correct(office, number, said, whoami())}"


def _cell(line: Line, column: str, kind: Kind) -> str:
    """A cell as it would be typed; days in whatever form Excel keeps them."""
    value = line.cells.get(column)
    if kind is Kind.DAY:
        try:
            day = day_of_cell(value)
        except ValueError:
            return text_of(value)
        return "" if day is None else day.isoformat()
    text = text_of(value)
    return text[1:] if text[:1] == "'" and text[1:2] in "=+-@" else text  # as sheets.write guards it
