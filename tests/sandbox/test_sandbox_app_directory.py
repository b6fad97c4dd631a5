"""Tokens of WeCom's apps, who may ask, and what the directory tells an app of its own part of the company."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests


def test_a_token_stays_the_same_while_it_is_valid(company):
    first = company.work_token()
    assert first["expires_in"] == 7200
    company.admin("clock", advance=7199)
    assert company.work_token() == first | {"expires_in": 1}
    company.admin("clock", advance=1)
    assert company.work_token()["access_token"] != first["access_token"]
    assert company.work("tag/list", access_token=first["access_token"])["errcode"] == 42001


def test_each_app_has_a_token_of_its_own(company):
    company.app(agentid=1000003, secret="s2")
    assert company.work_token("s2")["access_token"] != company.work_token()["access_token"]
    body = {"touser": "@all", "agentid": 1000002, "msgtype": "text", "text": {"content": "甲"}}
    assert company.work("message/send", body, secret="s2")["errcode"] == 301002


def test_the_vendor_may_take_a_token_back_early(company):
    token = company.work_token()["access_token"]
    assert company.admin("wecom_expire_tokens", corpid="ww1", agentid=1000002)["expired"] == 1
    assert company.work("tag/list", access_token=token)["errcode"] == 42001
    assert company.work("tag/list")["errcode"] == 0


@pytest.mark.parametrize(
    ("corpid", "secret", "errcode"),
    [("", "s1", 41002), ("ww1", "", 41004), ("nobody", "s1", 40013), ("ww1", "wrong", 40001)],
)
def test_wrong_credentials_are_refused(company, corpid, secret, errcode):
    answer = company.work_token(secret, corpid)
    assert answer["errcode"] == errcode
    assert "from ip: 127.0.0.1" in answer["errmsg"]


def test_missing_and_wrong_tokens_differ(company):
    assert company.work("tag/list", access_token="")["errcode"] == 41001
    assert company.work("tag/list", access_token="nonsense")["errcode"] == 40014


def test_a_caller_outside_the_ip_list_gets_nothing(company):
    token = company.work_token()["access_token"]
    company.app(ip_allow=["10.0.0.1"])
    assert company.work_token()["errcode"] == 60020
    assert company.work("tag/list", access_token=token)["errcode"] == 60020
    company.app(ip_allow=["127.0.0.1"])
    assert company.work("tag/list")["errcode"] == 0


def test_a_disabled_app_is_told_so(company):
    token = company.work_token()["access_token"]
    company.app(disabled=True)
    assert company.work("tag/list", access_token=token)["errcode"] == 50003


def test_wrong_methods_and_unknown_calls_are_refused(company):
    assert company.work("message/send")["errcode"] == 43002
    assert company.work("tag/list", {})["errcode"] == 43001
    assert company.work("gettoken", {})["errcode"] == 43001
    assert company.work("user/explode")["errcode"] == 40066


def test_more_calls_at_once_than_the_app_may_are_refused(company):
    token = company.work_token()["access_token"]
    company.app(concurrent=1)
    assert company.work("tag/list", access_token=token)["errcode"] == 0
    company.admin("faults", call="wecom.tag.list", kind="slow", seconds=0.3, times=None)

    def ask(_):
        url = f"{company.base}/wecom/cgi-bin/tag/list"
        return requests.get(url, params={"access_token": token}, timeout=10).json()["errcode"]

    with ThreadPoolExecutor(3) as pool:
        codes = set(pool.map(ask, range(3)))
    assert codes == {0, 45033}


def test_every_kind_of_fault_works_on_these_calls(company):
    for kind in ("before", "after", "reset"):
        company.admin("faults", call="wecom.message.send", kind=kind, match={"agentid": "1000002"})
        with pytest.raises(requests.ConnectionError):
            company.tell(kind)
    for kind in ("502", "html"):
        company.admin("faults", call="wecom.message.send", kind=kind, when="after")
        with pytest.raises(requests.JSONDecodeError):
            company.tell(kind)
    company.admin("faults", call="wecom.message.*", kind="error", errcode=-1)
    assert company.tell("error")["errcode"] == -1
    assert [message["text"] for message in company.books()["wecom_messages"]] == ["after", "502", "html"]
    assert company.books()["refused"] == {"wecom.message.send": {"-1": 1}}


def test_departments_are_listed_with_and_without_names(company):
    assert [d["name"] for d in company.work("department/list")["department"]] == [
        "学院",
        "教务处",
        "信息系",
        "软件教研室",
    ]
    assert company.work("department/list", id=3)["department"] == [
        {"id": 3, "parentid": 1, "order": 0, "name": "信息系"},
        {"id": 4, "parentid": 3, "order": 0, "name": "软件教研室"},
    ]
    ids = company.work("department/simplelist", id=4)["department_id"]
    assert ids == [{"id": 4, "parentid": 3, "order": 0}]


def test_members_are_listed_with_or_without_those_below(company):
    def asked(**query):
        return [user["userid"] for user in company.work("user/simplelist", **query)["userlist"]]

    assert asked(department_id=3) == ["lisi"]
    assert asked(department_id=3, fetch_child=1) == ["lisi", "wangwu", "zhaoliu"]
    assert asked(department_id=1, fetch_child=1) == ["boss", "lisi", "wangwu", "ZhangSan", "zhaoliu"]
    one = company.work("user/simplelist", department_id=2)["userlist"]
    assert one == [{"userid": "ZhangSan", "name": "张三", "department": [2]}]


def test_an_app_is_told_of_its_own_part_only(company):
    company.app(scope={"departments": [3], "users": ["boss"]})
    assert [d["id"] for d in company.work("department/list")["department"]] == [3, 4]
    assert company.work("department/list", id=2)["errcode"] == 60011
    assert company.work("user/simplelist", department_id=1, fetch_child=1)["errcode"] == 60011
    assert company.work("user/simplelist", department_id=99)["errcode"] == 60123
    assert company.work("user/simplelist")["errcode"] == 60123
    assert company.work("tag/get", tagid=7)["userlist"] == [{"userid": "boss", "name": "院长"}]


def test_tags_are_listed_and_opened(company):
    assert company.work("tag/list")["taglist"] == [{"tagid": 7, "tagname": "中层"}, {"tagid": 8, "tagname": "空"}]
    assert [user["userid"] for user in company.work("tag/get", tagid=7)["userlist"]] == ["boss", "ZhangSan"]
    assert company.work("tag/get", tagid=99)["errcode"] == 40068


def test_a_tag_may_hold_departments(company):
    tags = [{"id": 9, "name": "信息系全体", "departments": [3], "users": ["boss"]}]
    company.admin("setup", corps=[{"corpid": "ww1", "tags": tags}])
    assert company.work("tag/get", tagid=9)["partylist"] == [3]
    company.tell(touser="", totag="9")
    assert [line["userid"] for line in company.people()] == ["boss", "lisi", "wangwu"]


def test_the_contacts_secret_reads_all_ids_page_by_page_and_nothing_else(company):
    company.app(agentid=2000003, secret="sync", sync=True)
    found, cursor = [], ""
    while True:
        page = company.work("user/list_id", {"cursor": cursor, "limit": 2}, secret="sync")
        assert len(page["dept_user"]) <= 2
        found += [(row["userid"], row["department"]) for row in page["dept_user"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert found == [("boss", 1), ("ZhangSan", 2), ("lisi", 3), ("wangwu", 4), ("zhaoliu", 4)]
    assert company.work("department/simplelist", secret="sync")["department_id"]
    assert company.work("department/list", secret="sync")["errcode"] == 48009
    assert company.work("user/simplelist", secret="sync", department_id=1)["errcode"] == 48009
    assert company.work("user/list_id", {"cursor": "nonsense"}, secret="sync")["errcode"] == 50100
    assert company.work("user/list_id", {"limit": 10_001}, secret="sync")["errcode"] == 40058


def test_an_apps_secret_may_not_read_all_ids(company):
    assert company.work("user/list_id", {})["errcode"] == 48002


@pytest.mark.parametrize(
    "order",
    [
        {"apps": [{"corpid": "nobody", "agentid": 1}]},
        {"apps": [{"corpid": "ww1", "agentid": 1, "scope": {"everyone": True}}]},
        {"apps": [{"corpid": "ww1", "agentid": 1, "callback_url": "http://127.0.0.1:9", "aes_key": "short"}]},
        {"corps": [{"corpid": "ww1", "memebrs": []}]},
        {"corps": [{"name": "无名"}]},
    ],
)
def test_a_misspelt_setup_is_refused(company, order):
    assert company.http.post(f"{company.base}/__sandbox__/setup", json=order, timeout=5).status_code == 400


def test_an_app_is_told_its_own_scope_and_no_other_apps(company):
    company.app(scope={"departments": [1], "users": ["zhangsan"], "tags": [3]})
    told = company.work("agent/get", agentid=1000002)
    assert told["errcode"] == 0
    assert told["allow_partys"] == {"partyid": [1]}
    assert told["allow_userinfos"] == {"user": [{"userid": "zhangsan"}]}
    assert told["allow_tags"] == {"tagid": [3]}
    assert company.work("agent/get", agentid=1000003)["errcode"] == 301002
    assert company.work("agent/get", agentid="甲")["errcode"] == 40056
