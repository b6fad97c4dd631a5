"""Articles as followers open them: made when a draft is sent or published, live when the job has ended well."""

from __future__ import annotations

import base64
import hashlib
import secrets

from sandbox.actors import Account
from sandbox.state import Doc
from sandbox.world import World


def article_url(world: World, id: str, place: str = "") -> str:
    """Where an article can be read: its full address, which names its msgid (mid and idx).

    Two places of the vendor never show quite the same one: each has a chksm of its own.
    """
    doc = get(world, id)
    mid, _, idx = doc["msgid"].partition("_")
    biz = base64.urlsafe_b64encode(doc["appid"].encode()[:10]).decode()
    tail = f"&chksm={hashlib.sha256(f'{place}:{id}'.encode()).hexdigest()[:24]}#rd" if place else ""
    return f"{world.base}/s?__biz={biz}&mid={mid}&idx={idx}&sn={id}{tail}"


def short_url(world: World, id: str) -> str:
    """The other address of an article, which names nothing."""
    return f"{world.base}/s/{id}"


def take_draft(world: World, account: Account, draft: Doc, msg_data_id: int, notified: bool) -> list[str]:
    """Move a draft out of the box into articles that are not live yet; returns their ids."""
    world.state.drop("draft", account.appid, draft["media_id"])
    return [make(world, account, draft, index, msg_data_id, notified) for index in range(len(draft["items"]))]


def make(world: World, account: Account, draft: Doc, index: int, msg_data_id: int, notified: bool) -> str:
    """One article of a draft."""
    item = draft["items"][index]
    id = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    cover = world.state.get("material", account.appid, item["thumb_media_id"])
    doc = item | {
        "id": id,
        "appid": account.appid,
        "account": account.name,
        "index": index + 1,
        "media_id": draft["media_id"],
        "msgid": f"{msg_data_id}_{index + 1}",
        "notified": notified,
        "cover": cover["blob"] if cover else "",
        "at": world.now(),
        "state": "pending",
    }
    # Kept apart, because lists of articles are read far more often than articles.
    world.state.put("article_body", "", id, {"content": doc.pop("content")})
    world.state.put("article", "", id, doc)
    return id


def content(world: World, id: str) -> str:
    """An article's cleaned HTML."""
    return str((world.state.get("article_body", "", id) or {}).get("content", ""))


def get(world: World, id: str) -> Doc:
    """An article that is known to exist."""
    doc = world.state.get("article", "", id)
    if doc is None:
        raise KeyError(id)
    return doc


def set_state(world: World, ids: list[str], state: str) -> None:
    """Make articles live, or take them away."""
    for id in ids:
        doc = get(world, id)
        live_at = {"live_at": world.now()} if state == "live" else {}
        world.state.put("article", "", id, doc | {"state": state} | live_at)


def brief(world: World, id: str) -> Doc:
    """An article as the books list it."""
    doc = get(world, id)
    fields = {key: doc[key] for key in ("title", "digest", "content_source_url")}
    addresses = {"url": article_url(world, id), "short_url": short_url(world, id)}
    return fields | addresses | {"state": doc["state"], "msgid": doc["msgid"]}


def news_item(world: World, id: str, no_content: bool = False) -> Doc:
    """An article as freepublish gives it back."""
    doc = get(world, id)
    keys = ["title", "author", "digest", "content_source_url", "thumb_media_id", "show_cover_pic", "need_open_comment"]
    item = {key: doc[key] for key in (*keys, "only_fans_can_comment")}
    item |= {} if no_content else {"content": content(world, id)}
    return item | {"thumb_url": "", "url": article_url(world, id, "list"), "is_deleted": doc["state"] != "live"}
