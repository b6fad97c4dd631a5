"""The text of a short message: an approved template with its variables filled, and how many segments it is billed as."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from channels.base import SendError
from channels.words import clean
from rules.bundle import FIRST, Bundle, Piece
from rules.outcome import Outcome
from rules.text import cut_chars

TITLE, DEPARTMENT, SCHOOL, PATH = "标题", "部门", "学校", "路径"
TAKES = (TITLE, DEPARTMENT, SCHOOL, PATH)
#: Characters of one variable unless the school's own account allows another number.
VARIABLE = 35
#: Characters with 【签名】: of one segment, of each segment of a longer one, and at most.
#: https://help.aliyun.com/document_detail/44335.html, https://cloud.tencent.com/document/product/382/18058
ONE, EACH, MOST = 70, 67, 500
#: The vendors refuse an address in a variable; it belongs into the approved text.
_ADDRESS = re.compile(r"https?://|www\.|[0-9a-z-]+\.(?:com|cn|net|org|edu|gov)(?![0-9a-z])", re.IGNORECASE)
#: An address in the approved text that a variable goes on with.
_BASE = re.compile(r"([0-9a-z][0-9a-z.-]*\.[a-z]{2,}/[!-~]*)$", re.IGNORECASE)
#: 【】 marks the signature, and there is only one.
_BRACKETS = str.maketrans("【】", "〔〕")


def segments(text: str) -> int:
    """How many messages a text, its 【签名】 counted, is billed as."""
    return 1 if len(text) <= ONE else -(-len(text) // EACH)


@dataclass(frozen=True)
class Variable:
    """What one placeholder takes (one of TAKES), in at most `most` characters."""

    takes: str
    most: int = VARIABLE


@dataclass(frozen=True, kw_only=True)
class Template:
    """An approved template. `holes` finds its placeholders, their names in group 1."""

    sign: str
    text: str
    holes: re.Pattern[str]
    variables: Mapping[str, Variable]
    #: name -> the address in the approved text that stands before a 路径.
    bases: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Raises ValueError if text and variables do not fit together."""
        names = self.names
        if missing := [name for name in names if name not in self.variables]:
            raise ValueError(f"variables 缺少模板中的变量 {'、'.join(missing)}")
        if extra := [name for name in self.variables if name not in names]:
            raise ValueError(f"variables 中的 {'、'.join(extra)} 在模板 text 中没有")
        object.__setattr__(self, "bases", {name: self._base(name) for name in names if self._takes(name) == PATH})

    @property
    def names(self) -> list[str]:
        """The placeholders' names in the order of the text, each once."""
        return list(dict.fromkeys(self.holes.findall(self.text)))

    def _takes(self, name: str) -> str:
        return self.variables[name].takes

    def _base(self, name: str) -> str:
        hole = next(found for found in self.holes.finditer(self.text) if found[1] == name)
        base = _BASE.search(self.text[: hole.start()])
        if base is None:
            raise ValueError(f"变量 {name} 取“{PATH}”，模板 text 中它的前面应是网址，如 https://www.example.edu.cn/")
        return base[1]

    def values(self, bundle: Bundle) -> tuple[dict[str, str], bool]:
        """The value of each placeholder, and whether any was cut; raises SendError for what no template can carry."""
        if len(bundle.pieces) != 1:
            raise SendError(Outcome.REFUSED, "一条短信只能放一条信息", advice="请将这些条目分开推送")
        tidy = clean(bundle)
        whole = {name: self._value(name, tidy, tidy.pieces[0]) for name in self.names}
        cut = {name: cut_chars(value, self.variables[name].most) for name, value in whole.items()}
        return cut, cut != whole

    def _value(self, name: str, bundle: Bundle, piece: Piece) -> str:
        takes = self._takes(name)
        if takes == PATH:
            return self._path(name, piece.url)
        # An empty variable is refused by the vendors, so a piece without a department is the school's.
        text = {
            TITLE: _title(piece), DEPARTMENT: piece.department or bundle.school, SCHOOL: bundle.school,
        }[takes].translate(_BRACKETS)  # fmt: skip
        if _ADDRESS.search(text):
            raise SendError(
                Outcome.REFUSED, f"{takes}中有网址，短信变量不能带网址", advice=f"请去掉{takes}中的网址后重新推送"
            )
        return text

    def _path(self, name: str, url: str) -> str:
        """What follows the approved address; a link is never cut, and never another site's."""
        base, room = self.bases[name], self.variables[name].most
        address = re.sub(r"^https?://", "", url)
        if not address.startswith(base) or address == base:
            raise SendError(
                Outcome.REFUSED,
                f"条目的链接不在模板的网址 {base} 之下",
                advice="请核对条目的链接，或改用不带链接的模板",
            )
        path = address.removeprefix(base)
        if len(path) > room:
            what = f"链接的路径有{len(path)}个字符，超过变量的{room}个，不能截断"
            raise SendError(Outcome.REFUSED, what, advice="请改用较短的链接，或改用不带链接的模板")
        return path

    def shown(self, values: Mapping[str, str]) -> str:
        """The message as the handset shows it; raises SendError if it is too long to be sent."""
        text = f"【{self.sign}】" + self.holes.sub(lambda hole: values[hole[1]], self.text)
        if len(text) > MOST:
            what = f"短信有{len(text)}个字，超过{MOST}个字的上限"
            raise SendError(Outcome.REFUSED, what, advice="请改用较短的模板，或减小变量的字数")
        return text


def _title(piece: Piece) -> str:
    return piece.title if piece.purpose == FIRST else f"{piece.purpose}：{piece.title}"
