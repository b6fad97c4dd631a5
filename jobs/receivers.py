"""Receivers: which persons a push to a list or a department is for; a group is always itself.

A 更正 or 撤回 is for the very people who have what it follows, whoever stands in the list today; a 首发 that goes anew is
for those who have not got it yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jobs.office import Office
from rules.privacy import is_sealed
from rules.routing import Target
from store import receivers as asked
from store.placements import Due

#: Why a person who got the first push cannot get what follows it.
SEALED = "收到首发后，此人的手机号或账号已按规定清除（只留散列和末两位），今天的名单里也没有，不能再发，请人工告知"


@dataclass(frozen=True)
class Receivers:
    """The addresses a push goes to, and those it should have gone to and cannot, each with why."""

    addresses: Sequence[str]
    out_of_reach: Mapping[str, str] = field(default_factory=dict)


def receivers(office: Office, target: Target, dues: Sequence[Due]) -> Receivers:
    """Who gets these; raises SendError if that cannot be told now."""
    if not office.to_persons(target):
        return Receivers(office.addresses(target))
    follows = {due.follows_id for due in dues} - {None}
    if not follows:
        with office.db.read() as conn:
            had = asked.had(conn, [due.id for due in dues])
        return Receivers(_without(office, target, office.addresses(target), had))
    with office.db.read() as conn:
        reached = asked.reached(conn, [each for each in follows if each is not None])
        had = asked.had(conn, [due.id for due in dues])
    opened = reopened(office, target, reached)
    gone = {address: SEALED for address, found in opened.items() if not found}
    return Receivers(_without(office, target, [found for found in opened.values() if found], had), gone)


def reopened(office: Office, target: Target, addresses: Iterable[str]) -> dict[str, str]:
    """Each person once, with the address she can be written to: a sealed one is looked for in today's list, "" if not there.

    Raises SendError if that list cannot be had now.
    """
    best: dict[str, str] = {}
    for address in addresses:
        seal = office.kept(target.channel, address)
        if seal not in best or is_sealed(best[seal]):
            best[seal] = address
    if not any(is_sealed(address) for address in best.values()):
        return {address: address for address in best.values()}
    known = {office.kept(target.channel, address): address for address in office.addresses(target)}
    return {each: known.get(each, "") if is_sealed(each) else each for each in best.values()}


def _without(office: Office, target: Target, addresses: Sequence[str], had: Iterable[str]) -> Sequence[str]:
    """Without those who have got this very item at this purpose, or may have."""
    known = {office.kept(target.channel, each) for each in had}
    return [each for each in addresses if office.kept(target.channel, each) not in known] if known else addresses
