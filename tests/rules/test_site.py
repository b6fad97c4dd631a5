"""Where a page stands, and on which days its visits are read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.routing import Target
from rules.site import counts, home_of, host_of, is_page, look_due, stands_at, why_no_site

DAY = date(2020, 9, 1)


@pytest.mark.parametrize(
    ("url", "address", "under"),
    [
        ("https://www.x.edu.cn/xxgk/info/1/2.htm", "https://www.x.edu.cn/", True),
        ("https://www.x.edu.cn", "https://www.x.edu.cn", True),
        ("https://www.x.edu.cn/xxgk/info/1/2.htm", "https://www.x.edu.cn/xxgk", True),
        ("https://www.x.edu.cn/xxgk-old/1.htm", "https://www.x.edu.cn/xxgk", False),
        ("https://www.x.edu.cn/XXGK/1.htm", "https://www.x.edu.cn/xxgk/", False),
        ("http://WWW.x.edu.cn:80/xxgk/1.htm", "https://www.x.edu.cn/xxgk/", True),
        ("https://www.x.edu.cn:8443/xxgk/1.htm", "https://www.x.edu.cn/xxgk/", False),
        ("https://jwc.x.edu.cn/1.htm", "https://x.edu.cn/", False),
        ("https://www.x.edu.cn.evil.cn/1.htm", "https://www.x.edu.cn", False),
        ("https://www.x.edu.cn@evil.cn/1.htm", "https://www.x.edu.cn/", False),
        ("https://evil.cn\\@www.x.edu.cn/1.htm", "https://www.x.edu.cn/", False),
        ("https://www.x.edu.cn/2020/1030/c21a39/page.htm", "https://www.x.edu.cn/*/c21a*", True),
        ("https://www.x.edu.cn/2020/1030/c210a39/page.htm", "https://www.x.edu.cn/*/c21a*", False),
        ("https://x.cn/content.jsp?u=n&wbtreeid=1116&wbnewsid=7", "https://x.cn/content.jsp?*wbtreeid=1116&*", True),
        ("ftp://www.x.edu.cn/1.htm", "https://www.x.edu.cn/", False),
        ("见附件", "https://www.x.edu.cn/", False),
        ("", "https://www.x.edu.cn/", False),
    ],
)
def test_a_page_lies_under_an_address_on_the_same_host_whose_path_begins_so(
    url: str, address: str, under: bool
) -> None:
    assert stands_at(url, address) is under


def test_a_page_stands_at_the_most_particular_of_its_sites_only() -> None:
    addresses = {"W1": "https://www.x.cn/", "W2": "https://www.x.cn/*/c21a*", "W3": "https://xxgk.x.cn/"}
    targets = [
        Target(number=number, name=number, channel="website", address=address, audience="社会")
        for number, address in addresses.items()
    ]
    found = [home_of(f"https://{url}", targets) for url in ("www.x.cn/a.htm", "www.x.cn/2020/c21a7/page.htm", "y.cn/")]
    assert [each and each.number for each in found] == ["W1", "W2", None]


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("https://www.x.edu.cn/xxgk/", ""),
        ("http://127.0.0.1:9009/21/", ""),
        ("www.x.edu.cn", "网页地址的开头"),
        ("https://*.x.edu.cn/", "网页地址的开头"),
        ("https://u:p@www.x.edu.cn/", "账号"),
        ("https://www.x.edu.cn/#top", "#"),
        ("https://www.x.edu.cn/a b", "网页地址的开头"),
        ("https://www.x.edu.cn/" + "a" * 100, "超过100个"),
    ],
)
def test_an_address_of_the_register_is_the_beginning_of_a_pages_address(address: str, wrong: str) -> None:
    assert (wrong in why_no_site(address)) if wrong else why_no_site(address) == ""


def test_only_a_whole_address_is_led_to() -> None:
    assert is_page("https://www.x.edu.cn/关于.htm") and host_of("HTTPS://WWW.X.edu.cn/a") == "www.x.edu.cn"
    for url in (
        "",
        "/a",
        "//evil.cn",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://",
        "http://[",
        "https://a]/",
        "http://a/\r\nSet-Cookie: x",
    ):
        assert not is_page(url)


def days_read(days: int, runs: range) -> list[int]:
    """The days after the 公开日期 on which a page is read, if the job runs on these."""
    last: date | None = None
    found = []
    for n in runs:
        today = DAY + timedelta(n)
        if look_due(DAY, last, today, days):
            found.append(n)
            last = today
    return found


def test_visits_are_read_after_a_day_a_week_a_month_and_then_monthly() -> None:
    assert days_read(90, range(400)) == [1, 7, 30, 60, 90]
    assert days_read(20, range(400)) == [1, 7]
    assert days_read(365, range(400)) == [1, 7, 30, *range(60, 365, 30)]


def test_a_bot_that_stood_still_reads_once_and_not_once_for_each_missed_day() -> None:
    assert days_read(90, range(40, 400)) == [40, 60, 90]
    assert days_read(90, range(91, 400)) == []


@given(st.integers(1, 400), st.sets(st.integers(0, 500)))
def test_a_page_is_never_read_more_often_than_there_are_days_to_look(days: int, runs: set[int]) -> None:
    found = _read_on(days, sorted(runs))
    assert len(found) <= 3 + max(0, days - 30) // 30
    assert all(1 <= n <= days for n in found)


def _read_on(days: int, runs: list[int]) -> list[int]:
    last: date | None = None
    found = []
    for n in runs:
        if look_due(DAY, last, DAY + timedelta(n), days):
            found.append(n)
            last = DAY + timedelta(n)
    return found


def test_an_unknown_figure_is_none_and_one_that_went_down_is_doubted() -> None:
    assert counts(12, None) == counts(12, 12) == counts(13, 12) == ""
    assert "不是访问次数" in counts(None, 12)
    assert "由 12 变成 3" in counts(3, 12)
