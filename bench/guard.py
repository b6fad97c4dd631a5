"""How much of what must not go out the guard finds, how often it cries wolf, and how long it takes.

    python -m bench.guard [--seed 1] [--cases 200] [--json]

The corpus is made on the spot from a seed: for each kind true cases in every listed spelling among words as notices
have them, and false ones from document numbers, dates, student numbers, amounts, contacts, titles of laws and blank
forms. All numbers are synthetic (region 110101). A case is right if exactly its kinds are found.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO

from openpyxl import Workbook

from bench.wolves import FALSE, LAWS, TITLES
from rules.guard import Grid, Kind, Part, Piece, scan
from rules.guard.checks import check_digit
from sources.contents import pieces_of
from tests.spellings import CARD, IDENTITY, MOBILE

PRECISION_GOAL = 0.98
NAMES = ("张三", "李四", "王小明", "欧阳雪", "阿依古丽·买买提")
PLACES = (
    "福建省泉州市南安市康美镇福田村3组",
    "南安市洪濑镇东溪村12号",
    "泉州市丰泽区东海街道阳光小区3栋2单元501室",
    "河南省信阳市光山县寨河镇陈洼村五组",
)


@dataclass(frozen=True)
class Case:
    """Pieces of an item, and what must be found in them."""

    pieces: tuple[Piece, ...]
    kinds: frozenset[Kind] = frozenset()
    consultation: bool = False


class Corpus:
    """Cases made from a seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def cases(self, each: int) -> list[Case]:
        """`each` true cases of every kind, and as many false ones as true."""
        makers: dict[Kind, Callable[[], Case]] = {
            Kind.ID: self._identity, Kind.PHONE: self._mobile, Kind.CARD: self._card, Kind.BIRTH: self._birth, Kind.ADDRESS: self._home,
            Kind.ROSTER: self._roster, Kind.HARDSHIP: self._need, Kind.ILLNESS: self._illness, Kind.CLASSIFIED: self._classified,
            Kind.INTERNAL: self._internal, Kind.DRAFT: self._draft,
        }  # fmt: skip
        true = [make() for make in makers.values() for _ in range(each)]
        return [*true, *(self._false() for _ in true)]

    def _of(self, *choices: str) -> str:
        return self._dice.choice(choices)

    def _digits(self, count: int) -> str:
        return "".join(self._dice.choice("0123456789") for _ in range(count))

    def _day(self) -> date:
        return date(1950, 1, 1) + timedelta(days=self._dice.randrange(22_000))

    def _prose(self, text: str, *kinds: Kind) -> Case:
        """The text among a notice's others."""
        around = [Part(f"正文第{n}段", self._calm()) for n in range(1, 4)]
        return Case(
            (Part("标题", self._of(*TITLES)), *around[:2], Part("正文第3段", text), around[2]), frozenset(kinds)
        )

    def _list(self, heading: str, values: tuple[str, ...], *kinds: Kind) -> Case:
        rows = [("序号", "姓名", "专业班级", heading, "备注")]
        rows += [(str(n), self._of(*NAMES), "机电2班", value, "") for n, value in enumerate(values, start=1)]
        return Case((Grid("附件“名单.xlsx”工作表“Sheet1”", tuple(rows)),), frozenset(kinds))

    def _calm(self) -> str:
        """A sentence as notices have them, its numbers drawn anew."""
        day = self._day()
        return self._of(*FALSE).format(
            year=day.year, late=self._dice.randrange(2012, 2027), month=day.month, day=day.day, n=self._dice.randrange(1, 99), no=self._digits(8), student=f"20{self._digits(8)}",
            law=self._of(*LAWS), amount=f"{self._dice.randrange(10_000, 99_999_999):,}.{self._digits(2)}", phone=self._phone(), long=self._digits(17),
        )  # fmt: skip

    def _false(self) -> Case:
        return self._prose(self._calm())

    def _phone(self) -> str:
        return f"1{self._of('38', '39', '59', '86', '77', '91')}{self._digits(8)}"

    def _number(self) -> str:
        first = f"110101{self._day():%Y%m%d}{self._digits(3)}"
        return first + check_digit(first)

    def _identity(self) -> Case:
        number = self._number() if self._dice.random() < 0.8 else f"110101{self._day():%y%m%d}{self._digits(3)}"
        written = IDENTITY[self._of(*IDENTITY)](number) if len(number) == 18 else number
        before = self._of("身份证号：", "公民身份号码", f"{self._of(*NAMES)}，", f"{self._of(*NAMES)} ", "1.")
        if len(number) == 18 and self._dice.random() < 0.25:
            return self._broken(before, number)
        return self._prose(before + written + self._of("", "。", "，男"), Kind.ID)

    def _broken(self, before: str, number: str) -> Case:
        """The number cut anywhere, its halves in two paragraphs or in two cells of a row."""
        cut = self._dice.randrange(1, 18)
        first, second = number[:cut], number[cut:]
        if self._dice.random() < 0.5:
            rows = (("1", self._of(*NAMES), first, second, "机电2班"), ("2", self._of(*NAMES), "", "", "机电2班"))
            return Case((Grid("表", rows),), frozenset((Kind.ID,)))
        behind = self._of("", "，男", " 男") if number.endswith("X") else ""
        halves = (
            Part("正文第1段", before + first),
            Part("正文第2段", second + behind),
            Part("正文第3段", self._calm()),
        )
        return Case((Part("标题", self._of(*TITLES)), *halves), frozenset((Kind.ID,)))

    def _mobile(self) -> Case:
        if self._dice.random() < 0.2:
            head = (
                self._of("学生", "申请人", "获奖人", "家长", "人员"),
                "班级",
                self._of("手机", "联系方式", "联系电话"),
            )
            return Case((Grid("表", (head, (self._of(*NAMES), "机电2班", self._phone()))),), frozenset((Kind.PHONE,)))
        written = MOBILE[self._of(*MOBILE)](self._phone())
        return self._prose(
            f"{self._of('手机：', '家长联系电话：', '本人电话 ', '张三，', '李四 ', '学生张三，联系电话：', '考生李四（联系电话')}{written}{self._of('', '。', '，')}",
            Kind.PHONE,
        )

    def _card(self) -> Case:
        first = f"62{self._digits(self._dice.choice((13, 16)))}"
        total = sum(d - 9 if (d := int(sign) * (2 - place % 2)) > 9 else d for place, sign in enumerate(first[::-1]))
        written = CARD[self._of(*CARD)](f"{first}{-total % 10}")
        return self._prose(f"{self._of('银行卡号：', '张三 ', '卡号', '收款账户：')}{written}", Kind.CARD)

    def _birth(self) -> Case:
        day = self._day()
        if self._dice.random() < 0.4:
            return self._list(
                self._of("出生日期", "出生年月", "生日"),
                (day.isoformat(), f"{day:%Y%m%d}", f"{day:%Y/%m/%d}"),
                Kind.BIRTH,
            )
        text = self._of(
            "出生日期：{0.year}-{0.month}-{0.day}",
            "张三，男，{0.year}年{0.month}月{0.day}日出生",
            "生于{0.year}年{0.month}月{0.day}日",
            "出生年月：{0:%Y%m%d}",
        )
        return self._prose(text.format(day), Kind.BIRTH)

    def _home(self) -> Case:
        if self._dice.random() < 0.4:
            return self._list(self._of("家庭住址", "家庭详细地址", "户籍所在地", "现住址"), PLACES, Kind.ADDRESS)
        return self._prose(self._of("家庭住址：", "家住", "户籍地址：", "张三，") + self._of(*PLACES), Kind.ADDRESS)

    def _roster(self) -> Case:
        rows = [(self._of(*NAMES), f"2020{self._digits(6)}") for _ in range(5)]
        if self._dice.random() < 0.5:
            head = (("姓名", "学号"),) if self._dice.random() < 0.7 else ()
            return Case((Grid("表", (*head, *rows)),), frozenset((Kind.ROSTER,)))
        if self._dice.random() < 0.5:
            lines = "\n".join(f"{n} {number} {name} 机电" for n, (name, number) in enumerate(rows, start=1))
            return Case((Part("第1页", f"序号 学号 姓名 专业\n{lines}"),), frozenset((Kind.ROSTER,)))
        return self._prose(
            self._of(
                "姓名：{0}，学号：{1}",
                "{0}（学号{1}）",
                "{0}，学号为{1}",
                "学号{1}的{0}",
                "{0}（{1}）、{2}（{3}）",
                "学生{0}（{1}）",
                "{0}[{1}]、{2}[{3}]",
                "{0}【{1}】、{2}【{3}】",
                "{1} {0}\n{3} {2}\n{5} {4}",
                "{0}/{1}，{2}/{3}，{4}/{5}",
            ).format(*(each for row in rows for each in row)),
            Kind.ROSTER,
        )

    def _need(self) -> Case:
        if self._dice.random() < 0.6:
            return self._list(
                self._of("困难等级", "致贫原因", "困难类型", "备注说明", "是否建档立卡"),
                ("特别困难", "建档立卡", "低保户"),
                Kind.HARDSHIP,
            )
        return self._prose(
            self._of(
                "困难等级：特别困难",
                "致贫原因：缺劳力",
                "该生家庭属低保户，经济困难",
                "其父早逝，靠母亲务农维持生活",
                "该生系孤儿",
                f"{self._of(*NAMES[:4])}因家庭经济困难，申请缓缴学费",
                f"{self._of(*NAMES[:4])}（2020级机电2班）因家庭经济特别困难",
                f"{self._of(*NAMES[:4])}同学家境贫寒",
            ),
            Kind.HARDSHIP,
        )

    def _illness(self) -> Case:
        if self._dice.random() < 0.5:
            return self._list(
                self._of("健康状况", "疾病名称", "残疾类别", "患病情况"), ("肢体三级", "肝炎", "慢性肾炎"), Kind.ILLNESS
            )
        return self._prose(
            self._of(
                "因父亲身患癌症，花费巨大",
                "张三同学确诊白血病",
                "所患疾病：尿毒症",
                "其母患有精神分裂症",
                "病情：重度抑郁",
            ),
            Kind.ILLNESS,
        )

    def _classified(self) -> Case:
        mark = self._of(
            "秘密★1年",
            "机密★20年",
            "绝密★长期",
            "秘 密",
            "机密☆5年",
            "密级：机密",
            "【秘密】关于某事项的通知",
            "000123 机密★10年",
            "机密 特急",
            "机密·特急",
            "秘密·加急",
            "本件属秘密级文件",
        )
        return self._prose(mark, Kind.CLASSIFIED)

    def _internal(self) -> Case:
        mark = self._of(
            "内部资料 注意保存",
            "（内部文件）",
            "内部",
            "此件不得外传。",
            "仅供内部参考",
            "工作秘密",
            "本件按工作秘密管理",
            "以上名单请勿外传",
            "内部使用，严禁外传",
            "此件内部使用",
            "仅内部使用",
            "此件不公开",
            "公开属性：不予公开",
            "公开属性：☐主动公开 ☐依申请公开 ☒不予公开",
            "公开属性：□主动公开 ●不予公开",
            "公开属性：[ ]主动公开 [√]不予公开",
            "公开方式：主动公开（ ） 不予公开（√）",
            "此件不得对外泄露",
            "仅供校内参考",
            "（仅限校内传阅）",
            "学校内部资料",
            "内部★",
            "内部★3年",
            "本材料为学校内部资料",
        )
        return self._prose(mark, Kind.INTERNAL)

    def _draft(self) -> Case:
        return self._prose(
            self._of(
                "示范学院章程（征求意见稿）", "征求意见稿", "学生管理办法[征求意见稿]", "学术委员会章程征求意见稿"
            ),
            Kind.DRAFT,
        )


def main() -> None:
    """Make the corpus, look through it and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.guard", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=200, help="true cases of each kind")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--wrong", action="store_true", help="print what was missed and what was no case")
    args = parser.parse_args()
    cases = Corpus(args.seed).cases(args.cases)
    begun = time.perf_counter()
    found = [frozenset(hit.kind for hit in scan(case.pieces, consultation=case.consultation)) for case in cases]
    seconds = time.perf_counter() - begun
    figures = measure(cases, found)
    rates = {"items/s": len(cases) / seconds, "cells/s of an .xlsx": _cells_a_second()}
    if args.wrong:
        _print_wrong(cases, found)
    print(
        json.dumps({"kinds": figures, "rates": rates}, ensure_ascii=False)
        if args.json
        else _table(figures, rates, len(cases))
    )


def measure(cases: list[Case], found: list[frozenset[Kind]]) -> dict[str, tuple[int, int, int]]:
    """Found, missed and false for each kind, and for all of them under 合计."""
    right = Counter(kind for case, kinds in zip(cases, found, strict=True) for kind in case.kinds & kinds)
    missed = Counter(kind for case, kinds in zip(cases, found, strict=True) for kind in case.kinds - kinds)
    false = Counter(kind for case, kinds in zip(cases, found, strict=True) for kind in kinds - case.kinds)
    figures = {kind.value: (right[kind], missed[kind], false[kind]) for kind in Kind}
    return {**figures, "合计": (right.total(), missed.total(), false.total())}


def _cells_a_second() -> float:
    """A list of 2,000 persons by 8 columns as a file: opened, read and looked through."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    sheet.append(["序号", "姓名", "院系", "专业", "班级", "奖项", "金额", "备注"])
    for n in range(2_000):
        sheet.append([n, "张三", "机电工程系", "机电一体化技术", "2020级1班", "国家励志奖学金", 5000, ""])
    saved = BytesIO()
    book.save(saved)
    begun = time.perf_counter()
    scan(pieces_of("名单.xlsx", saved.getvalue()))
    return 2_001 * 8 / (time.perf_counter() - begun)


def _print_wrong(cases: list[Case], found: list[frozenset[Kind]]) -> None:
    for case, kinds in zip(cases, found, strict=True):
        if kinds != case.kinds:
            print("missed", [*case.kinds - kinds], "false", [*kinds - case.kinds], case.pieces)


def _table(figures: dict[str, tuple[int, int, int]], rates: dict[str, float], count: int) -> str:
    lines = [f"{count} cases; recall and precision in %", f"{'':<12} found  missed  false   recall  precision"]
    for name, (right, missed, false) in figures.items():
        recall, precision = right / max(right + missed, 1), right / max(right + false, 1)
        lines.append(f"{name:　<10}{right:6}{missed:8}{false:7}{100 * recall:9.2f}{100 * precision:11.2f}")
    right, missed, false = figures["合计"]
    reached = missed == 0 and right / max(right + false, 1) >= PRECISION_GOAL
    lines.append(f"goal: recall 100, precision ≥ {100 * PRECISION_GOAL:.0f}: {'reached' if reached else 'MISSED'}")
    return "\n".join([*lines, *(f"{name:<22}{rate:10,.0f}" for name, rate in rates.items())])


if __name__ == "__main__":
    main()
