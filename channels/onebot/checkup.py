"""自检 of the QQ channel: each account, each group of the register, and the accounts' own group lists held against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from channels.base import Finding, SendError
from channels.onebot.answers import text
from channels.onebot.client import Bot, Seat
from channels.onebot.options import WHERE, Options
from channels.onebot.places import Place, place_of
from rules.routing import Target

#: A register's name less like the group's than this, or a count of members further from it, is worth a look.
LIKE, MEMBERS_OFF, MEMBERS_PART = 0.4, 20, 0.3


@dataclass(frozen=True)
class Reached:
    """An account that answers, and the groups it is in by their numbers."""

    bot: Bot
    online: bool
    groups: Mapping[str, Mapping[str, Any]]


def check(bots: Sequence[Bot], targets: Sequence[Target], options: Options, now: datetime) -> list[Finding]:
    """All of it; without a single account that answers only the accounts are told of. Sends nothing."""
    found, reached = _accounts(bots)
    if not reached:
        return found
    return [*found, *(_target(each, reached, targets, options, now) for each in targets), *_register(targets, reached)]


def missing(bots: Sequence[Bot]) -> list[Finding]:
    """The accounts' tokens that .env lacks."""
    fix = "请在 .env 中填写 {}（QQ端 OneBot 网络配置中的访问令牌）"
    keys = dict.fromkeys(bot.setting.token for bot in bots if not bot.token)
    return [Finding(key=key, ok=False, text="没有填写", fix=fix.format(key)) for key in keys]


def _accounts(bots: Sequence[Bot]) -> tuple[list[Finding], list[Reached]]:
    found, reached = missing(bots), []
    for bot in bots:
        if not bot.token:
            continue
        lines, each = _account(bot, f"{WHERE}（{bot.name}）" if len(bots) > 1 else WHERE)
        found += lines
        reached += [each] if each else []
    found += _same_account(reached)
    return found, reached


def _account(bot: Bot, key: str) -> tuple[list[Finding], Reached | None]:
    where, token = bot.setting.where, bot.setting.token
    try:
        version, me, online = bot.ask("get_version_info"), bot.number(), bot.online()
        groups = {text(group.get("group_id")): group for group in bot.listed("get_group_list")}
    except SendError as error:
        named = token if token in error.advice else where
        return [Finding(key=named, ok=False, text=str(error), fix=error.advice or "请检查QQ端是否在运行")], None
    state, fix = ("QQ在线", "") if online else ("QQ不在线", "请重新登录QQ端")
    lines = [
        Finding(key=where, ok=True, text=f"已连通{version.get('app_name', '')}，账号{me}"),
        Finding(key=key, ok=online, text=state, fix=fix),
    ]
    return lines, Reached(bot, online, groups)


def _same_account(reached: Sequence[Reached]) -> list[Finding]:
    """Two addresses that lead to one account stand in for nobody."""
    first: dict[str, Bot] = {}
    found = []
    for each in reached:
        other = first.setdefault(each.bot.number(), each.bot)
        if other is not each.bot:
            words = f"与“{other.name}”是同一个账号{each.bot.number()}，不能互为备用"
            found.append(Finding(key=f"{each.bot.setting.where} 的账号", ok=False, text=words, fix="请换一个账号登录"))
    return found


def _target(
    target: Target, reached: Sequence[Reached], targets: Sequence[Target], options: Options, now: datetime
) -> Finding:
    """One row of the register: an account that is in the group and may do what is asked of it."""
    key, place = f"targets.csv {target.number}", place_of(target.address)
    name = f"“{target.name}”" + ("公告" if place.board else "群")
    inside = [each for each in reached if place.group in each.groups]
    if not inside:
        fix = "请核对群号，并请群主把机器人拉入群"
        return Finding(key=key, ok=False, text=f"机器人不在{name}内", fix=fix)
    if wrong := _other_audience(target, place, targets):
        return Finding(key=key, ok=False, text=f"{name}{wrong}", fix="同一个群的受众须相同，请改正其中一行")
    seats, errors = _seats(inside, place.group)
    if not seats:
        return Finding(key=key, ok=False, text=f"{name}：{errors[0]}", fix=errors[0].advice or "请稍后再试")
    trouble = _trouble(seats, place, options.calls_everybody(target) and not place.board, now)
    if trouble:
        return Finding(key=key, ok=False, text=f"{trouble[0]}（{name}）", fix=trouble[1])
    roles = "、".join(f"{bot.name}{seat.role}" if len(reached) > 1 else seat.role for bot, seat in seats)
    hints = "；".join(_hints(target, place, inside[0].groups[place.group]))
    fix = "请核对登记册（群号、名称、人数）" if hints else ""
    return Finding(key=key, ok=True, text=f"{name}正常，机器人身份{roles}" + (f"；{hints}" if hints else ""), fix=fix)


def _seats(inside: Iterable[Reached], group: str) -> tuple[list[tuple[Bot, Seat]], list[SendError]]:
    seats, errors = [], []
    for each in inside:
        try:
            seats.append((each.bot, each.bot.seat(group)))
        except SendError as error:
            errors.append(error)
    return seats, errors


def _trouble(seats: Sequence[tuple[Bot, Seat]], place: Place, everybody: bool, now: datetime) -> tuple[str, str] | None:
    """What none of the accounts may do that the register asks for, and the fix."""
    if not place.board and all(seat.muted_until > now.timestamp() for _, seat in seats):
        return "机器人被禁言", "请群主解除禁言"
    if any(seat.chief for _, seat in seats):
        return None
    if place.board:
        return "机器人不是管理员，不能发群公告", "请群主把机器人设为管理员，或在 targets.csv 中删去这个公告目标"
    if everybody:
        return "机器人不是管理员，紧急消息不能@全体成员", f"请群主把机器人设为管理员，或在 {WHERE}.at_all 中去掉"
    return None


def _other_audience(target: Target, place: Place, targets: Sequence[Target]) -> str:
    """A group and its board are read by the same people, and a group has one board."""
    for other in targets:
        there = place_of(other.address)
        if other.number == target.number or there.group != place.group:
            continue
        if other.audience != target.audience:
            return f"与 {other.number} 是同一个群，受众却是“{target.audience}”和“{other.audience}”"
        if place.board and there.board:
            return f"与 {other.number} 是同一个群的公告，同一条会发两遍"
    return ""


def _hints(target: Target, place: Place, group: Mapping[str, Any]) -> Iterator[str]:
    """What differs between the register and the group as it is; a board's own name says nothing."""
    name, count = text(group.get("group_name")), group.get("member_count")
    if name and not place.board and not _alike(name, target.name):
        yield f"群名称是“{name}”，登记册中是“{target.name}”"
    if isinstance(count, int) and count > 0 and not place.board and _far(count, target.members):
        yield f"群内{count}人，登记册中{target.members}人"


def _far(count: int, listed: int | None) -> bool:
    return bool(listed) and abs(count - (listed or 0)) > max(MEMBERS_OFF, MEMBERS_PART * count)


def _alike(one: str, other: str) -> bool:
    return one in other or other in one or SequenceMatcher(None, one, other).ratio() >= LIKE


def _register(targets: Sequence[Target], reached: Sequence[Reached]) -> list[Finding]:
    """Groups the accounts are in and the register does not know: nothing wrong, perhaps forgotten."""
    known = {place_of(target.address).group for target in targets}
    others = {id: group for each in reached for id, group in each.groups.items() if id not in known}
    return [
        Finding(
            key=f"群 {id}",
            ok=True,
            text=f"机器人还在“{text(group.get('group_name'))}”群内，登记册中没有，不会推送",
            fix="需要推送时，请登记到 targets.csv",
        )
        for id, group in sorted(others.items())
    ]
