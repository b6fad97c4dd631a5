"""The annexes of the report: the ministry's list with links, the channels' figures, the ledger in brief; and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from desk.frozen import lines
from desk.papers.blocks import Block, clean, fig
from desk.papers.facts import Facts
from desk.report import equation, labels_of, name_of, one_each, reach_lines, reach_note
from desk.words import UNKNOWN
from jobs.report import Items, Report
from store.ledger import Entry

#: Links of one item of the list that are printed; the others stand in the ledger.
LINKS = 2
#: Columns of a chart that can still be read.
MOST = 12


def annexes(facts: Facts) -> Iterator[Block]:
    """All of them, each on a page of its own; the check only where something is wrong, for the office's own eyes."""
    yield from _list(facts)
    yield from _channels(facts.report)
    yield from _ledger(facts.report)
    yield from _handed_in(facts)
    if not facts.checked:
        yield from _broken(facts)


def _list(facts: Facts) -> Iterator[Block]:
    yield Block("break")
    yield Block("annex", "附件1")
    yield Block("caption", "清单事项公开情况表")
    rows = [("序号", "公开事项", "责任部门", "公开情况", "链接")]
    links, items = _links(facts.entries), facts.report.items
    for number, each in sorted(facts.taxonomy.list_items.items()):
        n = items.list_items.get(number, 0)
        state = f"公开{fig(f'items.list_items.{number}', n)}条" if n else "没有条目" if each.applies else "不适用"
        found = "\n".join(links.get(number, ())[:LINKS]) or "—"
        rows.append((str(number), clean(each.name), clean(each.department), state, found))
    yield Block("table", rows=tuple(rows))
    yield Block(
        "small", f"每项至多列{LINKS}个链接，其余见推送台账；一个条目可以对应多项，各项不相加。“—”表示没有登记链接。"
    )


def _links(entries: Iterable[Entry]) -> Mapping[int, list[str]]:
    """The newest first."""
    found: dict[int, list[str]] = {}
    for each in entries:
        if each.url and each.counts:
            for number in each.list_items:
                found.setdefault(number, []).insert(0, clean(each.url))
    return found


def _channels(report: Report) -> Iterator[Block]:
    yield Block("break")
    yield Block("annex", "附件2")
    yield Block("caption", "渠道推送统计表")
    yield Block("tablehead", "（一）各渠道推送情况")
    yield Block("table", rows=tuple(_pushed(report)))
    yield Block(
        "small",
        "条：不同的条目（只数计入的）；应推送：一个条目对一个目标为一条次，各结果之和等于应推送；次：编成的推送，没有发成的也计；已送到人次：送到的接收地址数，一个群计一个。",
    )
    drawn = [(n, each) for n, each in enumerate(report.channels) if each.items]
    drawn.sort(key=lambda pair: -pair[1].items)
    if drawn:
        rows = ((clean(name_of(each)), fig(f"channels.{n}.items", each.items)) for n, each in drawn[:MOST])
        yield Block("chart", "各渠道公开条目（条）", tuple(rows))
    yield Block("tablehead", "（二）覆盖和阅读")
    yield Block("table", rows=tuple(_reached(report)))
    yield Block("small", reach_note(report))
    yield Block("tablehead", "（三）各目标受众")
    yield Block("table", rows=tuple(_audiences(report)))
    yield Block("tablehead", "（四）各月份")
    yield Block("table", rows=tuple(_months(report)))
    yield Block("small", "公开按公开日期归月；推送条次按发出之日、次按编排之日归月，不含人工补录和网站登载。")


def _pushed(report: Report) -> Iterator[tuple[str, ...]]:
    words = tuple(report.channels[0].results) if report.channels else ()
    yield ("渠道", "条", "应推送条次", *words, "次", "已送到人次")
    for n, each in enumerate(report.channels):
        if not (each.items or each.due or each.pushes):
            continue  # a way that was not used is no way
        place = f"channels.{n}"
        results = (fig(f"{place}.results.{word}", each.results[word]) for word in words)
        whole = (fig(f"{place}.items", each.items), fig(f"{place}.due", each.due))
        yield (
            clean(name_of(each)),
            *whole,
            *results,
            fig(f"{place}.pushes", each.pushes),
            fig(f"{place}.reached", each.reached),
        )


def _reached(report: Report) -> Iterator[tuple[str, ...]]:
    yield ("渠道 ", "项目", "数值", "口径", "有数/应有", "数据日期")
    for each in one_each(report.channels):
        for *line, days in reach_lines(each):
            yield (clean(each.label), *line, days.replace(" 至 ", "至\n"))


def _audiences(report: Report) -> Iterator[tuple[str, ...]]:
    yield ("目标受众", "条", "应推送条次", "已发出条次", "已发出次", "已送到人次", "补录、登载条次")
    fields = ("items", "due", "placements", "pushes", "deliveries", "booked")
    for n, each in enumerate(report.audiences):
        if each.due or each.booked:
            yield (clean(each.name), *(fig(f"audiences.{n}.{name}", getattr(each, name)) for name in fields))


def _months(report: Report) -> Iterator[tuple[str, ...]]:
    yield ("月份", "公开（条）", "推送（条次）", "推送（次）")
    pushed = {each.name: (n, each) for n, each in enumerate(report.months)}
    for month, items in report.items.months.items():
        n, each = pushed[month]
        own = (fig(f"months.{n}.placements", each.placements), fig(f"months.{n}.pushes", each.pushes))
        yield (month, fig(f"items.months.{month}", items), *own) if report.knows(month) else (month, *[UNKNOWN] * 3)
    sums = (sum(each.placements for each in report.months), sum(each.pushes for each in report.months))
    yield ("合计", fig("items.disclosed", report.items.disclosed), *map(str, sums))


def _ledger(report: Report) -> Iterator[Block]:
    items = report.items
    yield Block("break")
    yield Block("annex", "附件3")
    yield Block("caption", "推送台账摘要")
    yield Block("tablehead", "（一）各大类、小项")
    yield Block("table", rows=tuple(_categories(items)))
    yield Block("tablehead", "（二）各责任部门")
    rows = ((clean(name) or "（空）", fig(f"items.departments.{name}", n)) for name, n in items.departments.items())
    total = ("合计", fig("items.disclosed", items.disclosed))
    yield Block("table", rows=(("责任部门", "公开（条）"), *rows, total))
    yield Block("small", "逐条台账见同时生成的“推送台账.xlsx”。")
    if report.seal:
        yield Block("small", f"推送日志封存号 {report.seal}，用于日后核对日志未被改动。")


def _handed_in(facts: Facts) -> Iterator[Block]:
    """说明: what was frozen, and every figure that has changed since."""
    if facts.handed_in is not None:
        yield Block("tablehead", "（三）封存说明")
        yield from (Block("small", clean(line)) for line in lines(facts.handed_in))


def _categories(items: Items) -> Iterator[tuple[str, ...]]:
    yield ("大类", "小项", "公开（条）")
    for n, category in enumerate(items.categories):
        place = f"items.categories.{n}"
        for m, each in enumerate(category.sub_items):
            name = clean(each.name) + ("" if each.counts else "（不计入）")
            yield (clean(category.name), name, fig(f"{place}.sub_items.{m}.items", each.items))
        yield (clean(category.name), "小计", fig(f"{place}.items", category.items))
    yield ("合计", "", fig("items.disclosed", items.disclosed))


def _broken(facts: Facts) -> Iterator[Block]:
    """Not for publishing: the equations that do not hold, and the rows that break them."""
    yield Block("break")
    yield Block("annex", "核对（供学校办公室更正，不随报告报送）")
    for each in facts.report.identities:
        if not each.holds:
            sign = "＝" if each.left == each.right else "≠"
            yield Block("p", f"{clean(equation(each, labels_of(facts.report)))}：{each.left} {sign} {each.right}")
            yield from (Block("small", clean(row)) for row in each.rows or ("没有找到具体条目，请联系管理员",))
