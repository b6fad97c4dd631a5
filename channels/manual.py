"""人工渠道: notice boards, screens, broadcasts, meetings, papers, personal groups. A person does it; the bot hands it over.

Nothing leaves this machine: a push is an open hand-off until the person has said that it is done (python bot.py hand-off).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import time
from html.parser import HTMLParser
from typing import Any, ClassVar

from channels.base import Attempt, Clock, Content, Finding, Limits, Prepared, Resolution, Sample, Sent
from channels.words import clean, facts, heading, one_line, purpose
from rules.bundle import Bundle
from rules.dates import at
from rules.outcome import Outcome
from rules.place import BY_HAND, PLACES, STANDING_PLACES, kind_of, place_exposure
from rules.routing import Target
from rules.school import ChannelSetting

#: What offices call a group that only a person can write to.
OTHER_NAMES = {"微信群": "个人群", "个人微信群": "个人群", "QQ群": "个人群"}
BREAKS = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol"})
UNSEEN = frozenset({"script", "style", "head", "title"})


class Manual:
    """Hands a text to the person who answers for a place; a target's address is 公告栏:一号楼大厅."""

    name: ClassVar[str] = BY_HAND
    label: ClassVar[str] = "人工渠道"

    def __init__(self, setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> None:
        self._clock = clock
        days = setting.options.get("days", 3)
        if not isinstance(days, int) or isinstance(days, bool) or not 0 < days <= 365:
            raise ValueError(f"channels.{BY_HAND}.days 不能是“{days}”，请改为办理期限的天数，如 3")

    @property
    def limits(self) -> Limits:
        """One item a hand-off: each is a sheet of its own, done and recorded by itself."""
        return Limits(pieces=1, bytes=None, senders=1, resolvable=True)

    def exposure(self, target: Target) -> str | None:
        """Who can read the place, whatever its target."""
        return place_exposure(_kind(target))

    def stands(self, target: Target) -> bool:
        """True for what hangs there until somebody takes it down."""
        return _kind(target) in STANDING_PLACES

    def render(self, bundle: Bundle, target: Target) -> Content:
        """The text to post, read out or print, and its parts for the printed notice. A 公示 is notice and link only."""
        (piece,) = clean(bundle).pieces
        (raw,) = bundle.pieces
        body = [] if piece.notice else paragraphs(raw.body) or paragraphs(raw.summary)
        title = purpose(piece) + piece.title
        link = f"原文：{piece.url}" if piece.url else ""
        text = "\n".join(line for line in (heading(bundle), title, *body, facts(piece), link) if line)
        payload = {
            "kind": _kind(target), "person": target.owner or target.name, "school": bundle.school, "title": title,
            "paragraphs": body, "department": piece.department, "url": piece.url, "notice": piece.notice,
        }  # fmt: skip
        return Content(text=text, payload=payload, bytes=len(text.encode()))

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        """Nothing to prepare."""
        return Prepared(payload=content)

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """From now on it is that person's; calls nobody."""
        return [Sent(address=each, outcome=Outcome.HANDED, reason=_handed(prepared.payload)) for each in addresses]

    def resolve(self, attempt: Attempt) -> Resolution:
        """Interrupted while handing over: handing over twice is handing over once."""
        return Resolution(outcome=Outcome.HANDED, reason=_handed(attempt.payload))

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """It has no secrets."""
        return []

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """Whether each place says what it is and who answers for it."""
        return [self._finding(target) for target in targets]

    def _finding(self, target: Target) -> Finding:
        key = f"targets.csv {target.number}"
        if _kind(target) not in PLACES:
            text = f"{target.name}：地址“{target.address}”没有写明形式，按公告栏对待（至少校内可见）"
            return Finding(
                key=key, ok=False, text=text, fix=f"地址写成“公告栏:一号楼大厅”，形式可用：{'、'.join(PLACES)}"
            )
        if not target.owner:
            text = f"{target.name}：没有责任人"
            return Finding(key=key, ok=False, text=text, fix="在目标表的“群主”列填写由谁办理")
        return Finding(key=key, ok=True, text=f"{target.name}：由{target.owner}办理")

    def measure(self, target: Target) -> list[Sample]:
        """The number in the register, true on the day somebody checked it."""
        if target.members is None:
            return []
        day = target.checked_on
        true_at = self._clock() if day is None else at(day, time())
        return [Sample(metric="应达", value=target.members, basis="人工填报", true_at=true_at)]


def _handed(payload: Mapping[str, Any]) -> str:
    return f"已交{payload['person']}办理"


def _kind(target: Target) -> str:
    kind = kind_of(target.address)
    return OTHER_NAMES.get(kind, kind)


class _Reader(HTMLParser):
    """The text a reader sees, a line for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._unseen += tag in UNSEEN
        self.text += ["\n"] if tag in BREAKS else []

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(self._unseen - (tag in UNSEEN), 0)
        self.text += ["\n"] if tag in BREAKS else []

    def handle_data(self, data: str) -> None:
        self.text += [] if self._unseen else [data]


def paragraphs(html: str) -> list[str]:
    """HTML or plain text as its lines, each on one line, without the empty ones."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [line for each in re.split(r"[\r\n]+", "".join(reader.text)) if (line := one_line(each))]
