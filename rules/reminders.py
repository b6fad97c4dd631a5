"""Reminders to the people on duty by addresses that stand in .env under a name, and which of those stay on this machine."""

from __future__ import annotations

import re

#: The kind of channel that carries them; no item ever goes through it (rules.audience.REMINDERS_ONLY).
ALARM_URL = "alarm_url"
HERE_ONLY = (
    "试运行时只能用 json://、xml://、form:// 指向 127.0.0.1 的地址，如 json://127.0.0.1:9009/alarm；"
    "确认正式启用后在 .env 中写 XXGK_LIVE=1"
)
#: No user, no second address behind a comma or a blank.
_HERE = re.compile(r"(?:json|xml|form)://(?:127\.0\.0\.1|localhost)(?::\d{1,5})?(?:[/?][^\s,;]*)?")


def is_here(url: str) -> bool:
    """True for a reminder's address that cannot leave this machine."""
    return _HERE.fullmatch(url.strip()) is not None
