"""The addresses of articles: what in them names the article, and what differs wherever the platform shows it.

A full address (mp.weixin.qq.com/s?__biz=…&mid=…&idx=…&sn=…) names the msg_data_id and the place under which the
statistics know the article; a short one (/s/…) names nothing.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

#: What opens an article; chksm, scene and the fragment are of the place where the address was seen.
_NAMING = ("__biz", "mid", "idx", "sn")


def plain(address: str) -> str:
    """The address without what differs from place to place; a short one as it is."""
    if named(address) is None:
        return address
    parts = urlsplit(address)
    given = dict(parse_qsl(parts.query))
    query = urlencode([(name, given[name]) for name in _NAMING if name in given], safe="=")
    return urlunsplit(parts._replace(query=query, fragment=""))


def named(address: str) -> tuple[str, int] | None:
    """The msg_data_id and the place of the article, from 1; None if the address does not name them."""
    try:
        given = dict(parse_qsl(urlsplit(address).query))
    except ValueError:
        return None
    mid, idx = given.get("mid", ""), given.get("idx", "")
    fits = mid.isascii() and mid.isdigit() and idx.isascii() and idx.isdigit() and len(idx) < 3
    return (mid, int(idx)) if fits else None
