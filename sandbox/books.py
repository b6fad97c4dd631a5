"""The sandbox's own books: what really reached whom, for holding a bot's books against them."""

from __future__ import annotations

import json

from sandbox import alarms, articles, site, sms, wecom_books
from sandbox.actors import Account, load_all
from sandbox.clock import iso
from sandbox.state import Doc
from sandbox.world import World

# What a caller may call a vendor, and the part of the books it means.
PARTS = {
    "robot": "robot",
    "wecom": "robot",
    "wecom_app": "wecom_app",
    "qq": "qq",
    "onebot": "qq",
    "wechat": "wechat",
    "drafts": "drafts",
    "wechat_notice": "wechat_notice",
    "sms": "sms",
    "aliyun": "sms",
    "tencent": "sms",
    "mail": "mail",
    "alarm": "alarm",
    "site": "site",
}
QQ_FIELDS = ("group_id", "name", "at", "message_id", "text", "user_id", "recalled")
SEND_FIELDS = (
    "appid",
    "how",
    "do",
    "msg_id",
    "publish_id",
    "article_id",
    "msg_data_id",
    "msgtype",
    "text",
    "client_id",
    "status",
    "verdict",
    "total",
    "filter",
    "sent",
    "error",
    "material",
)
NOTICE_FIELDS = ("appid", "msgid", "openid", "client_id", "text", "url", "at", "fate")
MAIL_FIELDS = (
    "rcpt",
    "at",
    "return_path",
    "user",
    "queued_as",
    "sender",
    "visible",
    "subject",
    "message_id",
    "date",
    "text",
    "html",
    "reply_to",
    "list_id",
    "auto_submitted",
    "size",
)
ROBOT_FIELDS = ("key", "name", "at", "msgtype", "text", "bytes", "mentioned", "articles", "file", "image")

#: The books that list what was posted: whose part, their name, the kind of post, and what they show of it.
PLAIN = (
    ("robot", "robot", "robot", ROBOT_FIELDS),
    ("qq", "qq", "qq", QQ_FIELDS),
    ("qq", "notices", "qq_notice", (*QQ_FIELDS, "notice_id")),
    ("mail", "mail", "mail", MAIL_FIELDS),
    ("alarm", "alarms", "alarm", alarms.FIELDS),
    ("site", "site", "site", site.FIELDS),
    ("site", "beacons", "site_beacon", site.BEACON_FIELDS),
)


def written(world: World, vendor: str, since: float) -> Doc:
    """The books from a moment on; `vendor` leaves the other vendors' parts out."""
    part = PARTS[vendor] if vendor else ""
    books: Doc = {"now": iso(world.now())}
    books |= {book: posts(world, kind, since, fields) for mine, book, kind, fields in PLAIN if part in ("", mine)}
    if part in ("", "wechat"):
        books |= {"wechat": sends(world, since), "callbacks": world.state.page("callback", "")}
    if part in ("", "wechat_notice"):
        books["wechat_notices"] = notices(world, since)
    if part in ("", "wechat", "drafts"):
        books["drafts"] = drafts(world)
    if part in ("", "sms"):
        books["sms"] = sms.written(world, "" if vendor in ("", "sms") else vendor, since)
        books["sms_pushes"] = world.state.page("sms_push", "")
    if part in ("", "wecom_app"):
        books |= wecom_books.written(world, since)
    return books | counters(world, since)


def posts(world: World, vendor: str, since: float, fields: tuple[str, ...]) -> list[Doc]:
    """A vendor's messages in the order they were posted."""
    rows = world.state.rows("SELECT doc FROM posts WHERE vendor=? AND at>=? ORDER BY id", (vendor, since))
    docs = [json.loads(text) for (text,) in rows]
    return [{name: doc[name] for name in fields if name in doc} for doc in docs]


def sends(world: World, since: float) -> list[Doc]:
    """Every accepted mass send and publishing, the office person's own among them."""
    jobs = [
        job
        for account in load_all(world.state, Account)
        for kind in ("mass", "publish")
        for job in world.state.page(kind, account.appid)
        if job["at"] >= since
    ]
    return [send_line(world, job) for job in sorted(jobs, key=lambda job: float(job["at"]))]


def send_line(world: World, job: Doc) -> Doc:
    """One send as the books show it."""
    line = {key: job[key] for key in SEND_FIELDS if key in job}
    line |= {"at": iso(job["at"]), "articles": [articles.brief(world, id) for id in job["articles"]]}
    return line | ({"ended": iso(job["ended"])} if "ended" in job else {})


def drafts(world: World) -> list[Doc]:
    """The drafts that are still in their boxes."""
    return [
        {
            "appid": account.appid,
            "media_id": draft["media_id"],
            "update_time": draft["update_time"],
            "titles": [item["title"] for item in draft["items"]],
            "articles": [
                {key: item[key] for key in ("title", "digest", "content_source_url")} for item in draft["items"]
            ],
        }
        for account in load_all(world.state, Account)
        for draft in world.state.page("draft", account.appid)
    ]


def notices(world: World, since: float) -> list[Doc]:
    """Every template notice that was taken, once however often it was sent."""
    found = [doc for account in load_all(world.state, Account) for doc in world.state.page("notice", account.appid)]
    return [{name: doc[name] for name in NOTICE_FIELDS} for doc in found if doc["moment"] >= since]


def counters(world: World, since: float) -> Doc:
    """How often each call came, how often it was refused and why, and what looked odd."""
    calls: dict[str, int] = {}
    refused: dict[str, dict[str, int]] = {}
    for name, errcode, n in world.state.rows("SELECT name, errcode, n FROM tallies ORDER BY name, errcode"):
        if errcode == 0:
            calls[name] = n
        else:
            refused.setdefault(name, {})[str(errcode)] = n
    rows = world.state.rows("SELECT at, call, text FROM flags WHERE at>=? ORDER BY id", (since,))
    flags = [{"at": iso(at), "call": call, "text": text} for at, call, text in rows]
    return {"calls": calls, "refused": refused, "flags": flags}
