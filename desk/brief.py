"""简报 at the command line: the month that the leader gets, or the quarter that the departments get."""

from __future__ import annotations

import re
from datetime import date, timedelta

import click

from desk.errors import DeskError
from jobs.brief import monthly, quarterly
from jobs.office import Office
from rules.brief import Span, month_of, quarter_of
from rules.dates import YEARS, day_of


def show(office: Office, month: str | None, quarter: str | None) -> None:
    """Print one month, or one quarter by department; without either the last month."""
    if month and quarter:
        raise DeskError("--month 与 --quarter 只能写一个")
    if quarter:
        span = _begun(office, _span(quarter, "季度", "2020-3", 4))
        told = quarterly(office, span)
        for _, text in told:
            click.echo(text)
        click.echo(f"以上为 {span.label} 各部门的情况" if told else f"{span.label}没有各部门公开情况的记录")
        return
    last = day_of(office.now()).replace(day=1) - timedelta(days=1)
    asked = _begun(office, _span(month, "月份", "2020-09", 12)) if month else month_of(last)
    click.echo(monthly(office, asked).text)


def _begun(office: Office, span: Span) -> Span:
    """The span itself; raises DeskError if it has not begun."""
    if span.first > day_of(office.now()):
        raise DeskError(f"{span.label}还没有到，没有可以统计的。请写已经开始的月份或季度")
    return span


def _span(text: str, word: str, example: str, most: int) -> Span:
    found = re.fullmatch(r"(\d{4})[-年](\d{1,2})", text.strip().removesuffix("月"))
    if not found or int(found[1]) not in YEARS or not 1 <= int(found[2]) <= most:
        raise DeskError(f"{word}“{text}”应写成 {example}")
    number = int(found[2])
    return month_of(date(int(found[1]), number, 1)) if most == 12 else quarter_of(date(int(found[1]), number * 3, 1))
