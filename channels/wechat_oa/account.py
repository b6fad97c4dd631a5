"""What the three modes share: the account, making a draft, and looking for one of our pushes on the platform."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels.base import Attempt, Clock, Prepared, Resolution, SendError
from channels.wechat_oa import address, codes, markup
from channels.wechat_oa.articles import carries
from channels.wechat_oa.client import Client
from channels.wechat_oa.options import Options
from channels.wechat_oa.pictures import Pictures
from rules.outcome import Outcome

_PAGE = 20
#: draft/batchget may be called 1000 times a day, freepublish/batchget 100 times (开发前必读, 接口调用频次).
_DRAFT_PAGES, _PUBLISHED_PAGES = 50, 5


@dataclass(frozen=True)
class Found:
    """What a search of the draft box came to; `whole` is False if the box was too full to be read to its end."""

    media_id: str
    whole: bool


class Account:
    """One official account: its client, its pictures, its clock."""

    def __init__(self, client: Client, options: Options, clock: Clock) -> None:
        self.client = client
        self.options = options
        self.clock = clock
        self.pictures = Pictures(client, options.cover)

    def dress(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The handles of a draft: its cover and its images at their new addresses."""
        wanted = [src for article in content["articles"] for src in markup.images(article["content"])]
        return {"cover": self.pictures.cover(), "images": self.pictures.host(wanted)}

    def add_draft(self, prepared: Prepared, *, final: bool) -> str:
        """Make the draft and return its media id.

        If its cover was deleted on the platform, a new one is uploaded and the call made once more: the first was
        surely refused.
        """
        add = self.client.commit if final else self.client.ask
        try:
            answer = add("draft/add", draft_body(prepared))
        except SendError as error:
            if error.code != str(codes.NO_MEDIA):
                raise
            answer = add("draft/add", draft_body(prepared, cover=self.pictures.cover(anew=True)))
        return str(answer.get("media_id", ""))

    def draft_is_gone(self, media_id: str) -> bool:
        """True if the draft is no longer in the box: it leaves it when it is sent, published or deleted."""
        try:
            self.client.draft.get(media_id)
        except SendError as error:
            if error.code == str(codes.NO_MEDIA):
                return True
            raise
        return False

    def find_draft(self, attempt: Attempt) -> Found:
        """Look through the whole draft box for our mark."""
        read = 0
        for item in self._listed("draft/batchget", _DRAFT_PAGES, attempt):
            if carries(item, attempt.push_key, attempt.mark):
                return Found(str(item.get("media_id", "")), whole=True)
            read += 1
        return Found("", whole=read < _DRAFT_PAGES * _PAGE)

    def find_published(self, attempt: Attempt) -> dict[str, Any] | None:
        """The evidence of an article of this push on the account's page; None if none is listed or we may not look."""
        try:
            for item in self._listed("freepublish/batchget", _PUBLISHED_PAGES, attempt):
                if carries(item, attempt.push_key, attempt.mark):
                    return _evidence(item)
        except SendError as error:
            if not error.code.isdigit() or int(error.code) not in codes.NO_RIGHT:
                raise
        return None

    def age(self, attempt: Attempt) -> timedelta:
        """How long ago the call began."""
        return self.clock() - attempt.called_at

    def _listed(self, path: str, pages: int, attempt: Attempt) -> Iterator[Mapping[str, Any]]:
        """The entries of a list, page after page; with their content only where our mark stands in it."""
        articles = attempt.payload.get("articles") or [{}]
        no_content = int(bool(articles[0].get("content_source_url")))
        for page in range(pages):
            answer = self.client.ask(path, {"offset": page * _PAGE, "count": _PAGE, "no_content": no_content})
            items = answer.get("item") or []
            yield from items
            if len(items) < _PAGE:
                return


def draft_body(prepared: Prepared, cover: str = "") -> dict[str, Any]:
    """What goes on the wire for draft/add: the articles with their cover and images put in."""
    handles = prepared.handles
    images = handles.get("images") or {}
    thumb = cover or handles.get("cover", "")
    articles = [
        {**article, "content": markup.with_images(article["content"], images), "thumb_media_id": thumb}
        for article in prepared.payload["articles"]
    ]
    return {"articles": articles}


def raw_of(answer: Mapping[str, Any]) -> str:
    """An answer as it is kept."""
    return json.dumps(answer, ensure_ascii=False)[:2000]


def ask_again(reason: str, after: timedelta, raw: str = "") -> Resolution:
    """Nothing is known yet."""
    return Resolution(outcome=Outcome.UNCERTAIN, reason=reason, ask_again=after, raw=raw)


def a_person_decides(reason: str) -> Resolution:
    """The evidence does not settle it."""
    return Resolution(outcome=Outcome.UNCERTAIN, reason=f"{reason}，请在公众平台的草稿箱和发表记录中核对后登记")


def backoff(age: timedelta) -> timedelta:
    """How long to wait before asking once more: often at first, rarely later, within 100 calls a day."""
    if age < timedelta(hours=2):
        return timedelta(minutes=10)
    return timedelta(hours=1) if age < timedelta(days=1) else timedelta(hours=6)


def iso(instant: datetime) -> str:
    """An instant as it is kept among the handles."""
    return instant.isoformat()


def _evidence(item: Mapping[str, Any]) -> dict[str, Any]:
    news = (item.get("content") or {}).get("news_item") or []
    shown = [article for article in news if article.get("url") and not article.get("is_deleted")]
    urls = [address.plain(str(article["url"])) for article in shown]
    return {"article_id": str(item.get("article_id", "")), "article_urls": urls}
