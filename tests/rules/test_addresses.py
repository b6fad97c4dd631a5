"""All addresses of an article are one, and no two articles ever share one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.addresses import one_address, sans_session
from rules.identity import address_key

HOST = "https://www.example.edu.cn"
SCRIPT = "/content.jsp?urltype=news.NewsContentUrl&wbtreeid={}&wbnewsid={}"


def one(*addresses: str) -> bool:
    return len({address_key(each) for each in addresses}) == 1


def test_the_file_and_the_script_that_show_an_article_are_one_in_whichever_column() -> None:
    assert one(
        f"{HOST}/info/1001/2345.htm",
        f"{HOST}/info/1116/2345.htm",
        HOST + SCRIPT.format(1001, 2345),
        HOST + SCRIPT.format(1116, 2345),
        f"{HOST}/show.jsp?wbnewsid=2345&wbtreeid=1001&urltype=news.NewsContentUrl",
        "http://WWW.example.edu.cn:80" + SCRIPT.format(1001, 2345) + "#",
    )


def test_the_page_of_an_article_is_one_by_file_by_script_and_below_its_site_s_number() -> None:
    where = ("/", "/_s12/", "/_s12/_t34/")
    assert one(
        *(f"{HOST}{at}2026/1120/c{c}a2345/page.{end}" for at in where for c in (101, 7) for end in ("htm", "psp"))
    )
    assert one(f"{HOST}/47/b6/c1116a83894/page.psp", f"{HOST}/_s20/47/b6/c1116a83894/page.htm")


def test_the_number_of_a_visit_is_no_part_of_an_address() -> None:
    assert one(
        f"{HOST}/show.do?id=1", f"{HOST}/show.do;jsessionid=0A1B.node1?id=1", f"{HOST}/show.do;JSESSIONID=2?id=1"
    )
    assert one(f"{HOST}/info/1001/2345.htm;jsessionid=A", HOST + SCRIPT.format(1001, 2345))
    assert sans_session("/a;v=1;jsessionid=A1/b;v=2#c") == "/a;v=1/b;v=2#c"


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("/info/1001/2345.htm", "/info/1001/2346.htm"),
        ("/info/1001/2345.htm", SCRIPT.format(1001, 2346)),
        # another site in a folder of the host, or of another owner, or another host
        ("/info/1001/2345.htm", "/jwc/info/1001/2345.htm"),
        ("/xsc/info/1001/2345.htm", "/jwc" + SCRIPT.format(1001, 2345)),
        ("/info/1001/2345.htm", SCRIPT.format(1001, 2345) + "&owner=1234"),
        ("/info/1001/2345.htm", ":8080/info/1001/2345.htm"),
        # what another system may mean by it
        ("/info/1/2345.htm", "/info/2/2345.htm"),
        ("/info/1001/2345.htm", "/info/1001/2345.html"),
        ("/info/1001/2345.htm", "/info/1001/2345.htm#a"),
        ("/info/1001/2345.htm", "/content.jsp?wbtreeid=1001&wbnewsid=2345"),
        ("/info/1001/2345.htm", SCRIPT.format(1001, 2345).replace("News", "List")),
        ("/info/1001/2345.htm", SCRIPT.format(1001, 2345) + "&wbnewsid=2346"),
        ("/info/1001/2345.htm", SCRIPT.format(1001, "2345x")),
        ("/info/1001/2345.htm", SCRIPT.format(1001, "２３４５")),
        # the next life of a site begins with 1 again
        ("/2026/1120/c101a39/page.htm", "/2015/0304/c101a39/page.htm"),
        ("/2026/1120/c101a39/page.htm", "/2026/1120/c101a40/page.psp"),
        ("/2026/1120/c101a39/page.htm", "/jwc/2026/1120/c101a39/page.htm"),
        ("/2026/1120/c101a39/page.htm", "/2026/1120/c101a39/list.htm"),
    ],
)
def test_another_article_is_another_address(address: str, other: str) -> None:
    assert not one(HOST + address, HOST + other)


@given(
    st.text(max_size=200)
    | st.from_regex(r"\Aw\.cn(/jwc|/_s1)?/(info|2026/1120)/(c?[0-9]{1,4}a?)?/?[0-9]{1,3}(\.htm|/page\.psp)\Z")
)
def test_the_one_address_of_an_article_is_its_own_one_address(text: str) -> None:
    """So that a key is made from a stored key as from the address itself."""
    assert one_address(one_address(text)) == one_address(text)
