"""自检: every account is named, and the register is held against the groups the accounts are really in."""

from __future__ import annotations

from typing import Any

import pytest

from channels.base import Finding
from tests.channels.onebot.qq_support import BOARD, GROUP, NOBODY, ONE, SECRETS, TARGET, TWO, furnish, one, sits, two
from tests.channels.samples import Ticks, target
from tests.channels.servers import Sandbox


@pytest.fixture(params=["spec", "napcat"])
def qq(sandbox: Sandbox, request: pytest.FixtureRequest) -> Sandbox:
    furnish(sandbox, request.param)
    return sandbox


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def row(address: str, number: str = "Q02", **facts: Any) -> Any:
    return target("onebot", address, number=number, **{"members": None, "name": "学生工作群", **facts})


def by_key(findings: list[Finding]) -> dict[str, Finding]:
    return {each.key: each for each in findings}


def bad(findings: list[Finding]) -> dict[str, Finding]:
    return {each.key: each for each in findings if not each.ok}


def test_every_account_is_named_and_all_is_well(qq: Sandbox, ticks: Ticks) -> None:
    found = by_key(two(qq, ticks).check([TARGET]))
    assert list(found) == [
        "channels.onebot.api_base",
        "channels.onebot（主账号）",
        "channels.onebot.bots“备用账号”",
        "channels.onebot（备用账号）",
        "targets.csv Q01",
    ]
    assert all(each.ok for each in found.values())
    assert ONE in found["channels.onebot.api_base"].text and TWO in found["channels.onebot.bots“备用账号”"].text
    assert "主账号member、备用账号member" in found["targets.csv Q01"].text
    assert qq.posts("qq") == []


def test_an_account_that_does_not_answer_is_told_and_the_others_are_looked_at(qq: Sandbox, ticks: Ticks) -> None:
    found = two(qq, ticks, first=NOBODY).check([TARGET])
    assert list(bad(found)) == ["channels.onebot.api_base"]
    assert by_key(found)["targets.csv Q01"].ok


def test_an_account_without_a_token_is_told_by_its_key_in_env(qq: Sandbox, ticks: Ticks) -> None:
    channel = two(qq, ticks, {"ONEBOT_TOKEN": SECRETS["ONEBOT_TOKEN"]})
    assert list(bad(channel.check([TARGET]))) == ["ONEBOT_TOKEN_2"]
    assert [each.key for each in channel.missing([TARGET])] == ["ONEBOT_TOKEN_2"]


def test_an_account_that_is_offline_is_told(qq: Sandbox, ticks: Ticks) -> None:
    qq.setup(bots=[{"self_id": TWO, "online": False}])
    assert list(bad(two(qq, ticks).check([TARGET]))) == ["channels.onebot（备用账号）"]


def test_two_addresses_of_one_account_stand_in_for_nobody(qq: Sandbox, ticks: Ticks) -> None:
    same = [{"name": "备用账号", "api_base": f"{qq.base}/onebot", "token": "ONEBOT_TOKEN"}]
    (finding,) = bad(two(qq, ticks, bots=same).check([TARGET])).values()
    assert "同一个账号" in finding.text


def test_a_group_is_fine_while_one_account_is_in_it_and_may_speak(qq: Sandbox, ticks: Ticks) -> None:
    sits(qq, ONE, joined=False)
    assert bad(two(qq, ticks).check([TARGET])) == {}
    sits(qq, TWO, muted=True)
    assert "被禁言" in bad(two(qq, ticks).check([TARGET]))["targets.csv Q01"].text
    sits(qq, TWO, joined=False)
    finding = bad(two(qq, ticks).check([TARGET]))["targets.csv Q01"]
    assert "不在“学生工作群”群内" in finding.text and "拉入群" in finding.fix


def test_a_group_the_register_does_not_know_is_a_hint(qq: Sandbox, ticks: Ticks) -> None:
    qq.setup(groups=[{"group_id": "700000055", "name": "后勤服务群", "members": 80}])
    hint = by_key(one(qq, ticks).check([TARGET]))["群 700000055"]
    assert hint.ok and "后勤服务群" in hint.text and "targets.csv" in hint.fix
    assert "群 700000055" not in by_key(one(qq, ticks).check([TARGET, row("公告:700000055")]))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"name": "学生工作群", "members": 168}, ""),
        ({"name": "学工群", "members": 160}, ""),
        ({"name": "教务处教师群", "members": 168}, "群名称是“学生工作群”"),
        ({"name": "学生工作群", "members": 40}, "群内168人，登记册中40人"),
        ({"name": "学生工作群", "members": None}, ""),
    ],
)
def test_what_differs_from_the_register_is_a_hint(qq: Sandbox, ticks: Ticks, facts: Any, words: str) -> None:
    finding = by_key(one(qq, ticks).check([row(GROUP, **facts)]))["targets.csv Q02"]
    assert finding.ok
    assert words in finding.text and bool(finding.fix) is bool(words)


def test_a_board_needs_an_admin(qq: Sandbox, ticks: Ticks) -> None:
    board = row(BOARD, name="学生工作群")
    assert "不能发群公告" in bad(two(qq, ticks).check([TARGET, board]))["targets.csv Q02"].text
    sits(qq, TWO, role="admin")
    assert bad(two(qq, ticks).check([TARGET, board])) == {}


def test_a_board_has_its_groups_audience_and_is_named_once(qq: Sandbox, ticks: Ticks) -> None:
    qq.setup(groups=[{"group_id": GROUP, "role": "admin"}])
    wider = row(BOARD, audience="校内")
    assert "受众却是" in bad(one(qq, ticks).check([TARGET, wider]))["targets.csv Q02"].text
    twice = [row(BOARD), row(f"紧急{BOARD}", "Q03")]
    assert set(bad(one(qq, ticks).check([TARGET, *twice]))) == {"targets.csv Q02", "targets.csv Q03"}


def test_where_everybody_is_to_be_called_an_admin_is_needed(qq: Sandbox, ticks: Ticks) -> None:
    assert "@全体成员" in bad(one(qq, ticks, at_all=["Q01"]).check([TARGET]))["targets.csv Q01"].text
    assert bad(one(qq, ticks, at_all=["Q07"]).check([TARGET])) == {}
