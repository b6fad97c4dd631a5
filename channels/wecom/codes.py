"""What the platform's answers mean: one table of errcode, in the words an office reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from channels.base import SendError
from channels.words import Meaning
from rules.outcome import Outcome

_LATER, _NO, _OURS, _SLOW = Outcome.UNAVAILABLE, Outcome.REFUSED, Outcome.MISCONFIGURED, Outcome.THROTTLED
_CREDENTIAL = "请核对 .env 中的 WECOM_CORP_ID 和 WECOM_APP_SECRET（管理后台“应用管理—本应用—Secret”）"
_IP = "请在企业微信管理后台“应用管理—本应用—企业可信IP”中加入本机的出网地址"
_AGENT = "请核对 WECOM_APP_AGENT_ID 与 WECOM_APP_SECRET 是否属于同一个应用"
_SCOPE = "请在管理后台“应用管理—本应用—可见范围”中加入，或修改目标的地址"
_SUPPORT = "请将此条记录交系统管理员"

#: The access token is old or unknown: fetch it once more, then try once more.
STALE_TOKEN = frozenset({40014, 41001, 42001})
#: The directory is closed to this app, or this part of it lies outside what the app sees.
NO_RIGHT = frozenset({48001, 48002, 48004, 48008, 48009, 60011})
#: None of the receivers is any good: an answer about each of them, not about the call.
ALL_INVALID = 81013
#: A card with this task id has been taken before.
TASK_KNOWN = 42014
BAD_PARAMETER = 40058
TOO_OLD = 42052
NO_CHAT = 86003
CHAT_EXISTS = 86215

# https://developer.work.weixin.qq.com/document/path/90313 (全局错误码)
CODES: dict[int, Meaning] = {
    -1: Meaning(_LATER, "企业微信系统繁忙"),
    40001: Meaning(_OURS, "应用的 Secret 不正确", _CREDENTIAL),
    40013: Meaning(_OURS, "企业ID不正确", "请核对 .env 中的 WECOM_CORP_ID（管理后台“我的企业”页面底部）"),
    40014: Meaning(_OURS, "应用凭证无效，重新获取后仍不可用", _CREDENTIAL),
    40091: Meaning(_OURS, "应用的 Secret 不属于本企业", _CREDENTIAL),
    41001: Meaning(_OURS, "请求缺少应用凭证", _CREDENTIAL),
    41002: Meaning(_OURS, "请求缺少企业ID", _CREDENTIAL),
    41004: Meaning(_OURS, "请求缺少应用的 Secret", _CREDENTIAL),
    42001: Meaning(_OURS, "应用凭证已过期，重新获取后仍不可用", _CREDENTIAL),
    40056: Meaning(_OURS, "应用编号不正确", _AGENT),
    41011: Meaning(_OURS, "请求缺少应用编号", _AGENT),
    301002: Meaning(_OURS, "应用编号与凭证不属于同一个应用", _AGENT),
    50003: Meaning(_OURS, "应用已停用", "请在管理后台“应用管理”中重新启用本应用"),
    60020: Meaning(_OURS, "本机出网地址不在应用的可信IP内", f"{_IP}，约1分钟后生效"),
    43012: Meaning(_OURS, "应用没有设置接收消息的地址，不能发带按钮的卡片", "请在应用的“接收消息”中设置，或去掉 ack"),
    48001: Meaning(_OURS, "应用没有这项接口权限", _SCOPE),
    48002: Meaning(_OURS, "应用没有这项接口权限", "请核对凭证属于自建应用，且应用的权限与可见范围足够"),
    48004: Meaning(_OURS, "应用的授权已失效", "请在管理后台核对本应用的状态"),
    48006: Meaning(_OURS, "应用长期未用，接口权限已被收回", "请企业管理员在管理后台重新启用本应用"),
    48008: Meaning(_OURS, "凭证是通讯录的，不能用于这项接口", _CREDENTIAL),
    48009: Meaning(_OURS, "企业微信不允许从这个地址读取通讯录详情", "请改用应用自己的 Secret"),
    45009: Meaning(_SLOW, "调用超过企业微信的频率限制", "一分钟后自动再试", timedelta(seconds=60)),
    45033: Meaning(_SLOW, "同时调用过多", "稍后自动再试", timedelta(seconds=5)),
    40003: Meaning(_NO, "成员账号无效", _SCOPE),
    40031: Meaning(_NO, "成员账号中有不合法的", _SCOPE),
    40032: Meaning(_NO, "一次的成员超过1000人", _SUPPORT),
    40066: Meaning(_NO, "部门不存在", "请核对目标的地址"),
    40068: Meaning(_NO, "标签不存在", "请核对目标的地址"),
    46004: Meaning(_NO, "成员不存在或不在应用可见范围内", _SCOPE),
    60003: Meaning(_NO, "部门不存在", "请核对目标的地址"),
    60011: Meaning(_NO, "成员、部门或标签不在应用可见范围内", _SCOPE),
    60111: Meaning(_NO, "成员账号不存在", "请核对目标的地址"),
    60123: Meaning(_NO, "部门不存在", "请核对目标的地址"),
    81012: Meaning(_NO, "没有接收人", "请核对目标的地址"),
    ALL_INVALID: Meaning(_NO, "接收人全部不存在，或不在应用可见范围内", _SCOPE),
    82001: Meaning(_NO, "没有接收人", "请核对目标的地址"),
    82002: Meaning(_NO, "一次的部门超过100个", "请把目标拆成几个"),
    82003: Meaning(_NO, "一次的标签超过100个", "请把目标拆成几个"),
    40008: Meaning(_NO, "消息类型不被接受", "请检查该渠道的 format 设置"),
    40033: Meaning(_NO, "内容含有不被接受的字符", "请检查标题和摘要后重新推送"),
    40035: Meaning(_NO, "请求参数不正确", _SUPPORT),
    40039: Meaning(_NO, "链接过长", "请缩短条目的链接"),
    BAD_PARAMETER: Meaning(_NO, "内容超过长度或格式不符", "请缩短标题和摘要后重新推送"),
    40063: Meaning(_NO, "缺少必填的内容", _SUPPORT),
    40094: Meaning(_NO, "链接不是有效的网址", "请核对条目的链接"),
    40201: Meaning(_NO, "内容被企业微信判为敏感", "请检查标题和摘要后重新推送"),
    41016: Meaning(_NO, "缺少标题", "请补充标题后重新推送"),
    41033: Meaning(_NO, "卡片缺少描述", _SUPPORT),
    TASK_KNOWN: Meaning(Outcome.ACCEPTED, "企业微信此前已受理同一编号的卡片，没有再发"),
    42028: Meaning(_NO, "卡片缺少链接", _SUPPORT),
    42038: Meaning(_NO, "卡片的按钮文字不合法", _SUPPORT),
    42039: Meaning(_NO, "卡片的按钮编号不合法", _SUPPORT),
    42045: Meaning(_NO, "卡片的跳转不合法", _SUPPORT),
    TOO_OLD: Meaning(_NO, "消息已过24小时，企业微信不再受理撤回", "请推送一条更正或撤回说明"),
    44004: Meaning(_NO, "消息内容为空", "请补充标题后重新推送"),
    45002: Meaning(_NO, "内容超过长度", "请缩短标题和摘要后重新推送"),
    45008: Meaning(_NO, "图文条数超过8条", _SUPPORT),
    45034: Meaning(_NO, "链接没有 http:// 或 https://", "请核对条目的链接"),
    47001: Meaning(_NO, "消息格式有误", _SUPPORT),
    82004: Meaning(_NO, "内容不被接受", "请检查标题和摘要中的特殊字符"),
    40050: Meaning(_NO, "群聊不存在或已解散", "请在目标表中停用此目标，或重新建群后再推送"),
    49008: Meaning(_NO, "群聊已被群主解散", "请在目标表中停用此目标，或重新建群后再推送"),
    86001: Meaning(_NO, "群聊编号不合法", "请核对目标的地址：最多32位数字和字母"),
    NO_CHAT: Meaning(_NO, "群聊不存在或已解散", "请在目标表中停用此目标，或重新建群后再推送"),
    86006: Meaning(_NO, "群成员太多或太少", "群成员应为2至2000人，且不超过管理后台设置的上限"),
    86008: Meaning(_NO, "这个群不是本应用建立的", "请填写由本应用建立的群聊编号"),
    86207: Meaning(_NO, "群主不在群成员中", "请把群主也列入群成员"),
    CHAT_EXISTS: Meaning(_NO, "群聊编号已被使用", "请换一个编号"),
    86216: Meaning(_NO, "群成员中有不存在的账号", "请核对群成员的账号"),
    86224: Meaning(_NO, "这个群不允许用这项接口", "请填写由本应用建立的群聊编号"),
}  # fmt: skip

UNKNOWN = Meaning(Outcome.UNKNOWN_CODE, "企业微信返回未收录的错误码", "请到企业微信里核对，并将此条记录交系统管理员")
MALFORMED = Meaning(Outcome.UNKNOWN_CODE, "企业微信称消息格式有误，未按成功计", _SUPPORT)


def errcode(answer: Mapping[str, Any]) -> int | None:
    """The errcode of an answer; None if it has none, which is not this platform's way."""
    code = answer.get("errcode")
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def refusal(answer: Mapping[str, Any], table: Mapping[int, Meaning], *, final: bool) -> SendError:
    """The error of an answer. `final`: the call sends to people, so that “busy” may mean it was carried out."""
    code = errcode(answer)
    if code is None:
        outcome = Outcome.UNCERTAIN if final else Outcome.UNAVAILABLE
        return SendError(outcome, "答复不是企业微信的格式", raw=raw_of(answer))
    # A body that cannot be parsed may be answered 0, "ok. Warning: wrong json format. ".
    meaning = MALFORMED if code == 0 else table.get(code, UNKNOWN)
    if final and code == -1:
        meaning = replace(meaning, outcome=Outcome.UNCERTAIN, reason=f"{meaning.reason}，不能确定是否已发出")
    return meaning.error(str(code), raw_of(answer))


def is_fine(answer: Mapping[str, Any]) -> bool:
    """True if the call was carried out as it was meant."""
    return errcode(answer) == 0 and "warning" not in str(answer.get("errmsg", "")).lower()


def raw_of(answer: Mapping[str, Any]) -> str:
    """An answer as it is kept."""
    return json.dumps(answer, ensure_ascii=False)[:500]
