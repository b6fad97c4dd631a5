"""What the platform's events say of a push: how it ended, and the only figures of a mass send there will ever be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from channels.base import Receipt, Sample, Word
from channels.wechat_oa.address import plain
from channels.wechat_oa.door import MASS_DONE, PUBLISH_DONE, fields, listed, parsed, text_of
from channels.wechat_oa.modes import PUBLISH_STATUS, published_evidence
from channels.wechat_oa.options import MASS_SEND
from rules.outcome import Outcome
from rules.states import Basis

# https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Batch_Sends_and_Originality_Checks.html
# 事件推送群发结果, Status err(num)
MASS_ERRORS = {
    10001: "涉嫌广告",
    20001: "涉嫌政治敏感",
    20002: "涉嫌色情",
    20004: "涉嫌社会敏感",
    20006: "涉嫌违法犯罪",
    20008: "涉嫌欺诈",
    20013: "涉嫌版权问题",
    21000: "涉嫌其他违规",
    22000: "涉嫌互推",
    30001: "原创校验出现系统错误，已取消群发",
    30002: "原创校验不通过",
    30003: "原创校验不通过，且该文章不允许转载",
    40001: "管理员拒绝了群发",
    40002: "管理员30分钟内没有确认，群发未发出",
}

#: metric -> the event's field: fans meant, fans left after the platform's filters, fans reached.
_FIGURES = {"应达": "TotalCount", "提交": "FilterCount", "送达": "SentCount"}


def word_of(receipt: Receipt, received_at: datetime) -> Word | None:
    """What the event means for the push with its vendor id; None if it says nothing of one."""
    event = parsed(receipt.raw)
    if receipt.kind == MASS_DONE:
        return _mass(receipt.vendor_id, event, received_at)
    if receipt.kind == PUBLISH_DONE:
        return _publish(receipt.vendor_id, event)
    return None


def mass_reason(status: str) -> tuple[Outcome, str]:
    """The outcome and the plain words for the Status of a finished mass send."""
    if re.fullmatch(r"send ?success", status):
        return Outcome.DELIVERED, "群发完成"
    found = re.search(r"err\((\d+)\)", status)
    if not found:
        return Outcome.REFUSED, "群发失败"
    number = int(found[1])
    return Outcome.REFUSED, f"群发未通过：{MASS_ERRORS.get(number, '平台未说明原因')}（err({number})）"


def _mass(msg_id: str, event: Mapping[str, Any], received_at: datetime) -> Word:
    outcome, reason = mass_reason(text_of(event, "Status"))
    counts = {metric: _count(event.get(field)) for metric, field in _FIGURES.items()}
    true_at = _instant(event.get("CreateTime")) or received_at
    return Word(
        outcome=outcome,
        reason=reason,
        vendor_id=msg_id,
        basis=Basis.MASS_SENT if outcome is Outcome.DELIVERED else None,
        spends=MASS_SEND if outcome is Outcome.DELIVERED else "",
        samples=tuple(
            Sample(metric=metric, value=value, basis="平台统计", true_at=true_at)
            for metric, value in counts.items()
            if value is not None
        ),
        evidence={"article_urls": _urls(event), "failed": _count(event.get("ErrorCount"))},
    )


def _publish(publish_id: str, event: Mapping[str, Any]) -> Word | None:
    told = fields(event, "PublishEventInfo")
    status = _count(told.get("publish_status"))
    if status == 0:
        evidence = published_evidence(told)
        return Word(
            outcome=Outcome.DELIVERED, reason="已发布", vendor_id=publish_id, basis=Basis.POSTED, evidence=evidence
        )
    if status is None or status not in PUBLISH_STATUS:
        return None
    which = "、".join(str(index) for index in listed(told, "fail_idx"))
    reason = PUBLISH_STATUS[status] + (f"（第{which}篇）" if which else "")
    return Word(outcome=Outcome.REFUSED, reason=reason, vendor_id=publish_id)


def _urls(event: Mapping[str, Any]) -> list[str]:
    """The articles' addresses; the platform may leave them out."""
    items = listed(fields(fields(event, "ArticleUrlResult"), "ResultList"), "item")
    return [plain(item["ArticleUrl"]) for item in items if isinstance(item, Mapping) and text_of(item, "ArticleUrl")]


def _count(value: object) -> int | None:
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else None


def _instant(value: object) -> datetime | None:
    seconds = _count(value)
    return datetime.fromtimestamp(seconds, UTC) if seconds and seconds < 2**36 else None
