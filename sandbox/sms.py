"""What both SMS vendors share: numbers and their fates, templates, segments, limits, and the book of messages.

Numbers are invented, always: tests and demos use 199 0000 xxxx, a stretch that no carrier has given out. What becomes
of a message is what `setup` says of its number (`sms_numbers`), else what the number's last three digits say:
991 phone switched off, 992 no such number, 993 never a receipt, 994 blacklisted, everything else delivered.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from flask import Request

from sandbox.actors import SmsAccount, SmsNumber, SmsTemplate
from sandbox.clock import iso
from sandbox.state import Doc, State
from sandbox.texts import oddity
from sandbox.wire import Call
from sandbox.world import World

ENDINGS = {"991": "off", "992": "failed", "993": "never", "994": "blacklisted"}
MAINLAND = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")
URL = re.compile(r"https?://|www\.|[\w-]+\.(?:com|cn|net|org)\b", re.IGNORECASE)
CONTENT_CHARS = 500
DAY, HOUR, MINUTE = 86_400.0, 3_600.0, 60.0
SHOWN = 5


class Refusal(Exception):
    """A vendor's error: its code is a word, its message one sentence."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code = code
        self.words = words


@dataclass(frozen=True)
class Sms:
    """One message as it goes to one number; the fields are the columns of its row."""

    at: float
    vendor: str
    account: str
    number: str
    sign: str
    template: str
    kind: str
    text: str
    segments: int
    serial: str
    ref: str
    fate: str
    code: str
    words: str
    known_at: float | None


NAMES = [field.name for field in fields(Sms)]
COLUMNS = ", ".join(NAMES)
INSERT = f"INSERT INTO sms ({COLUMNS}) VALUES ({', '.join('?' for _ in NAMES)})"  # noqa: S608 - our own columns
row_of = attrgetter(*NAMES)


def signed_now(world: World, stamp: float, tolerance: float) -> bool:
    """Whether a signature's time is fresh; on a virtual clock a client may sign by the real one, as the SDKs must."""
    return min(abs(stamp - world.now()), abs(stamp - time.time())) <= tolerance


def paths_of(request: Request, base: str) -> set[str]:
    """The URIs a signature may cover: the path as called, and what the vendor's host would see behind our base path."""
    return {request.path, "/" + request.path.removeprefix(base).lstrip("/")}


def mainland(number: str) -> str | None:
    """The eleven digits of a mainland number, with or without its country code; None for anything else."""
    match = MAINLAND.fullmatch(number)
    return match.group(1) if match else None


def segments_of(text: str) -> int:
    """How many messages a text with its 【signature】 is billed as: one up to 70 characters, else 67 to each."""
    return 1 if len(text) <= 70 else -(-len(text) // 67)


def fill(template: SmsTemplate, holes: re.Pattern[str], values: Mapping[str, str]) -> str:
    """The template's text with every hole filled; KeyError names a value that is missing."""
    return holes.sub(lambda match: values[match.group(1)], template.text)


def numbers_of(state: State, numbers: Iterable[str]) -> dict[str, SmsNumber]:
    """Each number with its fate: as set up, else by its ending."""
    rows = state.rows(
        "SELECT doc FROM docs WHERE kind='sms_number' AND scope='' AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(numbers)),),
    )
    found = {doc["number"]: SmsNumber(**doc) for doc in (json.loads(text) for (text,) in rows)}
    return {each: found.get(each) or SmsNumber(each, ENDINGS.get(each[-3:], "delivered")) for each in numbers}


@dataclass(frozen=True)
class Limit:
    """At most `n` messages to a number since a moment, counted apart by `columns`; 0 means no limit."""

    name: str
    n: int
    since: Callable[[float], float]
    columns: tuple[str, ...]
    code: str
    words: str

    def key(self, sms: Sms) -> tuple[Any, ...]:
        """What the message is counted under."""
        return (sms.number, *(getattr(sms, column) for column in self.columns))


def rolling(seconds: float) -> Callable[[float], float]:
    """A window that ends now; what is exactly so old has just left it."""
    return lambda now: now - seconds + 0.001


def by_the_clock(seconds: float) -> Callable[[float], float]:
    """A window that began at the last full minute or hour."""
    return lambda now: now - now % seconds


class Meter:
    """How much of each limit the numbers of one call have used; one query for each limit, however many numbers."""

    def __init__(self, world: World, account: SmsAccount, limits: Sequence[Limit], messages: Sequence[Sms]) -> None:
        self._free = set(account.whitelist)
        self._limits = [(limit, account.limits.get(limit.name, limit.n)) for limit in limits]
        self._limits = [(limit, n) for limit, n in self._limits if n > 0]
        numbers = json.dumps(sorted({sms.number for sms in messages}))
        self._used = [self._count(world, account.vendor, limit, numbers) for limit, _ in self._limits]

    @staticmethod
    def _count(world: World, vendor: str, limit: Limit, numbers: str) -> Counter[tuple[Any, ...]]:
        names = ", ".join(("number", *limit.columns))
        rows = world.state.rows(
            f"SELECT count(*), {names} FROM sms WHERE vendor=? AND at>=?"  # noqa: S608 - our own columns
            f" AND number IN (SELECT value FROM json_each(?)) GROUP BY {names}",
            (vendor, limit.since(world.now()), numbers),
        )
        return Counter({tuple(key): count for count, *key in rows})

    def breach(self, sms: Sms) -> tuple[Limit, int] | None:
        """The first limit that this message would break, with its height; None when it may go."""
        if sms.number in self._free:
            return None
        for (limit, n), used in zip(self._limits, self._used, strict=True):
            if used[limit.key(sms)] >= n:
                return limit, n
        return None

    def take(self, sms: Sms) -> None:
        """Count a message that goes."""
        for (limit, _), used in zip(self._limits, self._used, strict=True):
            used[limit.key(sms)] += 1


def book(call: Call, messages: Sequence[Sms]) -> None:
    """Write the messages of one accepted call, each as often as it was asked for: the vendors know no idempotency."""
    state = call.world.state
    state.run_many(INSERT, [row_of(sms) for sms in messages])
    twice = [number for number, n in Counter(sms.number for sms in messages).items() if n > 1]
    if twice:
        call.flag(f"{len(twice)} numbers stand twice or more in one call and get the message as often")
    for text in {sms.text for sms in messages if oddity(sms.text)}:
        call.flag(f"text {oddity(text)}: {text[:60]}")
    show(state, messages)


def show(state: State, messages: Sequence[Sms]) -> None:
    """Put what arrives at the first few numbers on the phone page; nobody reads twelve thousand conversations."""
    shown = shown_numbers(state)
    for sms in messages:
        if len(shown) < SHOWN and sms.fate == "delivered" and sms.number not in shown:
            state.put("sms_shown", "", sms.number, {"number": sms.number})
            shown.append(sms.number)
        if sms.number in shown and sms.fate in ("delivered", "never", "timeout"):
            state.post("sms", sms.number, sms.at, {"text": sms.text, "nickname": "短信"})


def shown_numbers(state: State) -> list[str]:
    """The few numbers whose conversations the phone page shows, in the order they first got a message."""
    return [doc["number"] for doc in state.page("sms_shown", "")]


def written(world: World, vendor: str, since: float) -> list[Doc]:
    """The book of messages: what went to which number, and what its receipt says, whether or not it is known yet."""
    rows = world.state.rows(
        f"SELECT {COLUMNS} FROM sms WHERE at>=? AND vendor LIKE ? ORDER BY id",  # noqa: S608 - our own columns
        (since, vendor or "%"),
    )
    return [book_line(Sms(*row), world.now()) for row in rows]


def book_line(sms: Sms, now: float) -> Doc:
    """One message as the books show it."""
    known = sms.known_at is not None and sms.known_at <= now
    return {
        "number": sms.number,
        "at": iso(sms.at),
        "vendor": sms.vendor,
        "account": sms.account,
        "sign": sms.sign,
        "template": sms.template,
        "text": sms.text,
        "segments": sms.segments,
        "serial": sms.serial,
        "ref": sms.ref,
        "fate": sms.fate,
        "code": sms.code,
        "known": known,
    }
