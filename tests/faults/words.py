"""Sentences that several rows of the table say to the office in the same words."""

from __future__ import annotations

FOUND_IN_GROUP = "先显示结果待定；约半分钟后公开达在群消息记录里找到这一条，改为已发出。不用处理。"
NOT_IN_GROUP = "先显示结果待定；公开达读完群消息记录，确认没有发出，自动补发一次。不用处理。"
ASKED_SENT = (
    "收到提醒“结果待定”。打开群，找末尾带标记【公开#…】的这一条；群里有，登记 "
    "`python bot.py uncertain delivered 推送号`。公开达不会自己再发。"
)
ASKED_MISSING = "收到提醒“结果待定”。打开群，没有带标记【公开#…】的这一条，登记 `python bot.py uncertain resend 推送号`，公开达再发一次。"
AGAIN_BY_ITSELF = "显示待发和原因（额度用完，何时恢复）；到时自动发出。不用处理。"
NEW_TOKEN = "没有感觉：公开达换一次新令牌后照常发出。"
ONCE = "没有感觉：同一份回执只记一次。"
WAITED_FOR = "没有感觉：回执先存下，等本机记下平台的答复后再对上。"
