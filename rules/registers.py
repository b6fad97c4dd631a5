"""What the report says of registers that no push can give; None: nobody opened that register, so that nothing is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Applications:
    """依申请公开 (件): 上期结转 + 新收 = 办结 + 结转; `by_answer` adds up to 办结."""

    carried_in: int
    received: int
    answered: int
    carried_out: int
    late: int
    #: Of those late: still without an answer.
    late_open: int
    by_answer: Mapping[str, int]
    #: 元.
    fees: float
    waived: float

    @property
    def holds(self) -> bool:
        """False: the report says 未核对."""
        balanced = self.carried_in + self.received == self.answered + self.carried_out
        return balanced and sum(self.by_answer.values()) == self.answered


@dataclass(frozen=True, kw_only=True)
class Registers:
    """Every register of a span."""

    applications: Applications | None = None
    #: 不予公开 by ground (条).
    closed: Mapping[str, int] | None = None
    #: 评议意见 (条), the mean of the 评分 that were given, and surveys (份): handed out, came back, satisfied.
    opinions: int | None = None
    score: float | None = None
    surveys: tuple[int, int, int] | None = None
    #: 件.
    complaints: int | None = None
    reviews: int | None = None
    lawsuits: int | None = None
    #: 咨询 (次) by way.
    inquiries: Mapping[str, int] | None = None
    #: 征求意见: 次, opinions received and adopted (条).
    consultations: tuple[int, int, int] | None = None
    #: What persons handed out, held or posted: kind of place → 份|场|人次|处 → how many.
    by_hand: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    #: 培训: 次 and 人次; 制度: 项.
    trainings: tuple[int, int] | None = None
    rules_made: int | None = None

    @property
    def holds(self) -> bool:
        """False: a register contradicts itself."""
        return self.applications is None or self.applications.holds
