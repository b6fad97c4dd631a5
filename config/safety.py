"""Nothing may leave this machine before a school has said so: every address that is set is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from rules.reminders import ALARM_URL, HERE_ONLY, is_here
from rules.school import School

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def away(school: School, live: bool, without: Iterable[str]) -> list[str]:
    """Without XXGK_LIVE=1 every channel must point at this machine, but for those `without` an address."""
    if live:
        return []
    asked = [c for c in school.channels.values() if c.name not in without]
    places = [(f"channels.{c.name}", c.api_base) for c in asked]
    places += [(f"channels.{c.name}{where}", url) for c in asked for where, url in _further(c.options)]
    fix = "试运行时请指向本机演练环境（python bot.py sandbox）；确认正式启用后在 .env 中写 XXGK_LIVE=1"
    return [f"school.toml 的 {key}.api_base 指向本机以外。{fix}" for key, url in places if not _is_here(url)]


def _further(given: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every other api_base below a channel's own keys, and where it stands."""
    pairs = given.items() if isinstance(given, Mapping) else enumerate(given, 1) if isinstance(given, list) else ()
    for key, value in pairs:
        if key == "api_base":
            yield where, str(value)
        else:
            yield from _further(value, f"{where}.{key}")


def _is_here(url: str) -> bool:
    try:
        return urlsplit(url).hostname in LOOPBACK
    except ValueError:
        return False


def short_links_away(school: School, live: bool) -> list[str]:
    """Where the short links lead to must be ours and reachable: https, and not this machine once pushes leave it."""
    if not school.short_links:
        return []
    where, key = urlsplit(school.short_links), "school.toml 的 school.short_links"
    example = "请写公开域名下转发到本机 /s/ 的地址，如 https://www.example.edu.cn/s；不用短链接就删去这一项"
    if not where.hostname or where.query or where.fragment or where.username or where.password:
        return [f"{key}：不是完整的地址。{example}"]
    here = where.hostname in LOOPBACK
    if where.scheme != "https" and not (here and where.scheme == "http"):
        return [f"{key}：应以 https:// 开头。{example}"]
    return [f"{key}：指向本机，收到的人打不开。{example}"] if live and here else []


def reminders_away(school: School, env: Mapping[str, str]) -> list[str]:
    """Without XXGK_LIVE=1 a reminder's address must point at this machine too; it is a secret and not repeated."""
    names = [target.address for target in school.targets.values() if target.channel == ALARM_URL]
    return [f".env 的 {name}：指向本机以外。{HERE_ONLY}" for name in names if env.get(name) and not is_here(env[name])]
