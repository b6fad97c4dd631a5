"""The yearly report as paragraphs, headings and tables; every sentence stands only where its condition is true.

The eight parts: 教办厅函〔2018〕80号. What nobody has counted is left to be written (待填写), never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from desk.papers.annexes import annexes
from desk.papers.blocks import Block, clean, fig, joined
from desk.papers.facts import Facts
from desk.papers.ways import by_hand, ways
from jobs import compare
from jobs.beside import ADMISSION, FINANCE
from jobs.report import Report
from rules.dates import day_of, day_words
from rules.item import CLOSED
from rules.registers import Applications

#: What the name of a school year ends with; other periods are named by their days.
YEAR = "学年"
#: True of a register that is not open, was opened after the period, or was filled after the cut-off.
_UNKEPT = "登记簿没有这一期的登记，请查实"


def document(facts: Facts) -> list[Block]:
    """The whole report with its annexes."""
    blocks = _document(facts)
    return list(blocks if facts.report.year.endswith(YEAR) else map(_of_days, blocks))


def _of_days(block: Block) -> Block:
    """The same of a period that is no school year."""
    return replace(block, text=_days_said(block.text), rows=tuple(tuple(map(_days_said, row)) for row in block.rows))


def _days_said(text: str) -> str:
    return text.replace(f"本{YEAR}", "本期").replace(f"上一{YEAR}", "上年同期")


def title_of(report: Report) -> str:
    """What the paper is called, without the school."""
    return f"{report.year}信息公开工作{'年度' if report.year.endswith(YEAR) else ''}报告"


def _document(facts: Facts) -> Iterator[Block]:
    report = facts.report
    if not facts.checked:
        yield Block("note", "【未核对】有合计不成立，涉及的条目见文末“核对”，更正后请重新生成。")
    if not facts.has_rows:
        yield Block("note", "【没有登记】这一期没有登记任何条目，公开达只知道启用以后的情况：以下的零是没有数，不是没有公开。")
    yield Block("title", f"{clean(report.school)}\n{title_of(report)}")
    yield Block("p", _opening(report))
    yield Block("slot", "信息公开专栏网址、联系电话、通信地址")
    for part in (_overview, _disclosed, _on_request, _opinions, _cases, _measures, _other, _list_part):
        yield from part(facts)
    yield Block("sign", clean(report.school))
    yield Block("sign_slot", "成文日期")
    yield from annexes(facts)


def _opening(report: Report) -> str:
    return (
        "根据《高等学校信息公开办法》（教育部令第29号）和《教育部关于公布〈高等学校信息公开事项清单〉的通知》"
        f"（教办函〔2014〕23号）要求，编制本报告。统计期限为{day_words(report.first)}至{day_words(report.last)}，"
        f"数据截至{day_words(day_of(report.cut_off))}。"
    )


# -- 一、概述


def _overview(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "一、概述")
    yield Block("h2", "（一）制度机制建设")
    if (made := facts.registers.rules_made) is not None:
        yield Block("p", f"本学年制定、修订信息公开有关制度{fig('registers.rules_made', made)}项。")
    yield Block("slot", "组织领导、工作机制、责任分工")
    yield Block("h2", "（二）推动清单落实")
    yield Block("p", _list_words(facts))
    yield Block("h2", "（三）宣传教育和培训")
    if (held := facts.registers.trainings) is not None:
        times, heads = (fig(f"registers.trainings.{n}", each) for n, each in enumerate(held))
        yield Block("p", f"本学年组织信息公开培训{times}次，参加{heads}人次。")
    else:
        yield Block("slot", "宣传教育和培训的次数、人次和内容")
    yield Block("h2", "（四）考核评议")
    yield Block("slot", "考核、评议、督查的安排和结果")
    yield Block("h2", "（五）保密审查")
    yield from _reviews(facts)


def _list_words(facts: Facts) -> str:
    b = facts.beside
    waived = f"，不适用的{fig('beside.list_waived', b.list_waived)}项" if b.list_waived else ""
    there = f"本学年有公开条目的{fig('beside.list_there', b.list_there)}项"
    lacking = f"，没有公开条目的{fig('beside.list_lacking', b.list_lacking)}项" if b.list_lacking else ""
    applying = fig("beside.list_applying", b.list_applying)
    return f"《高等学校信息公开事项清单》适用于本校的{applying}项{waived}。{there}{lacking}，逐项情况见附件1。"


def _reviews(facts: Facts) -> Iterator[Block]:
    """逐项审查 and 栏目审核 are never called by each other's name."""
    b = facts.beside
    made = joined(
        f"{kind}{fig(place, n)}条"
        for kind, place, n in (
            ("逐项审查", "beside.one_by_one", b.one_by_one), ("栏目审核", "beside.standing", b.standing),
        )
        if n
    )  # fmt: skip
    if not made:
        yield Block("slot", "保密审查的安排和结果（没有留下审查记录）")
        return
    back = f"，其中退回或不同意公开{fig('beside.refused', b.refused)}条" if b.refused else ""
    yield Block("p", f"拟公开的信息先审查、后公开，本学年留有审查记录：{made}{back}。")
    if b.unreviewed:
        yield Block("slot", f"{fig('beside.unreviewed', b.unreviewed)}条已公开条目没有留下审查记录，请补记或说明")


# -- 二、主动公开情况


def _disclosed(facts: Facts) -> Iterator[Block]:
    items, b = facts.report.items, facts.beside
    yield Block("h1", "二、主动公开情况")
    yield Block("h2", "（一）公开内容")
    grown = f"（上一{YEAR}{fig('before.items.disclosed', b4.report.items.disclosed)}条）" if (b4 := facts.before) and facts.has_rows else ""
    audiences = joined(f"{name}{fig(f'items.audiences.{name}', n)}条" for name, n in items.audiences.items())
    yield Block(
        "p", f"本学年主动公开信息{fig('items.disclosed', items.disclosed)}条{grown}，按受众类别分：{audiences}。按内容分为"
        f"{len(items.categories)}个大类、{fig('beside.sub_items', b.sub_items)}个小项，"
        f"其中{fig('beside.sub_items_used', b.sub_items_used)}个小项有公开条目：",
    )  # fmt: skip
    yield from _categories(facts)
    if items.beside_disclosed:
        beside = fig("items.beside_disclosed", items.beside_disclosed)
        yield Block("p", f"另有不计入条目{beside}条，不在上述数字之内。")
    yield from _in_time(facts)
    if items.disclosed:
        months = ((month[2:], fig(f"items.months.{month}", n)) for month, n in items.months.items() if facts.report.knows(month))
        yield Block("chart", "各月主动公开条目（条）", tuple(months))
    yield from _compared(facts)
    yield from _important(facts)
    yield Block("h2", "（三）公开途径")
    yield from (Block("p", each) for each in ways(facts.report))
    if counted := by_hand(facts.registers.by_hand):
        yield Block("p", f"人工办理并登记了数量的：{counted}。")


def _categories(facts: Facts) -> Iterator[Block]:
    for n, category in enumerate(facts.report.items.categories):
        place = f"items.categories.{n}"
        inner = joined(
            f"{clean(each.name)}{fig(f'{place}.sub_items.{m}.items', each.items)}条"
            for m, each in enumerate(category.sub_items)
            if each.items
        )
        whole = f"{n + 1}.{clean(category.name)}，共计{fig(f'{place}.items', category.items)}条"
        yield Block("p", f"{whole}，包括：{inner}。" if inner else f"{whole}。")


def _in_time(facts: Facts) -> Iterator[Block]:
    """20个工作日: 教办函〔2014〕23号 二. What shows no day of making is in neither figure."""
    b = facts.beside
    if not (b.in_time or b.late):
        return
    late = f"，逾期公开{fig('beside.late', b.late)}条" if b.late else "，没有逾期公开的条目"
    undated = f"；没有形成日期、不能计算的{fig('beside.undated', b.undated)}条" if b.undated else ""
    yield Block(
        "p", f"在规定期限内（制作完成或获取后20个工作日）公开{fig('beside.in_time', b.in_time)}条{late}{undated}。"
    )


def _important(facts: Facts) -> Iterator[Block]:
    listed, b = facts.report.items.list_items, facts.beside
    yield Block("h2", "（二）重点领域")
    for name, numbers, place, n in (
        ("招生考试信息", ADMISSION, "beside.admission", b.admission),
        ("财务、资产及收费信息", FINANCE, "beside.finance", b.finance),
    ):
        lacking = [str(number) for number in numbers if listed.get(number) == 0]
        tail = f"；清单第{'、'.join(lacking)}项本学年没有公开条目" if lacking else ""
        yield Block("p", f"{name}（清单第{numbers[0]}至{numbers[-1]}项）公开{fig(place, n)}条{tail}。")


def _compared(facts: Facts) -> Iterator[Block]:
    """Beside the year before, where somebody counted it; what began in the middle of it is not compared."""
    before = facts.before
    if before is None or not facts.has_rows:
        return
    found = list(compare.lines(facts.year, before))
    rows = (
        (f"{clean(each.name)}（{each.unit}）", fig(each.place, each.now), fig(each.place_before, each.before), each.change)
        for each in found
    )
    yield Block("tablehead", f"与上一{YEAR}比较")
    yield Block("table", rows=(("项目", f"本{YEAR}", f"上一{YEAR}", "增减"), *rows))
    if not before.pushed:
        yield Block("small", f"公开达启用时上一{YEAR}已经开始，上一{YEAR}的推送没有完整数字，不作比较。")


# -- 三、依申请公开和不予公开情况


def _on_request(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "三、依申请公开和不予公开情况")
    yield Block("h2", "（一）依申请公开")
    found = facts.registers.applications
    if found is None:
        yield Block("slot", f"受理申请的数量、分类及答复情况，收费、减免情况（依申请公开{_UNKEPT}）")
    else:
        yield from (Block("p", each) for each in _applications(found))
    yield Block("h2", "（二）不予公开")
    yield from _closed(facts)


def _applications(a: Applications) -> Iterator[str]:
    def n(name: str) -> str:
        return fig(f"registers.applications.{name}", getattr(a, name))

    if not (a.carried_in or a.received):
        yield f"本学年收到信息公开申请{n('received')}件。"
        return
    unanswered = f"（其中尚未答复{n('late_open')}件）" if a.late_open else ""
    yield (
        f"上期结转{n('carried_in')}件，本学年新收{n('received')}件；办结{n('answered')}件，"
        f"结转下期{n('carried_out')}件，逾期{n('late')}件{unanswered}。"
    )
    kinds = (
        f"{clean(kind)}{fig(f'registers.applications.by_answer.{kind}', many)}件"
        for kind, many in a.by_answer.items()
        if many
    )
    if said := joined(kinds):
        yield f"答复情况：{said}。"
    fees, waived = (fig(f"registers.applications.{name}", _yuan(getattr(a, name))) for name in ("fees", "waived"))
    yield f"收取费用{fees}元，减免{waived}元。"


def _yuan(amount: float) -> str:
    return f"{amount:.2f}".removesuffix(".00")


def _closed(facts: Facts) -> Iterator[Block]:
    closed, known = facts.registers.closed, facts.report.items.states.get(CLOSED, 0)
    if closed is not None:
        inner = joined(f"{clean(why)}{fig(f'registers.closed.{why}', n)}条" for why, n in closed.items() if n)
        yield Block("p", f"本学年登记不予公开{sum(closed.values())}条" + (f"，其中{inner}。" if inner else "。"))
    elif known:
        yield Block("p", f"本学年登记为不予公开的{fig(f'items.states.{CLOSED}', known)}条。")
        yield Block("slot", "不予公开的理由分类")
    else:
        yield Block("slot", "不予公开的数量和理由")


# -- 四 to 八


def _opinions(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "四、对信息公开的评议情况")
    r = facts.registers
    said = []
    if r.opinions is not None:
        said.append(f"本学年收到师生员工和社会公众的意见建议{fig('registers.opinions', r.opinions)}条")
    if r.score is not None:
        said.append(f"评分平均{r.score:.1f}分（5分制）")
    if r.surveys is not None:
        out, back, pleased = (fig(f"registers.surveys.{n}", each) for n, each in enumerate(r.surveys))
        share = f"（满意率{100 * r.surveys[2] / r.surveys[1]:.1f}%）" if r.surveys[1] else ""
        said.append(f"发放问卷{out}份，收回{back}份，其中满意{pleased}份{share}")
    if r.inquiries is not None:
        ways = joined(f"{clean(way)}{fig(f'registers.inquiries.{way}', n)}次" for way, n in r.inquiries.items() if n)
        said.append(f"接受咨询{sum(r.inquiries.values())}次" + (f"（{ways}）" if ways else ""))
    if r.consultations is not None:
        held, got, taken = (fig(f"registers.consultations.{n}", each) for n, each in enumerate(r.consultations))
        said.append(f"公开征求意见{held}次" + (f"，收到意见{got}条，采纳{taken}条" if r.consultations[0] else ""))
    if said:
        yield Block("p", "；".join(said) + "。")
    if r.opinions is None and r.surveys is None:
        yield Block("slot", f"师生员工和社会公众评议的方式、数量和结果（评议{_UNKEPT}）")


def _cases(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "五、因学校信息公开工作受到举报、复议、诉讼的情况")
    r = facts.registers
    cases = (
        ("举报", "complaints", r.complaints), ("行政复议", "reviews", r.reviews), ("行政诉讼", "lawsuits", r.lawsuits),
    )  # fmt: skip
    known = joined(f"{name}{fig(f'registers.{field}', n)}件" for name, field, n in cases if n is not None)
    if known:
        yield Block("p", f"本学年因信息公开工作受到{known}。")
    if lacking := joined(name for name, _, n in cases if n is None):
        yield Block("slot", f"{lacking}的件数（{_UNKEPT}）")


def _measures(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "六、信息公开工作的主要经验、问题和改进措施")
    yield Block("h2", "（一）主要经验")
    yield Block("slot", "新做法、新举措和主要经验")
    yield Block("h2", "（二）存在的问题")
    yield from (Block("p", f"{n}.{each}") for n, each in enumerate(_problems(facts), start=1))
    yield Block("slot", "存在的问题")
    yield Block("h2", "（三）改进措施")
    yield Block("slot", "改进措施")


def _problems(facts: Facts) -> Iterable[str]:
    """Facts that the log shows; what follows from them is for a person to write."""
    b = facts.beside
    failed = (("失败", "beside.failed", b.failed), ("没有全部送达", "beside.partial", b.partial))
    if b.failed or b.partial:
        yield "、".join(f"推送{word}的{fig(place, n)}条次" for word, place, n in failed if n) + "。"
    if b.late:
        yield f"逾期公开的{fig('beside.late', b.late)}条。"
    if b.list_lacking and facts.has_rows:
        yield f"清单事项中有{fig('beside.list_lacking', b.list_lacking)}项本学年没有公开条目，需要责任部门核对。"


def _other(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "七、其他需要报告的事项")
    yield Block("slot", "其他需要报告的事项；没有的写“无”")


def _list_part(facts: Facts) -> Iterator[Block]:
    yield Block("h1", "八、清单事项公开情况表")
    yield Block("p", "清单事项逐项公开情况和链接见附件1。")
    yield Block("attached", "附件：1.清单事项公开情况表")
    yield Block("attached", "　　　2.渠道推送统计表")
    yield Block("attached", "　　　3.推送台账摘要")
