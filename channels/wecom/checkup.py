"""自检 of an app and its chats: names the setting, what is wrong, and the fix; sends nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from channels.base import Finding, SendError
from channels.wecom import codes
from channels.wecom.client import Client
from channels.wecom.directory import Directory, closed
from channels.wecom.options import Options
from channels.wecom.whom import Whom, parse
from rules.routing import Target

#: Where each value is found in the console.
_WHERE = {
    "WECOM_CORP_ID": "管理后台“我的企业”页面底部的企业ID",
    "WECOM_APP_SECRET": "管理后台“应用管理—本应用—Secret”",
    "WECOM_APP_AGENT_ID": "管理后台“应用管理—本应用—AgentId”",
}
_CALLBACK = "请填写应用“接收消息—设置API接收”中的值"
#: The setting a code speaks of.
_KEYS = {
    "40013": "WECOM_CORP_ID",
    "40056": "WECOM_APP_AGENT_ID",
    "301002": "WECOM_APP_AGENT_ID",
    "60020": "企业微信“企业可信IP”",
    "50003": "企业微信“应用管理”",
}


def app(
    client: Client, directory: Directory, options: Options, secrets: Mapping[str, str], targets: Sequence[Target]
) -> Iterator[Finding]:
    """Every line of the app's check; stops where nothing further can be asked."""
    yield from _callback(options, secrets)
    if options.agent_id is None:
        yield _missing("WECOM_APP_AGENT_ID")
    found = credentials(client, secrets)
    yield from found
    if options.agent_id is None or any(not each.ok for each in found):
        return
    try:
        scope = directory.scope()
    except SendError as error:
        yield finding_of(error, "WECOM_APP_AGENT_ID")
        if error.code in _KEYS:
            return
    else:
        text = f"应用可用，可见范围：成员{len(scope.users)}、部门{len(scope.parties)}、标签{len(scope.tags)}个"
        yield Finding(
            key="WECOM_APP_AGENT_ID", ok=bool(scope.addresses), text=text, fix="请在应用的“可见范围”中加入接收人"
        )
        yield _readable(client, scope)
    for target in targets:
        yield _target(directory, target)


def missing(secrets: Mapping[str, str]) -> list[Finding]:
    """The two without which there is no token."""
    return [_missing(name) for name in ("WECOM_CORP_ID", "WECOM_APP_SECRET") if not secrets.get(name, "").strip()]


def credentials(client: Client, secrets: Mapping[str, str]) -> list[Finding]:
    """Whether there is a token to be had; where one of these is not fine, nothing further can be asked."""
    if absent := missing(secrets):
        return absent
    trouble = trouble_of(lambda: client.token)
    return [finding_of(trouble, "WECOM_APP_SECRET") if trouble else _fine("WECOM_APP_SECRET", "已取得应用凭证")]


def finding_of(error: SendError, key: str) -> Finding:
    """An error as a line of the check, with the address to be put into the IP list if it is that."""
    found = re.search(r"from ip: ?([0-9a-fA-F.:]+[0-9a-fA-F])", error.raw) if error.code == "60020" else None
    fix = f"{error.advice}：{found[1]}" if found else error.advice or "请稍后再试"
    if not error.code.lstrip("-").isdigit():
        key, fix = "api_base", error.advice or "请检查网络、出网白名单和地址设置"
    code = f"（{error.code}）" if error.code else ""
    return Finding(key=_KEYS.get(error.code, key), ok=False, text=f"{error.reason}{code}", fix=fix)


def trouble_of(call: Callable[[], object]) -> SendError | None:
    """The error of a call, None if it went well."""
    try:
        call()
    except SendError as error:
        return error
    return None


def _callback(options: Options, secrets: Mapping[str, str]) -> Iterator[Finding]:
    key = secrets.get("WECOM_APP_AES_KEY", "")
    if key and not re.fullmatch(r"[A-Za-z0-9]{43}", key):
        yield Finding(key="WECOM_APP_AES_KEY", ok=False, text="应为43位字母和数字", fix=_CALLBACK)
    for name in ("WECOM_APP_TOKEN", "WECOM_APP_AES_KEY"):
        if options.ack and not secrets.get(name):
            yield Finding(key=name, ok=False, text="没有填写，收不到“已阅”回执", fix=_CALLBACK)


def _readable(client: Client, scope: Whom) -> Finding:
    """Whether the directory answers for the first department in scope."""
    key = "企业微信“通讯录”"
    if not scope.parties:
        return _fine(key, "可见范围内没有部门，目标请写成员账号或标签")
    trouble = trouble_of(lambda: client.ask("user/simplelist", department_id=scope.parties[0], fetch_child=1))
    if trouble is None:
        return _fine(key, "可读取部门成员，推送按人计")
    if not closed(trouble):
        return finding_of(trouble, key)
    text = f"不能读取部门成员（{trouble.code}）：部门和标签将整体提交，推送按部门计，不能逐人补发"
    fix = "如需按人计，请在管理后台给应用开放通讯录，或在 .env 中填写 WECOM_CONTACT_SECRET（通讯录同步的 Secret）"
    return Finding(key=key, ok=True, text=text, fix=fix)


def _target(directory: Directory, target: Target) -> Finding:
    key = f"targets.csv {target.number}"
    try:
        whom = parse(target.address)
        persons = directory.persons(whom)
    except SendError as error:
        known = codes.CODES.get(int(error.code)) if error.code.isdigit() else None
        fix = error.advice or (known.advice if known else "") or "请核对目标的地址"
        return Finding(key=key, ok=False, text=f"{target.name}：{error.reason}", fix=fix)
    if persons is None:
        return _fine(key, f"{target.name}：读不到成员，将整体提交（{'、'.join(whom.addresses)}）")
    text = f"{target.name}：现有{len(persons)}人"
    return Finding(key=key, ok=bool(persons), text=text, fix="" if persons else "请核对目标的地址和应用的可见范围")


def _missing(name: str) -> Finding:
    return Finding(key=name, ok=False, text="没有填写", fix=f"请在 .env 中填写 {name}（{_WHERE[name]}）")


def _fine(key: str, text: str) -> Finding:
    return Finding(key=key, ok=True, text=text)
