"""From a target's address to its persons; and what is sent to when the directory is closed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import SendError
from channels.wecom.whom import parse, together
from rules.outcome import Outcome
from tests.channels.samples import NOW, target
from tests.channels.servers import Vendor
from tests.channels.wecom.wecom_support import CLOSED, OK, SECRETS, app, usual


@pytest.fixture
def wecom(vendor: Vendor) -> Vendor:
    """A company whose directory answers."""
    vendor = usual(vendor)
    vendor.at("user/simplelist", {**OK, "userlist": people("ZhangSan", "LiSi")})
    vendor.at("tag/get", {**OK, "userlist": people("WangWu"), "partylist": [2]})
    scope = {
        "allow_userinfos": {"user": people("ZhaoLiu")},
        "allow_partys": {"partyid": [1]},
        "allow_tags": {"tagid": [3]},
    }
    vendor.at("agent/get", {**OK, "agentid": 1000002, "name": "信息公开", **scope})
    return vendor


def people(*names: str) -> list[dict[str, str]]:
    return [{"userid": name, "name": "某人"} for name in names]


def to(address: str, **facts: Any) -> Any:
    return target("wecom_app", address, **facts)


def asked(vendor: Vendor, path: str) -> list[str]:
    paths = [asked for asked, _, _ in vendor.asked if asked.partition("?")[0].endswith(path)]
    return [each.partition("?")[2].partition("&access_token")[0] for each in paths]


@pytest.mark.parametrize(
    ("address", "users"),
    [
        ("zhangsan", ["zhangsan"]),
        ("用户:a|b", ["a", "b"]),
        ("用户： b | a |b", ["a", "b"]),
        ("ZhangSan|zhangsan", ["ZhangSan"]),
        ("li.si-1@e_cn", ["li.si-1@e_cn"]),
    ],
)
def test_persons_are_named_without_asking_anybody(wecom: Vendor, address: str, users: list[str]) -> None:
    assert app(wecom.base).expand(to(address)) == users
    assert wecom.asked == []


def test_a_department_is_its_persons_and_those_of_the_departments_below(wecom: Vendor) -> None:
    assert app(wecom.base).expand(to("部门:2")) == ["LiSi", "ZhangSan"]
    assert asked(wecom, "user/simplelist") == ["department_id=2&fetch_child=1"]


def test_several_departments_name_a_person_in_both_once(wecom: Vendor) -> None:
    wecom.at("user/simplelist", {**OK, "userlist": people("a", "b")}, {**OK, "userlist": people("B", "c")})
    assert app(wecom.base).expand(to("部门:2|7")) == ["a", "b", "c"]


def test_a_tag_is_its_persons_and_its_departments(wecom: Vendor) -> None:
    assert app(wecom.base).expand(to("标签:3")) == ["LiSi", "WangWu", "ZhangSan"]
    assert asked(wecom, "tag/get") == ["tagid=3"]


@pytest.mark.parametrize("address", ["全体", "@all"])
def test_all_are_those_whom_the_app_sees(wecom: Vendor, address: str) -> None:
    assert app(wecom.base).expand(to(address)) == ["LiSi", "WangWu", "ZhangSan", "ZhaoLiu"]


@pytest.mark.parametrize("code", [48002, 48009, 60011])
@pytest.mark.parametrize(
    ("address", "itself"),
    [("部门:2", ["部门:2"]), ("部门：7|2", ["部门:2", "部门:7"]), ("标签:3", ["标签:3"]), ("全体", ["@all"])],
)
def test_where_the_directory_is_closed_the_target_itself_is_the_address(
    wecom: Vendor, code: int, address: str, itself: list[str]
) -> None:
    for path in ("user/simplelist", "tag/get", "agent/get", "department/simplelist", "user/list_id"):
        wecom.at(path, {**CLOSED, "errcode": code})
    assert list(app(wecom.base).expand(to(address))) == itself


def test_the_list_of_ids_stands_in_with_the_contacts_secret_and_its_departments_below(wecom: Vendor) -> None:
    wecom.at("user/simplelist", CLOSED)
    wecom.at("department/simplelist", {**OK, "department_id": [{"id": 2, "parentid": 1}, {"id": 5, "parentid": 2}]})
    seats = [{"userid": "a", "department": 2}, {"userid": "x", "department": 3}, {"userid": "b", "department": 5}]
    last = [{"userid": "a", "department": 5}, {"userid": "c", "department": 2}]
    wecom.at("user/list_id", {**OK, "next_cursor": "N", "dept_user": seats}, {**OK, "dept_user": last})
    wecom.at("gettoken", {**OK, "access_token": "APP", "expires_in": 1}, {**OK, "access_token": "C", "expires_in": 1})
    channel = app(wecom.base, secrets={**SECRETS, "WECOM_CONTACT_SECRET": "contacts"})
    assert channel.expand(to("部门:2")) == ["a", "b", "c"]
    assert [body["cursor"] for body in wecom.calls("user/list_id")] == ["", "N"]
    secrets = [query.rpartition("corpsecret=")[2] for query in asked(wecom, "gettoken")]
    assert secrets == [SECRETS["WECOM_APP_SECRET"], "contacts"]


def test_a_list_of_ids_without_an_end_is_told_and_never_taken_for_the_whole(wecom: Vendor) -> None:
    wecom.at("user/simplelist", CLOSED)
    wecom.at("department/simplelist", {**OK, "department_id": [{"id": 2}]})
    wecom.at("user/list_id", {**OK, "next_cursor": "N", "dept_user": [{"userid": "a", "department": 2}]})
    with pytest.raises(SendError) as caught:
        app(wecom.base).expand(to("部门:2"))
    assert caught.value.outcome is Outcome.UNAVAILABLE


def test_all_need_no_directory_even_if_the_platform_says_something_unheard_of(wecom: Vendor) -> None:
    wecom.at("agent/get", {"errcode": 99999, "errmsg": "?"})
    assert list(app(wecom.base).expand(to("全体"))) == ["@all"]


@pytest.mark.parametrize(
    ("path", "answer", "outcome"),
    [
        ("user/simplelist", {"errcode": 60123, "errmsg": "invalid party id"}, Outcome.REFUSED),
        ("user/simplelist", (502, b"bad gateway"), Outcome.UNAVAILABLE),
        ("user/simplelist", {"errcode": 60020, "errmsg": "ip"}, Outcome.MISCONFIGURED),
        ("gettoken", {"errcode": 40001, "errmsg": "secret"}, Outcome.MISCONFIGURED),
    ],
)
def test_any_other_no_is_told_and_never_taken_for_an_empty_department(
    wecom: Vendor, path: str, answer: object, outcome: Outcome
) -> None:
    wecom.at(path, answer)
    for address in ("部门:2", "全体"):
        if path == "user/simplelist" and address == "全体" and outcome is Outcome.REFUSED:
            continue
        with pytest.raises(SendError) as caught:
            app(wecom.base).expand(to(address))
        assert caught.value.outcome is outcome


def test_an_empty_department_is_said_and_not_passed_over(wecom: Vendor) -> None:
    wecom.at("user/simplelist", {**OK, "userlist": []})
    with pytest.raises(SendError, match="没有应用可见的成员") as caught:
        app(wecom.base).expand(to("部门:2"))
    assert caught.value.outcome is Outcome.UNAVAILABLE
    assert caught.value.advice


@pytest.mark.parametrize(
    "address",
    [
        "",
        "部门:",
        "部门:教务处",
        "标签:x",
        "张三",
        "用户:",
        "用户:a|张三",
        "岗位:2",
        "a b",
        "部门:" + "|".join(map(str, range(101))),
    ],
)
def test_an_address_that_cannot_be_read_says_how_to_write_it(wecom: Vendor, address: str) -> None:
    with pytest.raises(SendError) as caught:
        app(wecom.base).expand(to(address))
    assert caught.value.outcome is Outcome.UNAVAILABLE  # this target waits, the others go on
    assert "部门:编号" in caught.value.advice
    assert wecom.asked == []


@given(
    users=st.lists(st.sampled_from(["a", "B", "c.d", "e@f"]), unique=True, max_size=4),
    parties=st.sets(st.integers(1, 99), max_size=3),
    tags=st.sets(st.integers(1, 99), max_size=3),
)
def test_addresses_and_receivers_are_two_ways_to_say_the_same(
    users: list[str], parties: set[int], tags: set[int]
) -> None:
    addresses = [*users, *(f"部门:{n}" for n in parties), *(f"标签:{n}" for n in tags)]
    whom = together(parse(address) for address in addresses)
    assert set(whom.addresses) == set(addresses)
    assert together(parse(address) for address in whom.addresses) == whom
    assert sum(len(field.split("|")) for field in whom.fields().values()) == len(addresses)


def test_members_are_counted_by_the_directory_and_a_list_by_whoever_wrote_it(wecom: Vendor) -> None:
    counted = app(wecom.base).measure(to("标签:3"))
    assert [(s.metric, s.value, s.basis, s.true_at) for s in counted] == [("应达", 3, "平台统计", NOW)]
    (sample,) = app(wecom.base).measure(to("用户:a|b"))
    assert (sample.value, sample.basis) == (2, "人工填报")


def test_where_the_directory_is_closed_the_register_counts_and_nothing_is_never_zero(wecom: Vendor) -> None:
    wecom.at("user/simplelist", CLOSED)
    wecom.at("department/simplelist", CLOSED)
    (sample,) = app(wecom.base).measure(to("部门:2"))
    assert (sample.value, sample.basis) == (286, "人工填报")
    assert sample.true_at.isoformat() == "2020-09-01T00:00:00+08:00"
    assert app(wecom.base).measure(to("部门:2", members=None)) == []
