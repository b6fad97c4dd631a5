"""The article pages of 苏迪 WebPlus: text in, data out.

The text stands in `.wp_articlecontent`; attachments carry `sudyfile-attr`, PDFs shown in the page `pdfsrc`.
"""

from __future__ import annotations

import re
from datetime import date

from bs4 import BeautifulSoup, Tag

from sources.article import Article, check_open, files_in, first_text, looks_like_file, office_of, soup_of
from sources.listed_days import full_day
from sources.markup import simple_html

_NOTED = re.compile(r"['\"]title['\"]\s*:\s*['\"]([^'\"]+)['\"]")


def parse_article(html: str, url: str) -> Article:
    """An article page; raises Closed if it shows none."""
    soup = soup_of(html)
    content = check_open(soup, soup.find(class_="wp_articlecontent"))
    scope = content.find_parent(class_="article") or content
    tags = (tag for each in (scope, content) for tag in each(["a", "div", "span", "iframe"]))
    publisher = soup.find(class_=re.compile("^(?:arti_publisher|arti_department|Article_Publisher)$"))
    return Article(
        title=first_text((soup.find(class_="arti_title"), soup.find(class_="Article_Title"), soup.h1, soup.title)),
        body=simple_html(content, url),
        attachments=tuple(files_in(tags, url, _is_file, _noted)),
        day=_printed_day(soup),
        department=office_of(publisher.get_text("")) if publisher else "",
    )


def _printed_day(soup: BeautifulSoup) -> date | None:
    tag = soup.find(class_=re.compile("^(?:arti_update|Article_PublishDate)$"))
    return full_day(tag.get_text(" ")) if tag else None


def _is_file(tag: Tag, address: str) -> bool:
    marked = tag.get("pdfsrc") or tag.get("sudyfile-attr") or "/_upload/article/files/" in address
    return bool(marked) or looks_like_file(tag, address)


def _noted(tag: Tag) -> str:
    """WebPlus's own note of an attachment's name."""
    found = _NOTED.search(str(tag.get("sudyfile-attr") or ""))
    return found[1] if found else ""
