"""The draft box.

https://developers.weixin.qq.com/doc/service/api/draftbox/draftmanage/api_draft_add
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from sandbox.state import Doc
from sandbox.texts import clean_html, oddity, plain
from sandbox.wechat_call import Api, Oa
from sandbox.wechat_media import permanent
from sandbox.wire import Refused, hex_id

MAX_ARTICLES = 8
CONTENT_CHARS, CONTENT_BYTES = 20_000, 1024 * 1024
SOURCE_URL_BYTES = 1024
# Field, longest length in characters, and the code for more.
LENGTHS = (("title", 32, 45003), ("author", 16, 45110), ("digest", 128, 45004))
TEXT_FIELDS = (
    "title",
    "author",
    "digest",
    "content",
    "content_source_url",
    "thumb_media_id",
    "pic_crop_235_1",
    "pic_crop_1_1",
)
SWITCHES = ("need_open_comment", "only_fans_can_comment", "show_cover_pic")
CROP = re.compile(r"\d(\.\d+)?(_\d(\.\d+)?){3}")


def add(oa: Oa) -> Doc:
    """Put one to eight articles into the box."""
    articles = oa.body().get("articles")
    if not isinstance(articles, list) or not articles:
        raise Refused(44003, "empty news data")
    if len(articles) > MAX_ARTICLES:
        raise Refused(45008, "article size out of limit")
    items = [checked(oa, article, alone=len(articles) == 1) for article in articles]
    media_id = hex_id(43) + "-draft"
    oa.state.put("draft", oa.appid, media_id, {"media_id": media_id, "items": items, "update_time": int(oa.now)})
    return {"media_id": media_id, "item": [{"index": index, "ad_count": 0} for index in range(len(items))]}


def checked(oa: Oa, article: object, alone: bool) -> Doc:
    """One article as the vendor keeps it, or the refusal it earns."""
    if not isinstance(article, dict):
        raise Refused(47001, "data format error")
    item: Doc = {name: text_of(article, name) for name in TEXT_FIELDS}
    item |= {name: switch_of(article, name) for name in SWITCHES}
    item["article_type"] = article.get("article_type", "news")
    if not item["title"]:
        raise Refused(45003, "title size out of limit: empty title")
    for name, limit, errcode in LENGTHS:
        if len(item[name]) > limit:
            raise Refused(errcode, f"{name} size out of limit")
        if odd := oddity(item[name]):
            oa.call.flag(f"{name} {odd}: {item[name][:60]}")
    check_source_url(item["content_source_url"])
    check_crops(item)
    fill_content(oa, item)
    # The console shows a digest only for an article that stands alone.
    item["digest"] = (item["digest"] or plain(item["content"])[:54]) if alone else ""
    check_pictures(oa, item, article)
    return item


def text_of(article: Doc, name: str) -> str:
    """A text field of an article."""
    value = article.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(47001, f"data format error: {name}")
    return value or ""


def switch_of(article: Doc, name: str) -> int:
    """A 0/1 field of an article."""
    value = article.get(name) or 0
    if value not in (0, 1, "0", "1", True):
        raise Refused(40035, f"invalid parameter: {name}")
    return int(value)


def check_source_url(url: str) -> None:
    """The original-text link: short enough, and a web address."""
    if len(url.encode()) > SOURCE_URL_BYTES:
        raise Refused(45005, "url size out of limit")
    if url and not re.match(r"https?://\S+$", url):
        raise Refused(40048, "invalid url")


def check_crops(item: Doc) -> None:
    """Crop boxes are four fractions joined by underscores."""
    for name in ("pic_crop_235_1", "pic_crop_1_1"):
        if item[name] and not CROP.fullmatch(item[name]):
            raise Refused(40035, f"invalid parameter: {name}")


def fill_content(oa: Oa, item: Doc) -> None:
    """Take out scripts and foreign pictures, then hold the content against its limits."""
    content = item["content"]
    if len(content) >= CONTENT_CHARS or len(content.encode()) >= CONTENT_BYTES:
        raise Refused(45002, "content size out of limit")
    item["content"], removed = clean_html(content, lambda src: own_image(oa, src))
    if removed:
        oa.call.flag(f"content of {item['title'][:20]!r} lost {', '.join(sorted(set(removed)))}")
    if not plain(item["content"]) and "<img" not in item["content"]:
        raise Refused(45166, "invalid content")


def own_image(oa: Oa, src: str) -> bool:
    """Whether a picture's address is one that this vendor has given out."""
    parts = urlsplit(src)
    match = re.fullmatch(r"/mmbiz_\w+/([0-9a-f]{32})/0", parts.path)
    # The port may differ from today's: a restarted sandbox still knows its pictures.
    return match is not None and parts.hostname == "127.0.0.1" and oa.state.blob(match.group(1)) is not None


def check_pictures(oa: Oa, item: Doc, article: Doc) -> None:
    """A cover must be permanent; a picture post has one to twenty permanent pictures instead."""
    if item["article_type"] == "news":
        permanent(oa, item["thumb_media_id"], ("image", "thumb"))
        return
    if item["article_type"] != "newspic":
        raise Refused(40035, "invalid parameter: article_type")
    info = article.get("image_info")
    pictures = info.get("image_list") if isinstance(info, dict) else None
    if not isinstance(pictures, list) or not 1 <= len(pictures) <= 20:
        raise Refused(40007, "invalid image_info")
    for picture in pictures:
        permanent(oa, str(picture.get("image_media_id", "")) if isinstance(picture, dict) else "", ("image",))
    item["image_info"] = info


def draft_of(oa: Oa, media_id: str) -> Doc:
    """A draft that is still in the box."""
    doc = oa.state.get("draft", oa.appid, media_id)
    if doc is None:
        raise Refused(40007, "invalid media_id")
    return doc


def shown(oa: Oa, draft: Doc, no_content: bool = False) -> list[Doc]:
    """A draft's articles as the vendor gives them back."""
    hidden = {"content"} if no_content else set()
    url = f"{oa.world.base}/s/draft/{draft['media_id']}"
    return [
        {key: value for key, value in item.items() if key not in hidden} | {"url": f"{url}/{index}", "thumb_url": ""}
        for index, item in enumerate(draft["items"])
    ]


def get(oa: Oa) -> Doc:
    """One draft with everything in it."""
    draft = draft_of(oa, oa.text("media_id", 40007))
    return {"news_item": shown(oa, draft), "create_time": draft["update_time"], "update_time": draft["update_time"]}


def delete(oa: Oa) -> Doc:
    """Throw a draft away for good."""
    draft = draft_of(oa, oa.text("media_id", 40007))
    oa.state.drop("draft", oa.appid, draft["media_id"])
    return {"errcode": 0, "errmsg": "ok"}


def update(oa: Oa) -> Doc:
    """Replace one article of a draft, by its index from 0."""
    draft = draft_of(oa, oa.text("media_id", 40007))
    index = oa.number("index", 0, errcode=40114)
    if index >= len(draft["items"]):
        raise Refused(40114, "invalid index")
    item = checked(oa, oa.body().get("articles"), alone=len(draft["items"]) == 1)
    replace(oa, draft, index, item)
    return {"errcode": 0, "errmsg": "ok"}


def replace(oa: Oa, draft: Doc, index: int, item: Doc) -> None:
    """Store a changed article."""
    draft["items"][index] = item
    oa.state.put("draft", oa.appid, draft["media_id"], draft | {"update_time": int(oa.now)})


def count(oa: Oa) -> Doc:
    """How many drafts there are."""
    return {"total_count": oa.state.count("draft", oa.appid)}


def batchget(oa: Oa) -> Doc:
    """A page of drafts, newest first."""
    offset, size = oa.page()
    bare = oa.number("no_content", 0) == 1
    drafts = oa.state.page("draft", oa.appid, offset, size, newest=True)
    items = [
        {
            "media_id": draft["media_id"],
            "content": {"news_item": shown(oa, draft, bare)},
            "update_time": draft["update_time"],
        }
        for draft in drafts
    ]
    return {"total_count": oa.state.count("draft", oa.appid), "item_count": len(items), "item": items}


APIS = {
    "draft/add": Api(add, per_day=1000),
    "draft/get": Api(get, per_day=500),
    "draft/delete": Api(delete, per_day=1000),
    "draft/update": Api(update, per_day=1000),
    "draft/count": Api(count, method="GET", per_day=1000),
    "draft/batchget": Api(batchget, per_day=1000),
}
