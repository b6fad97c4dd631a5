"""Review: a person concludes on one version of an item; who, when, on what basis and the hash of what was seen are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from jobs.office import Office
from rules.dates import day_of
from rules.item import CLOSED, CONSENTS, MAY_OPEN, REFUSALS, Review, conclusion_of
from rules.naming import named
from rules.reminders import to_department
from rules.review import BY_ITEM, CHAINS, NAMES, RETURNED, WORDS, same_person, step_of
from store import facts, items, reviews, scans
from store.reviews import Waiting


class Refused(Exception):
    """A review that cannot be taken as it is: the column it concerns and why, in words for the office.

    `others`: what else is wrong, each column and why.
    """

    def __init__(self, column: str, text: str, *others: tuple[str, str]) -> None:
        super().__init__("；".join([text, *(f"“{name}”列：{why}" for name, why in others)]))
        self.column = column


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """What a reviewer says of one item."""

    word: str
    reviewer: str
    #: On what basis; of a 退回 or 不予公开 the reason.
    basis: str = ""
    #: Why what the guard found may be disclosed all the same; empty: it is not released.
    release: str = ""
    #: What she was told that the guard had found; None: what it says now.
    guard: str | None = None

    def knows(self, found: str) -> bool:
        """True if what the guard has found is what she had before her when she released it."""
        return self.guard is None or "".join(self.guard.split()) == "".join(found.split())


def queue(office: Office) -> list[tuple[Waiting, str, str]]:
    """Each version that waits, which review comes next, and what the guard says of it."""
    with office.db.read() as conn:
        found = reviews.waiting(conn)
        looked = scans.of_versions(conn, [each.version_id for each in found])
    names, says = NAMES[office.school.reviews], {n: each.words for n, each in looked.items()}
    return [
        (each, names[step_of(each.last, office.school.reviews)], says.get(each.version_id, scans.UNSEEN))
        for each in found
    ]


def conclude(office: Office, item_id: int, seen: str, said: Conclusion, person: str) -> str:
    """Write down one conclusion; returns what it came to. `seen` is the mark of what the reviewer had before her.

    Raises Refused: nothing of it is kept then.
    """
    now = office.now()
    said = replace(said, word=_as_concluded(said.word))
    with office.db.write() as conn:
        version = next(iter(reviews.waiting(conn, item_id)), None)
        if version is None:
            raise Refused("编号", f"条目 {item_id} 不在待审之列：已审查、已停止，或编号有误")
        if seen != version.mark:
            raise Refused("版本", "清单写出之后条目又有变化，这一行没有登记，请按新的内容重新审查")
        _check(said)
        chain, step = CHAINS[office.school.reviews], step_of(version.last, office.school.reviews)
        if same_person(reviews.of_version(conn, version.version_id), said.reviewer):
            raise Refused("审查人", f"{said.reviewer}已审过这一条，{NAMES[office.school.reviews][step]}须由另一人进行")
        conclusion = chain[step] if said.word == MAY_OPEN else said.word
        review = Review(said.reviewer, conclusion, day_of(now), said.basis, BY_ITEM)
        items.add_review(conn, version.version_id, review, version.digest, by=person, now=now)
        facts.record_act(
            conn, person=person, act="审查", subject=f"条目 {item_id}", reason=f"{conclusion} {said.basis}".strip(),
            digest=version.digest, now=now,
        )  # fmt: skip
        return _after(conn, office, version, review, said, person, now)


def _as_concluded(word: str) -> str:
    """The words that a register may use are understood here too: 同意 is 可以公开, 不同意 is 不予公开."""
    plain = conclusion_of(word)
    if plain in CONSENTS:
        return MAY_OPEN
    return CLOSED if plain in REFUSALS and plain != RETURNED else word


def _check(said: Conclusion) -> None:
    """Raises Refused with everything that is wrong."""
    if wrong := list(_wrong(said)):
        raise Refused(*wrong[0], *wrong[1:])


def _wrong(said: Conclusion) -> Iterator[tuple[str, str]]:
    if not said.word:
        yield "审查结论", "未填写，请补上"
    elif said.word not in WORDS:
        yield "审查结论", f"“{said.word[:20]}”应为其中之一：{'、'.join(WORDS)}"
    if not said.reviewer:
        yield "审查人", "未填写，请补上"
    if said.word in WORDS and said.word != MAY_OPEN and not said.basis:
        yield "审查依据", f"{said.word}须写明理由，责任部门据此修改"


def _after(
    conn: Connection, office: Office, version: Waiting, review: Review, said: Conclusion, person: str, now: datetime
) -> str:
    """What a conclusion brings with it: the day of approval, the release, a word to the department."""
    item = f"条目 {version.item_id}"
    if said.word == RETURNED:
        text = f"{named(version.item_id, version.title)}已退回{version.department}：{said.basis}。修改后重新登记，将再次送审"
        number = office.school.departments.get(version.department, "")
        facts.raise_alarm(conn, to_department(number, f"退回:{version.version_id}"), text, now)
        return f"{item} 已退回{version.department}：{said.basis}"
    if said.word != MAY_OPEN:
        return f"{item} 审查结论为{review.conclusion}，不推送"
    if review.conclusion != MAY_OPEN:
        step = NAMES[office.school.reviews][step_of(review, office.school.reviews)]
        return f"{item} {review.conclusion}，等待{step}"
    reviews.approved_on(conn, version.version_id, day_of(now))
    held = scans.of_versions(conn, [version.version_id]).get(version.version_id)
    if held is None or not held.found or held.released_at is not None:
        return f"{item} 可以公开"
    if said.release and not said.knows(held.words):
        return f"{item} 可以公开，但清单写出之后保密检查又有发现，放行没有登记，仍暂停推送；核对后放行：python bot.py guard"
    if not said.release:
        return (
            f"{item} 可以公开，但保密检查有发现，仍暂停推送；核对后放行：python bot.py guard release {version.item_id} --reason 理由"
        )
    scans.release(conn, version.version_id, said.reviewer, said.release, now)
    facts.clear_alarm(conn, f"检查:{version.item_id}", now)
    return f"{item} 可以公开，检查发现的 {len(held.found)} 处已放行"


def release(office: Office, item_id: int, person: str, why: str) -> int:
    """A person has looked at what the guard found and lets the item pass. Returns how many findings; 0: none held it."""
    now = office.now()
    with office.db.write() as conn:
        held = next((each for each in scans.held(conn) if each.item_id == item_id), None)
        if held is None or not scans.release(conn, held.version_id, person, why, now):
            return 0
        facts.clear_alarm(conn, f"检查:{item_id}", now)
        seen = "；".join(map(str, held.found))
        facts.record_act(conn, person=person, act="放行", subject=f"条目 {item_id}", reason=f"{why}（{seen}）", now=now)
    return len(held.found)
