"""The company's directory as an app may read it: the persons of a department, of a tag, of all that the app sees.

https://developer.work.weixin.qq.com/document/path/90200 (部门成员), 90213 (标签成员), 90227 (应用可见范围),
95350 (子部门ID), 96067 (成员ID列表: the contacts secret alone may ask).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from channels.base import SendError
from channels.wecom import codes
from channels.wecom.client import Client
from channels.wecom.whom import Whom, once
from rules.outcome import Outcome

_PAGE = 10_000
_ANSWERED = frozenset({Outcome.REFUSED, Outcome.UNKNOWN_CODE})
#: Pages of the list of members at most; a company of a million is no school.
_PAGES = 100


class Directory:
    """What an app, or the contacts secret behind it, may read of the directory."""

    def __init__(self, client: Client, contacts: Client, agent_id: int | None) -> None:
        self._client = client
        self._contacts = contacts
        self._agent_id = agent_id

    def persons(self, whom: Whom) -> list[str] | None:
        """The userids meant, each once; None if the directory is closed to us. Raises SendError."""
        try:
            return list(once(self._each(whom)))
        except SendError as error:
            # `@all` needs no directory: whatever the platform says against listing them, it knows whom it means.
            if not closed(error) and not (whom.everybody and error.outcome in _ANSWERED):
                raise
            return None

    def scope(self) -> Whom:
        """What the app sees; raises SendError."""
        answer = self._client.ask("agent/get", agentid=self._agent_id)
        return Whom(
            users=tuple(userids(_part(answer, "allow_userinfos").get("user"))),
            parties=tuple(_numbers(_part(answer, "allow_partys").get("partyid"))),
            tags=tuple(_numbers(_part(answer, "allow_tags").get("tagid"))),
        )

    def _each(self, whom: Whom) -> Iterator[str]:
        if whom.everybody:
            whom = self.scope()
        yield from whom.users
        for party in whom.parties:
            yield from self._department(party)
        for tag in whom.tags:
            yield from self._tagged(tag)

    def _department(self, number: int) -> list[str]:
        """The members of a department and of those below it."""
        try:
            answer = self._client.ask("user/simplelist", department_id=number, fetch_child=1)
        except SendError as error:
            if not closed(error):
                raise
            return self._by_id(number)
        return userids(answer.get("userlist"))

    def _tagged(self, number: int) -> Iterator[str]:
        """A tag holds persons and whole departments."""
        answer = self._client.ask("tag/get", tagid=number)
        yield from userids(answer.get("userlist"))
        for party in _numbers(answer.get("partylist")):
            yield from self._department(party)

    def _by_id(self, number: int) -> list[str]:
        """The same from the list of ids, which names departments one by one: those below are looked up first."""
        below = self._contacts.ask("department/simplelist", id=number).get("department_id")
        wanted = {number, *_numbers([each.get("id") for each in _dicts(below)])}
        return userids([seat for seat in self._seats() if seat.get("department") in wanted])

    def _seats(self) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(_PAGES):
            answer = self._contacts.ask("user/list_id", {"cursor": cursor, "limit": _PAGE})
            yield from _dicts(answer.get("dept_user"))
            cursor = str(answer.get("next_cursor") or "")
            if not cursor:
                return
        raise SendError(Outcome.UNAVAILABLE, "企业微信的成员列表没有读到头")


def closed(error: SendError) -> bool:
    """True if it is the right to look that is missing."""
    return error.code.isdigit() and int(error.code) in codes.NO_RIGHT


def userids(value: object) -> list[str]:
    """The userids of a list of members."""
    return [str(each["userid"]) for each in _dicts(value) if each.get("userid")]


def _part(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inside = answer.get(name)
    return inside if isinstance(inside, dict) else {}


def _dicts(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _numbers(value: object) -> Iterable[int]:
    return [int(each) for each in value if str(each).isdigit()] if isinstance(value, list) else []
