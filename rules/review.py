"""Review (保密审查) item by item: who must conclude what before an item may leave, and when a review is void.

Sources: 保守国家秘密法实施条例 (2024) 第四十二条 (先审查后公开、逐项); 三审三校 as schools write it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rules.identity import plain_address
from rules.item import CLOSED, MAY_OPEN, Entry, Review

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
SEEN = ("title", "doc_no", "summary", "body", "disclosure", "inner_reason", "notice_from", "notice_to")


def same_text(before: Any, entry: Entry) -> bool:
    """True if nothing that a reviewer saw has changed; `before` has the fields of the version she saw."""
    plain = all((getattr(before, name) or "") == (getattr(entry, name) or "") for name in SEEN)
    # A site that goes over to https shows the same page.
    linked = plain_address(before.url) == plain_address(entry.url)
    there = [(each["name"], plain_address(each["url"])) for each in before.attachments]
    carried = [(each.name, plain_address(each.url)) for each in entry.attachments]
    return plain and linked and list(before.audience) == list(entry.audience) and there == carried


def is_void(before: Review | None, now: Review | None) -> bool:
    """True if the review beside a changed text is the very one that was made of the text before it."""
    if before is None or now is None or now.kind != BY_ITEM:
        return False
    return before == now
