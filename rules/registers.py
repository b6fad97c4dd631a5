"""What the report says of registers that no push can give; None: nobody opened that register, so that nothing is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Applications:
    """依申请公开 (件): 上期结转 + 新收 = 办结 + 结转."""

    carried_in: int
    received: int
    answered: int
    carried_out: int
    late: int
    by_answer: Mapping[str, int]
    fees: float
    waived: float


@dataclass(frozen=True, kw_only=True)
class Registers:
    """Every register of a span."""

    applications: Applications | None = None
    #: 不予公开 by ground (条).
    closed: Mapping[str, int] | None = None
    #: 评议意见 (条), and surveys: handed out, came back, satisfied.
    opinions: int | None = None
    surveys: tuple[int, int, int] | None = None
    #: 件.
    complaints: int | None = None
    reviews: int | None = None
    lawsuits: int | None = None
    #: 咨询 (次) by way.
    inquiries: Mapping[str, int] | None = None
    #: 培训: 次 and 人次; 制度: 项.
    trainings: tuple[int, int] | None = None
    rules_made: int | None = None
