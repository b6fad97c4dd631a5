"""What a table says by its headings: a column (or the cell right of a label) is understood by what it is called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from itertools import pairwise

from rules.guard.contacts import is_contact_label
from rules.guard.names import names_somebody
from rules.guard.pieces import Grid, Hit, Kind
from rules.guard.plain import plain, squeezed
from rules.guard.prose import DAY, is_home, masked_day, masked_home


class Head(Enum):
    """What a heading promises of the cells below it."""

    NAME = auto()
    STUDENT = auto()
    ID = auto()
    CARD = auto()
    BIRTH = auto()
    HOME = auto()
    NEED = auto()
    ILL = auto()
    THING = auto()
    CONTACT = auto()
    #: An office's own telephone, whoever sits beside it.
    OFFICE = auto()
    #: A person, if the cells below name any: the column of a list that has no 姓名.
    PERSON = auto()
    #: A heading that promises nothing of ours; it is no value.
    OTHER = auto()


_OF = "(?:学生|本人|考生|学员|受助人?|申请人|获奖人?|被?推荐人|家长|户主|持卡人|职工|教师|成员)?的?"
_DOES = "(?:负责|获奖|参赛|受助|资助|拟?录取|入选|报名|报考|参加|住宿|实习|毕业|优秀|申请|申报|候选|应聘|拟?聘用|借款|被?推荐|参会|参训|面试|入围|考察|公示|拟任|表彰|慰问|走访|帮扶)"
_HEADS: Mapping[Head, re.Pattern[str]] = {
    head: re.compile(pattern)
    for head, pattern in {
        Head.NAME: rf"{_OF}(?:姓名|名字)|学生|{_OF}姓名(?:及|和|、).{{1,6}}",
        Head.STUDENT: rf"{_OF}学(?:籍)?号(?:码)?",
        Head.ID: rf"{_OF}(?:(?:居民|公民)?身份证(?:件)?(?:号码?|号)?|公民身份号码|身份号码|(?:有效)?证件号码?)",
        Head.CARD: rf"{_OF}(?:银行.{{0,4}}(?:卡|账|帐)(?:号码?|户)?|(?:开户|收款|发放)?(?:卡号|[账帐]号)|(?:工资|中职|社保|储蓄)卡(?:号|卡号)?|开户.{{0,4}}[账帐]号)",
        Head.BIRTH: rf"{_OF}(?:出生(?:日期|年月日?|时间)?|生日)",
        Head.HOME: rf"{_OF}(?:家庭?(?:详细|现|常住)?(?:住址|地址)|(?:详细|现|常|居)?住址|户籍(?:地址|所在地|地)|户口所在地|现?居住(?:地址?)|常住地址|家庭所在地)",
        Head.NEED: rf"{_OF}(?:是否)?(?:家庭)?(?:经济)?(?:困难|贫困|致贫)(?:学?生)?(?:认定)?(?:等级|档次|类型|类别|原因|程度|情况|情形|级别)?(?:说明)?"
        r"|(?:是否)?(?:建档立卡|低保|特困|孤儿|单亲|脱贫户?|烈士子女|五保)(?:户|家庭|学?生|供养|人员|子女|情况)?|家庭(?:经济|困难|收入)(?:状况|情况|来源)?|家庭(?:人均)?(?:年|月)收入|困难认定.{0,4}|认定等级|申请理由|致困原因",
        Head.ILL: rf"{_OF}(?:是否)?(?:所?患)?(?:疾病|病情|病史|病种|残疾|伤病|患病|诊断)(?:情况|名称|类别|等级|证号|说明|结果|原因)?|(?:健康|身体|心理)(?:状况|情况)",
        Head.THING: r".{0,6}(?:编号|代码|编码|序号|工号|考号|考生号|准考证号|证书号|合同号|订单号|单号|流水号|金额|条码|文号|书号|ISBN|课程号)",
        Head.PERSON: rf"{_DOES}?(?:学生|考生|学员|新生|同学|家长|监护人|队员|选手|成员|人员|志愿者)(?:名单|姓名|代表|干部|负责人|联系人|家长)?|(?!负责){_DOES}(?:人|者)(?:名单|姓名)?"
        rf"|{_DOES}?名单|父亲|母亲|户主|本人|班长|团支书|队长|组长|紧急联系人",
        Head.OFFICE: "(?:办公室?|咨询|监督|举报|投诉|值班|服务)(?:联系)?(?:电话|手机|热线|号码)|热线|传真",
        Head.OTHER: r"序号|性别|民族|籍贯|政治面貌|(?:所在|就读|所属)?(?:院|系|院系|系部|学院|学校|专业|班级|专业班级|年级|部门|单位|科室)(?:名称)?|学历|学制|层次|职务|职称"
        r"|备注|说明|名称|项目|内容|时间|日期|等级|类别|类型|金额(?:.{0,4})?|人数|辅导员|班主任|照片|签名|签字|奖项|成绩|排名|结果|.{2,6}意见|.{2,6}奖学金|.{2,6}日期|.{2,6}等级",
    }.items()
}
#: A table with one of these is one of persons.
_PERSONS = frozenset((Head.NAME, Head.STUDENT, Head.ID))
_ASIDE = re.compile(r"\(.*?\)$|[*:★]")
_NOTHING = re.compile(
    r"(?:无|否|不是|没有|未|不详|健康|良好|正常|一般健康|[-/—_.、0○□]+|N/?A|无.{0,4}|均?不(?:困难|属于))", re.IGNORECASE
)
#: A heading with more than a day in it is read as what it says: 联系人(110101…) heads nothing.
_MOST_DIGITS = 8
_OPTIONS = re.compile("□")
_TICKED = re.compile("[☑✓√■]")
#: Said in any column of a list of persons.
_NEEDY = re.compile(
    r"(?:家庭经济)?(?:特别|比较|特殊|一般)困难|(?:原)?建档立卡(?:户|家庭|贫困户|学生)?|低保(?:户|家庭)?|特困(?:供养)?|孤儿|单亲(?:家庭)?|脱贫户|残疾(?:人|学生)?|重[大病]疾?病"
)
_STUDENT_NUMBER = re.compile(r"[A-Za-z]{0,3}[0-9]{4,20}")
_PERSON_NAME = re.compile(r"[\u4e00-\u9fff·]{2,20}|[A-Za-z .]{3,40}")
_SERIAL_DAY = re.compile(r"[1-4][0-9]{4}(?:\.0)?|[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")


@dataclass(frozen=True)
class Cell:
    """A cell with content: its plain text and what the heading above it or the label on its left calls it."""

    row: int
    column: int
    text: str
    heads: frozenset[Head]


def head_of(text: str) -> Head | None:
    """What a heading promises; None for a cell that is no heading we know."""
    bare = _ASIDE.sub("", squeezed(text))
    if not 2 <= len(bare) <= 14 or sum(sign.isdecimal() for sign in text) > _MOST_DIGITS:
        return None
    known = next((head for head, pattern in _HEADS.items() if pattern.fullmatch(bare)), None)
    return known or (Head.CONTACT if not any(sign.isdigit() for sign in bare) and is_contact_label(bare) else None)


def has_headings(text: str) -> bool:
    """True if a text has a heading of persons among its words: it may hold a table."""
    heads = (head_of(plain(word)) for word in text.split())
    return any(head not in (None, Head.OTHER, Head.THING, Head.CONTACT, Head.OFFICE) for head in heads)


class Table:
    """A grid's cells with their headings."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._known: dict[str, Head | None] = {}
        self.cells: list[Cell] = []
        #: Places in `cells` before which a heading stands.
        self.headed: set[int] = set()
        self.heads: set[Head] = set()
        above: dict[int, Head] = {}
        for number, row in enumerate(grid.rows):
            self._read(number, [plain(text).strip() for text in row], above)

    def _read(self, number: int, row: list[str], above: dict[int, Head]) -> None:
        self._known.update((text, head_of(text)) for text in row if text not in self._known)
        known = [self._known[text] for text in row]
        if sum(map(bool, row)) == 1:  # 名单 above a table is its title
            known = [head if head is not Head.PERSON else None for head in known]
        sure = [head and not _NEEDY.fullmatch(squeezed(text)) for text, head in zip(row, known, strict=True)]
        is_form = not any(left and right for left, right in pairwise(sure))
        if is_form:
            known = [head if at else None for head, at in zip(known, sure, strict=True)]
        label: Head | None = None
        for column, (text, head) in enumerate(zip(row, known, strict=True)):
            if head:
                self.heads.add(head)
                self.headed.add(len(self.cells))
                _begin(above, column, row, head)
            elif text:
                heads = frozenset(each for each in (above.get(column), label if is_form else None) if each)
                self.cells.append(Cell(number, column, text, heads))
            label = head if text else label

    @property
    def of_persons(self) -> bool:
        """True if the table lists persons."""
        return bool(self.heads & _PERSONS)

    def is_contact(self, cell: Cell) -> bool:
        """True for a column of numbers to be called at: of offices, not of the persons in a list."""
        if self.of_persons:
            return False
        return Head.OFFICE in cell.heads or (Head.CONTACT in cell.heads and not self._named)

    @cached_property
    def _named(self) -> frozenset[int]:
        """The rows in which somebody is named, under whatever heading of persons."""
        rows = {c.row for c in self.cells if Head.NAME in c.heads and _PERSON_NAME.fullmatch(c.text)}
        return frozenset(rows | {c.row for c in self.cells if Head.PERSON in c.heads and names_somebody(c.text)})

    def hits(self) -> Iterator[Hit]:
        """What the headings give away."""
        for cell in self.cells:
            if found := self._hit(cell):
                yield Hit(found[0], self._grid.cell(cell.row, cell.column), found[1])
        yield from self._roster()

    def _hit(self, cell: Cell) -> tuple[Kind, str] | None:
        text, heads = cell.text, cell.heads
        if Head.BIRTH in heads and (DAY.search(text) or _SERIAL_DAY.fullmatch(text)):
            return Kind.BIRTH, masked_day(text)
        if Head.HOME in heads and is_home(text):
            return Kind.ADDRESS, masked_home(text)
        digits = sum(sign in "0123456789" for sign in text)
        if Head.ID in heads and digits >= 14:
            return Kind.ID, f"{text[:4]}************"
        if Head.CARD in heads and digits >= 12:
            return Kind.CARD, f"{text[:4]}************"
        return self._ground(text, heads) if self.of_persons or cell.row in self._named else None

    def _ground(self, text: str, heads: frozenset[Head]) -> tuple[Kind, str] | None:
        bare = squeezed(text)
        if _NOTHING.fullmatch(bare) or (_OPTIONS.search(bare) and not _TICKED.search(bare)):
            return None
        if Head.ILL in heads:
            return Kind.ILLNESS, "****"
        if Head.NEED in heads or _NEEDY.fullmatch(bare):
            return Kind.HARDSHIP, "****"
        return None

    def _roster(self) -> Iterator[Hit]:
        """One hit a table: names and student numbers side by side, at the first number."""
        numbers = [c for c in self.cells if Head.STUDENT in c.heads and _STUDENT_NUMBER.fullmatch(squeezed(c.text))]
        both = [cell for cell in numbers if cell.row in self._named]
        if both:
            yield Hit(Kind.ROSTER, self._grid.cell(both[0].row, both[0].column), f"学号与姓名同列，共{len(both)}行")


def _begin(above: dict[int, Head], column: int, row: list[str], head: Head) -> None:
    """A heading rules its column if it has a neighbour, or is all its row has; the label of a blank form has none."""
    beside = row[max(0, column - 1) : column] + row[column + 1 : column + 2]
    if any(beside) or sum(bool(text) for text in row) == 1:
        above[column] = head
