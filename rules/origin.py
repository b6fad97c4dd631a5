"""Where a placement or a push comes from: figures of unlike origin stand under their own names."""

from __future__ import annotations

#: The bot sent it.
BOT = "bot"
#: A person sent, posted or said it, before or beside the bot, and wrote it down.
BOOKED = "booked"
#: Their words.
ORIGINS = {BOT: "自动推送", BOOKED: "人工补录"}
