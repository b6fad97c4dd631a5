"""Bringing a database to the current tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, inspect, select, text

from rules.identity import address_key, plain_key, spelled_key
from rules.states import Status
from store import facts, migrate, rollups
from store import tables as t
from store.db import Db
from store.migrate import is_current, upgrade
from tests import factory as f

MADE, LATER, LATEST = f.moment("2020-10-01"), f.moment("2020-10-05"), f.moment("2020-11-02")


@pytest.fixture
def bare(db: Db) -> Iterator[Db]:
    """A database without any table of ours; the session's others find theirs again, as a test may end in older ones."""
    _drop_all(db)
    yield db
    _drop_all(db)
    t.metadata.create_all(db.engine)


def _drop_all(db: Db) -> None:
    t.metadata.drop_all(db.engine)
    with db.write() as conn:
        conn.execute(text("DROP TABLE IF EXISTS alembic_version"))


def test_an_upgrade_makes_every_table_and_twice_is_harmless(bare: Db) -> None:
    assert not is_current(bare)
    upgrade(bare)
    with bare.write() as conn:
        facts.set_meta(conn, "kept", "yes")
    upgrade(bare)
    assert is_current(bare)
    with bare.read() as conn:
        assert facts.get_meta(conn, "kept") == "yes"
    assert set(inspect(bare.engine).get_table_names()) == {*t.metadata.tables, "alembic_version"}


def test_the_migrations_make_what_the_code_reads(bare: Db) -> None:
    upgrade(bare)
    found = inspect(bare.engine)
    for table in t.metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}, table.name
        ours = {tuple(column.name for column in index.columns) for index in table.indexes}
        theirs = {tuple(index["column_names"]) for index in found.get_indexes(table.name)}
        assert ours <= theirs, table.name
        unique = {tuple(c.name for c in each.columns) for each in table.constraints if type(each).__name__ == "UniqueConstraint"}
        there = {tuple(each["column_names"]) for each in found.get_unique_constraints(table.name)}
        assert unique <= there | theirs, table.name


def test_a_folder_with_strange_signs_in_its_name_works(tmp_path: Path) -> None:
    db = Db(f"sqlite:///{(tmp_path / '100% 公开 数据').as_posix()}/xxgk.sqlite3")
    upgrade(db)
    assert is_current(db)
    db.close()


def _to(db: Db, revision: str) -> None:
    config = migrate._config()
    with db.engine.connect().execution_options(xxgk_write=True) as conn, conn.begin():
        config.attributes["connection"] = conn
        command.upgrade(config, revision)


def _rows_of_the_first_tables(conn: Connection) -> dict[str, int]:
    """What an older version of the bot had written: the columns that came later are not there yet."""

    def add(table: str, **values: object) -> int:
        columns = {name: value for name, value in values.items() if name in first.tables[table].c}
        return int(conn.execute(first.tables[table].insert().values(**columns)).inserted_primary_key[0])

    first = MetaData()
    first.reflect(conn)
    for name, table in first.tables.items():  # reflected types know nothing of our instants
        for column in table.columns:
            if name in t.metadata.tables and column.name in t.metadata.tables[name].c:
                column.type = t.metadata.tables[name].c[column.name].type
    item = add("items", watch="w", number="", title="一", category="", sub_item="", counted=True, department="",
               audience_class="社会", disclosure="主动公开", baseline=False, hold="", stopped="", missed=0, created_at=MADE)  # fmt: skip
    version = add("item_versions", item_id=item, number=1, digest="", title="一", doc_no="", summary="", body="", url="",
                  attachments=[], department="", departments_beside=[], category="", sub_item="", list_items=[],
                  disclosure="主动公开", audience=["社会"], inner_reason="", is_notice=False, urgent=False, place="",
                  seen_at=MADE, routed_at=MADE)  # fmt: skip
    made: dict[str, int] = {"item": item}
    for target, ended in (("cancelled", "cancelled"), ("expired", "expired"), ("waiting", "")):
        made[target] = add("placements", item_id=item, version_id=version, target=target, channel="c", purpose="首发",
                           slot="首发", origin="bot", ended=ended, reason="", confirmed_by="", alone=False, created_at=MADE)  # fmt: skip
    add("acts", person="王老师", act="取消", subject=f"条目 {item}", reason="", digest="", at=LATER)
    add("alarms", subject=f"过期:{made['expired']}", channel="", text="", raised_at=LATEST, told_by="")
    return made


def test_what_ended_before_its_time_was_kept_gets_the_best_time_known(bare: Db) -> None:
    _to(bare, "0001")
    with bare.write() as conn:
        made = _rows_of_the_first_tables(conn)
    upgrade(bare)
    with bare.read() as conn:
        p = t.placements.c
        found = {row.id: row.ended_at for row in conn.execute(select(p.id, p.ended_at))}
    assert found == {made["cancelled"]: LATER, made["expired"]: LATEST, made["waiting"]: None}


def test_an_accepted_push_gets_back_the_reason_that_a_later_look_had_written_over(bare: Db) -> None:
    upgrade(bare)
    with bare.write() as conn:
        push = f.send(conn, "A01", [f.place(conn, f.add_item(conn, MADE), "A01", MADE)], MADE, Status.ACCEPTED)
        conn.execute(t.outcomes.update().values(reason="平台已受理发布"))
        conn.execute(t.deliveries.update().values(reason="暂时查不到结果"))
    with bare.write() as conn:
        config = migrate._config()
        config.attributes["connection"] = conn
        command.downgrade(config, "0001")
    upgrade(bare)
    with bare.read() as conn:
        row = conn.execute(select(t.deliveries).where(t.deliveries.c.push_id == push)).one()
    assert (row.reason, row.looked) == ("平台已受理发布", "暂时查不到结果")


LONG = "/" + "a/" * 120


def _keep(conn: Connection, watch: str, key_of: Callable[[str], str] = spelled_key, **urls: str) -> dict[str, int]:
    """Items with an address each, with the keys that they had by an older rule."""
    made = {}
    for name, url in urls.items():
        item = f.add_item(conn, MADE, source=watch, title=name, url=url)
        conn.execute(t.item_keys.insert().values(name=key_of(url), item_id=item, watch=watch, file=f"{name}.xlsx"))
        made[name] = item
    return made


def _keys(db: Db, begins: str = "url:") -> dict[str, tuple[int, str]]:
    k = t.item_keys.c
    with db.read() as conn:
        found = conn.execute(select(k.name, k.item_id, k.file).where(k.name.startswith(begins)))
        return {row.name: (row.item_id, row.file) for row in found}


def test_the_spellings_of_an_address_become_one_key_and_two_items_that_would_be_one_stay_two(bare: Db) -> None:
    upgrade(bare)
    written = {
        "first": "https://www.example.edu.cn/1.htm", "second": "http://WWW.example.edu.cn:80/1.htm",
        "other": "http://www.example.edu.cn/show?id=2", "long": "https://www.example.edu.cn" + LONG, "note": "见公告栏",
    }  # fmt: skip
    with bare.write() as conn:
        made = _keep(conn, "w", **written)
    _to_lower(bare, "0009")
    before = _keys(bare)
    upgrade(bare)
    after = {
        "url:www.example.edu.cn/1.htm": "first", spelled_key(written["second"]): "second",
        "url:www.example.edu.cn/show?id=2": "other", address_key(written["long"]): "long", "url:见公告栏": "note",
    }  # fmt: skip
    assert _keys(bare) == {key: (made[name], f"{name}.xlsx") for key, name in after.items()}
    _to_lower(bare, "0009")
    assert _keys(bare) == before
    upgrade(bare)
    assert set(_keys(bare)) == set(after)


def _to_lower(db: Db, revision: str) -> None:
    config = migrate._config()
    with db.engine.connect().execution_options(xxgk_write=True) as conn, conn.begin():
        config.attributes["connection"] = conn
        command.downgrade(config, revision)


def test_the_addresses_of_an_article_become_one_key_and_two_items_that_would_be_one_stay_two(bare: Db) -> None:
    upgrade(bare)
    host = "www.example.edu.cn"
    written = {
        "file": f"https://{host}/info/1116/5946.htm", "apart": f"http://{host}/jwc/info/1116/5946.htm",
        "script": f"http://{host}/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1202&wbnewsid=5946",
        "page": f"http://{host}/_s3/2020/1030/c21a39/page.psp", "session": f"http://{host}/show.do;jsessionid=A1?id=2",
        "long": f"http://{host}{LONG}info/1116/1.htm", "other": f"http://{host}/show.do?id=3", "note": "见公告栏",
    }  # fmt: skip
    spelled = f"https://{host.upper()}/info/1116/5947.htm"
    with bare.write() as conn:
        made = _keep(conn, "w", plain_key, **written) | _keep(conn, "w", spelled=spelled)
    _to_lower(bare, "0011")
    before = _keys(bare)
    assert before.keys() == {*map(plain_key, written.values()), spelled_key(spelled)}
    upgrade(bare)
    after = {
        f"url:{host}/info/*/5946.htm": "file", f"url:{host}/jwc/info/*/5946.htm": "apart",
        plain_key(written["script"]): "script", f"url:{host}/2020/1030/c*a39/page.*": "page",
        f"url:{host}/show.do?id=2": "session", address_key(written["long"]): "long",
        f"url:{host}/show.do?id=3": "other", "url:见公告栏": "note", spelled_key(spelled): "spelled",
    }  # fmt: skip
    assert _keys(bare) == {key: (made[name], f"{name}.xlsx") for key, name in after.items()}
    assert address_key(written["long"]) != plain_key(written["long"])
    _to_lower(bare, "0011")
    assert _keys(bare) == before


def test_an_article_of_a_site_in_a_folder_has_its_folder_in_its_own_key(bare: Db) -> None:
    upgrade(bare)
    host = "www.example.edu.cn"
    written = {"jwc": f"https://{host}/jwc/info/1116/5946.htm", "root": f"https://{host}/info/1116/5947.htm"}
    with bare.write() as conn:
        made = _keep(conn, "w", lambda url: f"web:{host}:n{url[-8:-4]}", **written)
    _to_lower(bare, "0011")
    upgrade(bare)
    assert {key: item for key, (item, _) in _keys(bare, "web:").items()} == {f"web:{host}:/jwc/n5946": made["jwc"], f"web:{host}:n5947": made["root"]}
    _to_lower(bare, "0011")
    assert _keys(bare, "web:").keys() == {f"web:{host}:n5946", f"web:{host}:n5947"}


def test_deliveries_of_an_older_store_are_told_whether_they_share_their_push(bare: Db) -> None:
    told = select(t.deliveries.c.push_id, t.deliveries.c.shared_at).order_by(t.deliveries.c.id)
    upgrade(bare)
    with bare.write() as conn:
        alone = f.push(conn, "Q01", [f.place(conn, f.add_item(conn, MADE), "Q01", MADE)], MADE, addresses=["a"])
        shared = f.push(conn, "Q01", [f.place(conn, f.add_item(conn, LATER), "Q01", LATER)], LATER, addresses=["a", "b"])
        written = conn.execute(told).all()
    _to_lower(bare, "0012")
    upgrade(bare)
    with bare.read() as conn:
        assert written == conn.execute(told).all() == [(alone, None), (shared, LATER), (shared, LATER)]


def test_without_marks_no_roll_up_is_believed(bare: Db) -> None:
    upgrade(bare)
    with bare.write() as conn:
        rollups.keep_day(conn, MADE.date(), LATER)
    _to_lower(bare, "0013")
    upgrade(bare)
    with bare.read() as conn:
        assert rollups.kept(conn) == []
