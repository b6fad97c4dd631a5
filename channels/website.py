"""本校网站（门户网站、信息公开专栏）: a channel that sends nothing. What stands there is booked, its visits are read.

An item stands at a site or column when its own page (链接) lies under the target's address and its source has given it
a 公开日期; jobs/site.py books it once. How a page's visits are read stands in sources/counters.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from channels.base import Clock, Content, Finding, Limits, Prepared, SendError, Sent
from rules.audience import PUBLIC, SCHOOL
from rules.bundle import Bundle
from rules.outcome import Outcome
from rules.place import WEBSITE
from rules.routing import Target
from rules.school import ChannelSetting
from rules.site import why_no_site

#: Days after its 公开日期 for which a page's visits are read, unless the school says otherwise.
DAYS = 90
#: Pages of one site read in a run, two minutes at most where the site answers; the others follow the next day.
PAGES = 60


class Website:
    """The school's own sites and columns; a target's address is how the addresses of its pages begin."""

    name: ClassVar[str] = WEBSITE
    label: ClassVar[str] = "本校网站"

    def __init__(self, setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> None:
        self.days = _number(setting, "days", DAYS, most=3660)
        self.pages = _number(setting, "pages", PAGES, most=2000)
        inner = setting.options.get("campus_only", [])
        if not isinstance(inner, list) or not all(isinstance(each, str) for each in inner):
            raise ValueError(f'channels.{WEBSITE}.campus_only 应为目标编号的列表，如 ["W02"]')
        self._inner = frozenset(inner)

    @property
    def limits(self) -> Limits:
        """Anybody can read a site; nothing is sent, so nothing limits it."""
        return Limits(pieces=1, bytes=None, senders=1, exposure=PUBLIC)

    def exposure(self, target: Target) -> str | None:
        """Who can read its pages: anybody, or the school where only the campus network reaches them."""
        return SCHOOL if target.number in self._inner else PUBLIC

    def stands(self, target: Target) -> bool:
        """A page stays until its editors take it down."""
        return True

    def render(self, bundle: Bundle, target: Target) -> Content:
        """Raises SendError: nothing is put there by the bot."""
        raise _never()

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        """Raises SendError."""
        raise _never()

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """Raises SendError."""
        raise _never()

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """It has no secrets."""
        return []

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """Whether each site says where its pages are; asks nobody."""
        known = {target.number for target in targets}
        return [
            *(_finding(target, self.exposure(target)) for target in targets),
            *map(_stray, sorted(self._inner - known)),
        ]


def _never() -> SendError:
    return SendError(Outcome.REFUSED, "本校网站由网站编辑发布，公开达不向网站发送")


def _number(setting: ChannelSetting, key: str, usual: int, *, most: int) -> int:
    """A whole number of the school's setting; raises ValueError."""
    value = setting.options.get(key, usual)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
        raise ValueError(f"channels.{WEBSITE}.{key} 不能是“{value}”，请改为 1 到 {most} 的整数，如 {usual}")
    return value


def _finding(target: Target, exposure: str | None) -> Finding:
    key = f"targets.csv {target.number}"
    if why := why_no_site(target.address):
        return Finding(key=key, ok=False, text=f"{target.name}：{why}", fix="请在目标表的“地址”列改正")
    seen = "校内网可见" if exposure == SCHOOL else "任何人可见"
    return Finding(key=key, ok=True, text=f"{target.name}：{target.address} 下的网页按公开日期登记（{seen}），不发送")


def _stray(number: str) -> Finding:
    key = f"channels.{WEBSITE}.campus_only"
    return Finding(key=key, ok=False, text=f"没有目标 {number}", fix="请改为 targets.csv 中本校网站的编号")
