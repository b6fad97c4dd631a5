"""Where the school's own pages stand (门户网站、信息公开专栏), and on which days their visits are read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from rules.routing import Target

#: Characters of an address; the store keeps no more.
LONGEST = 100
#: An http(s) address: who logs in, host, port, path with query, and what stands behind a #.
_ADDRESS = re.compile(
    r"https?://(?P<who>[^/?#@]*@)?(?P<host>\[[0-9a-f:.]+\]|[^/?#@:\s\[\]]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<path>(?:[/?][^#\s]*)?)(?P<mark>#\S*)?",
    re.IGNORECASE,
)
#: http and https are one site at their usual ports.
_USUAL = ("80", "443")
#: Days after the 公开日期 on which a page's visits are read; after the last of them once in so many days.
FIRST_LOOKS = (1, 7, 30)
MONTH = 30


def why_no_site(address: str) -> str:
    """What is wrong with the address of a site or column in the register; empty if nothing."""
    found = _read(address)
    if found is None or "*" in found["host"]:
        return "应写网页地址的开头，如 https://www.example.edu.cn/xxgk/；中间会变的部分可写 *"
    if found["who"] or found["mark"]:
        return "网页地址中不能有账号，也不要写 # 后面的部分"
    return "" if len(address) <= LONGEST else f"网页地址有{len(address)}个字符，超过{LONGEST}个，请只写开头"


def is_page(url: str) -> bool:
    """True for a whole http(s) address that a reader's browser can open."""
    return _read(url) is not None and url.isprintable()


def host_of(address: str) -> str:
    """The host of an address in small letters, empty if there is none."""
    found = _read(address.strip())
    return found["host"].lower().strip("[]") if found else ""


def stands_at(url: str, address: str) -> bool:
    """True if a page lies under the address: the same host, and its path begins so (`*` is anything).

    http and https are one site; a path that ends in neither / nor * ends at a whole segment.
    """
    page, prefix = _read(url.strip()), _read(address)
    if page is None or prefix is None or _place(page) != _place(prefix):
        return False
    return _pattern(prefix["path"] or "/").match(page["path"] or "/") is not None


def home_of(url: str, targets: Iterable[Target]) -> Target | None:
    """The one target a page stands at: the most particular of those it lies under, so that it is counted once."""
    under = [target for target in targets if stands_at(url, target.address)]
    return max(under, key=lambda target: (len(target.address.replace("*", "")), target.number), default=None)


def look_due(published: date, last_read: date | None, today: date, days: int) -> bool:
    """True if a page's visits are to be read: a day to look has come since the last figure, and `days` are not over."""
    age = (today - published).days
    looks = [*FIRST_LOOKS, *range(FIRST_LOOKS[-1] + MONTH, days + 1, MONTH)]
    passed = [published + timedelta(look) for look in looks if look <= min(age, days)]
    return age <= days and bool(passed) and (last_read is None or last_read < passed[-1])


def counts(figure: int | None, before: int | None) -> str:
    """Why a figure read from a counter is none; empty if it is one. Unknown is no figure, and never 0."""
    if figure is None:
        return "答复的不是访问次数"
    if before is not None and figure < before:
        return f"访问次数由 {before} 变成 {figure}，计数器可能被清零"
    return ""


def _read(address: str) -> re.Match[str] | None:
    """None for what is no http(s) address; a backslash is read one way by a browser and another by a library."""
    return None if "\\" in address else _ADDRESS.fullmatch(address)


def _place(found: re.Match[str]) -> tuple[str, str]:
    """Host and unusual port."""
    return found["host"].lower(), "" if found["port"] in (None, *_USUAL) else found["port"]


@lru_cache(256)
def _pattern(path: str) -> re.Pattern[str]:
    begins = ".*".join(map(re.escape, path.split("*")))
    return re.compile(begins if path.endswith(("/", "*")) else f"{begins}(?:[/?]|$)")
