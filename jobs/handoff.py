"""Hand-offs (交办): what a person must post, read out or hand out; done, dropped, or late and chased."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from channels.base import Resolution
from jobs.office import Office
from jobs.settle import Also, settle_resolution
from rules.dates import SHANGHAI, day_of
from rules.outcome import Outcome
from rules.place import BY_HAND, deadline_of, why_no_amount, why_not_then, within
from rules.states import Basis, Status
from store import deliveries, facts, handoffs, reach
from store.handoffs import HandOff

#: Where a proof is kept, below var/.
PROOFS = "办理凭证"
MOST_BYTES = 50 * 1024 * 1024
#: How reach is known that a person has counted.
REPORTED = "人工填报"
#: So many late ones are named in one alarm.
NAMED = 3


class Refused(Exception):
    """It cannot be written down; which column is wrong, if one is, and what to do."""

    def __init__(self, text: str, column: str = "") -> None:
        super().__init__(text)
        self.column = column


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What a person says was done: who, when, where, how much."""

    by: str
    at: datetime
    place: str = ""
    amount: int | None = None
    unit: str = ""
    note: str = ""
    proof: Path | None = None

    def checked(self, now: datetime, made_at: datetime | None = None) -> datetime:
        """The moment that counts; raises Refused."""
        if not self.by.strip():
            raise Refused("没有写明由谁办理", "办理人")
        if why := why_not_then(self.at, now, made_at):
            raise Refused(why, "办理时间")
        if why := why_no_amount(self.amount, self.unit):
            raise Refused(why, "单位" if self.amount is not None and why.startswith("单位") else "数量")
        return within(self.at, now, made_at)

    def words(self, done_at: datetime) -> str:
        """What the log says of it."""
        where = f"在{self.place}" if self.place else ""
        counted = f"，{self.amount} {self.unit}" if self.amount is not None else ""
        return f"{self.by} {done_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} {where}办理{counted}"


@dataclass(frozen=True)
class Open:
    """An open hand-off, who answers for it and until when."""

    what: HandOff
    person: str
    deadline: date
    overdue: bool


def list_open(office: Office) -> list[Open]:
    """What persons still have to do: overdue first, then by deadline."""
    with office.db.read() as conn:
        found = [_open(office, each) for each in handoffs.find(conn, BY_HAND)]
    return sorted(found, key=lambda each: (not each.overdue, each.deadline, each.what.push_id))


def _open(office: Office, each: HandOff) -> Open:
    known = office.school.targets.get(each.target)
    person = (known.owner if known else "") or str(each.payload.get("person", "")) or each.target_name
    setting = office.school.channels.get(BY_HAND)
    deadline = deadline_of(each.made_at, int(setting.options.get("days", 3)) if setting else 3)
    return Open(each, person, deadline, day_of(office.now()) > deadline)


def one(office: Office, push_id: int) -> HandOff:
    """The hand-off of this number, whatever became of it; raises Refused if there is none."""
    with office.db.read() as conn:
        found = handoffs.find(conn, BY_HAND, push_id=push_id)
    if not found:
        raise Refused(f"没有编号为 {push_id} 的交办。可用  python bot.py hand-off  查看")
    return found[0]


def finish(office: Office, push_id: int, deed: Deed, folder: Path, recorded_by: str) -> datetime:
    """Write down that it was done; returns the moment that counts, see `within`.

    Raises Refused if it is not open, or if something in the deed cannot be.
    """
    what = _still_open(office, push_id)
    now = office.now()
    done_at = deed.checked(now, what.made_at)
    proof = keep_proof(deed.proof, folder) if deed.proof else ("", "")

    def also(conn: Connection) -> None:
        write_down(conn, what.delivery_id, deed, done_at, proof, recorded_by, now)
        count(conn, BY_HAND, what.target, push_id, deed, done_at, now)
        handoffs.date_back(conn, push_id, done_at)
        facts.record_act(conn, person=recorded_by, act="办理登记", subject=f"推送 {push_id}", now=now, digest=proof[1])

    found = Resolution(outcome=Outcome.DELIVERED, reason=deed.words(done_at), basis=Basis.BY_HAND)
    _settle(office, what, found, deed.by, also)
    return done_at


def drop(office: Office, push_id: int, person: str, reason: str) -> None:
    """It will not be done; raises Refused if it is not open, or without a reason."""
    if not reason.strip():
        raise Refused("请写明不再办理的原因：--reason 原因")
    what, now = _still_open(office, push_id), office.now()

    def also(conn: Connection) -> None:
        facts.clear_alarm(conn, f"失败:{push_id}", now)  # a person's own word is no news to persons
        subject = f"推送 {push_id}"
        facts.record_act(conn, person=person, act="不再办理", subject=subject, reason=reason, now=now)

    found = Resolution(outcome=Outcome.REFUSED, reason=f"{person} 决定不再办理：{reason}")
    _settle(office, what, found, person, also)


def _still_open(office: Office, push_id: int) -> HandOff:
    what = one(office, push_id)
    if what.is_open:
        return what
    with office.db.read() as conn:
        done = handoffs.done_by(conn, push_id)
    raise Refused(
        f"交办 {push_id} 已经登记过，没有改动：{what.reason}" if done else f"交办 {push_id} 已不在办理中：{what.reason}"
    )


def _settle(office: Office, what: HandOff, found: Resolution, said_by: str, also: Also) -> None:
    with office.db.read() as conn:
        delivery = deliveries.get(conn, what.delivery_id)
    assert delivery is not None
    wanted = Status.DELIVERED if found.outcome is Outcome.DELIVERED else Status.FAILED
    if settle_resolution(office, BY_HAND, delivery, found, said_by[:100], also=also) is not wanted:
        raise Refused(f"交办 {what.push_id} 刚刚已由他人登记，没有改动")


def write_down(
    conn: Connection, delivery_id: int, deed: Deed, done_at: datetime, proof: tuple[str, str], recorded_by: str, now: datetime
) -> None:  # fmt: skip
    """The row that says what a person did."""
    row = {
        "delivery_id": delivery_id, "done_at": done_at, "done_by": deed.by[:100], "place": deed.place[:200],
        "amount": deed.amount, "unit": deed.unit, "proof": proof[0][:500], "proof_sha256": proof[1], "note": deed.note,
        "recorded_by": recorded_by[:100], "recorded_at": now,
    }  # fmt: skip
    handoffs.record(conn, row)


def count(
    conn: Connection, channel: str, target: str, push_id: int, deed: Deed, done_at: datetime, now: datetime
) -> None:  # fmt: skip
    """What was counted becomes a figure of its own name; what nobody counted becomes none."""
    if deed.amount is None:
        return
    sample = {
        "channel": channel, "target": target, "push_id": push_id, "metric": deed.unit, "value": deed.amount,
        "basis": REPORTED, "true_at": done_at, "known_at": now,
    }  # fmt: skip
    reach.add(conn, sample)


def keep_proof(path: Path, folder: Path) -> tuple[str, str]:
    """Copy a file under its hash, so that nobody changes it unseen; its name and its sha256. Raises Refused, OSError."""
    if path.stat().st_size > MOST_BYTES:
        raise Refused(f"凭证“{path.name}”超过 {MOST_BYTES // 1024 // 1024} MB，请缩小后再登记", "凭证")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    kept = folder / PROOFS / f"{digest}{path.suffix.lower()[:10]}"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        half = kept.with_suffix(".tmp")
        shutil.copyfile(path, half)
        half.replace(kept)
    return path.name, digest


def chase(office: Office, now: datetime) -> int:
    """Tell the people on duty of what is late: one alarm a day for each who answers. Returns how many are new."""
    if BY_HAND not in office.channels:
        return 0
    late: dict[str, list[Open]] = {}
    for each in list_open(office):
        if each.overdue:
            late.setdefault(each.person, []).append(each)
    wanted = {f"{handoffs.LATE}{day_of(now)}:{person[:100]}": (person, many) for person, many in late.items()}
    with office.db.read() as conn:
        there = facts.open_alarms(conn, handoffs.LATE)
    if there == wanted.keys():
        return 0
    with office.db.write() as conn:
        handoffs.clear_late(conn, there - wanted.keys(), now)
        return sum(facts.raise_alarm(conn, subject, _late_words(*words), now) for subject, words in wanted.items())


def _late_words(person: str, many: Sequence[Open]) -> str:
    """By number: the titles stand in `hand-off`, for a reminder may be read by more people than they are meant for."""
    which = "；".join(f"交办 {e.what.push_id}（{e.what.target_name}，应于 {e.deadline} 前办结）" for e in many[:NAMED])
    return f"{person} 有 {len(many)} 件交办逾期：{which}。办好后登记：python bot.py hand-off done 编号"
