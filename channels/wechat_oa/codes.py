"""What the platform's answers mean: one table of errcode, in the words an office reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum
from typing import Any

from channels.base import SendError
from channels.wechat_oa.options import MASS_SEND
from rules.dates import at, day_of
from rules.outcome import Outcome


class When(Enum):
    """When a refused call may be made again."""

    #: By the usual backoff.
    BACKOFF = "backoff"
    #: At the next full minute.
    MINUTE = "minute"
    #: After 00:00 in Shanghai.
    DAY = "day"
    #: When the account has a mass send again: the next day (订阅号) or month (服务号).
    QUOTA = "quota"
    #: The platform asks for a minute between two calls with the same clientmsgid.
    SAME_ID = "same_id"


@dataclass(frozen=True)
class Code:
    """One errcode: what it means for the push, why in plain words, and what to do."""

    outcome: Outcome
    reason: str
    advice: str = ""
    when: When = When.BACKOFF


_LATER, _NO, _OURS, _SLOW = Outcome.UNAVAILABLE, Outcome.REFUSED, Outcome.MISCONFIGURED, Outcome.THROTTLED
_CREDENTIAL = "请核对 .env 中的 WECHAT_APP_ID 和 WECHAT_APP_SECRET，并确认没有别的系统在强制刷新凭证"
_ALLOW = "请在公众平台“设置与开发—基本配置—IP白名单”中加入本机的出网地址"
_RIGHT = "请在公众平台“接口权限”中核对；未认证的账号请把 channels.wechat_oa.mode 改为“草稿”"
_DRAFT = "请在公众平台草稿箱中打开这篇草稿，按提示处理后由人工发出"

#: The access token is old or unknown: fetch it once more, then try once more.
STALE_TOKEN = frozenset({40001, 40014, 41001, 42001})
#: No such media or draft; for a draft: it has been sent, published or deleted.
NO_MEDIA = 40007
NO_JOB = 40059
ALREADY_TAKEN = 45065
NO_MASS_LEFT = 45028
NO_RIGHT = frozenset({48001, 48004, 48008, 50002})

# https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html
# and the error tables of sendall, draft/add and freepublish/submit beside it.
CODES: dict[int, Code] = {
    -1: Code(_LATER, "微信公众平台繁忙"),
    40001: Code(_OURS, "公众号凭证无效", _CREDENTIAL),
    40014: Code(_OURS, "公众号凭证不合法", _CREDENTIAL),
    41001: Code(_OURS, "请求缺少公众号凭证", _CREDENTIAL),
    42001: Code(_OURS, "公众号凭证已过期，重新获取后仍不可用", _CREDENTIAL),
    40013: Code(_OURS, "AppID 无效", "请核对 .env 中的 WECHAT_APP_ID"),
    40125: Code(_OURS, "AppSecret 无效", "请在公众平台重置 AppSecret 后更新 .env 中的 WECHAT_APP_SECRET"),
    40243: Code(_OURS, "AppSecret 已被冻结", "请在公众平台“基本配置”中解冻 AppSecret"),
    40164: Code(_OURS, "本机出网地址不在公众号的 IP 白名单内", _ALLOW),
    89503: Code(_OURS, "此次调用需要管理员确认", "请联系公众号管理员在微信中确认"),
    89504: Code(_OURS, "正在等待管理员确认", "请联系公众号管理员在微信中确认"),
    89505: Code(_OURS, "管理员尚未确认，请稍后再试", "请联系公众号管理员在微信中确认"),
    89506: Code(_OURS, "管理员两次拒绝了本机出网地址，24小时内不能再试", _ALLOW),
    89507: Code(_OURS, "管理员拒绝了本机出网地址，1小时内不能再试", _ALLOW),
    48001: Code(_OURS, "账号没有这项接口权限", _RIGHT),
    48004: Code(_OURS, "账号的这项接口已被封禁", "请登录公众平台查看通知"),
    48008: Code(_OURS, "账号没有发送图文消息的权限", _RIGHT),
    50002: Code(_OURS, "账号的功能受到限制", "请登录公众平台查看通知"),
    45009: Code(_SLOW, "今日的接口调用次数已用完", "零点后自动再试", When.DAY),
    45011: Code(_SLOW, "调用过于频繁", "下一分钟自动再试", When.MINUTE),
    45028: Code(_SLOW, "群发次数已用完", "有新的群发次数后自动再试；急需时可改用“发布”", When.QUOTA),
    45066: Code(_SLOW, "同一群发编号重试过快", "一分钟后自动再试", When.SAME_ID),
    45065: Code(Outcome.ACCEPTED, "平台此前已受理同一编号的群发"),
    45067: Code(_NO, "群发编号超过长度限制", "请联系技术支持"),
    40003: Code(_NO, "接收人标识无效"),
    40004: Code(_NO, "素材类型不正确", "请更换封面图片（png 或 jpg）"),
    40005: Code(_NO, "文件类型不正确", "请更换封面图片（png 或 jpg）"),
    40006: Code(_NO, "文件大小超过限制", "请更换较小的图片"),
    40007: Code(_NO, "素材或草稿不存在，可能已被发出或删除", "请在公众平台草稿箱和发表记录中核对"),
    40008: Code(_NO, "消息类型不正确"),
    40009: Code(_NO, "图片大小超过限制", "请更换较小的图片"),
    40035: Code(_NO, "请求参数不正确"),
    40048: Code(_NO, "原文链接不是有效的网址", "请核对条目的链接"),
    40050: Code(_OURS, "没有这个用户标签", "请核对 channels.wechat_oa.tag_id"),
    40059: Code(_NO, "平台查不到这次群发"),
    40130: Code(_NO, "接收人数量不足"),
    40152: Code(_OURS, "用户标签的编号不正确", "请核对 channels.wechat_oa.tag_id"),
    40037: Code(_OURS, "模板编号无效", "请核对 channels.wechat_notice.template_id"),
    43004: Code(_NO, "接收人没有关注本账号"),
    43019: Code(_NO, "接收人已被拉黑或已拉黑本账号"),
    47003: Code(_NO, "模板的字段或内容不符合要求", "请核对 channels.wechat_notice.fields"),
    41005: Code(_NO, "缺少素材文件"),
    43002: Code(_NO, "请求方式不正确"),
    44001: Code(_NO, "素材文件为空", "请更换封面图片"),
    40114: Code(_NO, "文章序号不正确"),
    44003: Code(_NO, "图文内容为空", "请检查正文"),
    44002: Code(_NO, "请求内容为空"),
    45001: Code(_NO, "文件大小超过限制", "请更换较小的图片"),
    45002: Code(_NO, "正文超过长度限制", "请缩短正文"),
    45003: Code(_NO, "标题超过长度限制", "请缩短标题"),
    45004: Code(_NO, "摘要超过长度限制", "请缩短摘要"),
    45005: Code(_NO, "原文链接超过长度限制", "请缩短条目的链接"),
    45010: Code(_OURS, "素材库已满", "请在公众平台素材库中删除不用的图片"),
    45008: Code(_NO, "图文篇数超过限制"),
    45110: Code(_NO, "作者超过长度限制", "请缩短 channels.wechat_oa.author"),
    45166: Code(_NO, "正文含有平台不接受的内容", "请检查正文中的链接、代码和图片"),
    47001: Code(_NO, "请求格式不正确"),
    61500: Code(_NO, "统计日期的格式不正确"),
    61501: Code(_NO, "统计日期超出范围"),
    61503: Code(_LATER, "统计数据尚未就绪"),
    53503: Code(_NO, "草稿没有通过发布检查", _DRAFT),
    53504: Code(_NO, "草稿须在公众平台网页上操作", _DRAFT),
    53505: Code(_NO, "草稿须先在公众平台网页上手动保存", _DRAFT),
}

_UNKNOWN = Code(Outcome.UNKNOWN_CODE, "平台返回了未登记的错误码", "原始答复已保存，请查阅公众平台文档后决定是否重发")


def errcode(answer: Mapping[str, Any]) -> int:
    """The errcode of an answer; a success may leave it out."""
    try:
        return int(answer.get("errcode") or 0)
    except (TypeError, ValueError):
        return -1


def refusal(answer: Mapping[str, Any], now: datetime, *, service: bool = False, final: bool = False) -> SendError:
    """The error of an answer. `final`: the call sends to people, so that “busy” may mean it was carried out."""
    number = errcode(answer)
    code = CODES.get(number, _UNKNOWN)
    outcome = Outcome.UNCERTAIN if final and number == -1 else code.outcome
    wait = wait_until(code.when, now, service=service)
    raw = json.dumps(answer, ensure_ascii=False)[:500]
    spent = MASS_SEND if number == NO_MASS_LEFT else ""
    return SendError(outcome, code.reason, code=str(number), advice=code.advice, raw=raw, retry_after=wait, spent=spent)


def wait_until(when: When, now: datetime, *, service: bool) -> timedelta | None:
    """How long to wait from `now`; None leaves it to the usual backoff."""
    if when is When.SAME_ID:
        return timedelta(seconds=65)
    if when is When.MINUTE:
        return timedelta(seconds=65 - now.second)
    if when is When.DAY or (when is When.QUOTA and not service):
        return at(day_of(now) + timedelta(days=1), time()) - now
    if when is When.QUOTA:
        return at((day_of(now).replace(day=1) + timedelta(days=32)).replace(day=1), time()) - now
    return None
