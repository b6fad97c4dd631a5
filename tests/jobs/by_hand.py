"""A bench whose school also has places where a person does the sending."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from channels.manual import Manual
from jobs.handoff import Deed, Open, list_open
from rules.place import BY_HAND
from rules.routing import Route, Target
from tests.factory import moment
from tests.jobs.bench import Bench, setting

BOARD = Target(
    number="B1", name="一号楼公告栏", channel=BY_HAND, address="公告栏:一号楼大厅", audience="校内", owner="李四"
)
MEETING = Target(
    number="M1", name="教职工大会", channel=BY_HAND, address="会议:教职工大会", audience="教职工", owner="王五"
)
ROUTE = Route(name="张贴", audiences=("校内", "社会", "教职工"), targets=("B1", "M1"))


def with_places(bench: Bench, **options: Any) -> Bench:
    """The same bench with a notice board and a meeting."""
    made = setting(BY_HAND, label="人工渠道", options=options)
    school = bench.office.school
    bench.office.school = replace(
        school,
        channels={**school.channels, BY_HAND: made},
        targets={**school.targets, "B1": BOARD, "M1": MEETING},
        routes=(*school.routes, ROUTE),
    )
    bench.office.channels = {**bench.office.channels, BY_HAND: Manual(made, {}, bench.clock)}
    return bench


def hand_over(bench: Bench, *entries: Any) -> list[Open]:
    """From the sheet to the person; what is then open."""
    bench.enter(*entries)
    for _ in entries:
        bench.route()
        bench.plan()
        bench.deliver(BY_HAND)
    return list_open(bench.office)


def deed(at: datetime | None = None, **over: Any) -> Deed:
    """李四 posted it the next morning."""
    return Deed(**{"by": "李四", "at": at or moment("2020-09-11", "10:00"), "place": "一号楼大厅", **over})
