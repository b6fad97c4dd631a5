"""`bot.py report`: the year's figures in plain Chinese, each with its word and, for reach, how it is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from channels import TO_PERSONS
from desk.errors import DeskError
from desk.words import UNKNOWN, clock, table
from jobs.freeze import standing
from jobs.metrics import metric_of
from jobs.registers import changed_later
from jobs.report import Account, Items, Report
from jobs.report import report as make
from jobs.tallies import Channel, Reach, Tally
from rules.dates import NoSuchDay, Period, SchoolYear, at, day_of, parse_day, period_of
from rules.figures import DISCLOSED, Identity
from rules.origin import BOOKED, BOT, origin_shown
from rules.place import WEBSITE
from store.db import Db
from store.span import Span

if TYPE_CHECKING:
    from desk.papers.facts import Facts
    from rules.school import School

_NOTHING = "【没有登记】这一期没有登记任何条目，也没有推送"


def run(
    db: Db, period: Period, cut_off: str | None, *, as_json: bool = False, out: Path | None = None,
    place: str | None = None, freezing: bool = False, by: str | None = None,
) -> None:  # fmt: skip
    """The school's report; `cut_off`: a day, itself included, else now. `out`: as papers into this folder.

    `place`: only this figure, with its rows. `freezing`: keep the figures as handed in, `by` a person.
    """
    from config.settings import load
    from desk.start import now

    _one_of({"--out": out, "--explain": place, "--freeze": freezing})
    _one_of({"--out": out, "--freeze": freezing, "--json": as_json})
    if by is not None and not (freezing and by.strip()):
        raise DeskError("--by 写封存人，须与 --freeze 合用，不能为空")
    moment = now()
    until = _known_until(period, cut_off, moment)
    school = load().school
    if freezing:
        from desk import frozen

        frozen.keep(db, school, period, cut_off=until, by=by, now=moment)
    elif place:
        from desk import explain

        explain.show(db, school, period, place, cut_off=until, as_json=as_json)
    elif out is not None:
        _papers(db, school, period, until, out, moment)
    else:
        _print(db, school, period, make(db, school, period, cut_off=until), as_json=as_json)


def _known_until(period: Period, cut_off: str | None, now: datetime) -> datetime:
    """The end of the cut-off's day, or now; raises DeskError where nothing can be known: before it began, or to come."""
    until = _end_of_day(cut_off) if cut_off else now
    if period.start > day_of(now):
        raise DeskError(f"{period.label}还没有到，没有可以统计的")
    if day_of(until) > day_of(now):
        raise DeskError(f"截止日 {cut_off} 还没有到，那时的数现在不知道。不写 --cut-off 就是统计到现在")
    if cut_off and day_of(until) < period.start:
        raise DeskError(f"截止日 {cut_off} 早于这一期的第一天 {period.start}，那时还没有可以统计的。请写那一天或以后的日子")
    return until


def _print(db: Db, school: School, period: Period, made: Report, *, as_json: bool) -> None:
    """JSON has the fields of jobs.report.Report under their names, and what was `frozen` of these days, or null."""
    with db.snapshot() as conn:
        handed_in = standing(conn, school, period, made)
    if as_json:
        frozen = None if handed_in is None else handed_in.as_json()
        click.echo(json.dumps({**made.as_json(), "frozen": frozen}, ensure_ascii=False, indent=2))
        return
    show(made)
    if handed_in is not None:
        from desk.frozen import lines as told

        click.echo("\n".join(("", "十、封存", *told(handed_in))))


def _one_of(options: Mapping[str, object]) -> None:
    """Raise DeskError if two of these are given: one of them would be dropped in silence."""
    given = [name for name, value in options.items() if value]
    if len(given) > 1:
        raise DeskError(f"{'与'.join(given)}不能同时写，请分两次运行")


def asked(year: str | None, first: str | None, last: str | None) -> Period:
    """The period that a person means: a school year, or from a day to a day; raises DeskError."""
    if bool(year) == bool(first or last) or bool(first) != bool(last):
        raise DeskError("请写学年（--year 2020-2021），或写起止日（--from 2020-09-01 --to 2021-02-28），两日都含在内")
    try:
        return SchoolYear.parse(year) if year else period_of(parse_day(first or ""), parse_day(last or ""))
    except ValueError as error:
        raise DeskError(str(error)) from None


def write_papers(
    db: Db, school: School, period: Period, until: datetime, out: Path, made_on: date | None = None
) -> tuple[Facts, tuple[Path, ...]]:
    """Write the period's papers into a folder; returns what they say and where they are. Raises OSError."""
    from desk.papers.facts import gather
    from desk.papers.write import write_all
    from rules.deadlines import Clock

    clock_of_day = Clock(day_of(until), school.calendar, school.terms)
    facts = gather(db, school, period, cut_off=until, clock=clock_of_day, made_on=made_on)
    return facts, write_all(facts, out, clock_of_day)


def _papers(db: Db, school: School, period: Period, until: datetime, out: Path, now: datetime) -> None:
    """Write them, say what was written, and what is wrong in it."""
    from desk.papers.write import NAMES

    facts, paths = write_papers(db, school, period, until, out, day_of(now))
    for path in paths:
        kept = "" if path.name in NAMES else "（同名的旧文件有人改过，原样保留）"
        click.echo(f"已写入 {path}{kept}")
    with db.read() as conn:
        later = changed_later(conn, school, Span(period.start, period.end, until), now)
    if later:
        click.echo("登记簿在截止日以后有登记、更正或作废，以上文件按截止日当时的内容计。要按现在的内容，改写更晚的截止日或不写 --cut-off")
    if not facts.has_rows:
        click.echo(f"{_NOTHING}，文件首页已注明：没有数不等于零，请不要报送")
    elif facts.checked:
        click.echo("各项合计均已核对；黄底的【待填写】请补充后再报送。")
    if facts.checked:
        return
    click.echo("【未核对】以下合计不成立，文件首页已注明，请更正后重新生成：")
    for line in _identities(facts.report, broken_only=True):
        click.echo(line)


def _end_of_day(text: str) -> datetime:
    try:
        return at(parse_day(text), time.max)
    except NoSuchDay as error:
        raise DeskError(f"截止日：{error}") from None
    except ValueError:
        raise DeskError(f"截止日“{text}”应写成 2021-10-29") from None


def show(report: Report) -> None:
    """Print it."""
    for line in lines(report):
        click.echo(line)


def lines(report: Report) -> Iterable[str]:
    """The whole report, line by line."""
    yield f"{report.school} {report.year}信息公开推送情况" + ("" if report.checked else "【未核对】")
    yield f"统计期限：{report.first} 至 {report.last}（含首尾两日）"
    yield f"截至：{clock(report.cut_off)}（只统计此前已知的情况）"
    if report.seal:
        yield f"推送日志封存号：{report.seal}（核对：python bot.py log verify --head {report.seal}）"
    sections: tuple[tuple[str, Callable[[Report], Iterable[str]]], ...] = (
        ("一、主动公开条目（条）", lambda r: _items(r.items)),
        ("二、各大类、小项（条）", lambda r: _categories(r.items)),
        ("三、各渠道推送情况", _channels),
        ("四、覆盖和阅读", _reach),
        ("五、各目标", lambda r: _tallies("目标", r.targets)),
        ("六、各目标受众", lambda r: _tallies("目标受众", r.audiences)),
        ("七、各月份", _months),
        ("八、各责任部门、受众类别、清单事项（条）", lambda r: _sides(r.items)),
        ("九、核对", _checks),
    )
    for title, section in sections:
        yield ""
        yield title
        yield from section(report)


def _items(items: Items) -> Iterable[str]:
    states = "，".join(f"{state} {n} 条" for state, n in items.states.items())
    yield f"登记 {items.registered} 条：{states}。"
    if items.baseline or items.baseline_awaited:
        late = f"；另有 {items.baseline_awaited} 条没有公开日期，列在待公开" if items.baseline_awaited else ""
        yield f"已公开中，首次监看前已批准、只统计不推送的 {items.baseline} 条{late}。"
    if items.beside_registered:
        yield f"另有不计入条目：登记 {items.beside_registered} 条，已公开 {items.beside_disclosed} 条，不在以上数字之内。"


def _categories(items: Items) -> Iterable[str]:
    rows: list[tuple[object, ...]] = []
    for category in items.categories:
        rows.append((category.name, "合计", category.items, "条"))
        for sub in category.sub_items:
            rows.append(("", sub.name + ("" if sub.counts else "（不计入）"), sub.items, "条", _beside(sub.beside)))
    yield from _table(("大类", "小项", "已公开", "单位", "说明"), rows)
    yield f"{len(items.categories)} 个大类、{sum(len(c.sub_items) for c in items.categories)} 个小项，已公开 {items.disclosed} 条。"


def _beside(n: int) -> str:
    return f"另有不计入 {n} 条" if n else ""


def _channels(report: Report) -> Iterable[str]:
    rows = [
        (name_of(c), c.items, c.due, *c.results.values(), f"{_went(c)}/{c.pushes}", f"{c.reached}/{c.deliveries}")
        for c in report.channels
    ]
    words = tuple(report.channels[0].results) if report.channels else ()
    yield from _table(("渠道", "条", "应推送条次", *words, "推送次数", "人次"), rows)
    yield "“条”为经该渠道公开的不同条目（只数计入的）；各结果按条次计，其和为应推送条次；条次、次、人次按实际推送，含不计入的条目。"
    yield "推送次数、人次：斜线前为已发出的，斜线后为编排的全部（含失败、取消和待发）。"
    purposes = "，".join(f"{purpose} {n} 条次" for purpose, n in report.purposes.items())
    yield f"按用途：{purposes or '0 条次'}。"


def name_of(channel: Channel) -> str:
    """A channel as the school calls it, and where its figures come from."""
    return channel.label + ("" if channel.origin == BOT else f"（{origin_shown(channel.origin, channel.name)}）")


def _went(channel: Channel) -> int:
    return sum(channel.push_results.get(word, 0) for word in ("成功", "部分", "撤回"))


def _reach(report: Report) -> Iterable[str]:
    known = [(channel, each) for channel in one_each(report.channels) for each in channel.reach]
    rows = [(channel.label, *line) for channel in one_each(report.channels) for line in reach_lines(channel)]
    yield from _table(("渠道", "项目", "数值", "口径", "有数/应有", "数据日期"), rows)
    yield from (_account(each) for each in report.accounts)
    yield reach_note(report)
    if any(each.metric == "点击" or channel.name == WEBSITE for channel, each in known):
        yield "点击、网页访问按次计，同一人打开两次计两次；点击不含机器人和链接预览，网页访问为网站计数器所示。"


def _account(each: Account) -> str:
    """The account's own figure, not only the bot's; of one that could not be read it is unknown, not 0."""
    if each.articles is None:
        return f"{each.label}：账号文章 {UNKNOWN}（平台没有告知，原因见运行日志）。"
    as_of = f"（截至 {each.as_of} 从平台读取）" if each.as_of else ""
    parts = [f"{each.label}：账号文章 {each.articles} 篇{as_of}，其中自动推送 {each.sent} 篇，人工发布 {each.by_hand} 篇"]
    if each.booked:
        parts.append(f"（对应条目、已补录 {each.booked} 篇）")
    if each.unmatched:
        parts.append(f"，只见于平台统计、不能对应的 {each.unmatched} 篇")
    reads = f"{each.reads} 人次（平台统计）" if each.reads is not None else UNKNOWN
    parts.append(f"；文章阅读合计 {reads}，有数 {each.read_known}/{each.articles} 篇")
    if each.gone:
        parts.append(f"；其中 {each.gone} 篇后来已在平台删除")
    if not each.listed:
        parts.append("；已发表文章的列表没有读到，以上只有文章统计中的，可能不全")
    return "".join(parts) + "。"


def one_each(channels: Iterable[Channel]) -> list[Channel]:
    """A channel's reach is the same on its line for the bot and on the one for what was booked."""
    return list({channel.name: channel for channel in reversed(list(channels))}.values())[::-1]


def reach_note(report: Report) -> str:
    """How the figures of reach are to be read, on the screen and below the annex."""
    booked = any(channel.origin == BOOKED and channel.pushes for channel in report.channels)
    return (
        f"“{UNKNOWN}”表示不掌握，不等于0。群成员合计、接收人数合计为各群、各名单最近一次人数相加，未去重；不同口径的数字不相加。"
        + "“应有”的次数含人工补录和网站登载的。" * booked
    )


def reach_lines(channel: Channel) -> Iterator[tuple[str, ...]]:
    """项目, 数值, 口径, 有数/应有, 数据日期; what is the same figure in each word is said once with all of them."""
    asked = (reach_line(each, channel.name) for each in channel.reach if each.asked or each.value is not None)
    for line, same in groupby(asked, lambda line: line[1:]):
        yield "、".join(name for name, *_ in same), *line


def reach_line(each: Reach, channel: str) -> tuple[str, ...]:
    """项目, 数值, 口径, 有数/应有, 数据日期."""
    name, unit = metric_of(each, channel)
    if each.value is None and not each.of_pushes and channel not in TO_PERSONS:
        name = "群成员或关注人数"
    counted = f"{each.known}/{each.asked} " + ("次推送" if each.of_pushes else "个目标")
    if each.value is None:
        return name, UNKNOWN, UNKNOWN, counted, UNKNOWN
    first, last = (clock(t)[:10] if t else UNKNOWN for t in (each.true_from, each.true_to))
    return name, f"{each.value} {unit}".strip(), each.basis, counted, last if first == last else f"{first} 至 {last}"


def _tallies(what: str, tallies: Iterable[Tally]) -> Iterable[str]:
    header = (what, "条", "应推送条次", "已发出条次", "次", "人次", "补录、登载条次")
    rows = [
        (
            t.label if t.label == t.name else f"{t.name} {t.label}",
            t.items,
            t.due,
            t.placements,
            t.pushes,
            t.deliveries,
            t.booked,
        )
        for t in tallies
    ]
    yield from _table(header, rows)


def _months(report: Report) -> Iterable[str]:
    disclosed = report.items.months
    header = ("月份", "已公开条", "推送条", "应推送条次", "已发出条次", "次", "人次", "补录、登载条次")
    rows = [
        (t.name, disclosed.get(t.name, 0), t.items, t.due, t.placements, t.pushes, t.deliveries, t.booked)
        if report.knows(t.name)
        else (t.name, *[UNKNOWN] * 7)
        for t in report.months
    ]
    yield from _table(header, rows)
    yield "“已公开条”按公开日期归月；条次按发出之日归月（未发出的按产生之日），次和人次按编排之日归月。"


def _sides(items: Items) -> Iterable[str]:
    yield from _pairs("责任部门", items.departments)
    yield from _pairs("受众类别", items.audiences)
    listed = {_list_name(number, items): n for number, n in items.list_items.items() if n}
    yield from _pairs("清单事项", listed)
    yield f"有条目的清单事项 {len(listed)} 项；一个条目可以对应多项，各项不相加。"
    yield from _nothing(items)


def _list_name(number: int, items: Items) -> str:
    department = items.list_departments.get(number)
    waived = "，不适用" if number in items.list_waived else ""
    return f"清单第{number}项" + (f"（{department}{waived}）" if department else "")


def _nothing(items: Items) -> Iterable[str]:
    """What this year has nothing of, by who answers for it: those are to be asked."""
    empty: dict[str, list[str]] = {}
    for number, n in items.list_items.items():
        if not n:
            empty.setdefault(items.list_departments.get(number) or "未写责任部门", []).append(str(number))
    if empty:
        yield f"本期没有条目的清单事项 {sum(map(len, empty.values()))} 项："
        yield from (f"  {department}：第{'、'.join(numbers)}项" for department, numbers in empty.items())
    if items.list_waived:
        yield f"不适用于本校的清单事项 {len(items.list_waived)} 项，不在其内（config/taxonomy/ministry.csv 的“适用”列）。"


def _pairs(name: str, figures: Mapping[str, int]) -> Iterable[str]:
    """No header without rows."""
    if figures:
        yield from _table((name, DISCLOSED, "单位"), [(key or "（空）", n, "条") for key, n in figures.items()])


def labels_of(report: Report) -> dict[str, str]:
    """What the school calls each channel."""
    return {channel.name: channel.label for channel in report.channels}


def _checks(report: Report) -> Iterable[str]:
    yield from _identities(report)
    broken = sum(not each.holds for each in report.identities)
    if broken:
        yield f"未核对：{broken} 项不成立，以上已列出涉及的条目，请更正后重新统计。"
    elif report.has_rows:
        yield "各项均已核对。"
    else:
        yield f"{_NOTHING}：没有数不等于零，请不要报送。"


def _identities(report: Report, *, broken_only: bool = False) -> Iterable[str]:
    labels = labels_of(report)
    for each in report.identities:
        if each.holds and broken_only:
            continue
        sign = "＝" if each.left == each.right else "≠"
        yield f"  {'✓' if each.holds else '✗'} {equation(each, labels)}：{each.left} {sign} {each.right}"
        if not each.holds:
            yield from (f"      {row}" for row in each.rows or ("没有找到具体条目，请联系管理员",))


def equation(each: Identity, labels: Mapping[str, str]) -> str:
    """Its name, with the school's own label for the channel."""
    channel = each.key[1] if each.key[:1] == ("results",) else ""
    return each.name.replace(f"渠道 {channel}", labels.get(channel, channel)) if channel else each.name


def _table(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    filled = [tuple(row) + ("",) * (len(header) - len(row)) for row in rows]
    return table(header, filled, indent="  ")
