"""What 旧报告体检 says of a report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is wrong, in the words the page shows."""

    #: Parts that do not add up to the total beside them.
    SUM = "合计不符"
    #: More than there can be: more forms back than given out, a share over the whole.
    BEYOND = "超出可能"
    #: An announced number of kinds or points that is not what is listed.
    LISTED = "数目不符"
    #: A part of 教办厅函〔2018〕80号 without a heading.
    NO_PART = "缺少部分"
    #: （一） followed by （三）.
    NO_HEADING = "缺少标题"
    #: The same number twice.
    TWICE = "编号重复"
    #: A heading with nothing below it.
    EMPTY = "没有内容"
    #: A slot that was left for a person to write in.
    UNFILLED = "没有填写"
    #: A period that begins or ends a day beside the year it means.
    DAY_OFF = "期限差一日"
    #: A day that no calendar has.
    NO_DAY = "日期有误"
    #: A school year that is another one than the period or the title says.
    YEAR = "学年不符"
    #: 学年, 学年度 and 年度 for the same thing.
    MIXED = "称呼不一"
    #: A way named in one place and missing in another.
    WAYS = "途径不一致"
    #: No way of disclosure has a figure.
    NO_FIGURE = "渠道没有数字"
    #: Something that a part must state, and does not.
    UNANSWERED = "没有答复"


@dataclass(frozen=True)
class Finding:
    """One thing to mend: where it stands (part, paragraph from 1, the words), what is expected, what was found."""

    kind: Kind
    part: str
    paragraph: int
    quoted: str
    expected: str
    found: str
    fix: str
