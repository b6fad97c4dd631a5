"""WeCom group robots: `webhook/send` and `webhook/upload_media`.

https://developer.work.weixin.qq.com/document/path/91770
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable

from flask import Request, Response

from sandbox.actors import Robot, load
from sandbox.clock import iso
from sandbox.magic import mime_of
from sandbox.state import Doc
from sandbox.texts import cut_bytes, oddity
from sandbox.wire import Call, Refused, hex_id, json_answer, perform
from sandbox.world import World

JSON_TYPE = "application/json; charset=UTF-8"
SENDS_PER_WINDOW = 20
WINDOW = 60.0
TEXT_BYTES = 2048
MARKDOWN_BYTES = 4096
IMAGE_BYTES = 2 * 1024 * 1024
FILE_BYTES = 20 * 1024 * 1024
VOICE_BYTES = 2 * 1024 * 1024
MEDIA_LIFE = 3 * 86400


def answer(world: World, request: Request, path: str) -> Response:
    """Answer one call below /wecom/cgi-bin/."""
    call = Call(world, "wecom." + path.replace("/", "."), request)
    handle = {"webhook/send": send, "webhook/upload_media": upload_media}.get(path)

    def run() -> Response:
        with world.state.transaction():
            return shaped(call, handle)

    params = {key: str(value) for key, value in request.args.items()}
    return perform(call, params, run, lambda fault: refusal(call, Refused(fault.errcode, fault.errmsg)))


def shaped(call: Call, handle: Callable[[Call], Doc] | None) -> Response:
    """Run a handler and give its result or refusal the vendor's shape."""
    call.world.state.tally(call.name)
    try:
        if handle is None:
            raise Refused(40066, "invalid url")
        if call.method != "POST":
            raise Refused(43002, "require POST method")
        return json_answer({"errcode": 0, "errmsg": "ok", **handle(call)}, JSON_TYPE)
    except Refused as refused:
        return refusal(call, refused)


def refusal(call: Call, refused: Refused) -> Response:
    """A business error with the decoration that clients must not depend on."""
    call.world.state.tally(call.name, refused.errcode)
    hint = f"hint: [{int(call.world.now())}{hex_id(12)}], from ip: {call.remote}"
    link = f"more info at https://open.work.weixin.qq.com/devtool/query?e={refused.errcode}"
    doc = {"errcode": refused.errcode, "errmsg": f"{refused.errmsg}, {hint}, {link}", **refused.extra}
    return json_answer(doc, JSON_TYPE)


def robot_of(call: Call) -> Robot:
    """The robot whose key the call carries."""
    robot = load(call.world.state, Robot, call.query("key"))
    if robot is None:
        raise Refused(93000, "invalid webhook url")
    return robot


def take_turn(call: Call, robot: Robot) -> None:
    """20 calls in any 60 seconds; the 21st closes the door for 60 seconds."""
    state, now = call.world.state, call.world.now()
    blocked = state.get("robot_block", "", robot.key)
    if blocked is not None and now < blocked["until"]:
        raise Refused(45009, "api freq out of limit")
    if state.hits_since("robot:" + robot.key, now - WINDOW) >= SENDS_PER_WINDOW:
        state.put("robot_block", "", robot.key, {"until": now + WINDOW})
        raise Refused(45009, "api freq out of limit")
    state.hit("robot:" + robot.key, now)


def send(call: Call) -> Doc:
    """Post one message into the robot's group."""
    robot = robot_of(call)
    take_turn(call, robot)
    message = read_message(call)
    msgtype = message.get("msgtype")
    reader = READERS.get(msgtype) if isinstance(msgtype, str) else None
    if reader is None:
        raise Refused(40008, "invalid message type")
    body = message.get(str(msgtype))
    if not isinstance(body, dict):
        raise Refused(44004, "empty content")
    text, size, extra = reader(call, robot, body)
    if odd := oddity(text):
        call.flag(f"robot {robot.name or robot.key}: text {odd}: {text[:60]}")
    now = call.world.now()
    post = {
        "key": robot.key,
        "name": robot.name,
        "at": iso(now),
        "msgtype": msgtype,
        "text": text,
        "bytes": size,
        **extra,
    }
    call.world.state.post("robot", robot.key, now, post)
    return {}


def read_message(call: Call) -> Doc:
    """The body; the vendor answers broken JSON as if the type were missing."""
    try:
        message = call.json()
    except ValueError:
        raise Refused(40008, "invalid message type. Warning: wrong json format. ") from None
    if not isinstance(message, dict):
        raise Refused(40008, "invalid message type. Warning: wrong json format. ")
    return message


# A reader checks one message type and returns: its readable text, its size in bytes, what else the books keep.
Read = tuple[str, int, Doc]


def string(body: Doc, field: str) -> str:
    """A text field, or an empty string; anything else is not this vendor's parameter."""
    value = body.get(field)
    if value is not None and not isinstance(value, str):
        raise Refused(40058, f"{field} should be string. invalid Request Parameter")
    return value or ""


def read_text(call: Call, robot: Robot, body: Doc) -> Read:
    """Plain text; what is over 2048 bytes is silently cut off, as the vendor does."""
    content = string(body, "content")
    if not content:
        raise Refused(44004, "empty content")
    size = len(content.encode())
    if size > TEXT_BYTES:
        call.flag(f"robot {robot.name or robot.key}: text of {size} bytes cut to {TEXT_BYTES}")
        content = cut_bytes(content, TEXT_BYTES)
    names = [*listed(body, "mentioned_list"), *listed(body, "mentioned_mobile_list")]
    return content, size, {"mentioned": names} if names else {}


def listed(body: Doc, field: str) -> list[str]:
    """A list of names to mention."""
    value = body.get(field) or []
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise Refused(40058, f"text.{field} should be array. invalid Request Parameter")
    return value


def read_markdown(kind: str) -> Callable[[Call, Robot, Doc], Read]:
    """Markdown of either version; over the limit is an error here, unlike text."""

    def read(call: Call, robot: Robot, body: Doc) -> Read:
        content = string(body, "content")
        if not content:
            raise Refused(44004, "empty content")
        size = len(content.encode())
        if size > MARKDOWN_BYTES:
            raise Refused(40058, f"{kind}.content exceed max length {MARKDOWN_BYTES}. invalid Request Parameter")
        return content, size, {}

    return read


def read_image(call: Call, robot: Robot, body: Doc) -> Read:
    """A picture in the body itself, with the md5 of its raw bytes."""
    try:
        data = base64.b64decode(string(body, "base64"), validate=False)
    except binascii.Error:
        raise Refused(40058, "image.base64 decode failed. invalid Request Parameter") from None
    if not data:
        raise Refused(44001, "empty media data")
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != string(body, "md5").lower():
        raise Refused(40058, "image.md5 not match. invalid Request Parameter")
    if len(data) > IMAGE_BYTES:
        raise Refused(40009, "invalid image size")
    mime = mime_of(data)
    if mime not in ("image/jpeg", "image/png"):
        raise Refused(40005, "invalid file type")
    blob = call.world.state.keep_blob(data, mime)
    return "[图片]", len(data), {"image": f"/blob/{blob}"}


def read_news(call: Call, robot: Robot, body: Doc) -> Read:
    """One to eight linked cards; long titles and descriptions are silently cut."""
    articles = body.get("articles")
    if not isinstance(articles, list) or not articles:
        raise Refused(44003, "empty news data")
    if len(articles) > 8:
        raise Refused(40058, "news.articles exceed max size 8. invalid Request Parameter")
    cards = [news_card(call, index, article) for index, article in enumerate(articles)]
    text = "\n".join(f"{card['title']} {card['url']}" for card in cards)
    return text, len(text.encode()), {"articles": cards}


def news_card(call: Call, index: int, article: object) -> Doc:
    """One card of a news message."""
    if not isinstance(article, dict):
        raise Refused(40058, f"news.articles[{index}] should be object. invalid Request Parameter")
    for field in ("title", "url"):
        if not string(article, field):
            raise Refused(40058, f"missing news.articles[{index}].{field}. invalid Request Parameter")
    card = {field: string(article, field) for field in ("title", "description", "url", "picurl")}
    for field, limit in (("title", 128), ("description", 512)):
        if len(card[field].encode()) > limit:
            call.flag(f"news.articles[{index}].{field} over {limit} bytes, cut: {card[field][:40]}")
            card[field] = cut_bytes(card[field], limit)
    return card


def read_media(call: Call, robot: Robot, body: Doc) -> Read:
    """A file or voice that this very robot has uploaded within three days."""
    media = call.world.state.get("robot_media", robot.key, string(body, "media_id"))
    if media is None or media["born"] + MEDIA_LIFE <= call.world.now():
        raise Refused(40007, "invalid media_id")
    return f"[文件] {media['filename']}", int(media["size"]), {"file": f"/blob/{media['blob']}"}


def read_card(call: Call, robot: Robot, body: Doc) -> Read:
    """A template card: a title and somewhere to go."""
    if body.get("card_type") not in ("text_notice", "news_notice"):
        raise Refused(40058, "template_card.card_type invalid. invalid Request Parameter")
    main = body.get("main_title") if isinstance(body.get("main_title"), dict) else {}
    title = string(main or {}, "title") or string(body, "sub_title_text")
    if not title:
        raise Refused(40058, "missing template_card.main_title.title. invalid Request Parameter")
    action = body.get("card_action")
    if not isinstance(action, dict) or action.get("type") not in (1, 2):
        raise Refused(40058, "missing template_card.card_action. invalid Request Parameter")
    return title, len(title.encode()), {"url": str(action.get("url", ""))}


READERS: dict[str, Callable[[Call, Robot, Doc], Read]] = {
    "text": read_text,
    "markdown": read_markdown("markdown"),
    "markdown_v2": read_markdown("markdown_v2"),
    "image": read_image,
    "news": read_news,
    "file": read_media,
    "voice": read_media,
    "template_card": read_card,
}


def upload_media(call: Call) -> Doc:
    """Take a file for this robot; the file is looked at before the key, as the vendor does."""
    upload = call.upload("media")
    if upload is None or not upload.data:
        raise Refused(44001, "empty media data")
    robot = robot_of(call)
    kind = call.query("type")
    check_media(kind, upload.data)
    media_id = "3" + hex_id(63)
    now = call.world.now()
    blob = call.world.state.keep_blob(upload.data, mime_of(upload.data))
    media = {"filename": upload.filename, "size": len(upload.data), "blob": blob, "born": now, "type": kind}
    call.world.state.put("robot_media", robot.key, media_id, media)
    return {"type": kind, "media_id": media_id, "created_at": str(int(now))}


def check_media(kind: str, data: bytes) -> None:
    """Size and type rules of the two kinds of upload."""
    if kind not in ("file", "voice"):
        raise Refused(40004, "invalid media type")
    if len(data) <= 5:
        raise Refused(40006, "invalid media size")
    if len(data) > (FILE_BYTES if kind == "file" else VOICE_BYTES):
        raise Refused(45001, "media size out of limit")
    if kind == "voice" and mime_of(data) != "audio/amr":
        raise Refused(40005, "invalid file type")
