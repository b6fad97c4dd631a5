"""自检 of the official account: asks for each permission a mode needs, and names the mode that would work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from channels.base import Finding, SendError
from channels.wechat_oa import codes
from channels.wechat_oa.account import Account
from channels.wechat_oa.options import Mode
from channels.wechat_oa.pictures import read_cover
from rules.outcome import Outcome

_MODE = "channels.wechat_oa.mode"
_CALLBACK_FIX = "请填写公众平台“基本配置—服务器配置”中的值"
#: What each mode asks of the account.
_PROBES: Mapping[Mode, tuple[str, Mapping[str, int]]] = {
    Mode.PUBLISH: ("freepublish/batchget", {"offset": 0, "count": 1, "no_content": 1}),
    Mode.MASS: ("message/mass/speed/get", {}),
}


def findings(account: Account, secrets: Mapping[str, str]) -> Iterator[Finding]:
    """Every line of the check; stops after the token if there is none to be had."""
    yield from _callback(secrets)
    yield from _settings(account)
    keys = _keys(secrets)
    yield from keys
    if keys:
        return
    trouble = _trouble(lambda: account.client.access_token)
    if trouble:
        yield _token_trouble(trouble)
        return
    yield Finding(key="WECHAT_APP_SECRET", ok=True, text="已取得公众号凭证")
    yield from _permissions(account)
    yield from _tag(account)


def missing(account: Account, secrets: Mapping[str, str]) -> list[Finding]:
    """What the account cannot work without; a draft is sent by a person, and nobody calls back for it."""
    waits = account.options.mode is not Mode.DRAFT
    callback = [found for found in _callback(secrets) if found.key == "WECHAT_TOKEN"] if waits else []
    return [*_keys(secrets), *callback]


def _keys(secrets: Mapping[str, str]) -> list[Finding]:
    names = [name for name in ("WECHAT_APP_ID", "WECHAT_APP_SECRET") if not secrets.get(name)]
    return [
        Finding(key=name, ok=False, text="没有填写", fix=f"请在 .env 中填写 {name}（公众平台“基本配置”）")
        for name in names
    ]


def _callback(secrets: Mapping[str, str]) -> Iterator[Finding]:
    if not secrets.get("WECHAT_TOKEN"):
        text = "没有填写，收不到群发和发布的结果回调"
        yield Finding(key="WECHAT_TOKEN", ok=False, text=text, fix=_CALLBACK_FIX)
    for name in ("WECHAT_AES_KEY", "WECHAT_AES_KEY_PREVIOUS"):
        if secrets.get(name) and not re.fullmatch(r"[A-Za-z0-9]{43}", secrets[name]):
            yield Finding(key=name, ok=False, text="应为43位字母和数字", fix=_CALLBACK_FIX)


def _settings(account: Account) -> Iterator[Finding]:
    trouble = _trouble(lambda: read_cover(account.options.cover))
    if trouble:
        yield Finding(key="channels.wechat_oa.cover", ok=False, text=trouble.reason, fix="请换一张 png 或 jpg 图片")
    if not account.options.home:
        text, fix = "没有填写，没有链接的条目将不带“阅读原文”", "建议填写学校信息公开网的地址"
        yield Finding(key="channels.wechat_oa.home", ok=True, text=text, fix=fix)


def _token_trouble(trouble: SendError) -> Finding:
    key = "WECHAT_APP_ID" if trouble.code == "40013" else "WECHAT_APP_SECRET"
    fix = trouble.advice
    found = re.search(r"invalid ip (\d+(?:\.\d+){3})", trouble.raw) if trouble.code == "40164" else None
    if found:
        key, fix = "公众平台“IP白名单”", f"{trouble.advice}：{found[1]}"
    if trouble.outcome is Outcome.UNAVAILABLE and not trouble.code.lstrip("-").isdigit():
        key, fix = "channels.wechat_oa.api_base", "请检查网络、出网白名单和地址设置"
    return Finding(key=key, ok=False, text=str(trouble).split("。")[0], fix=fix)


def _permissions(account: Account) -> Iterator[Finding]:
    """The ladder 群发 → 发布 → 草稿 with what this account may do, and whether the mode that is set can work."""
    wanted, able = account.options.mode, _able(account)
    yield Finding(key=_MODE, ok=True, text=f"账号能力：{_ladder(able)}。当前设置“{wanted.label}”")
    drafts, trouble = able[Mode.DRAFT], able[wanted]
    if drafts:  # every mode begins with a draft
        yield Finding(key=_MODE, ok=False, text=f"草稿箱不可用：{drafts.reason}", fix=drafts.advice)
    elif trouble is None:
        # A test account is refused articles (48008) only when they are sent: no harmless call tells.
        doubt = "（接口测试号除外：它不能群发图文，只有真正发送时才会拒绝）" if wanted is Mode.MASS else ""
        yield Finding(key=_MODE, ok=True, text=f"“{wanted.label}”可用{doubt}")
    elif not _is_absent(trouble):
        yield Finding(key=_MODE, ok=False, text=f"“{wanted.label}”暂不可用：{trouble.reason}", fix=trouble.advice)
    else:
        lower = list(able)[list(able).index(wanted) + 1 :]
        instead = next(mode for mode in lower if able[mode] is None)
        text = f"账号没有“{wanted.label}”权限（{trouble.code}）"
        fix = f'请将 {_MODE} 改为“{instead.label}”（school.toml 中写 mode = "{instead.value}"）'
        yield Finding(key=_MODE, ok=False, text=text, fix=fix)


def _able(account: Account) -> dict[Mode, SendError | None]:
    """What each mode's harmless call came to, the widest mode first; None: it may."""
    drafts = _trouble(account.client.draft.count)
    able = {mode: _trouble(partial(account.client.ask, *probe)) for mode, probe in _PROBES.items()}
    return {Mode.MASS: able[Mode.MASS], Mode.PUBLISH: able[Mode.PUBLISH], Mode.DRAFT: drafts}


def _ladder(able: Mapping[Mode, SendError | None]) -> str:
    return " → ".join(f"{mode.label} {_rung(trouble)}" for mode, trouble in able.items())


def _rung(trouble: SendError | None) -> str:
    if trouble is None:
        return "可用"
    code = f"（{trouble.code}）" if trouble.code else ""
    return ("无权限" if _is_absent(trouble) else "暂不可用") + code


def _tag(account: Account) -> Iterator[Finding]:
    """Whether followers' tags may be read, and the one that is set is there."""
    wanted = account.options.tag_id
    key, fix = "channels.wechat_oa.tag_id", "请填写公众平台“用户管理”中标签的编号，或删去此项改为发给全部粉丝"
    try:
        known = {tag.get("id"): tag for tag in account.client.tag.get()}
    except SendError as error:
        if wanted is not None:
            yield Finding(key=key, ok=False, text=f"读不到用户标签：{error.reason}", fix=error.advice or fix)
        else:
            yield Finding(
                key=key, ok=True, text=f"读不到用户标签：{error.reason}（没有设置标签，不影响推送；关注人数记为“—”）"
            )
        return
    if wanted is None:
        return
    if wanted not in known:
        yield Finding(key=key, ok=False, text=f"没有编号为{wanted}的用户标签", fix=fix)
    else:
        tag = known[wanted]
        yield Finding(key=key, ok=True, text=f"发给标签“{tag.get('name')}”，现有{tag.get('count')}人")


def _is_absent(trouble: SendError) -> bool:
    return trouble.code.isdigit() and int(trouble.code) in codes.NO_RIGHT


def _trouble(call: Callable[[], object]) -> SendError | None:
    """The error of a call, None if it went well."""
    try:
        call()
    except SendError as error:
        return error
    return None
