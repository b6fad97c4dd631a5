"""`bot.py quota`: 额度账本, every allowance of every channel: how much is left, what used it, what waits for it and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import click
from sqlalchemy import Connection

from channels.base import Rate
from desk.errors import DeskError
from desk.words import UNKNOWN, clock, cut, iso
from jobs.claim import HOUSE, rates_of
from jobs.office import Office
from rules.allowance import frees_at, since, spoken
from rules.privacy import masked
from rules.routing import Target
from store import quotas, stand
from store.quotas import Book, Use

WHOLE = "整个渠道"


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one address, or the whole channel, has of an allowance."""

    whose: str
    used: int
    left: int
    #: When the next of it frees up.
    frees_at: datetime


@dataclass(frozen=True, kw_only=True)
class Wait:
    """What waits for an allowance, and the reason written on it."""

    many: int
    unit: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OtherUse:
    """What persons have used on the vendor's own pages."""

    at: datetime
    n: int


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """One line of the book; `shares` are the fullest few, none if nothing has used it."""

    channel: str
    label: str
    name: str
    allowed: str
    most: int
    each: bool
    shares: tuple[Share, ...]
    addresses: int
    full: int
    uses: tuple[Use, ...]
    #: Uses that were not the bot's: when, and how many.
    others: tuple[OtherUse, ...]
    waits: tuple[Wait, ...]


def show(office: Office, channel: str | None, as_json: bool) -> None:
    """Print the book. JSON: `{"allowances": [...]}`, instants ISO 8601 in UTC+8; raises DeskError for no such channel."""
    try:
        names = _chosen(office, channel)
        with office.db.read() as conn:
            found = {name: [_allowance(conn, office, name, rate) for rate in rates_of(office, name)] for name in names}
    finally:
        office.close()
    if as_json:
        rows = [asdict(each) for many in found.values() for each in many]
        click.echo(json.dumps({"allowances": rows}, ensure_ascii=False, indent=2, default=iso))
    else:
        _print(found, {name: office.setting(name).label for name in names})


def _chosen(office: Office, channel: str | None) -> list[str]:
    """The channels asked for, by name or label."""
    found = [n for n in office.channels if channel in (None, n, office.setting(n).label)]
    if not found:
        raise DeskError(f"没有渠道“{channel}”。可用：{'、'.join(office.channels)}")
    return found


def _allowance(conn: Connection, office: Office, name: str, rate: Rate) -> Allowance:
    now = office.now()
    each, start, key = rate.of == "address", since(rate.per, now), f"{name}:{rate.name}"
    book = quotas.book(conn, key, start, most=rate.most, each=each)
    targets = {t.address: t for t in office.school.targets.values() if t.channel == name}
    return Allowance(
        channel=name,
        label=office.setting(name).label,
        name=rate.name,
        allowed=spoken(rate.most, rate.per),
        most=rate.most,
        each=each,
        shares=_shares(book, rate, targets, now),
        addresses=book.addresses if each else 0,
        full=book.full,
        uses=tuple(quotas.uses(conn, key, start, each=each)),
        others=tuple(OtherUse(at=at, n=n) for at, n in quotas.others(conn, key, start)),
        waits=_waits(conn, name, rate),
    )


def _shares(book: Book, rate: Rate, targets: Mapping[str, Target], now: datetime) -> tuple[Share, ...]:
    return tuple(
        Share(
            whose=_whose(used.address, targets) if rate.of == "address" else WHOLE,
            used=used.n,
            left=max(rate.most - used.n, 0),
            frees_at=frees_at(rate.per, used.first_at, now),
        )
        for used in book.fullest
    )


def _whose(address: str, targets: Mapping[str, Target]) -> str:
    """A target by its name; a person's number or account only by its last two signs."""
    target = targets.get(address)
    return f"{target.name}（{target.number}）" if target else masked(address)


def _waits(conn: Connection, name: str, rate: Rate) -> tuple[Wait, ...]:
    """What is held back for this allowance, by the reason the claim or the plan has written on it."""
    held = [
        Wait(many=many, unit="人次", reason=reason)
        for reason, many in stand.held_back(conn, name)
        if reason.startswith(f"{rate.name}额度")
    ]
    planned = stand.waiting(conn, name) if rate.name == HOUSE else []
    later = [Wait(many=many, unit="条次", reason=why) for why, many in planned if why.startswith("今日已达")]
    return (*held, *later)


def _print(found: Mapping[str, list[Allowance]], labels: Mapping[str, str]) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE, header_style="bold", show_edge=False, padding=(0, 1, 0, 0))
    for name in ("渠道", "额度", "可用", "谁"):
        table.add_column(name, overflow="fold", no_wrap=name == "可用")
    for name in ("已用", "剩余"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("恢复", no_wrap=True)
    for name, many in found.items():
        if not many:
            table.add_row(labels[name], UNKNOWN, "不限次数", *[UNKNOWN] * 4)
        for each in many:
            for row in _rows(each):
                table.add_row(*row)
    Console(highlight=False).print(table)
    for many in found.values():
        for each in many:
            _print_uses(each)
    click.echo("\n恢复：最早的一次用量到期的时间（北京时间）。按地址计的只列用得最多的几个，个人只显示号码末两位。")


def _rows(each: Allowance) -> list[tuple[str, ...]]:
    head = (each.label, each.name, each.allowed)
    if not each.shares:
        return [(*head, "每个地址" if each.each else WHOLE, "0", str(each.most), UNKNOWN)]
    rows = [(s.whose, str(s.used), str(s.left), clock(s.frees_at)[5:]) for s in each.shares]
    return [(*(("", "", "") if n else head), *row) for n, row in enumerate(rows)]


def _print_uses(each: Allowance) -> None:
    if each.addresses > len(each.shares):
        click.echo(
            f"{each.label}“{each.name}”：{each.addresses} 个地址用过，其中 {each.full} 个已用完，上面是用得最多的"
        )
    for use in each.uses:
        title = cut(use.titles[0], 40) if use.titles else UNKNOWN
        more = f"等 {len(use.titles)} 条" if len(use.titles) > 1 else ""
        many = f"，计 {use.n} 次" if use.n > 1 else ""
        said = f"{clock(use.at)} 推送 {use.push_id}，{use.target_name}（{use.target}），“{title}”{more}{many}"
        click.echo(f"{each.label}“{each.name}”用于：{said}")
    if each.others:
        days = "、".join(dict.fromkeys(clock(use.at)[:10] for use in each.others))
        total = sum(use.n for use in each.others)
        click.echo(f"{each.label}“{each.name}”另用 {total} 次：由他人在平台上发出，不是公开达发的（{days}）")
    for wait in each.waits:
        click.echo(f"{each.label}“{each.name}”在等：{wait.many} {wait.unit}，{wait.reason}")
