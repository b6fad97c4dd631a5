"""`check` names the targets and routes that can never meet, before anything waits for them."""

from __future__ import annotations

from dataclasses import replace

from config.settings import load
from desk.check import _ways
from rules.routing import Route, Target


def test_the_shipped_settings_have_none() -> None:
    assert list(_ways(load())) == []


def test_a_target_without_a_route_and_a_route_without_a_target_are_named() -> None:
    settings = load()
    known = next(iter(settings.school.targets.values()))
    lonely = Target(number="Z99", name="没有人管的群", channel=known.channel, address="z", audience="没有的受众")
    nowhere = Route(name="没有去处", audiences=("学生",), targets=("没有",))
    school = replace(
        settings.school,
        targets={**settings.school.targets, "Z99": lonely},
        routes=(*settings.school.routes, nowhere),
    )
    found = list(_ways(replace(settings, school=school)))
    assert {each.key for each in found} == {"targets.csv Z99", "routes"} and not any(each.ok for each in found)
    assert any("没有去处" in each.text for each in found) and all(each.fix for each in found)
