"""The yearly report as paragraphs, headings and tables; every sentence stands only where its condition is true.

The eight parts: 教办厅函〔2018〕80号. What nobody has counted is left to be written (待填写), never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jobs.report import Items, Report
from jobs.tallies import Channel
from rules.dates import SHANGHAI
from rules.item import Taxonomy
from rules.origin import BOT, origin_shown
from rules.place import BY_HAND, WEBSITE
from rules.registers import Applications, Registers
from store.ledger import Entry

#: What a person must still write; printed on a yellow ground.
SLOT = "待填写"
#: The ministry's numbers that are 重点领域.
ADMISSION, FINANCE = range(7, 15), range(15, 22)


@dataclass(frozen=True)
class Block:
    """One piece of the document: title, h1, h2, p, slot, note, table (rows, the first one the header), break."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that the document is made of."""

    report: Report
    registers: Registers
    entries: Sequence[Entry]
    taxonomy: Taxonomy
    #: Reviews (条) of the span, and those of them that said no.
    reviewed: tuple[int, int]


def document(facts: Facts) -> Iterator[Block]:
    """The whole report with its annexes."""
    report = facts.report
    if not report.checked:
        yield Block("note", "【未核对】有合计不成立，涉及的条目见文末“核对”，更正后请重新生成。")
    yield Block("title", f"{report.school}{report.year}信息公开工作年度报告")
    yield Block("p", _opening(report))
    for part in (_overview, _disclosed, _on_request, _opinions, _cases, _measures, _other, _list_part):
        yield from part(facts)
    yield Block("sign", report.school)
    yield Block("sign", _day(report.cut_off.astimezone(SHANGHAI).date()))
    yield from _annex_list(facts)
    yield from _annex_channels(report)
    yield from _annex_ledger(facts)
    if not report.checked:
        yield from _broken(report)


def _day(day: object) -> str:
    text = str(day).split("-")
    return f"{int(text[0])}年{int(text[1])}月{int(text[2])}日"


def _opening(report: Report) -> str:
    return (
        "根据《高等学校信息公开办法》（教育部令第29号）和《教育部关于公布〈高等学校信息公开事项清单〉的通知》"
        f"（教办函〔2014〕23号）要求，编制本报告。统计期限为{_day(report.first)}至{_day(report.last)}，"
        f"数据截至{_day(report.cut_off.astimezone(SHANGHAI).date())}。"
    )


def _overview(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "一、概述")
    yield Block("h2", "（一）制度机制建设")
    if (made := facts.registers.rules_made) is not None:
        yield Block("p", f"本学年制定、修订信息公开有关制度{made}项。")
    yield Block("slot", "组织领导、工作机制、责任分工")
    yield Block("h2", "（二）推动清单落实")
    yield Block("p", _list_words(facts.report.items))
    yield Block("h2", "（三）宣传教育和培训")
    if (held := facts.registers.trainings) is not None:
        yield Block("p", f"本学年组织信息公开培训{held[0]}次，参加{held[1]}人次。")
    else:
        yield Block("slot", "宣传教育和培训的次数、人次和内容")
    yield Block("h2", "（四）保密审查")
    yield Block("p", _reviews(facts))


def _list_words(items: Items) -> str:
    there = sum(1 for n in items.list_items.values() if n)
    applying = len(items.list_items)
    waived = f"，不适用于本校的{len(items.list_waived)}项" if items.list_waived else ""
    return (
        f"《高等学校信息公开事项清单》适用于本校的{applying}项{waived}。本学年有公开条目的{there}项，逐项情况见附件1。"
    )


def _reviews(facts: Facts) -> str:
    """逐项审查: what was reviewed, and what was returned or refused."""
    many, back = facts.reviewed
    said = f"坚持先审查、后公开，本学年留有审查记录的{many}条"
    return said + (f"，其中退回或不同意公开{back}条。" if back else "，没有退回。")


def _disclosed(facts: Facts) -> Iterator[Block]:
    report, items = facts.report, facts.report.items
    yield Block("h1", "二、主动公开情况")
    yield Block("h2", "（一）公开内容")
    subs = sum(len(each.sub_items) for each in items.categories)
    yield Block(
        "p", f"本学年主动公开信息{items.disclosed}条，涉及{len(items.categories)}个大类、{subs}个小项。其中面向"
        + "、".join(f"{name}{n}条" for name, n in items.audiences.items()) + "。",
    )  # fmt: skip
    for n, category in enumerate(items.categories, start=1):
        inner = "、".join(f"{each.name}{each.items}条" for each in category.sub_items if each.items)
        yield Block("p", f"{n}. {category.name}，共计{category.items}条" + (f"，包括：{inner}。" if inner else "。"))
    if items.beside_disclosed:
        yield Block("p", f"另有不计入条目{items.beside_disclosed}条，不在上述数字之内。")
    yield from _important(facts)
    yield Block("h2", "（三）公开途径")
    yield from (Block("p", each) for each in _ways(report))
    yield Block("table", rows=_monthly(report))


def _important(facts: Facts) -> Iterator[Block]:
    listed = facts.report.items.list_items
    yield Block("h2", "（二）重点领域")
    for name, numbers in (("招生考试信息", ADMISSION), ("财务、资产及收费信息", FINANCE)):
        ids = {e.id for e in facts.entries if e.counted and e.disclosed_on and set(e.list_items) & set(numbers)}
        lacking = [str(number) for number in numbers if listed.get(number) == 0]
        tail = f"；清单第{'、'.join(lacking)}项本学年没有条目" if lacking else ""
        yield Block("p", f"{name}（清单第{numbers[0]}至{numbers[-1]}项）公开{len(ids)}条{tail}。")


def _ways(report: Report) -> Iterator[str]:
    """A way that was not used is not named; the most used one is called so only if it is."""
    used = [each for each in report.channels if each.items or each.pushes]
    ranked = sorted((each for each in used if each.origin == BOT), key=lambda each: -each.items)
    if len(ranked) > 1 and ranked[0].items > ranked[1].items and report.items.disclosed:
        share = 100 * ranked[0].items / report.items.disclosed
        yield f"{ranked[0].label}是最主要的推送途径，覆盖本学年公开条目的{share:.1f}%。"
    for each in used:
        yield _way(each)
    for account in report.accounts:
        if account.articles is not None:
            reads = f"，文章阅读合计{account.reads}人次（平台统计）" if account.reads is not None else ""
            yield (
                f"{account.label}本学年账号文章{account.articles}篇，其中自动推送{account.sent}篇、"
                f"人工发布{account.by_hand}篇{reads}。"
            )
    unused = [each.label for each in report.channels if each not in used and each.origin == BOT]
    if unused:
        yield f"本学年没有使用的途径：{'、'.join(dict.fromkeys(unused))}。"


def _way(each: Channel) -> str:
    if each.name == WEBSITE:
        return f"通过{each.label}公开{each.items}条、{each.due}条次{_reach(each)}。"
    origin = "" if each.origin == BOT else f"（{origin_shown(each.origin, each.name)}）"
    verb = "办理" if each.name == BY_HAND or each.origin != BOT else "推送"
    went = sum(each.push_results.get(word, 0) for word in ("成功", "部分", "撤回"))
    results = "、".join(f"{word}{n}条次" for word, n in each.results.items() if n)
    return f"通过{each.label}{origin}公开{each.items}条，{verb}{each.due}条次（{results or '0条次'}），发出{went}次{_reach(each)}。"


def _reach(each: Channel) -> str:
    known = [f"{r.metric}{r.value}（{r.basis}，{r.known}/{r.asked}）" for r in each.reach if r.value is not None]
    return f"；{'，'.join(known)}" if known else "；触达数据不掌握"


def _monthly(report: Report) -> tuple[tuple[str, ...], ...]:
    pushed = {each.name: each for each in report.months}
    rows = [("月份", "公开（条）", "推送（条次）", "推送（次）")]
    for month, n in report.items.months.items():
        tally = pushed.get(month)
        rows.append((month, str(n), str(tally.placements if tally else 0), str(tally.pushes if tally else 0)))
    sums = (report.items.disclosed, sum(t.placements for t in report.months), sum(t.pushes for t in report.months))
    return (*rows, ("合计", *map(str, sums)))


def _on_request(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "三、依申请公开和不予公开情况")
    yield Block("h2", "（一）依申请公开")
    found = facts.registers.applications
    if found is None:
        yield Block("slot", "受理申请的数量、分类及答复情况，收费、减免情况（依申请公开登记簿尚未启用）")
    else:
        yield from (Block("p", each) for each in _applications(found))
    yield Block("h2", "（二）不予公开")
    closed = facts.registers.closed
    states = facts.report.items.states.get("不予公开", 0)
    if closed is not None:
        inner = "、".join(f"{ground}{n}条" for ground, n in closed.items() if n)
        yield Block("p", f"本学年登记不予公开{sum(closed.values())}条" + (f"，其中{inner}。" if inner else "。"))
    elif states:
        yield Block("p", f"本学年登记为不予公开的{states}条。")
        yield Block("slot", "不予公开的理由分类")
    else:
        yield Block("slot", "不予公开的数量和理由")


def _applications(a: Applications) -> Iterator[str]:
    if not (a.carried_in or a.received):
        yield "本学年收到信息公开申请0件。"
        return
    yield f"上期结转{a.carried_in}件，本学年新收{a.received}件；办结{a.answered}件，结转下期{a.carried_out}件，逾期答复{a.late}件。"
    kinds = "、".join(f"{kind}{n}件" for kind, n in a.by_answer.items() if n)
    if kinds:
        yield f"答复情况：{kinds}。"
    yield f"收取费用{a.fees:g}元，减免{a.waived:g}元。"


def _opinions(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "四、对信息公开的评议情况")
    r = facts.registers
    said = []
    if r.opinions is not None:
        said.append(f"本学年收到师生员工和社会公众的意见建议{r.opinions}条")
    if r.surveys is not None:
        out, back, pleased = r.surveys
        said.append(f"发放问卷{out}份，收回{back}份" + (f"，满意率{100 * pleased / back:.1f}%" if back else ""))
    if r.inquiries is not None:
        inner = "、".join(f"{way}{n}次" for way, n in r.inquiries.items() if n)
        said.append(f"接受咨询{sum(r.inquiries.values())}次" + (f"（{inner}）" if inner else ""))
    yield Block("p", "；".join(said) + "。") if said else Block("slot", "评议的方式、数量和结果（评议登记簿尚未启用）")


def _cases(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "五、因学校信息公开工作受到举报、复议、诉讼的情况")
    r = facts.registers
    cases = (("举报", r.complaints), ("行政复议", r.reviews), ("行政诉讼", r.lawsuits))
    known = [f"{name}{n}件" for name, n in cases if n is not None]
    if known:
        yield Block("p", f"本学年因信息公开工作受到{'、'.join(known)}。")
    lacking = [name for name, n in cases if n is None]
    if lacking:
        yield Block("slot", f"{'、'.join(lacking)}的件数（登记簿尚未启用）")


def _measures(facts: Facts) -> Iterator[Block]:
    report = facts.report
    yield Block("h1", "六、信息公开工作的主要经验、问题和改进措施")
    yield Block("h2", "（一）主要经验")
    yield Block("slot", "主要经验")
    yield Block("h2", "（二）存在的问题")
    failed = sum(each.results.get("失败", 0) + each.results.get("部分", 0) for each in report.channels)
    if failed:
        yield Block("p", f"有{failed}条次推送失败或没有全部送达，渠道维护有待加强。")
    lacking = sum(1 for n in report.items.list_items.values() if not n)
    if lacking:
        yield Block("p", f"清单事项中有{lacking}项本学年没有公开条目，需要各责任部门核对。")
    yield Block("slot", "存在的问题")
    yield Block("h2", "（三）改进措施")
    yield Block("slot", "改进措施")


def _other(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "七、其他需要报告的事项")
    yield Block("slot", "其他需要报告的事项；没有的写“无”")


def _list_part(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "八、清单事项公开情况表")
    yield Block("p", "附件：1. 清单事项公开情况表")
    yield Block("p", "　　　2. 渠道推送统计表")
    yield Block("p", "　　　3. 推送台账摘要")


def _annex_list(facts: Facts) -> Iterator[Block]:
    yield Block("break")
    yield Block("annex", "附件1　清单事项公开情况表")
    rows = [("序号", "公开事项", "责任部门", "公开情况", "链接")]
    links = _links(facts.entries)
    for number, each in sorted(facts.taxonomy.list_items.items()):
        n = facts.report.items.list_items.get(number, 0)
        state = f"公开{n}条" if n else "不适用" if not each.applies else "本学年没有"
        rows.append((str(number), each.name, each.department, state, "\n".join(links.get(number, ())[:2])))
    yield Block("table", rows=tuple(rows))


def _links(entries: Iterable[Entry]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for each in entries:
        if each.url and each.disclosed_on and each.counted:
            for number in each.list_items:
                found.setdefault(number, []).append(each.url)
    return found


def _annex_channels(report: Report) -> Iterator[Block]:
    yield Block("break")
    yield Block("annex", "附件2　渠道推送统计表")
    words = tuple(report.channels[0].results) if report.channels else ()
    rows = [("渠道", "条", "应推送（条次）", *words, "次", "人次")]
    for each in report.channels:
        origin = "" if each.origin == BOT else f"（{origin_shown(each.origin, each.name)}）"
        numbers = (each.items, each.due, *each.results.values(), each.pushes, each.deliveries)
        rows.append((f"{each.label}{origin}", *map(str, numbers)))
    yield Block("table", rows=tuple(rows))
    yield Block("small", "条：不同的条目；条次：一个条目对一个目标；次：推送次数；人次：接收地址数。“—”表示不掌握。")
    yield Block("chart", "各月公开条目（条）", tuple((month, str(n)) for month, n in report.items.months.items()))


def _annex_ledger(facts: Facts) -> Iterator[Block]:
    yield Block("break")
    yield Block("annex", "附件3　推送台账摘要")
    rows = [("大类", "小项", "公开（条）")]
    for category in facts.report.items.categories:
        rows += [(category.name, each.name, str(each.items)) for each in category.sub_items]
        rows.append((category.name, "小计", str(category.items)))
    rows.append(("合计", "", str(facts.report.items.disclosed)))
    yield Block("table", rows=tuple(rows))
    yield Block("small", "逐条台账见同时生成的“推送台账.xlsx”。")


def _broken(report: Report) -> Iterator[Block]:
    yield Block("break")
    yield Block("annex", "核对")
    for each in report.identities:
        if not each.holds:
            yield Block("p", f"{each.name}：{each.left} ≠ {each.right}")
            yield from (Block("small", row) for row in each.rows)
