"""Reminders: whom they are for, and which addresses of people on duty (in .env under a name) stay on this machine."""

from __future__ import annotations

import re

#: The kind of channel that carries them; no item ever goes through it (rules.audience.REMINDERS_ONLY).
ALARM_URL = "alarm_url"
HERE_ONLY = (
    "试运行时只能用 json://、xml://、form:// 指向 127.0.0.1 的地址，如 json://127.0.0.1:9009/alarm；"
    "确认正式启用后在 .env 中写 XXGK_LIVE=1"
)
#: How the subject of a reminder begins that is for a department.
DEPARTMENT = "部门:"
#: No user, no second address behind a comma or a blank.
_HERE = re.compile(r"(?:json|xml|form)://(?:127\.0\.0\.1|localhost)(?::\d{1,5})?(?:[/?][^\s,;]*)?")


def is_here(url: str) -> bool:
    """True for a reminder's address that cannot leave this machine."""
    return _HERE.fullmatch(url.strip()) is not None


def to_department(number: str, subject: str) -> str:
    """The subject of a reminder that the target with this 编号 hears before those on duty; without one, of theirs."""
    return f"{DEPARTMENT}{number}:{subject}" if number else subject


def department_of(subject: str) -> str:
    """编号 of the target that a reminder is for; empty: it is for those on duty."""
    return subject.split(":")[1] if subject.startswith(DEPARTMENT) else ""
