"""Addresses as they are compared: one page is one address, however it is written."""

from __future__ import annotations

import re

_WEB = re.compile(
    r"(?P<scheme>https?)://(?P<who>[^/?#@]*@)?(?P<host>\[[^/?#\]]*\]|[^/?#:]+)(?::(?P<port>\d*))?(?P<rest>[/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_USUAL = {"http": "80", "https": "443"}


def plain_address(url: str) -> str:
    """An address as it is compared: https://WWW.Example.edu.cn:443/1.htm is www.example.edu.cn/1.htm, like http.

    What tells one page from another stays as it is: path, query, what stands behind a #. No http(s) address: as it came.
    """
    found = _WEB.fullmatch(url.strip())
    if found is None:
        return url
    port = found["port"] if found["port"] != _USUAL[found["scheme"].lower()] else ""
    rest = (found["rest"] or "").removesuffix("#")
    rest = rest if "#" in rest else rest.removesuffix("?")
    rest = rest if rest.startswith("/") else f"/{rest}"
    return f"{found['who'] or ''}{found['host'].lower()}{f':{port}' if port else ''}{rest}"


_SESSION = re.compile(r";jsessionid=[^/?#;]*", re.IGNORECASE)


def sans_session(url: str) -> str:
    """An address without the number of a visit, which servers write into links for who keeps no cookie."""
    return _SESSION.sub("", url)


#: Where a site begins on its host: most at its root, some in a folder.
_SITE = r"(?P<site>[^/?#]+(?:/[^/?#]+)*?)"
#: …/info/<column>/<article>.htm. Columns are numbered from 1001.
_STATIC = re.compile(rf"{_SITE}/info/\d{{4,}}/(?P<article>\d+)\.htm", re.ASCII)
#: …/content.jsp?urltype=news.NewsContentUrl&wbtreeid=<column>&wbnewsid=<article>; schools name the .jsp as they like.
_DYNAMIC = re.compile(rf"{_SITE}/[\w-]+\.jsp\?(?P<query>[^#]*)", re.ASCII)
_ASKED = {"urltype", "wbtreeid", "wbnewsid"}
#: …/2026/1120/c<column>a<article>/page.htm (or .psp), also below _s<site> and _t<template>; on some sites /d3/2d/c….
_DATED = re.compile(
    rf"{_SITE}(?:/_[st]\d+)*/(?P<made>\d{{4}}/\d{{4}}|[\da-f]{{2}}/[\da-f]{{2}})/c\d+a(?P<article>\d+)/page\.(?:htm|psp)",
    re.ASCII,
)


def one_address(url: str) -> str:
    """One address for all that lead to one article; any other in its plain form, without session.

    Sites serve an article as a file and by a script, and below each column that shows it. The article's number is its
    own within its site, whatever the column; sites that share a host in folders of their own number theirs anew. The
    signs * stand for what does not tell articles apart; no address of a page has them.
    """
    plain = sans_session(plain_address(url))
    if dated := _DATED.fullmatch(plain):
        return f"{dated['site']}/{dated['made']}/c*a{dated['article']}/page.*"
    if static := _STATIC.fullmatch(plain):
        return f"{static['site']}/info/*/{static['article']}.htm"
    asked = _DYNAMIC.fullmatch(plain)
    number = _asked_for(asked["query"]) if asked else ""
    return f"{asked['site']}/info/*/{number}.htm" if asked and number else plain


def _asked_for(query: str) -> str:
    """The article that a script is asked for, "" if it is asked for anything besides: another owner's, another page."""
    parts = [part.partition("=")[::2] for part in query.split("&")]
    said = dict(parts)
    content = len(said) == len(parts) and said.keys() <= _ASKED and said.get("urltype") == "news.NewsContentUrl"
    number = said.get("wbnewsid", "")
    return number if content and re.fullmatch(r"[0-9]+", number) else ""
