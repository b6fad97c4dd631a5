"""Material of an official account: temporary, permanent, and pictures for article bodies."""

from __future__ import annotations

from sandbox.magic import mime_of
from sandbox.state import Doc
from sandbox.wechat_call import Api, Oa
from sandbox.wire import Refused, Upload, hex_id

KB, MB = 1024, 1024 * 1024
TEMPORARY_LIFE = 3 * 86400.0
LIBRARY = {"image": 100_000, "news": 100_000, "voice": 1000, "video": 1000, "thumb": 1000}
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/bmp")
# Allowed content and size by kind, for both lives of a material.
RULES: dict[str, tuple[tuple[str, ...], int]] = {
    "image": (PICTURES, 10 * MB),
    "voice": (("audio/amr", "audio/mpeg"), 2 * MB),
    "video": (("video/mp4",), 10 * MB),
    "thumb": (("image/jpeg",), 64 * KB),
}


def checked(kind: str, upload: Upload) -> str:
    """Refuse what the vendor would; returns the content's true type."""
    if kind not in RULES:
        raise Refused(40004, "invalid media type")
    allowed, limit = RULES[kind]
    mime = mime_of(upload.data)
    if mime not in allowed:
        raise Refused(40005, "invalid file type")
    if len(upload.data) > limit:
        raise Refused(40009 if kind in ("image", "thumb") else 45001, "media size out of limit")
    return mime


def upload_temporary(oa: Oa) -> Doc:
    """Material that lives three days and is no good as a cover."""
    upload, kind = oa.media(), oa.call.query("type")
    mime = checked(kind, upload)
    media_id = "T" + hex_id(63)
    doc = {
        "type": kind,
        "blob": oa.state.keep_blob(upload.data, mime),
        "mime": mime,
        "expires": oa.now + TEMPORARY_LIFE,
    }
    oa.state.put("temporary", oa.appid, media_id, doc)
    return {"type": kind, "thumb_media_id" if kind == "thumb" else "media_id": media_id, "created_at": int(oa.now)}


def upload_body_image(oa: Oa) -> Doc:
    """A picture for an article's body: jpg or png below 1 MB; it takes no place in the library."""
    upload = oa.media()
    mime = mime_of(upload.data)
    if mime not in ("image/jpeg", "image/png"):
        raise Refused(40005, "invalid file type")
    if len(upload.data) >= MB:
        raise Refused(40009, "invalid image size")
    return {"url": image_url(oa, upload.data, mime)}


def image_url(oa: Oa, data: bytes, mime: str) -> str:
    """Host a picture; only such addresses survive in an article."""
    kind = mime.removeprefix("image/")
    return f"{oa.world.base}/mmbiz_{kind}/{oa.state.keep_blob(data, mime)}/0?wx_fmt={kind}"


def add_material(oa: Oa) -> Doc:
    """Material that stays until deleted."""
    upload, kind = oa.media(), oa.call.query("type")
    mime = checked(kind, upload)
    if kind == "video" and not oa.call.request.form.get("description"):
        raise Refused(41005, "video description missing")
    if library_count(oa, kind) >= LIBRARY[kind]:
        raise Refused(45010, "material count out of limit")
    media_id = hex_id(43) + "-perm"
    doc: Doc = {"media_id": media_id, "name": upload.filename, "type": kind, "mime": mime, "update_time": int(oa.now)}
    doc["blob"] = oa.state.keep_blob(upload.data, mime)
    answer: Doc = {"media_id": media_id, "item": []}
    if mime.startswith("image/"):
        doc["url"] = answer["url"] = image_url(oa, upload.data, mime)
    oa.state.put("material", oa.appid, media_id, doc)
    return answer


def library_count(oa: Oa, kind: str) -> int:
    """How many permanent materials of a kind there are."""
    sql = "SELECT count(*) FROM docs WHERE kind='material' AND scope=? AND json_extract(doc, '$.type')=?"
    return int(oa.state.one(sql, (oa.appid, kind)))


def get_material(oa: Oa) -> Doc:
    """One permanent material: its bytes, handed to the door as a file."""
    doc = permanent(oa, oa.text("media_id", 40007))
    if doc["type"] == "video":
        return {"title": doc["name"], "description": "", "down_url": f"{oa.world.base}/blob/{doc['blob']}"}
    return {"__file__": doc["blob"]}


def get_temporary(oa: Oa) -> Doc:
    """One temporary material while it lives."""
    doc = oa.state.get("temporary", oa.appid, oa.call.query("media_id"))
    if doc is None or doc["expires"] <= oa.now:
        raise Refused(40007, "invalid media_id")
    return {"__file__": doc["blob"]}


def del_material(oa: Oa) -> Doc:
    """Remove a permanent material."""
    if not oa.state.drop("material", oa.appid, oa.text("media_id", 40007)):
        raise Refused(40007, "invalid media_id")
    return {"errcode": 0, "errmsg": "ok"}


def batchget_material(oa: Oa) -> Doc:
    """A page of one kind of permanent material, newest first."""
    kind = oa.text("type", 40004)
    offset, count = oa.page()
    found = [doc for doc in oa.state.page("material", oa.appid, newest=True) if doc["type"] == kind]
    items = [
        {key: doc[key] for key in ("media_id", "name", "update_time", "url") if key in doc}
        for doc in found[offset : offset + count]
    ]
    return {"item": items, "total_count": len(found), "item_count": len(items)}


def count_material(oa: Oa) -> Doc:
    """How much of each kind the library holds."""
    return {f"{kind}_count": library_count(oa, kind) for kind in ("voice", "video", "image")} | {"news_count": 0}


def permanent(oa: Oa, media_id: str, kinds: tuple[str, ...] = ()) -> Doc:
    """A permanent material of the right kind; a temporary id is no good here."""
    doc = oa.state.get("material", oa.appid, media_id)
    if doc is None or (kinds and doc["type"] not in kinds):
        raise Refused(40007, "invalid media_id")
    return doc


def sendable(oa: Oa, media_id: str, kind: str) -> Doc:
    """A material, permanent or still alive, that a message may carry."""
    doc = oa.state.get("material", oa.appid, media_id) or oa.state.get("temporary", oa.appid, media_id)
    if doc is None or doc["type"] != kind or doc.get("expires", oa.now + 1) <= oa.now:
        raise Refused(40007, "invalid media_id")
    return doc


APIS = {
    "media/upload": Api(upload_temporary, per_day=100_000),
    "media/get": Api(get_temporary, method="GET"),
    "media/uploadimg": Api(upload_body_image),
    "material/add_material": Api(add_material),
    "material/get_material": Api(get_material),
    "material/del_material": Api(del_material),
    "material/batchget_material": Api(batchget_material),
    "material/get_materialcount": Api(count_material, method="GET"),
}
