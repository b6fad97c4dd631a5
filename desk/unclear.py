"""`bot.py uncertain`: each push whose end nobody knows, with the evidence beside it, and a person's judgment on it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import click

from channels.base import Expands, Limits
from desk.errors import DeskError
from desk.words import clock, cut, iso
from jobs.judge import JUDGMENTS, in_doubt, judge
from jobs.office import Office
from jobs.orders import whoami
from rules.bundle import Bundle
from rules.outcome import spoken
from rules.privacy import masked
from store import reach
from store.doubts import Doubt, Said

#: So many persons are named in one line.
NAMED = 10
NO_ANSWER = "没有收到任何答复"


def show(office: Office, as_json: bool) -> None:
    """Every push in doubt. JSON: a list; persons are masked, instants ISO 8601 in UTC+8, `look` and `digest` as judged."""
    found = in_doubt(office)
    if as_json:
        click.echo(json.dumps([_plain(office, each) for each in found], ensure_ascii=False, indent=2, default=iso))
        return
    for each in found:
        for line in _told(office, each):
            click.echo(line)
        click.echo()
    if not found:
        click.echo("没有结果不明、需要判断的推送。等人办理的（草稿箱中的草稿、交办的）不在此列：python bot.py channels")
        return
    click.echo("看过之后告诉公开达，一次判断整次推送：")
    click.echo(
        "  python bot.py uncertain delivered 推送号（已发出）| resend 推送号（没发出，重发）| drop 推送号（不再发）"
    )
    if any(_to_persons(office, each) for each in found):
        click.echo("  只判断其中一个人的，加  --person 手机号或账号（只写末几位也行）")


def _told(office: Office, doubt: Doubt) -> Iterator[str]:
    more = f" 等 {len(doubt.titles)} 条" if len(doubt.titles) > 1 else ""
    yield f"推送 {doubt.push_id}　{_place(office, doubt)}"
    yield f"    发了什么  {cut(doubt.titles[0] if doubt.titles else doubt.text, 60)}{more}（标记{_mark(doubt)}）"
    yield f"    发给谁    {_whom(office, doubt)}"
    yield f"    何时发的  {_when(doubt)}"
    for n, each in enumerate(doubt.said):
        yield f"    {'已知情况' if not n else '        '}  {_line(each)}"
    for why, many in Counter(each.why for each in doubt.persons).most_common(3):
        yield f"    现在      {why}" + (f"（{many} 人）" if many > 1 else "")
    yield f"    请看      {_look(office, doubt)}"
    if any(each.looks_again for each in doubt.persons):
        yield "              公开达还会自动核实，也可以现在由人判断"


def _place(office: Office, doubt: Doubt) -> str:
    known = office.school.targets.get(doubt.target)
    name = f"{known.name}（{doubt.target}）" if known else f"{doubt.target}（已不在登记册中）"
    setting = office.school.channels.get(doubt.channel)
    return f"{name}，{setting.label if setting else doubt.channel}"


def _to_persons(office: Office, doubt: Doubt) -> bool:
    channel = office.channels.get(doubt.channel)
    return doubt.addresses > 1 or (
        channel is not None and (bool(channel.limits.person) or isinstance(channel, Expands))
    )


def _whom(office: Office, doubt: Doubt) -> str:
    """How many people; of a push to persons who is in doubt, each as its last two signs."""
    if not _to_persons(office, doubt):
        known = office.school.targets.get(doubt.target)
        with office.db.read() as conn:
            people = reach.people(conn).get(doubt.target, known.members if known else None)
        return f"整个群或账号，{people} 人" if people is not None else "整个群或账号，人数未登记"
    names = "、".join(masked(each.address) for each in doubt.persons[:NAMED])
    rest = f" 等 {len(doubt.persons)} 人" if len(doubt.persons) > NAMED else ""
    return f"{doubt.addresses} 人中 {len(doubt.persons)} 人结果待定：{names}{rest}"


def _when(doubt: Doubt) -> str:
    again = f"，共 {doubt.calls} 次，最近一次 {clock(doubt.called_at)}" if doubt.calls > 1 else ""
    return f"{clock(doubt.begun_at)}（北京时间）开始{again}"


def _line(each: Said) -> str:
    """What was said, by whom, of how many; the vendor's own words as far as there are any."""
    word = spoken(each.outcome, each.said_by)
    many = f"，{each.addresses} 人" if each.addresses > 1 else ""
    times = f"，{each.times // each.addresses} 次" if each.times > each.addresses else ""
    answer = f"。平台答复：{in_words(each.raw)}" if each.raw else ""
    return f"{clock(each.at)} {each.said_by}{many}{times}：{'，'.join(part for part in (word, each.reason) if part)}{answer}"


def in_words(raw: str) -> str:
    """A raw answer so that a person can read it: of a page its title, of anything else its beginning."""
    if not raw.strip():
        return NO_ANSWER
    title = re.search(r"<title>(.*?)</title>", raw, re.IGNORECASE | re.DOTALL)
    if title:
        return f"一个网页（{cut(title[1], 60)}），不是平台的正常答复"
    return cut(re.sub(r"<[^>]+>", " ", raw), 100)


def _look(office: Office, doubt: Doubt) -> str:
    """Where the person should look, as the channel says."""
    channel, known = office.channels.get(doubt.channel), office.school.targets.get(doubt.target)
    look = channel.limits.look if channel is not None else Limits.look
    return look.format(
        target=known.name if known else doubt.target,
        time=clock(doubt.begun_at)[5:],
        mark=_mark(doubt),
        title=doubt.titles[0] if doubt.titles else "",
    )


def _mark(doubt: Doubt) -> str:
    return Bundle(key=doubt.push_key, school="", pieces=()).mark


def _plain(office: Office, doubt: Doubt) -> dict[str, Any]:
    persons = _to_persons(office, doubt)
    shown = [
        {
            "delivery_id": p.delivery_id,
            "whom": masked(p.address) if persons else "",
            "why": p.why,
            "looks_again": p.looks_again,
        }
        for p in doubt.persons
    ]
    said = [{**asdict(each), "raw": in_words(each.raw)} for each in doubt.said]
    more = {"persons": shown, "said": said, "mark": _mark(doubt), "look": _look(office, doubt), "digest": doubt.digest}
    return {**asdict(doubt), **more}


def decide(office: Office, judgment: str, push_id: int, whom: str) -> None:
    """A person's word on a push, or on one of its persons."""
    if judgment not in JUDGMENTS:
        raise DeskError(f"没有“{judgment}”这种判断。可用：{'、'.join(JUDGMENTS)}")
    done = judge(office, push_id, judgment, whoami(), whom)
    if done.why_not:
        raise DeskError(f"推送 {push_id}：{done.why_not}{_choice(done.alike)}。可用  python bot.py uncertain  查看")
    left = f"，还有 {done.left} 人待定" if done.left else ""
    click.echo(f"已记录推送 {push_id} 的 {done.judged} 人次：{JUDGMENTS[judgment].reason}{left}")


def _choice(alike: Iterable[str]) -> str:
    names = "、".join(alike)
    return f"（{names}），请写完整的手机号或账号" if names else ""
