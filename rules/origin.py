"""Where a placement or a push comes from: figures of unlike origin stand under their own names."""

from __future__ import annotations

from rules.place import WEBSITE

#: The bot sent it.
BOT = "bot"
#: A person sent, posted or said it, before or beside the bot, and wrote it down.
BOOKED = "booked"
#: Their words.
ORIGINS = {BOT: "自动推送", BOOKED: "人工补录"}


def origin_shown(origin: str, channel: str) -> str:
    """The word for where a placement or a push comes from: on the school's own site nobody has booked it by hand."""
    return "网站登载" if origin == BOOKED and channel == WEBSITE else ORIGINS.get(origin, origin)
