"""Followers and tags, and how many of them a mass send may still reach this month."""

from __future__ import annotations

import hashlib
from typing import Any

from sandbox.actors import Account
from sandbox.clock import month_of
from sandbox.state import Doc, State
from sandbox.wechat_call import Api, Oa
from sandbox.wire import Refused

PAGE = 10_000
PER_FAN_MONTH = 4
FIRST_OWN_TAG = 100
STAR_TAG = {"id": 2, "name": "星标组"}


def openid_of(appid: str, fan: int) -> str:
    """A follower's id: 28 characters, the same in every run."""
    return "o" + hashlib.sha256(appid.encode()).hexdigest()[:15] + f"{fan:012d}"


def fan_of(account: Account, openid: Any) -> int | None:
    """The follower behind an id, or None."""
    if not isinstance(openid, str) or len(openid) != 28 or not openid[-12:].isdigit():
        return None
    fan = int(openid[-12:])
    return fan if fan < account.fans and openid == openid_of(account.appid, fan) else None


def page_of(account: Account, fans: list[int], total: int) -> Doc:
    """A page of followers; an empty last page has no data."""
    if not fans:
        return {"total": total, "count": 0, "next_openid": ""}
    ids = [openid_of(account.appid, fan) for fan in fans]
    return {"total": total, "count": len(ids), "data": {"openid": ids}, "next_openid": ids[-1]}


def get_users(oa: Oa) -> Doc:
    """All followers, 10 000 a page."""
    start = oa.call.query("next_openid")
    last = fan_of(oa.account, start) if start else -1
    if last is None:
        raise Refused(40003, "invalid openid")
    return page_of(oa.account, list(range(last + 1, min(oa.account.fans, last + 1 + PAGE))), oa.account.fans)


def tag_of(state: State, appid: str, tag: Any) -> Doc | None:
    """A tag by its id, or None."""
    if isinstance(tag, bool) or not str(tag).isdigit():
        return None
    return STAR_TAG if int(tag) == 2 else state.get("tag", appid, int(tag))


def tag_count(state: State, appid: str, tag: int) -> int:
    """How many followers carry a tag."""
    return int(state.one("SELECT count(*) FROM tag_fans WHERE appid=? AND tag=?", (appid, tag)))


def get_tags(oa: Oa) -> Doc:
    """All tags with their sizes."""
    tags = [STAR_TAG, *oa.state.page("tag", oa.appid)]
    return {"tags": [tag | {"count": tag_count(oa.state, oa.appid, tag["id"])} for tag in tags]}


def tag_name(oa: Oa) -> str:
    """The name in a tag call, within its rules."""
    tag = oa.body().get("tag")
    name = tag.get("name") if isinstance(tag, dict) else None
    if not isinstance(name, str) or not name:
        raise Refused(40035, "invalid tag name")
    if len(name.encode()) > 30:
        raise Refused(45158, "tag name too long")
    if any(other["name"] == name for other in oa.state.page("tag", oa.appid)):
        raise Refused(45157, "invalid tag name, already exists")
    return name


def create_tag(oa: Oa) -> Doc:
    """A new tag, up to a hundred."""
    name = tag_name(oa)
    if oa.state.count("tag", oa.appid) >= 100:
        raise Refused(45056, "too many tag now, no need to add new")
    tag = {"id": oa.state.next_number(f"{oa.appid}:tag", FIRST_OWN_TAG), "name": name}
    oa.state.put("tag", oa.appid, tag["id"], tag)
    return {"tag": tag}


def own_tag(oa: Oa) -> Doc:
    """The tag to change: one that the account has made."""
    given = oa.body().get("tag")
    id = given.get("id") if isinstance(given, dict) else None
    if id in (0, 1, 2):
        raise Refused(45058, "can't modify sys tag")
    tag = tag_of(oa.state, oa.appid, id)
    if tag is None:
        raise Refused(45159, "invalid tag id")
    return tag


def update_tag(oa: Oa) -> Doc:
    """Rename a tag."""
    tag = own_tag(oa)
    oa.state.put("tag", oa.appid, tag["id"], tag | {"name": tag_name(oa)})
    return {"errcode": 0, "errmsg": "ok"}


def delete_tag(oa: Oa) -> Doc:
    """Delete a tag that not too many followers carry."""
    tag = own_tag(oa)
    if tag_count(oa.state, oa.appid, tag["id"]) > 100_000:
        raise Refused(45057, "can't delete the tag that has too many fans")
    oa.state.drop("tag", oa.appid, tag["id"])
    oa.state.run("DELETE FROM tag_fans WHERE appid=? AND tag=?", (oa.appid, tag["id"]))
    return {"errcode": 0, "errmsg": "ok"}


def tag_members(oa: Oa) -> tuple[int, list[int]]:
    """Tag and followers of a tagging call."""
    tag = tag_of(oa.state, oa.appid, oa.body().get("tagid"))
    if tag is None:
        raise Refused(45159, "invalid tag id")
    ids = oa.body().get("openid_list")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 50:
        raise Refused(40032, "invalid openid list size")
    fans = [fan_of(oa.account, openid) for openid in ids]
    if any(fan is None for fan in fans):
        raise Refused(40003, "invalid openid")
    return tag["id"], [fan for fan in fans if fan is not None]


def tag_users(oa: Oa) -> Doc:
    """Give up to fifty followers a tag; nobody carries more than twenty."""
    tag, fans = tag_members(oa)
    for fan in fans:
        if (
            int(oa.state.one("SELECT count(*) FROM tag_fans WHERE appid=? AND fan=? AND tag<>?", (oa.appid, fan, tag)))
            >= 20
        ):
            raise Refused(45059, "can't add too many tags to one user")
    oa.state.run_many("INSERT OR IGNORE INTO tag_fans VALUES (?,?,?)", [(oa.appid, tag, fan) for fan in fans])
    return {"errcode": 0, "errmsg": "ok"}


def untag_users(oa: Oa) -> Doc:
    """Take a tag off up to fifty followers."""
    tag, fans = tag_members(oa)
    oa.state.run_many("DELETE FROM tag_fans WHERE appid=? AND tag=? AND fan=?", [(oa.appid, tag, fan) for fan in fans])
    return {"errcode": 0, "errmsg": "ok"}


def get_tag_users(oa: Oa) -> Doc:
    """The followers with a tag, 10 000 a page."""
    tag = tag_of(oa.state, oa.appid, oa.body().get("tagid"))
    if tag is None:
        raise Refused(45159, "invalid tag id")
    start = oa.text("next_openid")
    last = fan_of(oa.account, start) if start else -1
    sql = "SELECT fan FROM tag_fans WHERE appid=? AND tag=? AND fan>? ORDER BY fan LIMIT ?"
    fans = [fan for (fan,) in oa.state.rows(sql, (oa.appid, tag["id"], -1 if last is None else last, PAGE))]
    page = page_of(oa.account, fans, 0)
    page.pop("total")
    return page


def tags_of_user(oa: Oa) -> Doc:
    """The tags one follower carries."""
    fan = fan_of(oa.account, oa.body().get("openid"))
    if fan is None:
        raise Refused(40003, "invalid openid")
    rows = oa.state.rows("SELECT tag FROM tag_fans WHERE appid=? AND fan=? ORDER BY tag", (oa.appid, fan))
    return {"tagid_list": [tag for (tag,) in rows]}


def set_up_tags(state: State, account: Account) -> None:
    """Make the tags that `setup` describes: id, name, and either a count of fans or a list of fan numbers."""
    for tag in account.tags:
        fans = tag.get("fans", 0)
        members = range(int(tag.get("from", 0)), int(tag.get("from", 0)) + fans) if isinstance(fans, int) else fans
        if int(tag["id"]) != 2:
            state.put("tag", account.appid, int(tag["id"]), {"id": int(tag["id"]), "name": str(tag["name"])})
        state.run("DELETE FROM tag_fans WHERE appid=? AND tag=?", (account.appid, int(tag["id"])))
        state.run_many("INSERT INTO tag_fans VALUES (?,?,?)", [(account.appid, int(tag["id"]), fan) for fan in members])


def reach(state: State, account: Account, audience: Doc, now: float) -> tuple[int, int]:
    """(addressed, left after filters) of a mass send, taken from each fan's month where the account has one."""
    month, willing = month_of(now), max(0, account.fans - account.refusing)
    everybody = state.used(f"{account.appid}:fan_base", month)
    if audience.get("all"):
        return account.fans, reach_all(state, account, month, willing, everybody)
    fans = audience_fans(state, account, audience)
    chosen = [fan for fan in fans if fan < willing]
    if account.kind == "subscription":
        return len(fans), len(chosen)
    sql = "SELECT fan, used FROM fan_months WHERE appid=? AND month=?"
    used = dict(state.rows(sql, (account.appid, month)))
    chosen = [fan for fan in chosen if used.get(fan, 0) + everybody < PER_FAN_MONTH]
    state.run_many(
        "INSERT INTO fan_months VALUES (?,?,?,1) ON CONFLICT (appid, month, fan) DO UPDATE SET used=used+1",
        [(account.appid, month, fan) for fan in chosen],
    )
    return len(fans), len(chosen)


def audience_fans(state: State, account: Account, audience: Doc) -> list[int]:
    """The followers of a tag, or those named."""
    if "tag" in audience:
        sql = "SELECT fan FROM tag_fans WHERE appid=? AND tag=? AND fan<?"
        return [fan for (fan,) in state.rows(sql, (account.appid, audience["tag"], account.fans))]
    return list(audience["fans"])


def reach_all(state: State, account: Account, month: str, willing: int, everybody: int) -> int:
    """How many a send to all reaches; one counter stands for all fans, rows only for those with sends of their own."""
    if account.kind == "subscription":
        return willing
    state.use(f"{account.appid}:fan_base", month)
    if everybody >= PER_FAN_MONTH:
        return 0
    sql = "SELECT count(*) FROM fan_months WHERE appid=? AND month=? AND fan<? AND used+?>=?"
    return willing - int(state.one(sql, (account.appid, month, willing, everybody, PER_FAN_MONTH)))


APIS = {
    "user/get": Api(get_users, method="GET", right="verified", per_day=500),
    "tags/get": Api(get_tags, method="GET", right="verified"),
    "tags/create": Api(create_tag, right="verified"),
    "tags/update": Api(update_tag, right="verified"),
    "tags/delete": Api(delete_tag, right="verified"),
    "tags/members/batchtagging": Api(tag_users, right="verified"),
    "tags/members/batchuntagging": Api(untag_users, right="verified"),
    "tags/getidlist": Api(tags_of_user, right="verified"),
    "user/tag/get": Api(get_tag_users, right="verified"),
}
