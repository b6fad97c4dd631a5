"""A text as it would have been typed plainly: one width, one dash, nothing invisible."""

from __future__ import annotations

import re
import unicodedata

#: Marks that take no room, and marks set over the digit before them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u0300-\u036f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u20d0-\u20f0\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef]"
)
#: ① and ¹ count or point; they are no digits of what follows them.
_COUNTERS = re.compile(
    "[²³¹\u2070-\u2089\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3220-\u3229\u3248-\u325f\u3280-\u32bf]"
)
_OTHER_DIGITS = re.compile(r"(?![0-9])\d")
#: Ticked and empty boxes of the fonts Wingdings and Wingdings 2, which stand where no sign of Unicode is.
SYMBOLS = dict.fromkeys("\uf0fe\uf052\uf0fc\uf050\uf0fd\uf051\uf053\uf054", "☑") | dict.fromkeys("\uf0a8\uf06f\uf0a3", "□")
_SAME = str.maketrans(
    dict.fromkeys("‐‑‒–—―−﹣➖ー⁃", "-")
    | dict.fromkeys("・•‧∙⋅●∘◦᛫", "·")
    | dict.fromkeys("\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", "\n")
    | SYMBOLS
    | dict.fromkeys("☒✔✅🗹🗷🗵🗸◉▣◼⬛", "☑")
    | dict.fromkeys("☐◻▢❏❑⬜", "□")
    | dict.fromkeys("×ХΧхχ✕✖", "X")
)


def plain(text: str) -> str:
    """The text in NFKC, without what cannot be seen, every dash a -, every middle dot a ·, every ending digit X an X, boxes alike."""
    if text.isascii() and text.isprintable():
        return text
    seen = _COUNTERS.sub("、", text.translate(_SAME))
    seen = unicodedata.normalize("NFKC", _INVISIBLE.sub("", seen)).translate(_SAME)
    return _OTHER_DIGITS.sub(lambda digit: str(unicodedata.digit(digit[0], "")), seen)


def squeezed(text: str) -> str:
    """The text without any blank: 联 系 人 reads 联系人."""
    return "".join(text.split())
