"""Tallies: what each channel, target, month, audience and category got, folded from a few GROUP BY queries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from rules.figures import ARRIVED, RESULTS
from rules.origin import BOOKED, BOT
from rules.place import WEBSITE
from rules.reminders import ALARM_URL
from rules.school import School
from rules.states import TAKEN, Basis, Status
from store.figures import Measured
from store.reach import HOLDS
from store.span import Span
from store.standing import result_from
from store.sums import COLUMNS, Sums

#: Statuses of a delivery that reached its address, even if it was taken back later.
REACHED = TAKEN | {Status.RETRACTED}
#: What is asked of every channel: a metric of its targets or of its pushes. What nobody knows is None, never 0.
_ASKED = ((HOLDS, False), (("送达",), True), (("阅读",), True))
#: A site has no members, and nothing is delivered there.
_ASKED_OF_SITES = ((("阅读",), True),)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """A figure of reach and how it is known; None is unknown. `known` of `asked` targets or pushes have one."""

    metric: str
    of_pushes: bool
    value: int | None
    basis: str = ""
    known: int = 0
    asked: int = 0
    true_from: datetime | None = None
    true_to: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One channel's figures of one origin (bot | booked): 应推送 by results, what arrived, and its reach."""

    name: str
    label: str
    origin: str
    #: 条: distinct items that count (计入) and arrived; 条次, 次 and 人次 are what was really pushed, whether it counts or not.
    items: int
    #: 条次: 应推送, and what they came to.
    due: int
    results: Mapping[str, int]
    #: 次: pushes made, and what they came to.
    pushes: int
    push_results: Mapping[str, int]
    #: 人次: the addresses of these pushes, and those that were reached.
    deliveries: int
    reached: int
    #: The bot's and the booked pushes together: a target's people are the same whoever wrote to them.
    reach: tuple[Reach, ...]


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What a target, month, audience or category got from the bot: `due` 应推送条次, the others what arrived.

    `booked`: 条次 that persons booked, beside. A push may carry several categories: its 次 and 人次 then do not add up.
    """

    name: str
    label: str
    due: int
    items: int
    placements: int
    pushes: int
    deliveries: int
    booked: int


@dataclass(frozen=True)
class Cell:
    """One group of a GROUP BY: its words by name, and how many."""

    words: Mapping[str, Any]
    n: int


@dataclass(frozen=True)
class Cells:
    """Groups that can be folded further: a few hundred, whatever the number of rows behind them."""

    cells: tuple[Cell, ...]

    def by(self, *names: str, **only: Collection[Any]) -> dict[Any, int]:
        """Sums over one word, or over several as a tuple, of those cells whose other words are among these."""
        found: dict[Any, int] = {}
        for cell in self.cells:
            if all(cell.words[key] in values for key, values in only.items()):
                key = cell.words[names[0]] if len(names) == 1 else tuple(cell.words[name] for name in names)
                found[key] = found.get(key, 0) + cell.n
        return found


def cells(count: Callable[..., dict[Any, int]], conn: Connection, span: Span, *names: str) -> Cells:
    """The groups of a GROUP BY over these columns."""
    return Cells(tuple(Cell(dict(zip(names, key, strict=True)), n) for key, n in count(conn, span, *names).items()))


class Pushed:
    """Placements, pushes and deliveries of a span, counted once and folded as often as asked."""

    def __init__(self, sums: Sums, measured: Collection[Measured], school: School) -> None:
        self._school = school
        self.placements = self._cells(sums, "placements")
        self.categories = self._cells(sums, "categories")
        self.purposes = self._cells(sums, "purposes").by("purpose")
        self.pushes = self._cells(sums, "pushes")
        self.deliveries = self._cells(sums, "deliveries")
        self.carrying, self.carried = sums.counts["carrying"], sums.counts["carried"]
        self.items = sums.items
        self.measured = measured

    def _cells(self, sums: Sums, name: str) -> Cells:
        columns = COLUMNS[name]
        pairs = sums.counts[name].items()
        return Cells(tuple(self._cell(dict(zip(columns, key, strict=True)), n) for key, n in pairs))

    def _cell(self, words: dict[str, Any], n: int) -> Cell:
        """A standing becomes a result; a target that nothing was pushed to yet has the register's audience."""
        if "standing" in words:
            words["result"] = result_from(int(words.pop("standing"))) or ""
        if "target" in words:
            known = self._school.targets.get(words["target"])
            words["audience"] = words["audience"] or (known.audience if known else "")
        return Cell(words, n)

    def results(self) -> dict[tuple[str, str], dict[str, int]]:
        """条次 of each channel and origin by result."""
        lines = self.placements.by("channel", "origin")
        return {(c, o): self.placements.by("result", channel=(c,), origin=(o,)) for c, o in lines}

    def channels(self, due: Mapping[tuple[str, str], int]) -> Iterable[Channel]:
        """Every configured channel, also one that did nothing; then what is known of others; booked lines beside.

        On the school's own site everything is booked. What only reminds persons on duty discloses nothing.
        """
        disclosing = (name for name in self._school.channels if name != ALARM_URL)
        lines = {(name, BOOKED if name == WEBSITE else BOT) for name in disclosing}
        lines |= due.keys() | self.pushes.by("channel", "origin").keys()
        order = list(self._school.channels)
        places = {name: n for n, name in enumerate(order)}
        for name, origin in sorted(lines, key=lambda x: (places.get(x[0], len(order)), x[0], x[1] != BOT, x[1])):
            yield self._channel(name, origin, due=due.get((name, origin), 0))

    def _channel(self, name: str, origin: str, *, due: int) -> Channel:
        here: dict[str, Collection[str]] = {"channel": (name,), "origin": (origin,)}
        results, made = self.placements.by("result", **here), self.pushes.by("result", **here)
        by_status = self.deliveries.by("status", **here)
        setting = self._school.channels.get(name)
        return Channel(
            name=name,
            label=setting.label if setting else name,
            origin=origin,
            items=self.items["channel"].get((origin, name), 0),
            due=due,
            results={word: results.get(word, 0) for word in RESULTS},
            pushes=sum(made.values()),
            push_results={word: made.get(word, 0) for word in RESULTS},
            deliveries=sum(by_status.values()),
            reached=sum(by_status.get(status, 0) for status in REACHED),
            reach=tuple(self._reach(name)),
        )

    def tallies(self, dimension: str, labels: Mapping[str, str]) -> tuple[Tally, ...]:
        """One for each of `labels`, in their order, and after them whatever else was found."""
        placed = self.categories if dimension == "category" else self.placements
        came = placed.by(dimension, origin=(BOT,), result=ARRIVED)
        due = placed.by(dimension, origin=(BOT,))
        booked = placed.by(dimension, origin=(BOOKED,))
        made, reached = self._arrived(dimension)
        found = [name for name in sorted(due.keys() | booked.keys() | made.keys()) if name not in labels]
        return tuple(
            Tally(
                name=name,
                label=labels.get(name) or name,
                due=due.get(name, 0),
                items=self.items[dimension].get((BOT, name), 0),
                placements=came.get(name, 0),
                pushes=made.get(name, 0),
                deliveries=reached.get(name, 0),
                booked=booked.get(name, 0),
            )
            for name in (*labels, *found)
        )

    def _arrived(self, dimension: str) -> tuple[dict[str, int], dict[str, int]]:
        """Pushes and deliveries of the bot that arrived."""
        if dimension == "category":
            return _of_bot(self.carrying), _of_bot(self.carried)
        pushes = self.pushes.by(dimension, origin=(BOT,), result=ARRIVED)
        return pushes, self.deliveries.by(dimension, origin=(BOT,), status=REACHED)

    def _reach(self, channel: str) -> Iterable[Reach]:
        mine = [each for each in self.measured if each.channel == channel]
        targets = len(self.pushes.by("target", channel=(channel,)))  # those that got something
        pushes = sum(self.pushes.by("channel", channel=(channel,), result=ARRIVED).values())
        found = [_reach_of(each, max(pushes if each.of_pushes else targets, each.known)) for each in mine]
        found += self._receipts(channel, pushes)
        for metrics, of_pushes in _ASKED_OF_SITES if channel == WEBSITE else _ASKED:
            if not any(each.metric in metrics and each.of_pushes is of_pushes for each in found):
                asked = pushes if of_pushes else targets
                found.append(Reach(metric=metrics[0], of_pushes=of_pushes, value=None, asked=asked))
        return found

    def _receipts(self, channel: str, pushes: int) -> Iterable[Reach]:
        """人次 that a handset's or a person's own receipt proves: only these print as 送达."""
        by_basis = self.deliveries.by("basis", channel=(channel,), status=(Status.DELIVERED,))
        for basis in (Basis.HANDSET, Basis.PERSON):
            if n := by_basis.get(basis):
                yield Reach(metric="送达", of_pushes=True, value=n, basis=basis, known=pushes, asked=pushes)


def _of_bot(found: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {name: n for (origin, name), n in found.items() if origin == BOT}


def _reach_of(each: Measured, asked: int) -> Reach:
    return Reach(
        metric=each.metric,
        of_pushes=each.of_pushes,
        value=each.value,
        basis=each.basis,
        known=each.known,
        asked=asked,
        true_from=each.true_from,
        true_to=each.true_to,
    )
