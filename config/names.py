"""What the settings name and nobody has set up, and what is set up so that nothing would ever come of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from difflib import get_close_matches
from typing import NamedTuple
from urllib.parse import urlsplit

from config.tables import Listed, where
from rules.audience import SCHOOL
from rules.item import Taxonomy
from rules.place import BY_HAND, WEBSITE
from rules.reminders import ALARM_URL
from rules.routing import Route, Target, aims_at
from rules.school import FOLDERS, ChannelSetting, Column, School

ALARMS = "school.toml 的 school.alarm_targets"
DUTY = "请在 targets.csv 中用一个专门的值班群：受众单独写一种（如 信息公开值班），不让任何路由通向它"
INFORMANTS = "请在 targets.csv 中用一个专门的群，如各部门信息员群，不让任何路由通向它；没有的删去这一行，由值班人员转告"
#: A site that is asked more often shuts us out.
OFTEN = timedelta(minutes=1)


class _Hears(NamedTuple):
    """Where the settings say who hears reminders, of what, and what to write there instead."""

    at: str
    what: str
    fix: str


def wrong_names(listed: Iterable[Listed], school: School, channels: Collection[str]) -> Iterator[str]:
    """One line each, with the key and what to do. `channels` are those of school.toml, switched off or not."""
    for each in listed:
        yield from _cells(each, school, channels)
    try:
        _ = school.audiences.above
    except ValueError as error:
        yield str(error)
        return
    for route in school.routes:
        yield from _route(route, school)
    for channel in school.channels.values():
        yield from _slots(channel)
    for quiet in school.lessons:
        if not school.audiences.knows(quiet.audience):
            yield f"school.toml 的 lessons：没有受众“{quiet.audience}”。请改为 [audiences] 中已有的"
    names = [column.name for column in school.columns]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield f"school.toml 监看“{name}”：名称重复，每处监看应有自己的名称"
    for column in school.columns:
        yield from _column(column, school)
    yield from _reminders(school)


def _cells(each: Listed, school: School, channels: Collection[str]) -> Iterator[str]:
    """A row of the register: its channel, its audience, the categories it takes."""
    channel, audience = each.target.channel, each.target.audience
    if channel not in channels:
        fix = f"请改为 school.toml 中已有的渠道：{'、'.join(channels) or '（还没有）'}"
        yield f"{where('targets.csv', each.row, '渠道')}没有渠道“{channel}”。{fix}"
    if not school.audiences.knows(audience):
        fix = f"请改为其中之一：{'、'.join(school.audiences.parents)}，或在 school.toml 的 [audiences] 中加上"
        yield f"{where('targets.csv', each.row, '受众')}没有受众“{audience}”。{fix}"
    for line in _subjects(each.target.categories, (), school.taxonomy):
        yield where("targets.csv", each.row, "类别") + line
    if why := _spare(each.target, school):
        yield where("targets.csv", each.row, "备用") + why


def _spare(target: Target, school: School) -> str:
    """What is wrong with a target's spare; the fence is asked of it for each item when a person sends there."""
    spare = school.targets.get(target.spare)
    if spare is not None and spare.channel == WEBSITE:
        return f"目标 {spare.number} 是本校网站，不能发送。请填写一个能收到推送的目标"
    if not target.spare or (spare and spare is not target and spare.audience == target.audience):
        return ""
    if spare is None:
        return f"没有目标“{target.spare}”。请填写另一个目标的编号，没有备用可以留空"
    if spare.number == target.number:
        return "填的是它自己。请填写另一个目标的编号，没有备用可以留空"
    return f"目标 {spare.number} 的受众是“{spare.audience}”，与本目标的“{target.audience}”不同。请填写同一受众的目标"


def _route(route: Route, school: School) -> Iterator[str]:
    at = f"school.toml 路由“{route.name}”："
    yield from (f"{at}没有目标 {n}" for n in route.targets if n not in school.targets)
    nodes = (*route.audiences, *route.target_audiences)
    yield from (f"{at}没有受众“{n}”" for n in nodes if not school.audiences.knows(n))
    yield from (at + line for line in _subjects(route.categories, route.sub_items, school.taxonomy))
    if not (route.targets or route.target_audiences):
        yield f"{at}没有写推送到哪里，按它什么也不会推送。请填写 targets 或 target_audiences"


def _subjects(categories: Collection[str], sub_items: Collection[str], taxonomy: Taxonomy) -> Iterator[str]:
    """大类 and 小项 that the taxonomy does not have; a 小项 must lie in one of the 大类 it is named with."""
    known = {each.name: each.sub_items for each in taxonomy.categories}
    if not known:  # it could not be read, which is told elsewhere
        return
    yield from (f"没有大类“{n}”。{_instead(n, known)}" for n in categories if n not in known)
    inside = [known[n] for n in categories if n in known] or list(known.values())
    subs = dict.fromkeys(sub for names in inside for sub in names)
    yield from (f"没有小项“{n}”。{_instead(n, subs)}" for n in sub_items if n not in subs)


def _instead(name: str, known: Iterable[str]) -> str:
    like = get_close_matches(name, list(known), n=3, cutoff=0.3)
    return "请照 taxonomy/school.csv 改写" + (f"，如 {'、'.join(like)}" if like else "")


def _slots(channel: ChannelSetting) -> Iterator[str]:
    window = channel.window
    for slot in channel.slots:
        if not window.opens <= slot < window.closes:
            fix = "请改在这段时间之内，或放宽 window"
            yield f"school.toml 的 channels.{channel.name}.slots：{slot:%H:%M} {window.outside}，到时不能推送。{fix}"


def _column(column: Column, school: School) -> Iterator[str]:
    at = f"school.toml 监看“{column.name}”："
    yield from (f"{at}没有受众“{n}”" for n in column.audience if not school.audiences.knows(n))
    categories, subs = filter(None, [column.category]), filter(None, [column.sub_item])
    yield from (at + line for line in _subjects(tuple(categories), tuple(subs), school.taxonomy))
    if column.kind in FOLDERS:
        return
    if column.every < OFTEN:
        yield f"{at}every 过短，会被网站当作攻击拦下。请写 1m 或更长，如 10m"
    if column.kind != "sql" and not _is_site(column.place):
        yield f"{at}place 不是网址。请写栏目列表页的完整地址，如 https://www.example.edu.cn/21/list.htm"


def _is_site(place: str) -> bool:
    try:
        return urlsplit(place).scheme in ("http", "https") and bool(urlsplit(place).hostname)
    except ValueError:
        return False


def _reminders(school: School) -> Iterator[str]:
    """Who hears reminders: those on duty, and the departments' own targets."""
    for number in school.alarm_targets:
        yield from _alarm(number, school, _Hears(ALARMS, "故障提醒", DUTY))
    for department, number in school.departments.items():
        yield from _alarm(number, school, _Hears(f"school.toml 的 departments.{department}", "期限提醒", INFORMANTS))
    if school.leader:
        yield from _alarm(school.leader, school, _Hears("school.toml 的 school.leader", "每月简报", INFORMANTS))
    for number in [t.number for t in school.targets.values() if t.channel == ALARM_URL]:
        if number not in (*school.alarm_targets, *school.departments.values(), school.leader):
            fix = "请把编号写进来，不用的请从 targets.csv 删去"
            yield f"{ALARMS}：目标 {number} 的渠道只用于提醒值班人员，而这里没有它。{fix}"


def _alarm(number: str, school: School, hears: _Hears) -> Iterator[str]:
    """A reminder passes no gate: only those on duty may hear it, in a group that nothing else ever reaches."""
    target = school.targets.get(number)
    if target is None:
        yield f"{hears.at}：没有目标 {number}"
    elif target.channel == BY_HAND:
        yield f"{hears.at}：目标 {number} 靠人工张贴，收不到提醒，请改填一个值班群"
    elif target.channel == WEBSITE:
        yield f"{hears.at}：目标 {number} 是本校网站，收不到提醒，请改填一个值班群"
    elif not school.audiences.inside(target.audience, [SCHOOL]):
        yield f"{hears.at}：目标 {number} 面向校外，{hears.what}只能发给校内的值班群。{hears.fix}"
    elif target.audience == SCHOOL:
        yield f"{hears.at}：目标 {number} 面向全校，{hears.what}只能发给值班人员。{hears.fix}"
    else:
        yield from _reached(target, school, hears)


def _reached(target: Target, school: School, hears: _Hears) -> Iterator[str]:
    route = next((each for each in school.routes if aims_at(each, target)), None)
    if route is not None:
        what = f"目标 {target.number} 是路由“{route.name}”通向的群，{hears.what}只能发给值班人员"
        yield f"{hears.at}：{what}。{hears.fix}"
