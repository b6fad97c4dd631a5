"""Files of a company's apps: three days, any of its apps, no robot.

https://developer.work.weixin.qq.com/document/path/90253
"""

from __future__ import annotations

from sandbox.magic import mime_of
from sandbox.state import Doc
from sandbox.wecom_call import Api, Work
from sandbox.wire import Refused, hex_id

MB = 1024 * 1024
SMALLEST = 6
LIFE = 3 * 86_400.0
# Most bytes, and what a larger one is told. For pictures the vendor names 10 MB and 5 MB; only the lower is safe.
SIZES = {"image": (5 * MB, 40009), "voice": (2 * MB, 45001), "video": (10 * MB, 40011), "file": (20 * MB, 45001)}
TYPES = {
    "image": (("image/jpeg", "image/png"), 40123),
    "voice": (("audio/amr",), 301017),
    "video": (("video/mp4",), 40005),
}


def upload(work: Work) -> Doc:
    """Take a file."""
    kind = work.call.query("type")
    if kind not in SIZES:
        raise Refused(40004, "invalid media type")
    file = work.call.upload("media")
    if file is None or not file.data:
        raise Refused(44001, "empty media data")
    mime = checked(kind, file.data)
    media_id = "3" + hex_id(65)
    doc = {"type": kind, "filename": file.filename, "blob": work.state.keep_blob(file.data, mime)}
    work.state.put("wecom_media", work.corp.corpid, media_id, doc | {"expires": work.now + LIFE})
    return {"type": kind, "media_id": media_id, "created_at": str(int(work.now))}


def checked(kind: str, data: bytes) -> str:
    """Refuse what the vendor would; returns the content's true type."""
    if len(data) < SMALLEST:
        raise Refused(40006, "invalid media size")
    most, too_big = SIZES[kind]
    if len(data) > most:
        raise Refused(too_big, "media size out of limit")
    allowed, wrong = TYPES.get(kind, ((), 0))
    mime = mime_of(data)
    if allowed and mime not in allowed:
        raise Refused(wrong, "invalid media format")
    return mime


APIS = {"media/upload": Api(upload)}
