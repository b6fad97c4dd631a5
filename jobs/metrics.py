"""What each figure of reach is called, and its unit: of a target its people, of a push its readers, clicks or copies."""

from __future__ import annotations

from channels import TO_PERSONS
from jobs.tallies import Reach
from rules.place import WEBSITE
from rules.states import Basis

#: A metric's name and unit: of targets (each one's latest), and of pushes (each one's latest).
_OF_TARGETS = {"应达": ("群成员合计", "人"), "关注": ("关注人数", "人")}
_OF_PERSONS = {**_OF_TARGETS, "应达": ("接收人数合计", "人")}
_OF_PUSHES = {
    "应达": ("应达合计", "人次"), "提交": ("提交合计", "人次"), "送达": ("送达合计", "人次"), "阅读": ("阅读合计", "人次"),
    "点击": ("点击合计", "次"), "份": ("发放份数", "份"), "场": ("会议或播放场数", "场"), "人次": ("现场人次", "人次"),
    "处": ("张贴处数", "处"),
}  # fmt: skip
#: A site's own counter counts visits (次), not readers.
_OF_PAGES = {**_OF_PUSHES, "阅读": ("网页访问合计", "次")}


def metric_of(each: Reach, channel: str) -> tuple[str, str]:
    """What a figure of reach is called, and its unit."""
    words = (_OF_PAGES if channel == WEBSITE else _OF_PUSHES) if each.of_pushes else _OF_TARGETS
    words = _OF_PERSONS if words is _OF_TARGETS and channel in TO_PERSONS else words
    return words.get(each.metric, (each.metric, ""))


def by_receipt(figure: Reach) -> bool:
    """True of 送达 that receipts prove: it is counted in deliveries, the rest in figures that were read."""
    return figure.of_pushes and figure.metric == "送达" and figure.basis in (Basis.HANDSET, Basis.PERSON)
