"""All that a school has set, as plain data; config/ reads and checks it, everybody else only looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

from rules.audience import Audiences
from rules.backlog import Policy
from rules.dates import Window
from rules.deadlines import Terms
from rules.item import Review, Taxonomy
from rules.routing import Route, Target
from rules.workdays import Calendar

#: Kinds of watched places that are web sites: what stands there is public already.
SITES = frozenset(("webplus", "vsb", "html_list", "feed"))
#: Kinds that are a folder of the office's own, with the sheet of problems in it.
FOLDERS = frozenset(("folder", "entry"))


@dataclass(frozen=True, kw_only=True)
class Column:
    """A watched folder, or a column of a site, with what every item of it has in common."""

    name: str
    kind: str
    #: A folder, or the address of the column's list page.
    place: str
    audience: tuple[str, ...] = ()
    category: str = ""
    sub_item: str = ""
    department: str = ""
    inner_reason: str = ""
    #: A standing review (栏目审核); None: each item carries its own.
    review: Review | None = None
    every: timedelta = timedelta(minutes=10)
    #: The school's own headers: what is written above a column, and the column's name (rules.columns) or 不读取.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: The kind's own keys, as its file in sources/ reads them.
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ChannelSetting:
    """One channel as school.toml sets it; `options` are the channel's own keys."""

    name: str
    label: str
    api_base: str
    window: Window
    #: Whether its targets are written to on 休息日 and 节假日, in the vacations, and whether class hours are kept.
    holidays: bool = True
    vacations: bool = True
    lessons: bool = True
    #: Fixed times of the day at which waiting items are bundled; empty: at once, inside the window.
    slots: tuple[time, ...] = ()
    #: Pushes (次) a target gets a day at most; None: the vendor's limit alone.
    pushes_a_day: int | None = 2
    #: False: this channel's pushes carry the items' own addresses even where the school has short links.
    short_links: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Lessons:
    """Class hours (上课时间) of an audience."""

    audience: str
    times: tuple[Window, ...]


@dataclass(frozen=True, kw_only=True)
class School:
    """One school, as set up in config/."""

    name: str
    audiences: Audiences
    taxonomy: Taxonomy
    targets: Mapping[str, Target]
    routes: tuple[Route, ...]
    channels: Mapping[str, ChannelSetting]
    columns: tuple[Column, ...]
    #: Numbers (编号) of the targets that hear of trouble, first the one to try first.
    alarm_targets: tuple[str, ...] = ()
    #: Nothing leaves until a person has confirmed the day's list.
    confirm: bool = True
    #: When whose groups are not written to because they sit in class.
    lessons: tuple[Lessons, ...] = ()
    #: The number (编号) of the target that gets the monthly brief; empty: those on duty.
    leader: str = ""
    #: How many persons review an item in the bot's queue, one after the other (三审: 3).
    reviews: int = 1
    #: What becomes of what an outage made late, and how many placements (条次) of it may go by themselves.
    backlog: Policy = Policy.ASK
    backlog_most: int = 20
    #: 公示 whose term is over come down from the channels that can take down one article.
    take_down: bool = True
    #: The public address under which our own short links are answered (web/links.py); empty: there are none.
    short_links: str = ""
    #: Which days are working days, and the statutory terms counted in them.
    calendar: Calendar = field(default_factory=Calendar)
    terms: Terms = field(default_factory=Terms)
    #: 责任部门 → the number (编号) of the target that is reminded of its terms; the others' go to those on duty.
    departments: Mapping[str, str] = field(default_factory=dict)
