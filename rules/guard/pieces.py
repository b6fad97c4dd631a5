"""What is looked through, and what is found in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class Kind(StrEnum):
    """What a hit is, in the words a person reads."""

    #: 18 digits with a right check digit, 15 of the old form, or whatever stands beside 身份证号.
    ID = "身份证号码"
    #: A mobile number that is no office's contact.
    PHONE = "手机号码"
    #: 16 to 19 digits that keep the card's check rule.
    CARD = "银行卡号"
    #: A person's birth date to the day; year and month alone are usual in 任前公示.
    BIRTH = "出生日期"
    #: Where a person lives.
    ADDRESS = "家庭住址"
    #: Student numbers and names side by side.
    ROSTER = "学号与姓名"
    #: Why or how much a person is in need.
    HARDSHIP = "家庭困难情况"
    #: A person's illness or disability.
    ILLNESS = "疾病或残疾情况"
    #: 绝密, 机密, 秘密 as a mark.
    CLASSIFIED = "密级标志"
    #: 内部资料, 不得外传, 工作秘密 as a mark.
    INTERNAL = "内部或工作秘密标志"
    #: A draft outside its consultation.
    DRAFT = "征求意见稿"


@dataclass(frozen=True)
class Part:
    """A title, paragraph, page or line; `where` is what a person reads to find it.

    `left_over` if a template or a draft may have left it, as it does a file's properties: it marks nothing as inner.
    """

    where: str
    text: str
    left_over: bool = False


class Cells(Enum):
    """How a table's cells are named."""

    #: As a sheet shows them: C5.
    LETTERED = auto()
    #: By row and column, counted from 1.
    COUNTED = auto()
    #: Not at all: where the table is must do, as on a page of a .pdf.
    UNNAMED = auto()


@dataclass(frozen=True)
class Grid:
    """A table; `rows[0]` is row 1."""

    where: str
    rows: tuple[tuple[str, ...], ...]
    cells: Cells = Cells.LETTERED

    def cell(self, row: int, column: int) -> str:
        """The name of a cell, both counted from 0."""
        if self.cells is Cells.LETTERED:
            return f"{self.where}{_letters(column)}{row + 1}"
        return f"{self.where}第{row + 1}行第{column + 1}列" if self.cells is Cells.COUNTED else self.where


Piece = Part | Grid


@dataclass(frozen=True)
class Hit:
    """One thing that must not go out unseen: what, where, and a masked excerpt."""

    kind: Kind
    where: str
    shown: str


def _letters(column: int) -> str:
    letters = ""
    rest = column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


_IMAGE = re.compile(r"<img\b", re.IGNORECASE)
#: A text with a picture and fewer signs than these is the picture.
FEW_WORDS = 10


def is_only_pictures(texts: Iterable[str], words: Iterable[str]) -> bool:
    """True if texts with a picture in them say nothing (`words`) but what their pictures show: nobody can read those."""
    shown = any(_IMAGE.search(text) for text in texts)
    return shown and len(re.sub(r"\s", "", "".join(words))) < FEW_WORDS
