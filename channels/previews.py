"""Who opens a link without a person: robots, and the programs that fetch a link's title and picture for a chat.

A person in an app's own browser is a person: MicroMessenger, QQ/ and wxwork in a user agent say which app, not what.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Parts of user agents, in small letters, with where each is known from.
ROBOTS: Mapping[str, str] = {
    # chats: the title and picture below a link
    "mpcrawler": "WeChat's crawler: https://developers.weixin.qq.com/miniprogram/dev/framework/search/seo.html",
    "qq-url-manager": "QQ looks at a link before it shows it: seen in public access logs, no vendor page",
    "dingtalkbot": "DingTalk's link cards: seen in public lists, no vendor page",
    "facebookexternalhit": "https://developers.facebook.com/docs/sharing/webmasters/web-crawlers (Apple's chats send it too)",
    "whatsapp/": "https://github.com/monperrus/crawler-user-agents",
    "skypeuripreview": "https://github.com/monperrus/crawler-user-agents",
    "embedly": "https://github.com/monperrus/crawler-user-agents",
    "preview": "whatever calls itself a preview; WeCom has published no name for what fetches its cards",
    # search engines and other crawlers: they name themselves (RFC 9309 asks for it)
    "bot": "Googlebot, bingbot, TelegramBot, Slackbot, Discordbot, Twitterbot, Applebot …",
    "spider": "Baiduspider, 360Spider, Sogou web spider, YisouSpider, Bytespider …",
    "crawl": "whatever calls itself a crawler",
    "slurp": "https://help.yahoo.com/kb/SLN22600.html",
    "scan": "security scanners of mail gateways and campus networks",
    "monitor": "uptime watchers",
    "headless": "a browser nobody looks at",
    # programs: no browser at all
    "curl/": "", "wget/": "", "python-": "", "aiohttp": "", "httpx": "", "go-http-client": "", "java/": "",
    "okhttp": "an app's own library, not its browser", "apache-httpclient": "", "libwww": "", "node-fetch": "", "axios/": "",
}  # fmt: skip
#: Headers by which a browser says that nobody has opened the page yet.
#: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Purpose
FETCHED_AHEAD = ("Purpose", "X-Purpose", "Sec-Purpose", "X-Moz")
_AHEAD = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
#: A phone's maker in its name is no robot.
_PHONE = re.compile(r"cubot", re.IGNORECASE)


def by_a_person(agent: str, headers: Mapping[str, str]) -> bool:
    """True if a person seems to have opened a link; who names no browser is none."""
    if any(_AHEAD.search(value) for name, value in headers.items() if name.title() in FETCHED_AHEAD):
        return False
    told = _PHONE.sub("", agent).lower()
    return bool(told.strip()) and not any(part in told for part in ROBOTS)
