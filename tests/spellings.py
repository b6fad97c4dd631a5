"""The ways of writing a number that docs/隐私与保密检查.md lists; the tests and bench.guard write numbers in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Spelling = Callable[[str], str]
_WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_EACH = (1,) * 18


def _grouped(sign: str, *sizes: int) -> Spelling:
    """Set apart in groups of these sizes; what is left over is the last."""

    def spell(digits: str) -> str:
        groups, at = [], 0
        for size in (*sizes, len(digits)):
            groups.append(digits[at : at + size])
            at += size
        return sign.join(group for group in groups if group)

    return spell


#: Of an identity number.
IDENTITY: Mapping[str, Spelling] = {
    "连写": str,
    "全角数字": lambda digits: digits.translate(_WIDE),
    "按段空格": _grouped(" ", 6, 8),
    "按段全角空格": _grouped("\u3000", 6, 4, 4),
    "四位一空": _grouped(" ", 4, 4, 4, 4),
    "逐位空格": _grouped(" ", *_EACH),
    "短横线": _grouped("-", 6, 8),
    "全角横线": _grouped("－", 6, 8),
    "长横线": _grouped("—", 6, 8),
    "间隔点": _grouped("·", 6, 8),
    "圆点": _grouped(".", 6, 8),
    "下划线": _grouped("_", 6, 8),
    "斜线": _grouped("/", 6, 8),
    "零宽字符": _grouped("\u200b", *_EACH),
    "软连字符": _grouped("\u00ad", 6, 8),
    "不间断空格": _grouped("\u00a0", 6, 8),
    "制表符": _grouped("\t", 6, 8),
    "换行": _grouped("\n", 10),
    "换段": _grouped("\n\n\u3000\u3000\u3000\u3000", 10),
    "多个空格": _grouped("      ", 6, 8),
    "小写x": str.lower,
    "乘号作X": lambda digits: digits.replace("X", "×"),
}
#: Of a mobile number.
MOBILE: Mapping[str, Spelling] = {
    "连写": str,
    "全角数字": IDENTITY["全角数字"],
    "三四四空格": _grouped(" ", 3, 4),
    "三四四短横线": _grouped("-", 3, 4),
    "三四四圆点": _grouped(".", 3, 4),
    "三四四间隔点": _grouped("·", 3, 4),
    "三八空格": _grouped(" ", 3),
    "逐位空格": IDENTITY["逐位空格"],
    "零宽字符": IDENTITY["零宽字符"],
    "加国家代码": lambda digits: f"+86 {digits}",
    "连写国家代码": lambda digits: f"86{digits}",
    "国家代码后分段": lambda digits: f"+86{digits[:3]} {digits[3:7]} {digits[7:]}",
    "四四三空格": _grouped(" ", 4, 4),
}
#: Of a bank card.
CARD: Mapping[str, Spelling] = {
    "连写": str,
    "全角数字": IDENTITY["全角数字"],
    "四位一空": IDENTITY["四位一空"],
    "四位短横线": _grouped("-", 4, 4, 4, 4),
    "逐位空格": IDENTITY["逐位空格"],
    "零宽字符": IDENTITY["零宽字符"],
}
