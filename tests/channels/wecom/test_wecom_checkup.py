"""自检 of an app: names the setting, what is wrong and the fix, and sends nothing."""

from __future__ import annotations

import pytest

from channels.base import Finding
from tests.channels.samples import target
from tests.channels.servers import Vendor
from tests.channels.wecom.wecom_support import CLOSED, OK, SECRET, SECRETS, TARGET, TOKEN, app, usual

FROM_IP = "not allow to access from your ip, hint: [1], from ip: 203.0.113.7, more info at https://open.work.weixin"


@pytest.fixture
def wecom(vendor: Vendor) -> Vendor:
    vendor = usual(vendor)
    vendor.at("agent/get", {**OK, "agentid": 1000002, "allow_partys": {"partyid": [1]}})
    vendor.at("user/simplelist", {**OK, "userlist": [{"userid": "a"}, {"userid": "b"}]})
    vendor.at("tag/get", {**OK, "userlist": [{"userid": "a"}], "partylist": []})
    return vendor


def check(vendor: Vendor, secrets: dict[str, str] | None = None, ack: bool = False) -> list[Finding]:
    targets = [TARGET, target("wecom_app", "标签:3", number="T02", name="中层干部")]
    found = app(vendor.base, secrets=secrets, ack=ack).check(targets)
    assert not [path for path, _, _ in vendor.asked if "/message/" in path]
    assert all(each.fix for each in found if not each.ok)
    told = repr(found)
    assert SECRET not in told
    assert TOKEN not in told
    return found


def wrong(found: list[Finding]) -> dict[str, str]:
    return {each.key: f"{each.text} {each.fix}" for each in found if not each.ok}


def test_all_well_is_said_line_by_line_with_each_targets_persons(wecom: Vendor) -> None:
    found = check(wecom)
    assert wrong(found) == {}
    assert [each.key for each in found] == [
        "WECOM_APP_SECRET",
        "WECOM_APP_AGENT_ID",
        "企业微信“通讯录”",
        "targets.csv T01",
        "targets.csv T02",
    ]
    assert "2人" in found[3].text
    assert "1人" in found[4].text


@pytest.mark.parametrize("name", ["WECOM_CORP_ID", "WECOM_APP_SECRET", "WECOM_APP_AGENT_ID"])
def test_what_is_not_filled_in_is_named_with_where_to_find_it(wecom: Vendor, name: str) -> None:
    (line,) = [text for key, text in wrong(check(wecom, {**SECRETS, name: ""})).items() if key == name]
    assert "管理后台" in line


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (40013, "WECOM_CORP_ID"),
        (40001, "WECOM_APP_SECRET"),
        (50003, "企业微信“应用管理”"),
        (60020, "企业微信“企业可信IP”"),
    ],
)
def test_a_token_that_is_refused_names_the_setting_and_ends_the_check(wecom: Vendor, code: int, key: str) -> None:
    wecom.at("gettoken", {"errcode": code, "errmsg": FROM_IP})
    found = check(wecom)
    assert list(wrong(found)) == [key]
    assert len(found) == 1


def test_the_address_to_be_put_into_the_ip_list_is_told_wherever_it_is_refused(wecom: Vendor) -> None:
    for path in ("gettoken", "agent/get"):
        wecom.at(path, {"errcode": 60020, "errmsg": FROM_IP})
        assert "203.0.113.7" in wrong(check(wecom))["企业微信“企业可信IP”"]
        usual(wecom)


@pytest.mark.parametrize("code", [40056, 301002])
def test_another_apps_number_is_told(wecom: Vendor, code: int) -> None:
    wecom.at("agent/get", {"errcode": code, "errmsg": "agent"})
    assert list(wrong(check(wecom))) == ["WECOM_APP_AGENT_ID"]


def test_an_app_that_nobody_sees_is_told(wecom: Vendor) -> None:
    wecom.at("agent/get", {**OK, "agentid": 1000002})
    assert "可见范围" in wrong(check(wecom))["WECOM_APP_AGENT_ID"]


def test_a_closed_directory_names_what_is_done_instead(wecom: Vendor) -> None:
    for path in ("user/simplelist", "department/simplelist"):
        wecom.at(path, CLOSED)
    found = {each.key: each for each in check(wecom)}
    directory = found["企业微信“通讯录”"]
    assert directory.ok
    assert "整体提交" in directory.text
    assert "WECOM_CONTACT_SECRET" in directory.fix
    assert "部门:2" in found["targets.csv T01"].text


def test_a_department_or_tag_that_is_not_there_is_told_by_its_target(wecom: Vendor) -> None:
    wecom.at("user/simplelist", {"errcode": 60123, "errmsg": "invalid party id"})
    wecom.at("tag/get", {"errcode": 40068, "errmsg": "invalid tagid"})
    found = wrong(check(wecom))
    assert "部门不存在" in found["targets.csv T01"]
    assert "标签不存在" in found["targets.csv T02"]


def test_an_empty_department_is_told(wecom: Vendor) -> None:
    wecom.at("user/simplelist", {**OK, "userlist": []})
    assert "0人" in wrong(check(wecom))["targets.csv T01"]


def test_an_address_that_cannot_be_read_is_told_with_how_to_write_it(wecom: Vendor) -> None:
    (line,) = [each for each in app(wecom.base).check([target("wecom_app", "教务处")]) if "T01" in each.key]
    assert not line.ok
    assert "部门:编号" in line.fix


@pytest.mark.parametrize("value", ["", "tooshort", "a" * 42 + "!"])
def test_the_callback_is_checked_where_the_button_needs_it(wecom: Vendor, value: str) -> None:
    secrets = {**SECRETS, "WECOM_APP_AES_KEY": value, "WECOM_APP_TOKEN": "" if not value else "t"}
    assert "WECOM_APP_AES_KEY" in wrong(check(wecom, secrets, ack=True))
    if not value:
        assert "WECOM_APP_TOKEN" in wrong(check(wecom, secrets, ack=True))
        assert wrong(check(wecom, secrets)) == {}


def test_check_says_when_the_server_cannot_be_reached() -> None:
    (finding,) = app("http://127.0.0.1:1").check([TARGET])
    assert (finding.key, finding.ok) == ("api_base", False)
    assert finding.fix
