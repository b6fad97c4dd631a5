"""公开途径: by which ways items went out, each with its figures; a sentence stands only where its condition is true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from desk.papers.blocks import clean, fig, joined
from desk.report import name_of, one_each
from jobs.metrics import by_receipt, metric_of
from jobs.report import Account, Report
from jobs.tallies import Channel, Reach, Tally
from rules.dates import day_words
from rules.origin import BOT
from rules.place import BY_HAND, WEBSITE

#: What is made where nothing is pushed.
_PUSHED = {WEBSITE: "次登载", BY_HAND: "次办理"}


def ways(report: Report) -> Iterator[str]:
    """A way that was not used is not named as one; the most used one is called so only if it is."""
    used = [(n, each) for n, each in enumerate(report.channels) if each.items or each.pushes]
    yield from _foremost(used)
    told = one_each(each for _, each in used)
    for n, each in used:
        others = sum(other.pushes for _, other in used if other.name == each.name and other is not each)
        yield _way(n, each, _reach(n, each, bool(others)) if each in told else "")
    for n, account in enumerate(report.accounts):
        if account.articles is not None:
            yield _account(n, account)
    yield from _readers(report)


def by_hand(counted: Mapping[str, Mapping[str, int]]) -> str:
    """Paper, meetings and boards, as those who saw to them counted; unlike units are never added."""
    return joined(
        f"{clean(kind)}{fig(f'registers.by_hand.{kind}.{unit}', many)}{unit}"
        for kind, units in counted.items()
        for unit, many in units.items()
    )


def _foremost(used: list[tuple[int, Channel]]) -> Iterator[str]:
    """最主要的途径: more items than any other channel can have by all its lines together."""
    whole: dict[str, int] = {}
    for _, each in used:
        whole[each.name] = whole.get(each.name, 0) + each.items
    for n, each in used:
        others = [items for name, items in whole.items() if name != each.name]
        if others and each.items > max(others):
            yield f"{clean(each.label)}是最主要的途径，经其公开{fig(f'channels.{n}.items', each.items)}条，多于其他各途径。"
            return


def _way(n: int, each: Channel, tail: str) -> str:
    """One line of a channel; its reach (`tail`) stands once, however many lines it has: a target's people are the same."""
    place = f"channels.{n}"
    items, due = fig(f"{place}.items", each.items), fig(f"{place}.due", each.due)
    if each.name == WEBSITE:
        return f"通过{clean(each.label)}登载{items}条、{due}条次{tail}。"
    results = joined(f"{word}{fig(f'{place}.results.{word}', m)}条次" for word, m in each.results.items() if m)
    verb = "推送" if each.origin == BOT and each.name != BY_HAND else "办理"
    pushes = f"，推送{fig(f'{place}.pushes', each.pushes)}次" if each.pushes else ""
    return f"通过{clean(name_of(each))}公开{items}条，应{verb}{due}条次{f'（{results}）' if results else ''}{pushes}{tail}。"


def _reach(n: int, each: Channel, booked: bool) -> str:
    """Each figure with its word, how it is known and of how many; what is the same in each word is said once with all."""
    places = ((f"channels.{n}.reach.{m}", r) for m, r in enumerate(each.reach) if r.value is not None)
    said = []
    for _, same in groupby(places, lambda pair: _same(pair[1], each.name)):
        (place, reach), *others = same
        names = "、".join(metric_of(r, each.name)[0] for r in (reach, *(r for _, r in others)))
        part = _of_receipts(n, each, reach) if by_receipt(reach) else _part(place, reach, each.name, booked)
        value, unit = fig(f"{place}.value", reach.value), metric_of(reach, each.name)[1]
        said.append(f"{names}{'均为' * bool(others)}{value}{unit}（{reach.basis}{part}）")
    return f"；{'，'.join(said)}" if said else ""


def _same(reach: Reach, channel: str) -> tuple[object, ...]:
    """All of it but its name and its day."""
    return reach.of_pushes, reach.value, reach.basis, reach.known, reach.asked, metric_of(reach, channel)[1]


def _of_receipts(n: int, each: Channel, reach: Reach) -> str:
    """Who sends no receipt may have got it all the same: of how many the receipts are."""
    reached = fig(f"channels.{n}.reached", each.reached)
    return f"，已送到的{reached}人次中有回执的" if (reach.value or 0) < each.reached else ""


def _part(place: str, reach: Reach, channel: str, booked: bool) -> str:
    """`booked`: persons wrote to the same channel; what they booked is among the pushes asked for, not in its line."""
    if reach.known >= reach.asked:
        return ""
    of = _PUSHED.get(channel, "次推送") if reach.of_pushes else "个目标"
    too = "连同人工补录的" if booked and reach.of_pushes else ""
    return f"，{too}{fig(f'{place}.asked', reach.asked)}{of}中{fig(f'{place}.known', reach.known)}{of[0]}有数"


def _account(n: int, account: Account) -> str:
    place = f"accounts.{n}"
    counted = (("articles", account.articles), ("sent", account.sent), ("by_hand", account.by_hand))
    whole, sent, by_hand = (fig(f"{place}.{name}", value) for name, value in counted)
    as_of = f"（截至{day_words(account.as_of)}从平台读取）" if account.as_of else ""
    said = f"{clean(account.label)}本学年账号文章{whole}篇{as_of}，其中自动推送{sent}篇、人工发布{by_hand}篇"
    if account.unmatched:
        said += f"、只见于平台统计而不能对应的{fig(f'{place}.unmatched', account.unmatched)}篇"
    if account.reads is not None:
        said += f"，{fig(f'{place}.read_known', account.read_known)}篇有阅读数，合计{fig(f'{place}.reads', account.reads)}人次（平台统计）"
    return said + ("。" if account.listed else "；文章列表没有读到，可能不全。")


def _readers(report: Report) -> Iterator[str]:
    """To whom it went: the ministry asks for 校内 and 社会."""
    said = joined((_to(n, each) for n, each in enumerate(report.audiences) if each.placements or each.booked), "；")
    if said:
        yield f"按目标受众分：{said}。"


def _to(n: int, each: Tally) -> str:
    place = f"audiences.{n}"
    booked = f"，人工补录和登载{fig(f'{place}.booked', each.booked)}条次" if each.booked else ""
    return f"面向{clean(each.name)}推送{fig(f'{place}.items', each.items)}条、{fig(f'{place}.placements', each.placements)}条次{booked}"
