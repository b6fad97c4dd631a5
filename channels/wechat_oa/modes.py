"""What each mode does: the call that sends, and how an unknown end is cleared up.

developers.weixin.qq.com: 草稿箱 (draft/*), 发布能力 (freepublish/*).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from channels.base import Attempt, Prepared, Resolution, SendError, Sent
from channels.wechat_oa.account import Account, a_person_decides, ask_again, backoff, iso, raw_of
from channels.wechat_oa.address import plain
from channels.wechat_oa.door import fields, listed, text_of
from channels.wechat_oa.options import Mode
from rules.outcome import Outcome
from rules.states import Basis

#: The platform may still be at work on a call whose answer was lost.
_SETTLED = timedelta(minutes=2)
#: A draft sent by hand is in neither list for a while.
_ON_ITS_WAY = timedelta(hours=1)

# https://developers.weixin.qq.com/doc/offiaccount/Publish/Get_status.html
PUBLISH_STATUS = {
    2: "原创声明未通过",
    3: "发布失败",
    4: "平台审核未通过",
    5: "发布成功后，全部文章已被删除",
    6: "发布成功后，全部文章已被平台封禁",
}


class Way(Protocol):
    """One mode."""

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared: ...
    def send(self, prepared: Prepared, address: str, key: str) -> Sent: ...
    def resolve(self, attempt: Attempt) -> Resolution: ...
    def follow(self, attempt: Attempt) -> Resolution: ...
    def retract(self, attempt: Attempt, piece: int) -> Sent: ...


class Drafting:
    """草稿: the send is draft/add, a person does the rest and the bot books it."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        return Prepared(payload=content, handles={"mode": Mode.DRAFT.value, **self._account.dress(content)})

    def send(self, prepared: Prepared, address: str, key: str) -> Sent:
        media_id = self._account.add_draft(prepared, final=True)
        stored = _taken(address, media_id, "已存入草稿箱，等待人工发出", Mode.DRAFT, {"media_id": media_id})
        return replace(stored, outcome=Outcome.HANDED)

    def resolve(self, attempt: Attempt) -> Resolution:
        if self._account.age(attempt) < _SETTLED:
            return ask_again("等待平台处理完毕后再查草稿箱", _SETTLED - self._account.age(attempt))
        found = self._account.find_draft(attempt)
        if found.media_id:
            evidence = {"mode": Mode.DRAFT.value, "media_id": found.media_id}
            reason = "在草稿箱中找到，已存入"
            return Resolution(outcome=Outcome.HANDED, reason=reason, vendor_id=found.media_id, evidence=evidence)
        published = self._account.find_published(attempt)
        if published:
            return _by_hand(published)
        if not found.whole:
            return a_person_decides("草稿箱中的草稿过多，未能查完")
        return Resolution(outcome=Outcome.UNAVAILABLE, reason="草稿箱和发布记录中都没有，确认未存入")

    def follow(self, attempt: Attempt) -> Resolution:
        wait = backoff(self._account.age(attempt))
        if not self._account.draft_is_gone(attempt.vendor_id):
            return ask_again("草稿仍在草稿箱，等待人工发出", wait)
        published = self._account.find_published(attempt)
        if published:
            return _by_hand(published)
        return self._vanished(attempt)

    def _vanished(self, attempt: Attempt) -> Resolution:
        """Neither in the box nor published: perhaps on its way, after an hour a person's question."""
        now = self._account.clock()
        gone_at = attempt.evidence.get("gone_at") or iso(now)
        if now - datetime.fromisoformat(gone_at) >= _ON_ITS_WAY:
            return a_person_decides("草稿已不在草稿箱，发布记录中也没有找到")
        found = ask_again("草稿已不在草稿箱，等待出现在发布记录中", _ON_ITS_WAY / 2)
        return replace(found, evidence={"gone_at": gone_at})

    def retract(self, attempt: Attempt, piece: int) -> Sent:
        if attempt.evidence.get("article_id"):
            return _unpublish(self._account, attempt, piece)
        if piece:
            raise SendError(
                Outcome.REFUSED, "草稿不能只删其中一篇", advice="请在公众平台草稿箱中编辑该草稿，删除这一篇"
            )
        answer = self._account.client.draft.delete(attempt.vendor_id)
        return _taken_back(attempt, "草稿已从草稿箱删除", answer)


class Publishing:
    """发布: onto the account's page, without a push to followers."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        return drafted(self._account, content, Mode.PUBLISH)

    def send(self, prepared: Prepared, address: str, key: str) -> Sent:
        media_id = prepared.handles.get("media_id") or self._account.add_draft(prepared, final=False)
        answer = self._account.client.commit("freepublish/submit", {"media_id": media_id})
        evidence = {"media_id": media_id, "msg_data_id": str(answer.get("msg_data_id", ""))}
        vendor_id = str(answer.get("publish_id", ""))
        return _taken(address, vendor_id, "平台已受理发布", Mode.PUBLISH, evidence, raw_of(answer))

    def resolve(self, attempt: Attempt) -> Resolution:
        """There is no key against doubles, but a draft that was taken cannot be taken again (40007)."""
        age = self._account.age(attempt)
        if age < _SETTLED:
            return ask_again("等待平台处理完毕后再核实", _SETTLED - age)
        published = self._account.find_published(attempt)
        if published:
            return _published(published, "在发布记录中找到，已发布")
        media_id = attempt.handles.get("media_id")
        if media_id and not self._account.draft_is_gone(media_id):
            return Resolution(outcome=Outcome.UNCERTAIN, reason="草稿仍在草稿箱，发布记录中没有，可以重发", resend=True)
        if age < timedelta(days=1):
            return ask_again("草稿已不在草稿箱，等待平台发布完成", backoff(age))
        return a_person_decides("草稿已不在草稿箱，发布记录中一天内没有找到")

    def follow(self, attempt: Attempt) -> Resolution:
        answer = self._account.client.ask("freepublish/get", {"publish_id": attempt.vendor_id})
        told = str(answer.get("publish_status"))
        status = int(told) if told.isdigit() else 1
        raw = raw_of(answer)
        if status == 0:
            return _published(published_evidence(answer), "已发布", raw)
        if status in PUBLISH_STATUS:
            return Resolution(outcome=Outcome.REFUSED, reason=PUBLISH_STATUS[status], raw=raw)
        return ask_again("平台正在发布", backoff(self._account.age(attempt)), raw)

    def retract(self, attempt: Attempt, piece: int) -> Sent:
        return _unpublish(self._account, attempt, piece)


def drafted(account: Account, content: Mapping[str, Any], mode: Mode) -> Prepared:
    """The content with its draft made: a second one, should this be repeated, hurts nobody."""
    dressed = Prepared(payload=content, handles={"mode": mode.value, **account.dress(content)})
    media_id = account.add_draft(dressed, final=False)
    drafted_at = iso(account.clock())
    return Prepared(payload=content, handles={**dressed.handles, "media_id": media_id, "drafted_at": drafted_at})


def published_evidence(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Article id and addresses, from freepublish/get or from the event PUBLISHJOBFINISH."""
    items = listed(fields(answer, "article_detail"), "item")
    urls = [plain(str(item["article_url"])) for item in items if isinstance(item, Mapping) and item.get("article_url")]
    return {"article_id": text_of(answer, "article_id"), "article_urls": urls}


def _taken(address: str, vendor_id: str, reason: str, mode: Mode, evidence: Mapping[str, Any], raw: str = "") -> Sent:
    known = {"mode": mode.value, **{key: value for key, value in evidence.items() if value}}
    return Sent(address=address, outcome=Outcome.ACCEPTED, vendor_id=vendor_id, reason=reason, raw=raw, evidence=known)


def _published(evidence: Mapping[str, Any], reason: str, raw: str = "") -> Resolution:
    return Resolution(outcome=Outcome.DELIVERED, reason=reason, basis=Basis.POSTED, raw=raw, evidence=evidence)


def _by_hand(evidence: Mapping[str, Any]) -> Resolution:
    return _published({"booked": True, **evidence}, "已由人工发出")


def _unpublish(account: Account, attempt: Attempt, piece: int) -> Sent:
    """The platform counts articles from 1; 0 is all of them."""
    article_id = attempt.evidence.get("article_id")
    if not article_id:
        raise SendError(Outcome.REFUSED, "不知道文章编号，不能由系统删除", advice="请在公众平台“发表记录”中删除")
    answer = account.client.ask("freepublish/delete", {"article_id": article_id, "index": piece})
    return _taken_back(attempt, "文章已从公众号页面删除", answer)


def _taken_back(attempt: Attempt, reason: str, answer: Mapping[str, Any]) -> Sent:
    return Sent(address=attempt.address, outcome=Outcome.DELIVERED, reason=reason, raw=raw_of(answer))
