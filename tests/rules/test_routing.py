"""Which targets an item goes to: the fence first, then the target's own wish, then the routes; each with its reason."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rules.audience import PUBLIC, fence
from rules.routing import Route, Subject, Target, decide
from tests.factory import STUDENTS, WORK, a_school

AUDIENCES = a_school().audiences
STAFF = Target(number="G01", name="教职工群", channel="x", address="1", audience="教职工")
PUPILS = Target(number="Q01", name="学生群", channel="x", address="2", audience="学生")
ACCOUNT = Target(number="A01", name="公众平台", channel="y", address="3", audience="社会")
ITEM = Subject(audience=("社会",), category=WORK, sub_item="学校新闻", department="教务处")
TO_PUPILS = Route(name="进学生群", target_audiences=("学生",))


def test_a_public_item_goes_to_the_account_without_a_route_and_to_no_group() -> None:
    account = decide(ITEM, ACCOUNT, [], AUDIENCES, PUBLIC)
    assert account.granted
    assert "默认推送" in account.reason
    group = decide(ITEM, PUPILS, [], AUDIENCES, None)
    assert not group.granted
    assert "没有路由" in group.reason


def test_a_route_is_named_in_the_reason() -> None:
    found = decide(ITEM, PUPILS, [TO_PUPILS], AUDIENCES, None)
    assert found.granted
    assert "按路由“进学生群”" in found.reason


def test_no_route_leads_over_the_fence() -> None:
    inner = replace(ITEM, audience=("教职工",))
    everything = Route(name="全部", targets=("G01", "Q01", "A01"), target_audiences=("教职工", "学生", "社会"))
    assert decide(inner, STAFF, [everything], AUDIENCES, None).granted
    for target, exposure in ((PUPILS, None), (ACCOUNT, PUBLIC), (STAFF, PUBLIC)):
        found = decide(inner, target, [everything], AUDIENCES, exposure)
        assert not found.granted
        assert "超出范围" in found.reason


def test_a_target_that_takes_some_categories_gets_no_others() -> None:
    picky = replace(ACCOUNT, categories=(STUDENTS,))
    found = decide(ITEM, picky, [], AUDIENCES, PUBLIC)
    assert not found.granted
    assert found.reason == f"该目标只接收{STUDENTS}类事项"
    assert decide(replace(ITEM, category=STUDENTS), picky, [], AUDIENCES, PUBLIC).granted


def test_a_route_asks_only_for_what_it_names() -> None:
    for asked in ({"audiences": ("社会",)}, {"categories": (WORK,)}, {"sub_items": ("学校新闻",)}, {"departments": ("教务处",)}):
        assert decide(ITEM, PUPILS, [replace(TO_PUPILS, **asked)], AUDIENCES, None).granted
    for asked in ({"audiences": ("校内",)}, {"categories": (STUDENTS,)}, {"sub_items": ("其他",)}, {"departments": ("财务处",)}):
        assert not decide(ITEM, PUPILS, [replace(TO_PUPILS, **asked)], AUDIENCES, None).granted


@given(
    st.lists(st.sampled_from(sorted(AUDIENCES.parents)), max_size=2),
    st.sampled_from([STAFF, PUPILS, ACCOUNT]),
    st.sampled_from([None, "校内", "社会"]),
    st.lists(st.sampled_from([TO_PUPILS, Route(name="全", targets=("G01", "A01"))]), max_size=2),
)
def test_what_is_granted_is_permitted_and_every_decision_says_why(
    scope: list[str], target: Target, exposure: str | None, routes: list[Route]
) -> None:
    found = decide(replace(ITEM, audience=tuple(scope)), target, routes, AUDIENCES, exposure)
    assert found.target == target.number
    assert found.reason
    assert not found.granted or fence(AUDIENCES, scope, target.audience, exposure).permitted


def test_a_target_kept_for_what_is_urgent_gets_nothing_else() -> None:
    ordinary = decide(ITEM, PUPILS, [TO_PUPILS], AUDIENCES, None, urgent_only=True)
    assert (ordinary.granted, ordinary.reason) == (False, "该目标只接收紧急事项")
    assert decide(replace(ITEM, urgent=True), PUPILS, [TO_PUPILS], AUDIENCES, None, urgent_only=True).granted
    assert not decide(replace(ITEM, urgent=True), STAFF, [TO_PUPILS], AUDIENCES, None, urgent_only=True).granted
