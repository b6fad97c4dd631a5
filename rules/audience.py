"""Who may see an item (受众范围), and the fence that no push crosses.

Source: 《高等学校信息公开办法》(教育部令第29号) 第八条 (公开范围).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

PUBLIC = "社会"
SCHOOL = "校内"
#: The exposure of a channel that only reminds the people on duty: no item is permitted there, whatever its audience.
REMINDERS_ONLY = "只收提醒"


@dataclass(frozen=True)
class Audiences:
    """The school's audience nodes; a node may have several parents (2020级信息系学生 lies in 学生 and in 信息系)."""

    parents: Mapping[str, tuple[str, ...]]

    @cached_property
    def above(self) -> dict[str, frozenset[str]]:
        """Every node with itself and all the nodes it lies below; raises ValueError on a cycle or an unknown parent."""
        return {node: frozenset(self._climb(node, ())) for node in self.parents}

    def _climb(self, node: str, path: tuple[str, ...]) -> set[str]:
        if node in path:
            raise ValueError(f"受众 {' → '.join((*path, node))} 互为上级，请检查 school.toml 的 [audiences]")
        if node not in self.parents:
            raise ValueError(
                f"受众“{path[-1] if path else node}”的上级“{node}”没有定义，请补进 school.toml 的 [audiences]"
            )
        found = {node}
        for parent in self.parents[node]:
            found |= self._climb(parent, (*path, node))
        return found

    def knows(self, node: str) -> bool:
        """True if the school has defined this audience."""
        return node in self.parents

    def inside(self, node: str, scope: Iterable[str]) -> bool:
        """True if `node` is at or below any node of `scope`; an unknown node lies inside nothing."""
        return not self.above.get(node, frozenset()).isdisjoint(scope)

    def counting_class(self, scope: Iterable[str]) -> str:
        """The one class an item is counted under: 社会 if anyone may read it, else 校内."""
        return PUBLIC if PUBLIC in scope else SCHOOL


@dataclass(frozen=True)
class Verdict:
    """What the fence says of one item and one target, with the reason in words."""

    permitted: bool
    reason: str


def fence(audiences: Audiences, scope: Iterable[str], audience: str, exposure: str | None) -> Verdict:
    """Permit only if the target's audience and the channel's exposure both lie inside the item's scope.

    `exposure` is who can read a channel whatever its target (an official-account article: 社会), None if only the target.
    """
    if exposure == REMINDERS_ONLY:
        return Verdict(False, "该渠道只用于提醒值班人员，条目一律不经它推送")
    nodes = tuple(scope)
    words = "、".join(nodes) or "未填写"
    if not nodes:
        return Verdict(False, "受众范围未填写，不得推送")
    if not audiences.inside(audience, nodes):
        return Verdict(False, f"受众范围为{words}，该目标面向{audience}，超出范围")
    if exposure is not None and not audiences.inside(exposure, nodes):
        return Verdict(False, f"受众范围为{words}，该渠道{exposure}均可阅读，超出范围")
    return Verdict(True, f"受众范围为{words}，该目标面向{audience}，在范围内")
