"""Judge: what nobody can find out is decided by a person, for a whole push or for one of its persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from channels.base import Resolution
from jobs.office import Office
from jobs.settle import settle_together
from rules.outcome import Outcome
from rules.privacy import masked
from rules.states import Basis
from store import deliveries, doubts, facts
from store.doubts import Doubt, Doubtful

#: A person's judgment on what is in doubt.
JUDGMENTS = {
    "delivered": Resolution(outcome=Outcome.DELIVERED, reason="人工核实：已发出", basis=Basis.POSTED),
    "resend": Resolution(outcome=Outcome.UNAVAILABLE, reason="人工核实：没有发出，重新发送"),
    "drop": Resolution(outcome=Outcome.REFUSED, reason="人工决定：不再发送", still_unknown=True),
}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a judgment came to: of how many addresses (人次), and how many of the push are still in doubt.

    `why_not`: nothing has changed, and why; `alike`: whom the person's words may mean, masked.
    """

    why_not: str = ""
    alike: tuple[str, ...] = ()
    judged: int = 0
    left: int = 0


def in_doubt(office: Office, push_id: int | None = None) -> list[Doubt]:
    """The pushes whose end nobody knows, or this one; oldest first."""
    with office.db.read() as conn:
        return doubts.listed(conn, push_id)


def judge(office: Office, push_id: int, judgment: str, person: str, whom: str = "") -> Judged:
    """Settle all of a push that is in doubt by a person's word, or only `whom`: an address, or the signs it ends with."""
    doubt = next(iter(in_doubt(office, push_id)), None)
    if doubt is None:
        return Judged(why_not="没有结果待定的接收人")
    meant = _meant(office, doubt, whom) if whom else doubt.persons
    if not meant or (whom and len(meant) > 1):
        why = "结果待定的接收人中有几人符合" if meant else "结果待定的接收人中没有此人"
        return Judged(why_not=why, alike=tuple(masked(each.address) for each in meant))
    moved = _settle(office, doubt, meant, judgment, person)
    left = len(doubt.persons) - moved
    return Judged(judged=moved, left=left) if moved else Judged(why_not="结果刚刚已由公开达查明")


def _meant(office: Office, doubt: Doubt, whom: str) -> Sequence[Doubtful]:
    """Whom a person means: the whole address, as it is or sealed; else who ends so."""
    text = whom.strip().lower().lstrip("…*.")
    spelt = {text, office.kept(doubt.channel, whom.strip()).lower()}
    whole = [each for each in doubt.persons if each.address.lower() in spelt]
    return whole or [each for each in doubt.persons if text and each.address.lower().endswith(text)]


def _settle(office: Office, doubt: Doubt, meant: Sequence[Doubtful], judgment: str, person: str) -> int:
    """One commit: where each of them stands, and who said so, when, and having seen what."""
    found, wanted = JUDGMENTS[judgment], {each.delivery_id for each in meant}
    channel = office.channels.get(doubt.channel)
    if found.basis and channel is not None and channel.limits.person:  # nobody has seen it in a group
        found = replace(found, basis=Basis.BY_HAND)
    with office.db.read() as conn:
        rows = [each for each in deliveries.uncertain_of(conn, doubt.push_id) if each.id in wanted]
    alone = f"，接收人 {masked(meant[0].address)}" if len(meant) < len(doubt.persons) else ""

    def record(conn: Connection) -> None:
        facts.record_act(
            conn, person=person, act=f"判断 {judgment}", subject=f"推送 {doubt.push_id}{alone}",
            reason=f"{found.reason}（{len(rows)} 人次）", digest=doubt.digest, now=office.now(),
        )  # fmt: skip

    return settle_together(office, doubt.channel, [(each, found) for each in rows], person, record)
