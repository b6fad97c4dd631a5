"""What a site's robots.txt asks of us (RFC 9309): text in, yes or no out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_LINE = re.compile(r"\s*([\w-]+)\s*:\s*([^#]*)")
_TOKEN = re.compile(r"[A-Za-z_-]+")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
#: What an address may show as it is, next to letters, digits and -._~; a % is looked at by itself.
_PLAIN = "/?:@!&'()+,;=[]%"


@dataclass(frozen=True)
class Robots:
    """The rules of the group that speaks to us: pattern and whether it allows."""

    rules: tuple[tuple[str, bool], ...] = ()

    @classmethod
    def of(cls, text: str, agent: str) -> Robots:
        """From a robots.txt; `agent` is our product token. Every group that names it counts, only where none does those of *."""
        groups: dict[str, list[tuple[str, bool]]] = {}
        for name, pattern, allows in _rules(text):
            groups.setdefault(name, []).append((pattern, allows))
        return cls(tuple(groups.get(agent.lower(), groups.get("*", ()))))

    def allows(self, url: str) -> bool:
        """True if we may read an address: the longest pattern that fits says so, an Allow where two are as long."""
        parts = urlsplit(url)
        path = _plain((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), _PLAIN)
        fitting = [(len(pattern), allows) for pattern, allows in self.rules if _fits(pattern, path)]
        return max(fitting, default=(0, True))[1]


def _rules(text: str) -> Iterator[tuple[str, str, bool]]:
    """(whom it speaks to, pattern, whether it allows) for each rule.

    The names right above some rules share them; one at the end that has none is there too, with the empty pattern.
    """
    names: list[str] = []
    ruled = False
    for line in re.split(r"\r\n?|\n", text.removeprefix("\ufeff")):
        found = _LINE.match(line)
        key, value = (found[1].lower(), found[2].strip()) if found else ("", "")
        if key == "user-agent":
            names, ruled = ([] if ruled else names) + [_named(value)], False
            yield names[-1], "", True
        elif key in ("allow", "disallow"):
            ruled = True
            pattern = _pattern(value)
            yield from ((name, pattern, key == "allow" or not pattern) for name in names)


def _named(value: str) -> str:
    """The product token of a User-agent line: xxgk-bot for XXGK-Bot/1.0."""
    found = _TOKEN.match(value)
    return found[0].lower() if found else value[:1]


def _pattern(value: str) -> str:
    """A rule's path as it is compared; a $ is its end only where it stands there."""
    end = "$" if value.endswith("$") else ""
    return _plain(value.removesuffix("$"), _PLAIN + "*") + end


def _plain(address: str, safe: str) -> str:
    """An address as it is compared: escaped the one way, nothing escaped that need not be."""
    letters = _ESCAPED.sub(lambda each: _unescaped(each[1]), address)
    return quote(letters, safe=safe, errors="replace")


def _unescaped(octet: str) -> str:
    """%7E is ~, but %2F is no / that parts a path."""
    sign = chr(int(octet, 16))
    return sign if sign.isascii() and (sign.isalnum() or sign in "-._~") else f"%{octet.upper()}"


def _fits(pattern: str, path: str) -> bool:
    """True if a path begins as the pattern says: * is any piece of it, a $ at the end its end."""
    ends = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    at, last = len(first), pieces.pop() if pieces else None
    if not path.startswith(first):
        return False
    for piece in pieces:
        at = path.find(piece, at) + len(piece)
        if at < len(piece):
            return False
    if last is None:
        return not ends or at == len(path)
    return path.endswith(last, at) if ends else path.find(last, at) >= 0
