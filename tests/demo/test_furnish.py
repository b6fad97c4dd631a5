"""A rehearsal of a school that writes to persons: the sandbox knows its company, its members and its SMS accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from channels import make
from channels.base import Channel, Expands
from config.settings import Settings, load
from demo.furnish import furnish
from demo.replay import CONFIG
from demo.sandbox import Sandbox, sandbox_process
from demo.stage import SECRETS, _here
from rules.routing import Target

PERSONS = ("wecom_app", "sms_aliyun", "sms_tencent")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox_process(tmp_path / "sandbox.sqlite3", None) as found:
        yield found


def school(sandbox: Sandbox, tmp_path: Path, *more: Target) -> Settings:
    """The demonstration's own settings, with more targets."""
    settings = load(CONFIG, {})
    found = _here(settings, tmp_path, sandbox.base)
    targets = {**found.targets, **{each.number: each for each in more}}
    env = {**SECRETS, "XXGK_PEOPLE": str(tmp_path / "名单")}
    return replace(settings, env=env, school=replace(found, targets=targets))


def channel(settings: Settings, name: str) -> Channel:
    return make(settings.school.channels[name], settings.env, lambda: datetime.now().astimezone())


def app_target(number: str, address: str) -> Target:
    return Target(number=number, name=number, channel="wecom_app", address=address, audience="教职工", members=3)


def test_after_it_the_check_of_each_channel_to_persons_finds_nothing_wrong(sandbox: Sandbox, tmp_path: Path) -> None:
    settings = school(sandbox, tmp_path)
    missing = furnish(sandbox, settings, "http://127.0.0.1:8787")
    assert not [name for name in missing if not name.startswith(("WECOM_ROBOT", "ALARM_URL"))]
    for name in PERSONS:
        targets = [each for each in settings.school.targets.values() if each.channel == name]
        findings = channel(settings, name).check(targets)
        assert findings
        assert [each for each in findings if not each.ok] == []


def test_departments_tags_and_lists_hold_whom_the_register_names(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "名单").mkdir()
    (tmp_path / "名单" / "院领导.csv").write_text("姓名,工号\n甲,A001\n乙,t001\n", encoding="utf-8")
    tag, named, listed = (
        app_target("W02", "标签:7"),
        app_target("W03", "用户:A001|b002"),
        app_target("W04", "名单:院领导"),
    )
    wrong, absent = app_target("W05", "部门:甲"), app_target("W06", "名单:没有")
    settings = school(sandbox, tmp_path, tag, named, listed, wrong, absent)
    furnish(sandbox, settings, "http://127.0.0.1:8787")
    app = channel(settings, "wecom_app")
    assert isinstance(app, Expands)
    assert list(app.expand(settings.school.targets["W01"])) == [f"t{n:03d}" for n in range(1, 42)]
    assert list(app.expand(tag)) == ["t042", "t043", "t044"]
    assert {"A001", "b002"} <= set(app.expand(app_target("W07", "部门:1")))


def test_every_qq_account_of_the_school_is_there_and_a_groups_board_is_no_second_group(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    board = Target(number="Q99", name="公告", channel="onebot", address="紧急公告:700000001", audience="学生")
    found = school(sandbox, tmp_path, board)
    second = {"name": "备用账号", "api_base": f"{sandbox.base}/onebot/10000002", "token": "ONEBOT_TOKEN_3"}
    setting = replace(found.school.channels["onebot"], options={"bots": [second]})
    found = replace(found, school=replace(found.school, channels={**found.school.channels, "onebot": setting}))
    assert "ONEBOT_TOKEN_3" in furnish(sandbox, found, "http://127.0.0.1:8787")
    settings = replace(found, env={**found.env, "ONEBOT_TOKEN_3": "demo-onebot-token-2"})
    assert "ONEBOT_TOKEN_3" not in furnish(sandbox, settings, "http://127.0.0.1:8787")
    targets = [each for each in settings.school.targets.values() if each.channel == "onebot"]
    findings = channel(settings, "onebot").check(targets)
    assert [each for each in findings if not each.ok] == []
    assert any("10000002" in each.text for each in findings)


def test_what_is_not_filled_in_is_named_and_the_other_channels_can_be_rehearsed(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = school(sandbox, tmp_path)
    without = {name: value for name, value in settings.env.items() if name != "TENCENT_SMS_SECRET_KEY"}
    missing = furnish(sandbox, replace(settings, env=without), "http://127.0.0.1:8787")
    assert "TENCENT_SMS_SECRET_KEY" in missing
    assert all(each.ok for each in channel(settings, "sms_aliyun").check([]))
    assert not all(each.ok for each in channel(settings, "sms_tencent").check([]))


def test_a_school_that_writes_letters_and_has_an_address_of_apprise_can_rehearse_both(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    usual = school(sandbox, tmp_path)
    mail, phone = (replace(usual.school.channels["onebot"], name=name) for name in ("email", "alarm_url"))
    mail = replace(mail, api_base=sandbox.smtp, options={"from": "示例学院 <xxgk@example.edu.cn>"})
    duty = Target(number="P9", name="值班手机", channel="alarm_url", address="ALARM_URL_DUTY", audience="信息公开值班")
    both = {**usual.school.channels, "email": mail, "alarm_url": phone}
    made = replace(usual.school, channels=both, targets={**usual.school.targets, "P9": duty})
    settings = replace(usual, school=made)
    assert "ALARM_URL_DUTY" in furnish(sandbox, settings, "http://127.0.0.1:8787")
    here = {"ALARM_URL_DUTY": sandbox.base.replace("http", "json", 1) + "/alarm"}
    settings = replace(settings, env={**settings.env, **here})
    assert "ALARM_URL_DUTY" not in furnish(sandbox, settings, "http://127.0.0.1:8787")
    assert [each.ok for each in channel(settings, "email").check([])] == [True, True]
    without = replace(mail, options={**mail.options, "login": False})
    free = replace(settings, school=replace(made, channels={**both, "email": without}), env=here)
    assert "MAIL_USER" not in furnish(sandbox, free, "http://127.0.0.1:8787")
    assert [each.ok for each in channel(free, "email").check([])] == [True, True]


def test_the_stage_points_letters_at_the_sandboxs_own_server(sandbox: Sandbox, tmp_path: Path) -> None:
    settings = load(CONFIG, {})
    channels = {**settings.school.channels, "email": replace(settings.school.channels["onebot"], name="email")}
    found = _here(
        replace(settings, school=replace(settings.school, channels=channels)), tmp_path, sandbox.base, sandbox.smtp
    )
    assert found.channels["email"].api_base == sandbox.smtp and sandbox.smtp.startswith("smtp://127.0.0.1:")
