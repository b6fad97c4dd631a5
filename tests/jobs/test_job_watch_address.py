"""One address in two spellings is one item; what was two items before that was so stays two, and quiet."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from rules.identity import address_key, plain_key, spelled_key
from rules.item import Place
from sources.base import Fetched
from store import items
from store import tables as t
from tests.jobs.bench import OTHER, Bench, entry, sheet

HTTP, HTTPS = "http://www.example.edu.cn/info/1/1.htm", "https://WWW.example.edu.cn:443/info/1/1.htm"


def on_site(url: str) -> Fetched:
    where = Place(url)
    return Fetched(entries=(entry(source=OTHER.name, place=where, number="", own_key="www.example.edu.cn:n1", url=url),))


FILE = "https://www.example.edu.cn/info/1116/1.htm"
SCRIPT = "http://www.example.edu.cn/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1202&wbnewsid=1"
PAGE = "http://www.example.edu.cn/2020/0901/c21a1/page.htm"
BELOW = "http://www.example.edu.cn/_s3/2020/0901/c21a1/page.psp"


@pytest.mark.parametrize(
    ("in_sheet", "there"),
    [(HTTP, HTTPS), (HTTPS, HTTP), (HTTP, HTTP), (FILE, SCRIPT), (SCRIPT, FILE), (PAGE, BELOW), (BELOW, PAGE)],
)
def test_what_the_sheet_and_the_site_write_differently_is_one_item_and_one_push(
    bench3: Bench, in_sheet: str, there: str
) -> None:
    bench3.watch(sheet(entry(url=in_sheet)))
    bench3.tick()
    done = bench3.watch(on_site(there), OTHER)
    bench3.tick()
    assert (done.new, done.known, done.problems) == (0, 1, 0)
    assert len(bench3.rows(t.items)) == 1
    assert len(bench3.vendor.calls) == 1


def respell(conn: Connection, name: str, new: str) -> None:
    """Put the store as it was left by the migration."""
    conn.execute(t.item_keys.update().where(t.item_keys.c.name == name).values(name=new))


def test_two_items_that_had_one_address_before_stay_two_and_neither_is_held(bench3: Bench) -> None:
    row = entry(url=HTTP)
    bench3.watch(sheet(row))
    assert bench3.watch(on_site("http://www.example.edu.cn/info/1/2.htm"), OTHER).new == 1
    with bench3.db.write() as conn:  # the second was the same page, in the spelling of the site
        respell(conn, "url:www.example.edu.cn/info/1/2.htm", spelled_key(HTTPS))
    for _ in range(2):
        assert bench3.watch(on_site(HTTPS), OTHER).problems == 0
        assert bench3.watch(sheet(row)).problems == 0
    assert [row.hold for row in bench3.rows(t.items)] == ["", ""]
    with bench3.db.read() as conn:
        found = items.by_keys(conn, ["url:www.example.edu.cn/info/1/1.htm", spelled_key(HTTPS)])
    first, second = bench3.rows(t.items)
    assert {key: known.id for key, known in found.items()} == {
        "url:www.example.edu.cn/info/1/1.htm": first.id, spelled_key(HTTPS): second.id,
    }  # fmt: skip
    assert found[spelled_key(HTTPS)].file == HTTPS


def test_two_items_that_had_an_address_each_of_one_article_before_stay_two_and_neither_is_held(bench3: Bench) -> None:
    row = entry(url=FILE)
    bench3.watch(sheet(row))
    assert bench3.watch(on_site(HTTP), OTHER).new == 1
    with bench3.db.write() as conn:  # the second was the same article, by its script
        respell(conn, "url:www.example.edu.cn/info/1/1.htm", plain_key(SCRIPT))
    for _ in range(2):
        assert bench3.watch(on_site(SCRIPT), OTHER).problems == 0
        assert bench3.watch(sheet(row)).problems == 0
    assert [row.hold for row in bench3.rows(t.items)] == ["", ""]
    first, second = bench3.rows(t.items)
    with bench3.db.read() as conn:
        found = items.by_keys(conn, [address_key(FILE), plain_key(SCRIPT)])
    assert [found[key].id for key in (address_key(FILE), plain_key(SCRIPT))] == [first.id, second.id]
