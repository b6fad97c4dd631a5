"""The fence: whatever the school's tree of audiences looks like, nothing leaves an item's scope."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.audience import PUBLIC, SCHOOL, Audiences, fence

NODES = [f"受众{n}" for n in range(8)]


@st.composite
def trees(draw: st.DrawFn) -> Audiences:
    """A directed graph without cycles: a node's parents come before it, and it may have several."""
    parents = {
        node: tuple(draw(st.lists(st.sampled_from(NODES[:n]), unique=True, max_size=3))) if n else ()
        for n, node in enumerate(NODES)
    }
    return Audiences(parents)


def below(tree: Audiences, node: str) -> set[str]:
    """Every node that can be reached downwards, found without asking the tree's own climbing."""
    found, fresh = {node}, {node}
    while fresh:
        fresh = {child for child, above in tree.parents.items() if fresh & set(above)} - found
        found |= fresh
    return found


@given(
    trees(),
    st.lists(st.sampled_from([*NODES, "没有的受众"]), max_size=3),
    st.sampled_from([*NODES, "没有的受众"]),
    st.none() | st.sampled_from(NODES),
)
def test_whoever_can_read_a_permitted_push_lies_inside_its_scope(
    tree: Audiences, scope: list[str], audience: str, exposure: str | None
) -> None:
    allowed = set().union(*(below(tree, node) for node in scope)) & set(NODES)
    readers = below(tree, audience) | (below(tree, exposure) if exposure else set())
    verdict = fence(tree, scope, audience, exposure)
    assert verdict.permitted == (readers <= allowed and bool(scope))
    assert verdict.reason


SCHOOLS = Audiences(
    {
        "社会": (),
        "校内": ("社会",),
        "教职工": ("校内",),
        "学生": ("校内",),
        "信息系": ("校内",),
        "2020级": ("学生",),
        "2020级信息系学生": ("学生", "信息系", "2020级"),
        "信息系教师": ("教职工", "信息系"),
    }
)


@given(st.sampled_from(["学生", "校内", "社会", "2020级", "信息系", "2020级信息系学生"]))
def test_a_staff_item_never_meets_a_student_or_mixed_group(audience: str) -> None:
    assert not fence(SCHOOLS, ["教职工"], audience, None).permitted


@given(st.lists(st.sampled_from(sorted(set(SCHOOLS.parents) - {PUBLIC})), min_size=1))
def test_only_a_public_item_becomes_an_article(scope: list[str]) -> None:
    assert not fence(SCHOOLS, scope, PUBLIC, PUBLIC).permitted
    assert not fence(SCHOOLS, scope, scope[0], PUBLIC).permitted
    assert fence(SCHOOLS, [*scope, PUBLIC], PUBLIC, PUBLIC).permitted


def test_a_group_with_two_parents_is_reached_through_either() -> None:
    for scope in ("学生", "信息系", "2020级"):
        assert fence(SCHOOLS, [scope], "2020级信息系学生", None).permitted
    assert not fence(SCHOOLS, ["信息系教师"], "2020级信息系学生", None).permitted


def test_a_blank_scope_is_held_and_never_taken_for_public() -> None:
    verdict = fence(SCHOOLS, [], PUBLIC, PUBLIC)
    assert not verdict.permitted
    assert "未填写" in verdict.reason


def test_a_notice_board_shows_a_student_item_to_the_whole_school_and_is_refused() -> None:
    verdict = fence(SCHOOLS, ["学生"], "学生", SCHOOL)
    assert not verdict.permitted
    assert "校内均可阅读" in verdict.reason


@pytest.mark.parametrize(
    ("scope", "expected"),
    [(["社会"], PUBLIC), (["学生", "社会"], PUBLIC), (["校内"], SCHOOL), (["教职工", "学生"], SCHOOL), ([], SCHOOL)],
)
def test_an_item_is_counted_in_exactly_one_class(scope: list[str], expected: str) -> None:
    assert SCHOOLS.counting_class(scope) == expected


@pytest.mark.parametrize(
    "parents",
    [{"甲": ("甲",)}, {"甲": ("乙",), "乙": ("甲",)}, {"社会": (), "甲": ("丙", "社会"), "乙": ("甲",), "丙": ("乙",)}],
)
def test_a_circle_of_audiences_is_told_with_its_way_round(parents: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ValueError, match=r"甲.*→.*互为上级"):
        _ = Audiences(parents).above


def test_an_unknown_parent_is_told_with_both_names() -> None:
    with pytest.raises(ValueError, match="“学生”的上级“校内”没有定义"):
        _ = Audiences({"社会": (), "学生": ("校内",)}).above
