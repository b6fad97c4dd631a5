"""An interface that answers in JSON: read whole, page by page; what is no answer is bad and never "no news"."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.school import Column
from sources import http_json, make
from sources.base import Fetched, Health
from sources.http_json import HttpJson
from tests.sources.json_site import Asked, JsonSite, Said, json_site

COLUMNS = {
    "唯一标识": "id", "标题": "info.title", "责任部门": "info.dept.name", "大类": "info.kind", "受众范围": "scope",
    "批准日期": "approvedAt", "审查人": "info.reviewer", "链接": "url", "已撤回": "state",
}  # fmt: skip
FIXED = {"公开属性": "主动公开", "审查结论": "可以公开"}
ENV = {"XXGK_OA_TOKEN": "s3cret-token", "XXGK_OA_USER": "rest-user", "XXGK_OA_PASSWORD": "s3cret-password"}
PATH = "/api/list"


def row(key: Any, title: str = "关于甲的通知", **more: Any) -> dict[str, Any]:
    about = {"title": title, "dept": {"name": "教务处"}, "kind": "学校工作的重大事项", "reviewer": "张审查"}
    return {
        "id": key,
        "info": about,
        "scope": "社会",
        "approvedAt": "2026-09-01 10:00:00",
        "url": None,
        "state": 0,
        **more,
    }


def a_list(*rows: Any, **more: Any) -> dict[str, Any]:
    return {"code": 0, "data": {"records": list(rows)}, **more}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_json, "PAUSE", 0.0)


@pytest.fixture
def site() -> Iterator[JsonSite]:
    with json_site() as found:
        found.answers[PATH] = a_list(row(1))
        yield found


def column(place: str, **options: Any) -> Column:
    given = {"rows": "data.records", "columns": COLUMNS, "fixed": FIXED, **options}
    return Column(name="OA接口", kind="http_json", place=place, sub_item="规章制度", options=given)


def source(site: JsonSite, env: dict[str, str] = ENV, **options: Any) -> HttpJson:
    return HttpJson(column(f"{site.root}{PATH}", **options), lambda: datetime(2026, 9, 10, 4, tzinfo=UTC), env)


def again(found: Fetched) -> Any:
    return json.loads(json.dumps(dict(found.cursor)))


def titles(found: Fetched) -> list[str]:
    return [entry.title for entry in found.entries]


def test_a_row_of_an_answer_is_an_item_by_dotted_paths(site: JsonSite) -> None:
    site.answers[PATH] = a_list(row(7, approvedAt="2026-08-31T20:00:00Z", url="https://www.example.edu.cn/7.htm"))
    [entry] = source(site).fetch(None).entries
    assert (entry.title, entry.department, entry.audience, entry.url) == (
        "关于甲的通知",
        "教务处",
        ("社会",),
        "https://www.example.edu.cn/7.htm",
    )
    assert (str(entry.approved_on), entry.review and entry.review.reviewer) == ("2026-09-01", "张审查")
    assert (entry.own_key, entry.problems) == (f"{site.root.removeprefix('http://')}{PATH}:7", ())
    site.answers[PATH] = a_list(row(7, approvedAt=1788206400000))
    assert str(source(site).fetch(None).entries[0].approved_on) == "2026-09-01"


def test_the_registry_makes_it_and_only_what_changed_is_handed_over(site: JsonSite) -> None:
    made = make(column(f"{site.root}{PATH}"), lambda: datetime.now(UTC), ENV)
    site.answers[PATH] = a_list(row(1, "甲"), row(2, "乙"))
    first = made.fetch(None)
    same = made.fetch(again(first))
    site.answers[PATH] = a_list(row(1, "甲"), row(2, "乙改"))
    changed = made.fetch(again(same))
    assert [titles(each) for each in (first, same, changed)] == [["甲", "乙"], [], ["乙改"]]
    assert [each.health for each in (first, same, changed)] == [Health.GOOD, Health.UNCHANGED, Health.GOOD]


def test_a_row_taken_back_is_told_and_comes_again_when_restored(site: JsonSite) -> None:
    first = source(site).fetch(None)
    site.answers[PATH] = a_list(row(1, state="已撤回"))
    back = source(site).fetch(again(first))
    site.answers[PATH] = a_list(row(1))
    restored = source(site).fetch(again(back))
    assert (back.entries, back.withdrawn, len(restored.entries)) == ((), {"OA接口（唯一标识 1）"}, 1)


def pages(rows: list[Any], size: int, most: int = 100) -> Any:
    """A list by page number, as servers do that give fewer rows than they are asked for."""

    def answer(asked: Asked) -> Any:
        number = int((asked.body or asked.query).get("pageNo", 1))
        return a_list(*rows[(number - 1) * size : min(number * size, most)])

    return answer


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_by_number_are_read_to_the_end(site: JsonSite, method: str) -> None:
    site.answers[PATH] = pages([row(n) for n in range(7)], size=3)
    paging = {"page": "pageNo", "size": "pageSize", "rows": 50}
    found = source(site, method=method, paging=paging, params={"state": "approved"}).fetch(None)
    assert len(found.entries) == 7
    asked = [each.body or each.query for each in site.asked]
    assert [str(each["pageNo"]) for each in asked] == ["1", "2", "3", "4"]
    assert {str(each["pageSize"]) + each["state"] for each in asked} == {"50approved"}


def test_a_server_that_gives_the_same_page_for_ever_ends_the_look(site: JsonSite) -> None:
    assert len(source(site, paging={"page": "pageNo"}).fetch(None).entries) == 1
    assert len(site.asked) == 2


def test_pages_by_cursor_are_read_to_the_end(site: JsonSite) -> None:
    after = {"": ("b", [row(1)]), "b": ("c", [row(2)]), "c": (None, [row(3)])}

    def answer(asked: Asked) -> Any:
        following, rows = after[asked.query.get("cursor", "")]
        return {"data": {"records": rows, "next": following}}

    site.answers[PATH] = answer
    assert len(source(site, paging={"cursor": "cursor", "next": "data.next"}).fetch(None).entries) == 3
    assert len(site.asked) == 3


def test_a_long_list_is_read_over_several_looks_and_nothing_twice(
    site: JsonSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_json, "MOST_PAGES", 2)
    site.answers[PATH] = pages([row(n) for n in range(7)], size=3)
    looks = [source(site, paging={"page": "pageNo"}).fetch(None)]
    for _ in range(3):
        looks.append(source(site, paging={"page": "pageNo"}).fetch(again(looks[-1])))
    assert [len(look.entries) for look in looks] == [6, 1, 0, 0]
    assert [look.health for look in looks] == [Health.PARTIAL, Health.GOOD, Health.PARTIAL, Health.UNCHANGED]


def html(text: str = "<html>请登录</html>") -> Said:
    return Said(text.encode(), 200, {"Content-Type": "text/html"})


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (html(), "是网页，多半是登录页"),
        (Said(b"\xef\xbb\xbf<!DOCTYPE html>"), "是网页"),
        (Said(b""), "不是 JSON"),
        (Said(b'{"code": 0, "data": {"rec'), "不是 JSON，或不完整"),
        (Said(b"[" * 200_000), "不是 JSON"),
        ({"code": 401, "msg": "token s3cret-token 无效"}, "code 应为 0，而是 401"),
        ({"data": {"records": []}}, "code 应为 0，而是 （没有）"),
        ({"code": 0, "success": False, "data": {"records": []}}, "接口答复失败"),
        ({"code": 0, "error": "expired"}, "接口答复失败"),
        ({"code": 0, "data": {}}, "“data.records”处没有条目列表"),
        ({"code": 0, "data": {"records": None}}, "没有条目列表"),
        ({"code": 0, "data": {"records": {"id": 1}}}, "没有条目列表"),
        ({"code": 0, "data": {"records": ["x"]}}, "没有条目列表"),
        ([row(1)], "code 应为 0"),
        (a_list(), "列表是空的，而以前有条目"),
        (a_list({"id": 1, "name": "改版"}), "没有标题（info.title），接口可能改版"),
        (a_list({"uuid": 1, "info": {"title": "甲"}}), "没有唯一标识（id）"),
        (Said(status=500), "HTTP 500"),
        (Said(status=401), "HTTP 401"),
        (Said(status=404), "HTTP 404"),
        (Said(b"", 302, {"Location": "/login"}), "转到了别处，多半是登录页"),
        (Said(b"", 302, {"Location": "http://10.0.0.1/"}), "转到了别处"),
    ],
)
def test_what_is_no_answer_is_bad_keeps_the_cursor_and_loses_nothing(site: JsonSite, answer: Any, says: str) -> None:
    ours = source(site, ok={"code": 0})
    cursor = again(ours.fetch(None))
    site.answers[PATH] = answer
    found = ours.fetch(cursor)
    assert (found.health, found.entries, found.withdrawn, found.gone) == (Health.BAD, (), frozenset(), frozenset())
    assert says in found.note
    assert found.away == (says == "HTTP 500")
    assert found.cursor == cursor
    assert "s3cret" not in found.note
    site.answers[PATH] = a_list(row(1), row(2, "乙"))
    assert titles(ours.fetch(found.cursor)) == ["乙"]


def test_a_page_that_fails_in_the_middle_hands_nothing_over_until_it_answers(site: JsonSite) -> None:
    good = pages([row(n) for n in range(4)], size=2)
    site.answers[PATH] = lambda asked: good(asked) if asked.query["pageNo"] == "1" else Said(status=502)
    found = source(site, paging={"page": "pageNo"}).fetch(None)
    assert (found.health, found.entries, found.cursor) == (Health.BAD, (), {})
    site.answers[PATH] = good
    assert len(source(site, paging={"page": "pageNo"}).fetch(found.cursor).entries) == 4


def test_an_emptied_list_is_bad_under_other_settings_too(site: JsonSite) -> None:
    cursor = again(source(site).fetch(None))
    site.answers[PATH] = a_list()
    assert source(site, params={"state": "approved"}).fetch(cursor).health is Health.BAD


def looks(site: JsonSite, *keys: int, since: Any = None, **more: Any) -> Fetched:
    """One look at rows of these numbers, approved on the day of September that their number says."""
    days = {key: f"2026-09-{key % 30 + 1:02}" for key in keys}
    site.answers[PATH] = a_list(*(row(key, f"第{key}号", **{"approvedAt": days[key], **more}) for key in keys))
    return source(site).fetch(since)


@pytest.mark.parametrize(
    ("shown", "says"),
    [((1, 2, 3), "恢复了旧备份"), ((1, 2), "恢复了旧备份"), ((91, 92, 93, 94, 95, 96), "换了列表")],
    ids=["of some days ago", "of long ago", "another list"],
)
def test_an_old_copy_or_another_list_is_bad_and_nothing_is_handed_over(
    site: JsonSite, shown: tuple[int, ...], says: str
) -> None:
    cursor = again(looks(site, 6, 5, 4, 3, 2, 1))
    old = looks(site, *shown, since=cursor, approvedAt="2025-09-01")
    assert (old.health, old.entries, old.withdrawn) == (Health.BAD, (), frozenset())
    assert says in old.note
    back = looks(site, 7, 6, 5, 4, 3, 2, 1, since=again(old))
    assert (titles(back), back.health) == (["第7号"], Health.GOOD)


@pytest.mark.parametrize(
    ("shown", "news"),
    [((10, 9, 8, 7, 6, 5), 4), ((6, 5, 4, 3), 0), ((7, 6, 5), 1), ((6, 5), 0), ((16, 15, 14, 13, 12, 11), 6)],
    ids=["of the newest six", "two were removed", "one for three", "of what is current", "all of it new"],
)
def test_a_list_that_goes_on_is_believed(site: JsonSite, shown: tuple[int, ...], news: int) -> None:
    found = looks(site, *shown, since=again(looks(site, 6, 5, 4, 3, 2, 1)))
    assert (len(found.entries), found.health is Health.BAD) == (news, False)


def test_another_list_of_more_pages_than_one_look_reads_is_bad(
    site: JsonSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_json, "MOST_PAGES", 3)
    ours, cursor = source(site, paging={"page": "pageNo"}), None
    site.answers[PATH] = pages([row(n) for n in range(20, 0, -1)], 2)
    while cursor is None or cursor["page"] is not None:
        cursor = again(ours.fetch(cursor))
    site.answers[PATH] = pages([row(n) for n in range(920, 900, -1)], 2)
    assert (ours.fetch(cursor).health, ours.fetch(cursor).entries) == (Health.BAD, ())
    site.answers[PATH] = pages([row(n) for n in range(21, 0, -1)], 2)
    assert len(ours.fetch(cursor).entries) == 1


def test_a_removed_row_that_had_been_taken_back_is_not_missed(site: JsonSite) -> None:
    first = again(looks(site, 4, 3, 2, 1))
    back = again(looks(site, 4, 3, 2, 1, since=first, state=1))
    assert looks(site, 1, since=back, state=1).health is Health.UNCHANGED


def test_a_list_that_never_had_rows_may_be_empty(site: JsonSite) -> None:
    site.answers[PATH] = a_list()
    assert source(site).fetch(None).health is Health.UNCHANGED


def test_rows_without_an_identifier_are_told_until_they_are_mended(site: JsonSite) -> None:
    site.answers[PATH] = a_list(row(1), row(None))
    first = source(site).fetch(None)
    assert [problem.text for problem in first.problems] == ["有1条没有唯一标识，没有读取"]
    site.answers[PATH] = a_list(row(1))
    mended = source(site).fetch(again(first))
    assert (mended.health, mended.problems, mended.whole) == (Health.GOOD, (), {"OA接口"})


def test_a_token_from_the_environment_stands_in_its_header_only(site: JsonSite) -> None:
    source(site, token="XXGK_OA_TOKEN", prefix="Bearer ").fetch(None)
    [asked] = site.asked
    assert asked.headers["authorization"] == "Bearer s3cret-token"
    assert asked.headers["user-agent"].startswith("xxgk-bot")
    assert "s3cret" not in json.dumps([asked.query, asked.body, asked.path])


LOGIN = {"path": "/seeyon/rest/token", "user": "XXGK_OA_USER", "password": "XXGK_OA_PASSWORD"}


def test_a_login_gives_the_token_of_a_look(site: JsonSite) -> None:
    site.answers["/seeyon/rest/token"] = {"id": "t-1", "bindingUser": None}
    assert len(source(site, login=LOGIN).fetch(None).entries) == 1
    login, listed = site.asked
    assert (login.method, login.body) == ("POST", {"userName": "rest-user", "password": "s3cret-password"})
    assert listed.headers["token"] == "t-1"


@pytest.mark.parametrize("answer", [{"id": "-1"}, {"id": ""}, {"token": "x"}, html(), Said(status=403)])
def test_a_login_that_gives_no_token_is_bad(site: JsonSite, answer: Any) -> None:
    site.answers["/seeyon/rest/token"] = answer
    found = source(site, login=LOGIN).fetch(None)
    assert (found.health, len(site.asked)) == (Health.BAD, 1)
    assert "s3cret" not in found.note
    assert "rest-user" not in found.note


def test_a_secret_that_is_not_in_the_environment_is_named_and_nothing_is_asked(site: JsonSite) -> None:
    found = source(site, {}, token="XXGK_OA_TOKEN").fetch(None)
    assert (found.health, site.asked) == (Health.BAD, [])
    assert ".env 中没有 XXGK_OA_TOKEN" in found.note


def test_robots_are_not_asked_for_an_interface(site: JsonSite) -> None:
    site.answers["/robots.txt"] = Said(b"User-agent: *\nDisallow: /")
    assert source(site).fetch(None).health is Health.GOOD
    assert [each.path for each in site.asked] == [PATH]


def test_nobody_listening_is_bad() -> None:
    found = HttpJson(column("http://127.0.0.1:1/list"), lambda: datetime.now(UTC), {}).fetch({"x": 1})
    assert (found.health, found.away, found.cursor) == (Health.BAD, True, {"x": 1})


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"method": "DELETE"}, "method"),
        ({"token": "s3cret-token"}, "token"),
        ({"token": "XXGK_A", "login": LOGIN}, "只写一个"),
        ({"header": "X\r\nY"}, "header"),
        ({"login": {**LOGIN, "password": "s3cret-password"}}, "password 应是 .env 中的变量名"),
        ({"login": {**LOGIN, "path": "https://other.example/"}}, "以 / 开头的 path"),
        ({"login": {**LOGIN, "pass": "x"}}, "没有“pass”"),
        ({"params": {"access_token": "s3cret-token"}}, "params"),
        ({"paging": {"page": "p", "cursor": "c", "next": "n"}}, "paging"),
        ({"paging": {"cursor": "c"}}, "paging"),
        ({"paging": {"size": "n"}}, "paging"),
        ({"paging": {"page": "p", "rows": "100"}}, "rows"),
        ({"paging": {"seite": "p"}}, "没有“seite”"),
        ({"rows": 1}, "rows"),
        ({"ok": "0"}, "ok"),
        ({"columns": {"标题": "t"}}, "唯一标识"),
        ({"robots": False}, "没有“robots”这个设置项"),
    ],
)
def test_a_mistake_in_the_options_names_the_key_and_repeats_no_secret(
    site: JsonSite, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says) as error:
        source(site, **options)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    "place", ["https://u:s3cret@oa.example.edu.cn/list", "https://oa.example.edu.cn/list?token=s3cret"]
)
def test_an_address_with_a_secret_in_it_is_refused_and_not_repeated(place: str) -> None:
    with pytest.raises(ValueError, match="账号或密钥") as error:
        HttpJson(column(place), lambda: datetime.now(UTC))
    assert "s3cret" not in str(error.value)


def test_the_self_check_reads_one_page_and_says_what_is_wrong(site: JsonSite) -> None:
    assert source(site).check() == []
    site.answers[PATH] = {"code": 0}
    [finding] = source(site).check()
    assert (finding.key, finding.ok, "没有条目列表" in finding.text) == ("watch.OA接口", False, True)
    assert finding.fix == "请核对 rows"


LEAF = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8), st.just(10**400)
)
JSON = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["id", "info", "title", "data", "records", "state", "code", "x"]), inner, max_size=4
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(whole=JSON, rows=st.lists(JSON, max_size=3), cells=st.dictionaries(st.sampled_from(sorted(row(1))), JSON))
def test_whatever_an_interface_answers_a_look_never_fails_and_hands_over_no_half_item(
    site: JsonSite, whole: Any, rows: list[Any], cells: dict[str, Any]
) -> None:
    for answer in (whole, a_list(*rows), a_list(row(1, **cells))):
        site.answers[PATH] = answer
        paging = {"page": "pageNo"} if rows else {"cursor": "c", "next": "code"}
        found = source(site, paging=paging).fetch({})
        assert isinstance(found.health, Health)
        assert all(entry.own_key and len(str(entry.place)) < 200 for entry in found.entries)
        json.dumps(dict(found.cursor))
        [entry.digest() for entry in found.entries]
        if found.health is Health.BAD:
            assert (found.entries, found.withdrawn, found.cursor) == ((), frozenset(), {})
