"""What is kept between two looks at a view, and how far back the next one goes.

A pass reads everything from `floor` to the end, over one look or several. A row that is committed after a pass has begun
carries an 更新时间 no older than that beginning less the slowness of its transaction and the difference of the two clocks:
so the next pass begins at the earlier of the pass's beginning and the newest row, less the overlap.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sources.base import Cursor
from sources.mapped import stored

Stamp = datetime | str


def stamp_of(value: Any) -> Stamp:
    """An 更新时间 as the driver gives it; raises ValueError for what is neither an instant nor sortable text."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - as naive as the column
    if not isinstance(value, str):
        raise ValueError("更新时间列应为日期时间")
    read = _read(value)
    if read.tzinfo is not None or value != value.strip() or value[4:5] != "-":
        raise ValueError(f"更新时间“{value[:30]}”应写成 2020-09-01 08:00:00")
    return value


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"更新时间“{text[:30]}”无法识别") from None


def shape_of(stamp: Stamp) -> str:
    """How the column writes it: as an instant with or without its zone, as a day, as text with T or a blank."""
    if isinstance(stamp, datetime):
        return "aware" if stamp.tzinfo else "naive"
    return "day" if len(stamp) == 10 else stamp[10]


def instant_of(stamp: Stamp, zone: tzinfo) -> datetime:
    """The moment it means; `zone` is that of a stamp that names none."""
    moment = stamp if isinstance(stamp, datetime) else _read(stamp)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def written(moment: datetime, shape: str, zone: tzinfo) -> Stamp:
    """A moment as the column would write it, not a fraction later."""
    if shape == "aware":
        return moment
    local = moment.astimezone(zone).replace(tzinfo=None)
    if shape == "naive":
        return local
    return local.date().isoformat() if shape == "day" else local.isoformat(sep=shape, timespec="seconds")


def day_alone(floor: Stamp, zone: tzinfo) -> list[Stamp]:
    """The floor's own day as a row writes it that says no hour: such a row means any hour of it, and sorts before them all."""
    if isinstance(floor, datetime):
        local = floor.astimezone(zone) if floor.tzinfo else floor
        return [local.replace(hour=0, minute=0, second=0, microsecond=0)]
    return [floor[:10], f"{floor[:11]}00:00:00"] if len(floor) > 10 else [floor]


@dataclass
class Kept:
    """The whole cursor; moments are ISO in UTC."""

    #: Of the watch's settings: when they change, every row means something else.
    settings: str = ""
    #: Where the last whole pass leaves the next one to begin, before the overlap is taken off; "" before the first.
    mark: str = ""
    #: Of the pass that is under way.
    started: str = ""
    highest: str = ""
    shape: str = ""
    #: 更新时间 and 唯一标识 of the last row read, while a pass goes on in the next look.
    after: list[Any] = field(default_factory=list)
    seen: int = 0
    #: 唯一标识 -> what was handed over last, the rows read last at the end.
    known: dict[str, str] = field(default_factory=dict)
    #: True once it had rows, whatever the settings were: an empty view is bad from then on.
    had: bool = False
    #: Rows without 更新时间 or 唯一标识, which no look can find.
    lost: int = 0

    @classmethod
    def of(cls, cursor: Cursor | None, settings: str) -> Kept:
        """From the stored cursor; under other settings everything is read anew."""
        return cls(**stored(cls.__dataclass_fields__, cursor, settings))

    def cursor(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)

    def begin(self, now: datetime) -> None:
        """A pass begins, unless one is under way."""
        if not self.after:
            self.started, self.seen = now.isoformat(), 0

    def floor(self, overlap: timedelta, zone: tzinfo) -> Stamp | None:
        """The oldest 更新时间 that this pass reads; None: everything."""
        if not self.mark or not self.shape:
            return None
        try:
            return written(datetime.fromisoformat(self.mark) - overlap, self.shape, zone)
        except OverflowError:  # year 1: somebody's way of writing "never"
            return None

    def behind(self) -> tuple[Stamp, Any] | None:
        """The row after which an unfinished pass goes on."""
        if not self.after:
            return None
        text, key = self.after
        return (datetime.fromisoformat(text) if self.shape in ("aware", "naive") else text), key

    def read(self, stamp: Stamp, key: Any, zone: tzinfo) -> None:
        """A row has been read; raises ValueError if its 更新时间 is written in another way than those before."""
        shape = shape_of(stamp)
        if self.shape and shape != self.shape and "day" not in (shape, self.shape):
            raise ValueError("更新时间的写法前后不一致，无法排出先后")
        moment = instant_of(stamp, zone)
        if not self.highest or moment >= datetime.fromisoformat(self.highest):
            self.highest = moment.isoformat()
        self.shape = shape if self.shape in ("", "day") else self.shape
        self.after = [stamp.isoformat() if isinstance(stamp, datetime) else stamp, key]
        self.seen += 1
        self.had = True

    def finish(self) -> None:
        """The pass has come to the end of the view."""
        ends = [datetime.fromisoformat(each) for each in (self.started, self.highest) if each]
        self.mark = min(ends).isoformat() if self.highest else ""
        self.after = []
