"""OneBot 11 messages: arrays of segments, and strings with CQ codes."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from sandbox.magic import mime_of
from sandbox.state import Doc

SEGMENT_TYPES = frozenset(
    re.findall(
        r"\w+",
        "text face image record video at rps dice shake poke anonymous share contact location music reply forward node"
        " xml json file markdown",
    )
)
CQ_CODE = re.compile(r"\[CQ:([A-Za-z_]+)((?:,[^\[\]]*)?)\]")
SHOWN = {"image": "[图片]", "record": "[语音]", "video": "[视频]", "face": "[表情]", "json": "[卡片]", "file": "[文件]"}


class BadMessage(ValueError):
    """The message cannot be understood."""


class BadMedia(ValueError):
    """The picture cannot be sent on."""


def unescape(text: str, inside: bool = False) -> str:
    """Undo CQ escapes; a comma is escaped only inside a code. `&amp;` goes last, so that `&amp;#91;` stays text."""
    if inside:
        text = text.replace("&#44;", ",")
    return text.replace("&#91;", "[").replace("&#93;", "]").replace("&amp;", "&")


def escape(text: str, inside: bool = False) -> str:
    """Write text so that it cannot be read as a CQ code."""
    text = text.replace("&", "&amp;").replace("[", "&#91;").replace("]", "&#93;")
    return text.replace(",", "&#44;") if inside else text


def parse_cq(text: str) -> list[Doc]:
    """Segments of a message written as a string."""
    segments: list[Doc] = []
    position = 0
    for match in CQ_CODE.finditer(text):
        if match.start() > position:
            segments.append({"type": "text", "data": {"text": unescape(text[position : match.start()])}})
        pairs = (part.partition("=") for part in match.group(2).split(",") if part)
        segments.append({"type": match.group(1), "data": {key: unescape(value, True) for key, _, value in pairs}})
        position = match.end()
    if position < len(text):
        segments.append({"type": "text", "data": {"text": unescape(text[position:])}})
    return segments


def read_message(message: Any, auto_escape: bool) -> list[Doc]:
    """Segments of whatever a client sent as its message."""
    if isinstance(message, str):
        segments: list[Doc] = [{"type": "text", "data": {"text": message}}] if auto_escape else parse_cq(message)
    else:
        segments = [read_segment(item) for item in (message if isinstance(message, list) else [message])]
    if not any(segment["type"] != "text" or segment["data"].get("text") for segment in segments):
        raise BadMessage("消息体无法解析, 请检查是否发送了不支持的消息类型")
    for segment in segments:
        if segment["type"] not in SEGMENT_TYPES:
            raise BadMessage(f"不支持的消息段类型 {segment['type']}")
    return segments


def read_segment(item: Any) -> Doc:
    """One segment of an array; every value is kept as text, as the protocol says."""
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        raise BadMessage("消息段必须有 type 和 data")
    data = item.get("data") or {}
    if not isinstance(data, dict):
        raise BadMessage("消息段的 data 必须是对象")
    if item["type"] == "text" and not isinstance(data.get("text"), str):
        raise BadMessage("text 消息段缺少 text")
    return {"type": item["type"], "data": data}


def to_cq(segments: list[Doc]) -> str:
    """The message as a string, for raw_message."""
    return "".join(segment_cq(segment) for segment in segments)


def segment_cq(segment: Doc) -> str:
    """One segment as text or CQ code."""
    if segment["type"] == "text":
        return escape(str(segment["data"].get("text", "")))
    pairs = "".join(f",{key}={escape(str(value), True)}" for key, value in segment["data"].items())
    return f"[CQ:{segment['type']}{pairs}]"


def shown(segments: list[Doc]) -> str:
    """The message as a person reads it."""
    return "".join(shown_segment(segment["type"], segment["data"]) for segment in segments)


def shown_segment(kind: str, data: Doc) -> str:
    """One segment as a person reads it."""
    if kind == "text":
        return str(data["text"])
    if kind == "at":
        return "@全体成员 " if str(data.get("qq")) == "all" else f"@{data.get('qq')} "
    if kind == "share":
        return f"{data.get('title', '')} {data.get('url', '')}"
    return SHOWN.get(kind, "")


def mentions_all(segments: list[Doc]) -> bool:
    """Whether the message calls everybody."""
    return any(segment["type"] == "at" and str(segment["data"].get("qq")) == "all" for segment in segments)


def picture_bytes(source: str) -> bytes | None:
    """The bytes of a picture in the message; None when it lies on the web, which the sandbox never fetches."""
    if source.startswith(("http://", "https://")):
        return None
    if not source.startswith("base64://"):
        raise BadMedia("rich media transfer failed")  # the bot's disk is not the vendor's disk
    try:
        data = base64.b64decode(source.removeprefix("base64://"), validate=True)
    except binascii.Error:
        raise BadMedia("rich media transfer failed") from None
    if not mime_of(data).startswith("image/"):
        raise BadMedia("rich media transfer failed")
    return data
