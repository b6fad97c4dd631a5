"""Who is meant: the ways a target's address may be written, and the fields of a message they become."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from channels.base import SendError
from rules.outcome import Outcome

EVERYBODY = "@all"
PARTY, TAG, USER = "部门", "标签", "用户"
#: How long a target whose address cannot be read waits before it is asked again; the others go on.
UNREADABLE = timedelta(minutes=10)
#: https://developer.work.weixin.qq.com/document/path/90195 (成员UserID: 1~64 bytes)
_USER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")
_NUMBER = re.compile(r"[0-9]{1,10}")
#: https://developer.work.weixin.qq.com/document/path/90236 (toparty, totag)
_MOST = 100
_ADVICE = "请写成员账号、用户:账号|账号、部门:编号、标签:编号 或 全体"


@dataclass(frozen=True)
class Whom:
    """Receivers, each once and in order, so that the same ones always make the same bytes."""

    users: tuple[str, ...] = ()
    parties: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    everybody: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """Each receiver as an address of its own."""
        parties = (f"{PARTY}:{number}" for number in self.parties)
        tags = (f"{TAG}:{number}" for number in self.tags)
        return (*self.users, *parties, *tags, *([EVERYBODY] if self.everybody else []))

    def fields(self) -> dict[str, str]:
        """touser, toparty and totag; what is empty is left out, and `@all` says it all."""
        if self.everybody:
            return {"touser": EVERYBODY}
        lists = {"touser": self.users, "toparty": self.parties, "totag": self.tags}
        return {name: "|".join(map(str, each)) for name, each in lists.items() if each}


def parse(address: str) -> Whom:
    """Whom an address means; raises SendError UNAVAILABLE with the ways it may be written."""
    text = address.strip().replace("：", ":")
    if text in ("全体", EVERYBODY):
        return Whom(everybody=True)
    kind, colon, rest = text.partition(":")
    parts = [part.strip() for part in (rest if colon else text).split("|") if part.strip()]
    if (not colon or kind == USER) and parts and all(map(_USER.fullmatch, parts)):
        return together([Whom(users=tuple(parts))])
    if colon and kind in (PARTY, TAG) and 0 < len(parts) <= _MOST and all(map(_NUMBER.fullmatch, parts)):
        numbers = tuple(sorted({int(part) for part in parts}))
        return Whom(parties=numbers) if kind == PARTY else Whom(tags=numbers)
    raise SendError(Outcome.UNAVAILABLE, "目标的地址写法不对", advice=_ADVICE, retry_after=UNREADABLE)


def together(many: Iterable[Whom]) -> Whom:
    """All of them as one; the platform takes a userid in any case, so one that differs only by case is the same."""
    found = list(many)
    return Whom(
        users=tuple(sorted(once(user for each in found for user in each.users))),
        parties=tuple(sorted({number for each in found for number in each.parties})),
        tags=tuple(sorted({number for each in found for number in each.tags})),
        everybody=any(each.everybody for each in found),
    )


def once(users: Iterable[str]) -> Iterator[str]:
    """Each user once, as first written."""
    seen: set[str] = set()
    for user in users:
        if user.lower() not in seen:
            seen.add(user.lower())
            yield user
