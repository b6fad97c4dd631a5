"""A company's departments, members and tags, and which of them an app sees.

https://developer.work.weixin.qq.com/document/path/90193
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sandbox.actors import Corp
from sandbox.state import Doc, State
from sandbox.wecom_call import Api, Work, missing, whole
from sandbox.wire import Refused

ROOT = 1
PAGE = 10_000


def key_of(userid: object) -> str:
    """A member's key: the vendor does not tell upper from lower case."""
    return str(userid).strip().lower()


def subtree(corp: Corp, roots: Iterable[object]) -> set[int]:
    """Departments with everything below them; unknown ones fall out."""
    children: dict[int, list[int]] = {}
    for department in corp.departments:
        children.setdefault(int(department.get("parentid", ROOT)), []).append(int(department["id"]))
    known = {int(department["id"]) for department in corp.departments}
    found: set[int] = set()
    waiting = [int(str(root)) for root in roots]
    while waiting:
        id = waiting.pop()
        if id in known and id not in found:
            found.add(id)
            waiting += children.get(id, [])
    return found


def seated(state: State, corpid: str, departments: Collection[int], among: Collection[str] | None = None) -> set[str]:
    """The members of departments, all of them or only those among some."""
    sql = "SELECT member FROM wecom_seats WHERE corp=? AND department IN (SELECT value FROM json_each(?))"
    args: list[object] = [corpid, json.dumps(sorted(departments))]
    if among is not None:
        sql += " AND member IN (SELECT value FROM json_each(?))"
        args.append(json.dumps(sorted(among)))
    return {member for (member,) in state.rows(sql, args)}


def find_tag(corp: Corp, tag: object) -> Doc | None:
    """A tag by its number, however it is written."""
    return next((doc for doc in corp.tags if str(doc["id"]) == str(tag).strip()), None)


def tagged(state: State, corp: Corp, tag: Doc) -> set[str]:
    """The members who carry a tag, themselves or through their department."""
    rows = state.rows("SELECT member FROM wecom_tagged WHERE corp=? AND tag=?", (corp.corpid, int(tag["id"])))
    direct = {member for (member,) in rows}
    below = subtree(corp, tag.get("departments", []))
    return direct | (seated(state, corp.corpid, below) if below else set())


def seen_departments(work: Work) -> set[int]:
    """The departments an app sees."""
    return subtree(work.corp, work.app.scope.get("departments", []))


def seen(work: Work, among: Collection[str] | None = None) -> set[str]:
    """The members an app sees, all of them or only those among some."""
    found = seated(work.state, work.corp.corpid, seen_departments(work), among)
    others = {key_of(user) for user in work.app.scope.get("users", [])}
    for tag in (find_tag(work.corp, id) for id in work.app.scope.get("tags", [])):
        others |= tagged(work.state, work.corp, tag) if tag else set()
    if others:
        found |= set(people(work.state, work.corp.corpid, others if among is None else others & set(among)))
    return found


# A member as the directory keeps one: the userid as it was given, the name, whether there is a licence.
Person = tuple[str, str, bool]


def people(state: State, corpid: str, members: Collection[str]) -> dict[str, Person]:
    """Those of the members who exist, by key."""
    sql = (
        "SELECT member, userid, name, licensed FROM wecom_members"
        " WHERE corp=? AND member IN (SELECT value FROM json_each(?))"
    )
    rows = state.rows(sql, (corpid, json.dumps(sorted(members))))
    return {member: (userid, name, bool(licensed)) for member, userid, name, licensed in rows}


def count(state: State, corpid: str) -> int:
    """How many members a company has."""
    return int(state.one("SELECT count(*) FROM wecom_members WHERE corp=?", (corpid,)))


def set_up_members(state: State, corpid: str, members: Iterable[Mapping[str, Any]]) -> None:
    """Add or change members in one go; `gone` takes one out of the company."""
    rows, seats = [], []
    keys = [(corpid, key_of(member["userid"])) for member in members]
    for table in ("wecom_members", "wecom_seats"):
        state.run_many(f"DELETE FROM {table} WHERE corp=? AND member=?", keys)  # noqa: S608 - the names are ours
    for member, (_, key) in zip(members, keys, strict=True):
        if member.get("gone"):
            continue
        name = member.get("name", member["userid"])
        rows.append((corpid, key, member["userid"], name, int(member.get("licensed", True))))
        seats += [(corpid, int(department), key) for department in member.get("departments", [ROOT])]
    state.run_many("INSERT INTO wecom_members VALUES (?,?,?,?,?)", rows)
    state.run_many("INSERT OR IGNORE INTO wecom_seats VALUES (?,?,?)", seats)


def set_up_tags(state: State, corpid: str, tags: Iterable[Mapping[str, Any]]) -> None:
    """Put members under the tags that `setup` describes."""
    for tag in tags:
        state.run("DELETE FROM wecom_tagged WHERE corp=? AND tag=?", (corpid, int(tag["id"])))
        rows = [(corpid, int(tag["id"]), key_of(user)) for user in tag.get("users", [])]
        state.run_many("INSERT OR IGNORE INTO wecom_tagged VALUES (?,?,?)", rows)


def asked_departments(work: Work, name: str, required: bool) -> set[int]:
    """The department a query names, with what is below it, as far as the app sees it."""
    asked = work.call.query(name)
    if not asked and not required:
        return seen_departments(work)
    known = subtree(work.corp, [asked]) if asked.isdecimal() else set()
    if not known:
        raise Refused(60123, "invalid party id")
    if int(asked) not in seen_departments(work):
        raise Refused(60011, "no privilege to access/modify contact/party/agent")
    return known


def list_departments(work: Work) -> Doc:
    """Departments with their names."""
    wanted = asked_departments(work, "id", required=False)
    return {"department": [line | {"name": name} for line, name in lines(work, wanted)]}


def list_department_ids(work: Work) -> Doc:
    """Departments without names."""
    wanted = asked_departments(work, "id", required=False)
    return {"department_id": [line for line, _ in lines(work, wanted)]}


def lines(work: Work, wanted: set[int]) -> list[tuple[Doc, str]]:
    """(number, parent, order) and name of departments, in the company's order."""
    return [
        ({"id": int(d["id"]), "parentid": int(d.get("parentid", ROOT)), "order": int(d.get("order", 0))}, d["name"])
        for d in work.corp.departments
        if int(d["id"]) in wanted
    ]


def list_members(work: Work) -> Doc:
    """The members of a department, with `fetch_child` also of those below it."""
    departments = asked_departments(work, "department_id", required=True)
    if work.call.query("fetch_child") != "1":
        departments = {int(work.call.query("department_id"))}
    members = sorted(seated(work.state, work.corp.corpid, departments))
    found, seats = people(work.state, work.corp.corpid, members), seats_of(work, members)
    return {
        "userlist": [
            {"userid": found[m][0], "name": found[m][1], "department": seats[m]} for m in members if m in found
        ]
    }


def seats_of(work: Work, members: Collection[str]) -> dict[str, list[int]]:
    """Each member's departments."""
    sql = (
        "SELECT member, department FROM wecom_seats WHERE corp=? AND member IN (SELECT value FROM json_each(?))"
        " ORDER BY department"
    )
    seats: dict[str, list[int]] = {}
    for member, department in work.state.rows(sql, (work.corp.corpid, json.dumps(list(members)))):
        seats.setdefault(member, []).append(department)
    return seats


def list_ids(work: Work) -> Doc:
    """A page of (member, department) pairs; the cursor is empty after the last."""
    limit = whole(work.body(), "limit", PAGE)
    if not 1 <= limit <= PAGE:
        raise missing("limit", "out of range")
    sql = (
        "SELECT m.userid, s.department, s.member FROM wecom_seats s JOIN wecom_members m USING (corp, member)"
        " WHERE s.corp=? AND (s.department, s.member) > (?, ?) ORDER BY s.department, s.member LIMIT ?"
    )
    rows = work.state.rows(sql, (work.corp.corpid, *read_cursor(work.text("cursor")), limit + 1))
    more = len(rows) > limit
    rows = rows[:limit]
    cursor = base64.urlsafe_b64encode(json.dumps([rows[-1][1], rows[-1][2]]).encode()).decode() if more else ""
    return {"next_cursor": cursor, "dept_user": [{"userid": user, "department": d} for user, d, _ in rows]}


def read_cursor(cursor: str) -> tuple[int, str]:
    """Where the page before ended."""
    if not cursor:
        return 0, ""
    try:
        department, member = json.loads(base64.urlsafe_b64decode(cursor))
        return int(department), str(member)
    except (ValueError, TypeError, binascii.Error):
        raise Refused(50100, "invalid cursor") from None


def list_tags(work: Work) -> Doc:
    """All tags of the company."""
    return {"taglist": [{"tagid": int(tag["id"]), "tagname": tag["name"]} for tag in work.corp.tags]}


def get_tag(work: Work) -> Doc:
    """A tag's members and departments, as far as the app sees them."""
    tag = find_tag(work.corp, work.call.query("tagid"))
    if tag is None:
        raise Refused(40068, "invalid tagid")
    sql = "SELECT member FROM wecom_tagged WHERE corp=? AND tag=? ORDER BY member"
    direct = [member for (member,) in work.state.rows(sql, (work.corp.corpid, int(tag["id"])))]
    visible = people(work.state, work.corp.corpid, seen(work, direct))
    users = [{"userid": visible[m][0], "name": visible[m][1]} for m in direct if m in visible]
    parties = [int(d) for d in tag.get("departments", []) if int(d) in seen_departments(work)]
    return {"tagname": tag["name"], "userlist": users, "partylist": parties}


# The contacts-sync secret reads numbers only (48009 elsewhere), and the full list of members is for it alone.
def get_agent(work: Work) -> Doc:
    """The app itself, with the scope it was given. https://developer.work.weixin.qq.com/document/path/90227"""
    agentid = work.call.query("agentid")
    if not agentid.isdecimal():
        raise Refused(40056, "invalid agentid")
    if int(agentid) != work.app.agentid:
        raise Refused(301002, "not allow operate another agent with this accesstoken")
    scope = work.app.scope
    return {
        "agentid": work.app.agentid,
        "name": work.app.name,
        "allow_userinfos": {"user": [{"userid": user} for user in scope.get("users", [])]},
        "allow_partys": {"partyid": [int(number) for number in scope.get("departments", [])]},
        "allow_tags": {"tagid": [int(number) for number in scope.get("tags", [])]},
        "close": 0,
    }


APIS = {
    "agent/get": Api(get_agent, method="GET"),
    "department/list": Api(list_departments, method="GET"),
    "department/simplelist": Api(list_department_ids, method="GET", secrets=("app", "sync")),
    "user/simplelist": Api(list_members, method="GET"),
    "user/list_id": Api(list_ids, secrets=("sync",)),
    "tag/list": Api(list_tags, method="GET"),
    "tag/get": Api(get_tag, method="GET"),
}
