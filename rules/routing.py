"""Which targets an item goes to, each decision with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rules.audience import PUBLIC, Audiences, fence


@dataclass(frozen=True, kw_only=True)
class Target:
    """One row of the group register (targets.csv): a group, a list of persons, or an account's followers."""

    number: str
    name: str
    channel: str
    #: A group number, an account, or for a secret address the name of its key in .env.
    address: str
    audience: str
    members: int | None = None
    owner: str = ""
    department: str = ""
    filed_no: str = ""
    checked_on: date | None = None
    #: The categories this target takes; empty: all that a route gives it.
    categories: tuple[str, ...] = ()
    #: 编号 of the target a person may send to instead when this one stays closed; empty: there is none.
    spare: str = ""


@dataclass(frozen=True, kw_only=True)
class Route:
    """A rule of the school: items like this go to these targets. An empty field asks nothing."""

    name: str
    audiences: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    sub_items: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    #: Numbers (编号) of targets.
    targets: tuple[str, ...] = ()
    #: Or every target of these audiences.
    target_audiences: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What routing needs to know of an item."""

    audience: tuple[str, ...]
    category: str
    sub_item: str
    department: str
    urgent: bool = False


@dataclass(frozen=True)
class Decision:
    """This target: yes or no, and why."""

    target: str
    granted: bool
    reason: str


def decide(
    subject: Subject,
    target: Target,
    routes: Iterable[Route],
    audiences: Audiences,
    exposure: str | None,
    *,
    urgent_only: bool = False,
) -> Decision:
    """Ask the fence first, then the routes; an official account (exposure 社会) needs no route, a group does."""
    verdict = fence(audiences, subject.audience, target.audience, exposure)
    if not verdict.permitted:
        return Decision(target.number, False, verdict.reason)
    if target.categories and subject.category not in target.categories:
        return Decision(target.number, False, f"该目标只接收{'、'.join(target.categories)}类事项")
    if urgent_only and not subject.urgent:
        return Decision(target.number, False, "该目标只接收紧急事项")
    if exposure == PUBLIC:
        return Decision(target.number, True, f"{verdict.reason}；面向社会的渠道默认推送")
    route = next((r for r in routes if matches(r, subject) and aims_at(r, target)), None)
    if route is None:
        return Decision(target.number, False, "范围允许，但没有路由把该类事项送到此目标")
    return Decision(target.number, True, f"{verdict.reason}；按路由“{route.name}”")


def matches(route: Route, subject: Subject) -> bool:
    """True if the route asks for items like this one."""
    asked = (
        (route.audiences, subject.audience),
        (route.categories, (subject.category,)),
        (route.sub_items, (subject.sub_item,)),
        (route.departments, (subject.department,)),
    )
    return all(not wanted or set(wanted) & set(has) for wanted, has in asked)


def aims_at(route: Route, target: Target) -> bool:
    """True if the route names this target, by 编号 or by audience."""
    return target.number in route.targets or target.audience in route.target_audiences
