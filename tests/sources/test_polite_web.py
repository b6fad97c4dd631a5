from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sources.web import Site, decoded, filename_of


def site(home: str = "https://www.example.edu.cn/21/list.htm") -> Site:
    return Site(home, lambda: datetime(2020, 9, 1, tzinfo=UTC), {}, 0)


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://www.example.edu.cn/a", True),
        ("http://www.example.edu.cn/a", True),
        ("HTTPS://WWW.EXAMPLE.EDU.CN/a", True),
        ("https://www.example.edu.cn:8443/a", False),
        ("https://www.example.edu.cn.evil.com/a", False),
        ("https://evil@www.example.edu.cn/a", False),
        ("https://example.edu.cn/a", False),
        ("ftp://www.example.edu.cn/a", False),
        ("file:///etc/passwd", False),
        ("http://10.0.0.1/a", False),
        ("http://[::1", False),
        ("http://www.example.edu.cn:99999/", False),
    ],
)
def test_only_the_named_host_is_ever_asked(url: str, ours: bool) -> None:
    assert site().holds(url) is ours


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=UTF-8''%E5%90%8D%E5%8D%95.xlsx", "名单.xlsx"),
        ("attachment; filename=\"x.xlsx\"; filename*=utf-8'zh'%E5%90%8D%E5%8D%95.xlsx", "名单.xlsx"),
        ("attachment; filename*=GBK''%C3%FB%B5%A5.xlsx", "名单.xlsx"),
        ('attachment; filename="%E5%90%8D%E5%8D%95.xlsx"', "名单.xlsx"),
        ('attachment; filename="' + "名单.xlsx".encode("gbk").decode("latin-1") + '"', "名单.xlsx"),
        ('attachment; filename="' + "名单.xlsx".encode().decode("latin-1") + '"', "名单.xlsx"),
        ('attachment; filename="..\\\\..\\\\a/b.xlsx"', "b.xlsx"),
        ("attachment", ""),
        ("", ""),
    ],
)
def test_a_download_s_name_is_read_however_the_server_writes_it(disposition: str, name: str) -> None:
    assert filename_of(disposition) == name


def test_a_page_is_decoded_by_what_it_is_and_not_by_what_it_says() -> None:
    assert decoded("公开".encode(), "text/html; charset=gb2312") == "公开"
    assert decoded("公开".encode("gbk"), "text/html; charset=utf-8") == "公开"
    assert decoded("公开".encode("gbk"), "text/html; charset=nonsense") == "公开"
    assert decoded("\ufeff公开".encode(), "") == "公开"
