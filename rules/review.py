"""Review (保密审查) item by item: who must conclude what before an item may leave, and when a review is void.

Sources: 保守国家秘密法实施条例 (2024) 第四十二条 (先审查后公开、逐项); 三审三校 as schools write it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rules.addresses import one_address
from rules.item import CLOSED, MAY_OPEN, OPEN, REFUSALS, Entry, Review, conclusion_of

RETURNED = "退回"
#: A review made by the bot's own queue.
BY_ITEM = "逐项审查"
#: What each review of a school concludes that asks for one, two or three (三审); only the last one lets an item go.
CHAINS: dict[int, tuple[str, ...]] = {1: (MAY_OPEN,), 2: ("初审通过", MAY_OPEN), 3: ("初审通过", "复审通过", MAY_OPEN)}
#: What the steps before the last conclude.
STEPS = tuple(sorted({step for chain in CHAINS.values() for step in chain[:-1]}))
#: What a person writes in the queue's sheet.
WORDS = (MAY_OPEN, RETURNED, CLOSED)
#: Which review comes next, as people call it.
NAMES = {1: ("审查",), 2: ("初审", "终审"), 3: ("初审", "复审", "终审")}


def step_of(last: Review | None, reviews: int) -> int:
    """Which review comes next, from 0."""
    chain = CHAINS[reviews]
    return chain.index(last.conclusion) + 1 if last is not None and last.conclusion in chain[:-1] else 0


def same_person(steps: Iterable[Review], reviewer: str) -> bool:
    """True if one of the earlier reviewers would review again: 三审 means several pairs of eyes."""
    return any(each.reviewer == reviewer for each in steps)


#: What a reviewer has before her. A change of anything else leaves her review good.
SEEN = ("title", "doc_no", "summary", "body", "disclosure", "inner_reason")
#: These as well, where they are the source's own and not read from the text itself.
TERM = ("notice_from", "notice_to")


def same_text(before: Any, entry: Entry) -> bool:
    """True if nothing that a reviewer saw has changed; `before` has the fields of the version she saw."""
    names = SEEN if entry.term_read else (*SEEN, *TERM)
    plain = all((getattr(before, name) or "") == (getattr(entry, name) or "") for name in names)
    # A site that goes over to https, or from a script to files, shows the same page.
    linked = one_address(before.url) == one_address(entry.url)
    there = [(each["name"], one_address(each["url"])) for each in before.attachments]
    carried = [(each.name, one_address(each.url)) for each in entry.attachments]
    return plain and linked and list(before.audience) == list(entry.audience) and there == carried


def contrary(before: Any, entry: Entry, inside: Callable[[str, Iterable[str]], bool]) -> str:
    """What another source says against disclosing an item as far as its own source does; empty: nothing."""
    if before.disclosure == OPEN and entry.disclosure and entry.disclosure != OPEN:
        return f"的公开属性是“{entry.disclosure}”"
    if entry.audience and any(not inside(each, entry.audience) for each in before.audience):
        return f"的受众范围只是“{'、'.join(entry.audience)}”"
    if entry.review is not None and conclusion_of(entry.review.conclusion) in REFUSALS:
        return f"的审查结论是“{entry.review.conclusion}”"
    return ""


def outweighs(before: Review | None, now: Review | None) -> bool:
    """True if a person's 退回 or refusal of this very item stands against a 栏目审核: a standing word never undoes it."""
    if before is None or now is None or now.kind == BY_ITEM:
        return False
    return before.kind == BY_ITEM and conclusion_of(before.conclusion) in REFUSALS


def is_void(before: Review | None, now: Review | None) -> bool:
    """True if the review beside a changed text is the one that was made of the text before it, or an older one still.

    An old copy of a register brings back old texts with the reviews of that time.
    """
    if before is None or now is None or now.kind != BY_ITEM:
        return False
    return before == now or (before.on is not None and now.on is not None and now.on < before.on)
