"""Whom a message of an app is for: names, departments and tags, turned into members."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.state import Doc
from sandbox.wecom_call import Work, missing
from sandbox.wecom_directory import find_tag, key_of, people, seated, seen, seen_departments, subtree, tagged
from sandbox.wire import Refused

EVERYBODY = "@all"
# Field, how many it may name, and what the vendor says to more.
FIELDS = (("touser", 1000, 40032), ("toparty", 100, 82002), ("totag", 100, 82003))


@dataclass
class Reach:
    """The members a message goes to, in order, and what of the address was no good."""

    members: list[str] = field(default_factory=list)
    bad_users: list[str] = field(default_factory=list)
    bad_parties: list[str] = field(default_factory=list)
    bad_tags: list[str] = field(default_factory=list)
    unlicensed: list[str] = field(default_factory=list)

    def told(self) -> Doc:
        """What the answer says of it: lists as one text each, user ids in lower case, empty lists left out."""
        lists = {"invaliduser": self.bad_users, "invalidparty": self.bad_parties, "invalidtag": self.bad_tags}
        lists["unlicenseduser"] = self.unlicensed
        return {name: "|".join(names) for name, names in lists.items() if names}


def addressed(body: Doc) -> tuple[list[str], list[str], list[str]]:
    """The users, departments and tags a body names; too many, or none at all, are refused."""
    found = [split(body, name, most, code) for name, most, code in FIELDS]
    if not any(found):
        raise Refused(82001, "touser, toparty and totag are all empty")
    return found[0], found[1], found[2]


def split(body: Doc, name: str, most: int, code: int) -> list[str]:
    """The parts of an address `a|b`, each once."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise missing(name, "should be string")
    parts = list(dict.fromkeys(part.strip() for part in (value or "").split("|") if part.strip()))
    if len(parts) > most:
        raise Refused(code, f"invalid {name} list length")
    return parts


def expand(work: Work, users: list[str], parties: list[str], tags: list[str]) -> Reach:
    """Turn an address into members; 81013 when nothing of it is any good."""
    reach = Reach()
    if users == [EVERYBODY]:
        found = seen(work)
        if not found:
            raise Refused(81013, "user & party & tag all invalid")
    else:
        found = named(work, users, reach) | in_parties(work, parties, reach) | in_tags(work, tags, reach)
        bad = len(reach.bad_users) + len(reach.bad_parties) + len(reach.bad_tags)
        if bad == len({key_of(user) for user in users}) + len(parties) + len(tags):
            raise Refused(81013, "user & party & tag all invalid", **reach.told())
    persons = people(work.state, work.corp.corpid, found)
    reach.members = [member for member in sorted(persons) if persons[member][2]]
    reach.unlicensed = [member for member in sorted(persons) if not persons[member][2]]
    return reach


def named(work: Work, users: list[str], reach: Reach) -> set[str]:
    """The members named one by one."""
    keys = dict.fromkeys(key_of(user) for user in users)
    found = seen(work, list(keys)) if keys else set()
    reach.bad_users += [key for key in keys if key not in found]
    return found


def in_parties(work: Work, parties: list[str], reach: Reach) -> set[str]:
    """The members of the departments named, and of those below."""
    visible = seen_departments(work) if parties else set()
    good = [party for party in parties if party.isdecimal() and int(party) in visible]
    reach.bad_parties += [party for party in parties if party not in good]
    return seated(work.state, work.corp.corpid, subtree(work.corp, good)) if good else set()


def in_tags(work: Work, tags: list[str], reach: Reach) -> set[str]:
    """The members of the tags named whom the app sees; a tag without any is as good as unknown."""
    found: set[str] = set()
    for tag in tags:
        doc = find_tag(work.corp, tag)
        members = seen(work, tagged(work.state, work.corp, doc)) if doc else set()
        if not members:
            reach.bad_tags.append(tag)
        found |= members
    return found
