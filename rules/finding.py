"""What a self-check (自检) says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of 自检: which setting, what is wrong (or fine), and the fix."""

    key: str
    ok: bool
    text: str
    fix: str = ""
