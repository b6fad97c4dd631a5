"""robots.txt as RFC 9309 has it, on the examples that the RFC itself gives and those that sites write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.robots import Robots
from sources.web import AGENT, ROBOTS_BYTES
from tests.sources.list_kinds import VSB, Clock, vsb_page
from tests.sources.webplus_site import FakeSite

HOST = "https://www.example.edu.cn"


def allows(rules: str, path: str) -> bool:
    return Robots.of(f"User-agent: *\n{rules}", AGENT).allows(HOST + path)


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        # the longest match wins, in whatever order they stand
        ("Disallow: /\nAllow: /info/", "/info/1001/1.htm", True),
        ("Disallow: /\nAllow: /info/", "/tzgg.htm", False),
        ("Allow: /\nDisallow: /info/", "/info/1001/1.htm", False),
        ("Allow: /example/page/\nDisallow: /example/page/disallowed.gif", "/example/page/disallowed.gif", False),
        # of two as long, the Allow
        ("Disallow: /info\nAllow: /info", "/info/1", True),
        ("Allow: /info\nDisallow: /info", "/info/1", True),
        # * and $
        ("Disallow: /*.jsp", "/content.jsp?wbnewsid=1", False),
        ("Disallow: /*.jsp$", "/content.jsp?wbnewsid=1", True),
        ("Disallow: /*.jsp$", "/a/content.jsp", False),
        ("Disallow: *.gif$", "/a.gif", False),
        ("Disallow: /*/down*/x", "/a/b/download/x1", False),
        ("Disallow: /*/down*/x", "/a/b/download/y", True),
        ("Disallow: /a*a$", "/a", True),
        ("Disallow: /a*a$", "/aa", False),
        ("Disallow: /$", "", False),
        ("Disallow: /$", "/index.htm", True),
        ("Disallow: /*$", "/index.htm", False),
        ("Disallow: /a$b", "/a$b/c", False),
        ("Disallow: /*?", "/index.htm?a=1", False),
        ("Disallow: /*?", "/index.htm", True),
        # however it is escaped; what is escaped is no * and no $ of the pattern's
        ("Disallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", False),
        ("Disallow: /foo/bar/%e3%83%84", "/foo/bar/ツ", False),
        ("Disallow: /foo/bar/%62%61%7A", "/foo/bar/baz", False),
        ("Disallow: /foo%2Fbar", "/foo/bar", True),
        ("Disallow: /file-with-a-%2A.html", "/file-with-a-*.html", False),
        ("Disallow: /file-with-a-%2A.html", "/file-with-a-b.html", True),
        ("Disallow: /foo-%24", "/foo-$", False),
        # what is none is none
        ("Disallow:", "/a", True),
        ("Disallow: # nothing", "/a", True),
        ("Disallow: /a # a comment", "/a", False),
        ("Disallow /a\nnonsense\nCrawl-delay: 9", "/a", True),
    ],
)
def test_a_path_is_allowed_as_the_rfc_has_it(rules: str, path: str, allowed: bool) -> None:
    assert allows(rules, path) is allowed


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nDisallow: /\nUser-agent: xxgk-bot\nAllow: /", True),
        ("User-agent: XXGK-Bot/1.0\nDisallow: /", False),
        ("User-agent: xxgk\nDisallow: /", True),  # another's name, though ours begins with it
        ("User-agent: xxgk-bot\nDisallow: /b\nUser-agent: *\nDisallow: /", True),
        ("User-agent: xxgk-bot\nDisallow: /b\n\nUser-agent: a\n\nUser-agent: xxgk-bot\nDisallow: /a", False),
        ("User-agent: xxgk-bot\nSitemap: /s.xml\n\nUser-agent: other\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\nUser-agent: xxgk-bot", True),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("USER-AGENT:*\r\nDISALLOW:/\r\n", False),
        ("Disallow: /", True),  # to nobody
        ("", True),
    ],
)
def test_the_group_is_the_one_that_names_us_else_everybodys(text: str, allowed: bool) -> None:
    assert Robots.of(text, AGENT).allows(f"{HOST}/a") is allowed


@given(st.text(max_size=60), st.text("/ab*$%.?=", max_size=20))
def test_whatever_stands_there_some_answer_comes(text: str, path: str) -> None:
    assert isinstance(allows(text, f"/{path}"), bool)
    assert isinstance(allows(f"Disallow: {path}", f"/{path}"), bool)


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    assert allows("Disallow: /" + "*a" * 2_000 + "b", "/" + "a" * 4_000)


def look(site: FakeSite, robots: str | bytes) -> list[str]:
    site.put("/robots.txt", robots, Content_Type="text/plain")
    VSB.show(site, [(1, "某通知", "2020-10-30")])
    return [entry.title for entry in VSB.look(site, Clock()).entries]


def test_a_list_is_read_where_the_longer_rule_allows_it(site: FakeSite) -> None:
    assert look(site, "User-agent: *\nDisallow: /\nAllow: /tzgg.htm\nAllow: /info/") == ["某通知"]


def test_a_mark_at_its_beginning_hides_no_rule(site: FakeSite) -> None:
    assert look(site, b"\xef\xbb\xbfUser-agent: *\nDisallow: /info/") == []
    assert site.count(vsb_page(1)) == 0


def test_a_rule_that_is_cut_at_the_most_bytes_we_read_is_none(site: FakeSite) -> None:
    start = "User-agent: *\n#"
    filled = start + "x" * (ROBOTS_BYTES - len(start) - len("\nDisallow: /"))
    assert look(site, f"{filled}\nDisallow: /private/") == ["某通知"]
