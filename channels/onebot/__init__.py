"""QQ群, through an implementation of OneBot v11 over HTTP that the school runs itself.

Specification: https://github.com/botuniverse/onebot-11 (api/public.md, communication/http.md). Implementations differ:
NapCat (https://github.com/NapNeko/NapCatQQ) answers HTTP 200 with retcode 200 both to an unknown action and to a
failed one, so nothing here rests on one number. A third-party QQ client may get its account banned.
"""

from channels.onebot.channel import OneBot

__all__ = ["OneBot"]
