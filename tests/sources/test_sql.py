"""A view in another system's database: SQLite always, PostgreSQL and MariaDB when they answer."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from rules.item import OPEN
from rules.school import Column
from sources import make, mapped, sql, sql_server
from sources.base import Checked, Fetched, Health
from sources.sql import Sql
from store.db import Db

NOW = datetime(2026, 9, 10, 4, tzinfo=UTC)  # 12:00 in Shanghai
FIXED = {"公开属性": "主动公开", "审查结论": "可以公开"}
COLUMNS = {
    "唯一标识": "id", "标题": "title", "责任部门": "dept", "大类": "category", "受众范围": "scope", "批准日期": "approved_at",
    "审查人": "reviewer", "链接": "url", "更新时间": "updated_at", "已撤回": "withdrawn",
}  # fmt: skip
TABLE = (
    "CREATE TABLE oa_docs (id {id}, title VARCHAR(200), dept VARCHAR(50), category VARCHAR(50), scope VARCHAR(50),"
    " approved_at VARCHAR(20), reviewer VARCHAR(50), url VARCHAR(200), updated_at {instant}, withdrawn INTEGER)"
)
VIEW = "CREATE VIEW v_xxgk_approved AS SELECT * FROM oa_docs"
PASSWORD = "hunter2-secret"


class Office:
    """Another system: its table behind the view, and a watch on it."""

    def __init__(self, db: Db, ids: str = "INTEGER") -> None:
        self.db = db
        self.now = NOW
        self.url = db.url.render_as_string(hide_password=False)
        instant = {"sqlite": "TEXT", "postgresql": "TIMESTAMP", "mysql": "DATETIME(6)"}[db.dialect]
        self.order("DROP VIEW IF EXISTS v_xxgk_approved", "DROP TABLE IF EXISTS oa_docs")
        self.order(TABLE.format(id=ids, instant=instant), VIEW)
        self.cursor: Any = None

    def order(self, *statements: str, **values: Any) -> None:
        with self.db.write() as conn:
            for statement in statements:
                conn.execute(text(statement), values)

    def put(self, key: Any, title: str = "关于甲的通知", at: str = "2026-09-10 11:00:00", **more: Any) -> None:
        """A row as the other system writes it: a new one, or over the old one."""
        row = {
            "id": key, "title": title, "dept": "教务处", "category": "学校工作的重大事项", "scope": "社会",
            "approved_at": "2026-09-01", "reviewer": "张审查", "url": None, "updated_at": at, "withdrawn": 0, **more,
        }  # fmt: skip
        self.order("DELETE FROM oa_docs WHERE id = :id", id=key)
        self.order(f"INSERT INTO oa_docs VALUES ({', '.join(':' + name for name in row)})", **row)

    def source(self, place: str = "v_xxgk_approved", env: Mapping[str, str] | None = None, **options: Any) -> Sql:
        return Sql(column(place, **options), lambda: self.now, {"XXGK_OA_URL": self.url} if env is None else env)

    def look(self, **options: Any) -> Fetched:
        """One look; its cursor is kept as the store keeps it."""
        found = self.source(**options).fetch(self.cursor)
        self.cursor = json.loads(json.dumps(dict(found.cursor)))
        return found


def column(place: str = "v_xxgk_approved", **options: Any) -> Column:
    given = {"url": "XXGK_OA_URL", "columns": COLUMNS, "fixed": FIXED, **options}
    return Column(name="OA公文", kind="sql", place=place, sub_item="规章制度", options=given)


def titles(found: Fetched) -> list[str]:
    return [entry.title for entry in found.entries]


@pytest.fixture
def on_postgresql(postgresql_database: Db) -> Iterator[Office]:
    made = Office(postgresql_database)
    yield made
    made.order("DROP VIEW IF EXISTS v_xxgk_approved", "DROP TABLE IF EXISTS oa_docs")


@pytest.fixture
def office(db: Db) -> Iterator[Office]:
    """On each kind of database."""
    made = Office(db)
    yield made
    made.order("DROP VIEW IF EXISTS v_xxgk_approved", "DROP TABLE IF EXISTS oa_docs")


@pytest.fixture
def lite(sqlite_db: Db) -> Office:
    """On SQLite, where the rule is ours."""
    return Office(sqlite_db)


def test_a_row_of_the_view_is_an_item_with_its_own_review(office: Office) -> None:
    office.put(7, url="https://www.example.edu.cn/7.htm")
    [entry] = office.look().entries
    assert (entry.title, entry.department, entry.category, entry.sub_item) == (
        "关于甲的通知",
        "教务处",
        "学校工作的重大事项",
        "规章制度",
    )
    assert (entry.disclosure, entry.audience, str(entry.approved_on)) == (OPEN, ("社会",), "2026-09-01")
    assert entry.review is not None
    assert (entry.review.reviewer, entry.review.conclusion, entry.review.kind) == ("张审查", "可以公开", "逐项审查")
    assert (entry.own_key, str(entry.place)) == ("XXGK_OA_URL.v_xxgk_approved:7", "OA公文（唯一标识 7）")
    assert entry.problems == ()


def test_nothing_is_handed_over_twice_and_an_edited_row_is(office: Office) -> None:
    office.put(1, "甲")
    office.put(2, "乙")
    assert titles(office.look()) == ["甲", "乙"]
    again = office.look()
    assert (again.health, again.entries) == (Health.UNCHANGED, ())
    office.put(1, "甲改", at="2026-09-10 11:30:00")
    office.put(2, "乙", at="2026-09-10 11:31:00")  # touched, not changed
    assert titles(office.look()) == ["甲改"]


def test_a_row_committed_late_with_an_older_time_is_found_within_the_overlap(office: Office) -> None:
    office.put(1, "甲", at="2026-09-10 11:59:00")
    office.look()
    office.put(2, "迟到", at="2026-09-10 10:05:00")
    office.put(3, "太迟", at="2026-09-10 09:30:00")
    assert titles(office.look()) == ["迟到"]


@pytest.mark.parametrize("blank", [" ", "T"])
def test_a_row_with_the_day_alone_is_found_among_those_with_the_hour(lite: Office, blank: str) -> None:
    lite.put(1, "甲", at=f"2026-09-10{blank}11:00:00")
    assert titles(lite.look()) == ["甲"]
    lite.now += timedelta(hours=3)
    lite.put(2, "乙", at="2026-09-10")
    assert titles(lite.look()) == ["乙"]
    lite.now += timedelta(hours=3)
    lite.put(1, "甲改", at="2026-09-10")
    assert titles(lite.look()) == ["甲改"]
    assert lite.look().health is Health.UNCHANGED


def test_a_midnight_is_found_where_the_newest_row_is_dated_ahead(office: Office) -> None:
    office.put(1, "甲", at="2026-09-30 00:00:00")
    assert titles(office.look()) == ["甲"]
    office.put(2, "乙", at="2026-09-10 00:00:00")
    assert titles(office.look()) == ["乙"]


def test_a_server_whose_clock_runs_ahead_hides_nothing_and_is_told(office: Office) -> None:
    office.put(1, "明天的", at="2026-09-11 12:00:00")
    found = office.look()
    assert (titles(found), "时钟" in found.note) == (["明天的"], True)
    office.put(2, "今天的", at="2026-09-10 12:00:00")
    assert titles(office.look()) == ["今天的"]


def test_a_row_taken_back_is_told_once_and_comes_again_when_it_is_restored(office: Office) -> None:
    office.put(1, "甲")
    office.look()
    office.put(1, "甲", at="2026-09-10 11:30:00", withdrawn=1)
    found = office.look()
    assert (found.entries, found.withdrawn, found.health) == ((), {"OA公文（唯一标识 1）"}, Health.GOOD)
    assert office.look().withdrawn == frozenset()
    office.put(1, "甲", at="2026-09-10 11:40:00", withdrawn=0)
    assert titles(office.look()) == ["甲"]


def test_a_word_that_says_neither_holds_the_row(lite: Office) -> None:
    lite.put(1, withdrawn="流程异常")
    [entry] = lite.look().entries
    assert [problem.text for problem in entry.problems] == ["“流程异常”看不出是否已撤回"]


def test_a_big_view_is_read_in_batches_over_several_looks(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "BATCH", 2)
    monkeypatch.setattr(sql, "MOST_ROWS", 5)
    for number in range(12):
        office.put(number, f"第{number}件")
    looks = [office.look() for _ in range(4)]
    assert [len(look.entries) for look in looks] == [5, 5, 2, 0]
    assert [look.health for look in looks[:3]] == [Health.PARTIAL, Health.PARTIAL, Health.GOOD]
    assert "其余下次再读取" in looks[0].note
    assert len({title for look in looks for title in titles(look)}) == 12


@pytest.mark.parametrize("ids", ["VARCHAR(36)", "UUID"])
def test_an_identifier_may_be_text(db: Db, ids: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "BATCH", 1)
    office = Office(db, "VARCHAR(36)" if db.dialect != "postgresql" else ids)
    for _ in range(3):
        office.put(str(uuid.uuid4()))
    assert len(office.look().entries) == 3
    assert office.look().entries == ()
    office.order("DROP VIEW v_xxgk_approved", "DROP TABLE oa_docs")


def test_a_column_of_instants_with_zone_is_read(on_postgresql: Office) -> None:
    office = on_postgresql
    office.order("DROP VIEW v_xxgk_approved")
    office.order(
        "ALTER TABLE oa_docs ALTER updated_at TYPE timestamptz, ALTER approved_at TYPE timestamptz USING approved_at::timestamptz",
        VIEW,
    )
    office.db.engine.dispose()  # what its connections have prepared in other tests knows the old types
    office.put(1, at="2026-09-10T03:00:00Z", approved_at="2026-08-31T20:00:00Z")
    [entry] = office.look().entries
    assert str(entry.approved_on) == "2026-09-01"  # in Shanghai
    assert office.look().entries == ()
    office.put(2, at="2026-09-10T01:30:00Z")
    assert len(office.look().entries) == 1


def test_an_emptied_view_is_bad_and_keeps_the_cursor(office: Office) -> None:
    office.put(1)
    before = office.look().cursor
    office.order("DELETE FROM oa_docs")
    found = office.look()
    assert (found.health, found.entries, found.withdrawn) == (Health.BAD, (), frozenset())
    assert "视图是空的，而以前有条目" in found.note
    assert found.cursor == json.loads(json.dumps(dict(before)))
    office.put(1)
    assert office.look().health is Health.UNCHANGED


def test_an_old_copy_is_bad_until_there_is_a_newer_row(office: Office) -> None:
    office.put(1, at="2025-09-10 11:00:00")
    office.put(2, "新的")
    before = office.look().cursor
    office.order("DELETE FROM oa_docs WHERE id = 2")
    office.put(1, "旧的", at="2025-09-01 11:00:00")
    found = office.look()
    assert (found.health, found.entries, found.cursor) == (Health.BAD, (), json.loads(json.dumps(dict(before))))
    assert "可能恢复了旧备份" in found.note
    office.put(3, "更新的", at="2026-09-10 11:30:00")
    assert titles(office.look()) == ["更新的"]


def test_an_emptied_view_is_bad_under_other_settings_too(lite: Office) -> None:
    lite.put(1)
    lite.look()
    lite.order("DELETE FROM oa_docs")
    assert lite.look(overlap_hours=3).health is Health.BAD


@pytest.mark.parametrize(
    ("grant", "reads"),
    [
        ("GRANT USAGE ON *.* TO `x`@`%` IDENTIFIED BY PASSWORD '*AA'", True),
        ("GRANT SELECT, SHOW VIEW ON `oa`.`v` TO `x`@`%`", True),
        ("GRANT SELECT (`id`, `title`) ON `oa`.`v` TO `x`@`%`", True),
        ("GRANT `readers` TO `x`@`%`", True),
        ("SET DEFAULT ROLE `readers` FOR `x`@`%`", True),
        ("GRANT SELECT, INSERT ON `oa`.* TO `x`@`%`", False),
        ("GRANT SELECT (`id`), UPDATE (`title`) ON `oa`.`v` TO `x`@`%`", False),
        ("GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION", False),
        ("GRANT SELECT ON `oa`.`v` TO `x`@`%` WITH GRANT OPTION", False),
        ("GRANT FILE ON *.* TO `x`@`%`", False),
    ],
)
def test_a_grant_is_read_right_by_right(grant: str, reads: bool) -> None:
    assert sql_server._only_reads(grant) is reads


def test_a_view_that_never_had_rows_is_only_said_to_be_empty(office: Office) -> None:
    found = office.look()
    assert (found.health, found.note) == (Health.UNCHANGED, "视图还是空的")


def test_a_view_replaced_by_another_or_gone_is_bad_and_nothing_is_lost(office: Office) -> None:
    office.put(1)
    office.look()
    office.order(
        "DROP VIEW v_xxgk_approved", "CREATE VIEW v_xxgk_approved AS SELECT id, title AS name, updated_at FROM oa_docs"
    )
    other = office.look()
    assert (other.health, other.entries) == (Health.BAD, ())
    assert "没有这些列：标题（title）、责任部门（dept）" in other.note
    office.order("DROP VIEW v_xxgk_approved")
    gone = office.look()
    assert (gone.health, "没有这个视图" in gone.note) == (Health.BAD, True)
    office.order(VIEW)
    office.put(2, "新的", at="2026-09-10 11:20:00")
    assert titles(office.look()) == ["新的"]


@pytest.mark.parametrize("garbage", ["昨天", "2026/09/10 11:00", "2026-09-10T11:00:00+08:00", "10/09/2026", 1757473200])
def test_times_that_cannot_be_put_in_order_are_bad(lite: Office, garbage: Any) -> None:
    lite.put(1)
    before = lite.look().cursor
    lite.put(2, at=garbage if garbage != "昨天" else "2026-09-10 昨天")
    lite.order("UPDATE oa_docs SET updated_at = :at WHERE id = 1", at="2026-09-10 11:00:01")
    found = Sql(column(), lambda: NOW, {"XXGK_OA_URL": lite.url}).fetch(None)
    assert (found.health, found.entries) == (Health.BAD, ())
    assert "更新时间" in found.note
    assert before


@pytest.mark.parametrize("odd", ["0001-01-01 00:00:00", "1000-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_a_time_that_means_never_stands_in_nobodys_way(office: Office, odd: str) -> None:
    if odd.startswith("0001") and office.db.dialect == "mysql":
        return
    office.put(1, "从不", at=odd)
    assert titles(office.look()) == ["从不"]
    office.put(2, "今天", at="2026-09-10 11:00:00")
    assert titles(office.look()) == ["今天"]
    assert office.look().health is Health.UNCHANGED


def test_an_instant_without_end_is_bad_and_said_so(on_postgresql: Office) -> None:
    office = on_postgresql
    office.put(1, at="infinity")
    found = office.look()
    assert (found.health, "无法读取的值" in found.note) == (Health.BAD, True)


def test_rows_without_a_time_or_an_identifier_are_told(office: Office) -> None:
    office.put(1, "甲")
    office.put(2, at=None)  # type: ignore[arg-type]
    found = office.look()
    assert titles(found) == ["甲"]
    assert [problem.text for problem in found.problems] == ["有1行没有更新时间或唯一标识，读取不到"]
    office.put(2, "补上")
    mended = office.look()
    assert (titles(mended), mended.problems, mended.whole) == (["补上"], (), {"OA公文"})


def test_a_change_of_the_settings_reads_everything_anew(lite: Office) -> None:
    lite.put(1, scope="1")
    assert lite.look().entries[0].audience == ("1",)
    again = lite.look(words={"受众范围": {"1": "社会"}})
    assert again.entries[0].audience == ("社会",)


def test_two_rows_of_one_identifier_are_one_item_the_newer(lite: Office) -> None:
    lite.put(1, "旧", at="2026-09-10 10:00:00")
    lite.order(
        "INSERT INTO oa_docs SELECT id, '新', dept, category, scope, approved_at, reviewer, url, '2026-09-10 11:00:00', 0 FROM oa_docs"
    )
    assert titles(lite.look()) == ["新"]
    assert lite.look().entries == ()


@pytest.mark.parametrize(
    "name",
    [
        "title; DROP TABLE oa_docs",
        'title" FROM oa_docs --',
        "title'",
        "(SELECT 1)",
        "a b",
        "*",
        "1",
        "",
        "名称%",
        "oa_docs.title",
        "`x`",
    ],
)
def test_a_mapped_name_that_is_more_than_a_name_is_refused(lite: Office, name: str) -> None:
    with pytest.raises(ValueError, match=r"columns"):
        lite.source(columns={**COLUMNS, "标题": name})


@pytest.mark.parametrize("place", ["v; DROP TABLE oa_docs", "(SELECT 1)", "a.b.c", "v x", "", 'v"', "v--"])
def test_a_place_that_is_more_than_a_view_is_refused(lite: Office, place: str) -> None:
    with pytest.raises(ValueError, match="place"):
        lite.source(place)


def test_a_name_that_is_a_word_of_the_language_is_quoted(office: Office) -> None:
    office.order("DROP VIEW v_xxgk_approved")
    mark = "`" if office.db.dialect == "mysql" else '"'
    office.order(
        f"CREATE VIEW v_xxgk_approved AS SELECT oa_docs.*, title AS {mark}select{mark}, dept AS {mark}部门{mark} FROM oa_docs"
    )
    office.put(1, "甲")
    [entry] = office.look(columns={**COLUMNS, "标题": "select", "责任部门": "部门"}).entries
    assert (entry.title, entry.department) == ("甲", "教务处")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"url": f"postgresql://oa:{PASSWORD}@10.0.0.1/oa"}, "url 应是 .env 中的变量名"),
        ({"url": None}, "url 应是 .env 中的变量名"),
        ({"overlap_hours": 0}, "overlap_hours"),
        ({"overlap_hours": "2"}, "overlap_hours"),
        ({"zone": "Asia/Nowhere"}, "zone"),
        ({"columns": {"标题": "title"}}, "columns 缺少“唯一标识、更新时间”"),
        ({"columns": {**COLUMNS, "题目": "x"}}, "columns 中没有“题目”"),
        ({"fixed": {"公开属性": "主动公开", "标题": "x"}}, "“标题”在 columns 和 fixed 中都写了"),
        ({"words": {"受众范围": "社会"}}, "words"),
        ({"query": "SELECT 1"}, "没有“query”这个设置项"),
    ],
)
def test_a_mistake_in_the_options_names_the_key_and_the_fix(lite: Office, options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says) as error:
        lite.source(**options)
    assert PASSWORD not in str(error.value)


def test_the_usual_mapping_is_the_contract_that_administrators_are_given(lite: Office) -> None:
    lite.put(1)
    source = Sql(
        replace(column(), options={"url": "XXGK_OA_URL", "fixed": FIXED}), lambda: NOW, {"XXGK_OA_URL": lite.url}
    )
    assert titles(source.fetch(None)) == ["关于甲的通知"]
    assert [finding.text for finding in source.check() if finding.ok] == ["没有“已撤回”列，来源中撤回的条目看不出来"]


@pytest.mark.parametrize(
    "url",
    [
        None, "", "not an address", f"oracle://oa:{PASSWORD}@127.0.0.1/oa", f"postgresql://oa:{PASSWORD}@127.0.0.1:1/oa",
        f"mysql://oa:{PASSWORD}@127.0.0.1:1/oa", f"postgresql://oa:{PASSWORD}@127.0.0.1:port/oa",
        f"sqlite:////nowhere/{PASSWORD}.sqlite3", f"mysql://oa:{PASSWORD}@127.0.0.1/oa?nonsense=1",
        f"postgresql://nobody:{PASSWORD}@127.0.0.1/nothing?sslmode=wrong",
    ],
)  # fmt: skip
def test_the_secret_address_stands_in_no_note_and_no_finding(url: str | None) -> None:
    source = Sql(column(), lambda: NOW, {} if url is None else {"XXGK_OA_URL": url})
    found = source.fetch({"mark": "2026-09-01T00:00:00+00:00"})
    assert (found.health, found.cursor) == (Health.BAD, {"mark": "2026-09-01T00:00:00+00:00"})
    told = found.note + "".join(f"{each.text}{each.fix}" for each in source.check())
    assert PASSWORD not in told
    assert "oa:" not in told
    assert all(not finding.ok and finding.fix for finding in source.check())


def test_a_wrong_password_is_said_and_not_repeated(postgresql_database: Db, mariadb_database: Db) -> None:
    for db in (postgresql_database, mariadb_database):
        url = db.url.set(username=f"nobody{uuid.uuid4().hex[:6]}", password=PASSWORD).render_as_string(
            hide_password=False
        )
        found = Sql(column(), lambda: NOW, {"XXGK_OA_URL": url}).fetch(None)
        assert found.health is Health.BAD
        assert PASSWORD not in found.note
        assert "nobody" not in found.note


def test_the_connection_cannot_write(office: Office) -> None:
    office.put(1)
    source = office.source()
    with source._server.reading() as conn:
        assert conn.execute(text("SELECT count(*) FROM oa_docs")).scalar() == 1
    with pytest.raises(sql.Unusable), source._server.reading() as conn:
        conn.execute(text("DELETE FROM oa_docs"))
    assert titles(office.look()) == ["关于甲的通知"]


def test_a_query_that_takes_too_long_is_cut_off(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    if office.db.dialect == "sqlite":
        monkeypatch.setattr(sql_server, "STATEMENT_SECONDS", 0.2)
        slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    elif office.db.dialect == "postgresql":
        monkeypatch.setitem(
            sql_server._FIRST, "postgresql", ("SET TRANSACTION READ ONLY", "SET LOCAL statement_timeout = '200ms'")
        )
        slow = "SELECT pg_sleep(5)"
    else:
        monkeypatch.setattr(sql_server, "STATEMENT_SECONDS", 0.2)
        slow = "SELECT count(*) FROM seq_1_to_100000000 a JOIN seq_1_to_100000000 b"
    with pytest.raises(sql.Unreached, match="已中止"), office.source()._server.reading() as conn:
        conn.execute(text(slow)).scalar()


@pytest.mark.parametrize("url", ["postgresql://oa@127.0.0.1:1/oa", "mysql://oa@127.0.0.1:1/oa"])
def test_a_server_that_does_not_answer_is_away(url: str) -> None:
    found = Sql(column(), lambda: NOW, {"XXGK_OA_URL": url}).fetch(None)
    assert (found.health, found.away) == (Health.BAD, True)


@pytest.mark.parametrize("url", [None, "not an address", "sqlite:////nowhere/oa.sqlite3"])
def test_an_address_that_is_wrong_is_told_at_once(url: str | None) -> None:
    found = Sql(column(), lambda: NOW, {} if url is None else {"XXGK_OA_URL": url}).fetch(None)
    assert (found.health, found.away) == (Health.BAD, False)


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "oa.sqlite3"
    found = Sql(column(), lambda: NOW, {"XXGK_OA_URL": f"sqlite:///{path.as_posix()}"}).fetch(None)
    assert (found.health, path.exists()) == (Health.BAD, False)
    assert "打不开" in found.note


def test_a_file_that_is_no_database_is_bad(tmp_path: Path) -> None:
    path = tmp_path / "oa.sqlite3"
    path.write_bytes(b"<html>" * 1000)
    found = Sql(column(), lambda: NOW, {"XXGK_OA_URL": f"sqlite:///{path.as_posix()}"}).fetch(None)
    assert (found.health, "不是数据库" in found.note) == (Health.BAD, True)


def wrong(source: Any) -> list[str]:
    assert isinstance(source, Checked)
    return [finding.text for finding in source.check() if not finding.ok]


def test_an_account_that_can_write_is_warned_of(office: Office) -> None:
    assert wrong(office.source()) == ["连接用的账号可以修改数据，只应能读取"]


def test_a_file_that_is_read_only_is_fine(lite: Office) -> None:
    file = Path(str(lite.db.url.database))
    file.chmod(0o444)
    assert wrong(lite.source()) == []
    file.chmod(0o644)


@pytest.fixture(params=["postgresql", "mariadb"])
def reader(request: pytest.FixtureRequest) -> Iterator[tuple[Office, str]]:
    """An office, and the address of an account that may only read its view."""
    db: Db = request.getfixturevalue(f"{request.param}_database")
    office, name = Office(db), f"xxgk_ro_{uuid.uuid4().hex[:8]}"
    if db.dialect == "postgresql":
        office.order(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'", f"GRANT SELECT ON v_xxgk_approved TO {name}")
        away = [f"DROP OWNED BY {name}", f"DROP ROLE {name}"]
    else:
        office.order(
            f"CREATE USER {name}@'%' IDENTIFIED BY '{PASSWORD}'",
            f"CREATE USER {name}@localhost IDENTIFIED BY '{PASSWORD}'",
        )
        office.order(*(f"GRANT SELECT ON v_xxgk_approved TO {name}@{host}" for host in ("'%'", "localhost")))
        away = [f"DROP USER {name}@'%'", f"DROP USER {name}@localhost"]
    yield office, db.url.set(username=name, password=PASSWORD).render_as_string(hide_password=False)
    office.order("DROP VIEW IF EXISTS v_xxgk_approved", *away, "DROP TABLE IF EXISTS oa_docs")


def test_an_account_that_can_only_read_the_view_passes(reader: tuple[Office, str]) -> None:
    office, url = reader
    office.put(1)
    source = office.source(env={"XXGK_OA_URL": url})
    assert wrong(source) == []
    assert len(source.fetch(None).entries) == 1


def test_the_self_check_names_what_would_hold_every_row(lite: Office) -> None:
    Path(str(lite.db.url.database)).chmod(0o444)
    [finding] = [each for each in make(column(fixed={}), lambda: NOW, {"XXGK_OA_URL": lite.url}).check() if not each.ok]  # type: ignore[attr-defined]
    assert finding.text == "没有“公开属性、审查结论”列，每一条都会被拦下"
    assert 'fixed = { "公开属性" = "主动公开"' in finding.fix


# The overlap: whatever the order of commits, no row is lost and none is handed over twice.

CELL = st.one_of(
    st.none(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False), st.text(max_size=12), st.binary(max_size=8)
)


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.lists(CELL, min_size=10, max_size=10), max_size=3), times=st.booleans())
def test_whatever_a_cell_holds_a_look_never_fails(shared: Path, rows: list[list[Any]], times: bool) -> None:
    with sqlite3.connect(shared) as raw:
        raw.execute("DELETE FROM oa_docs")
        for number, cells in enumerate(rows):
            good = [number, *cells[1:8], "2026-09-10 10:00:00" if times else cells[8], cells[9]]
            raw.execute(f"INSERT INTO oa_docs VALUES ({', '.join('?' * 10)})", good)
    raw.close()
    found = Sql(column(), lambda: NOW, {"XXGK_OA_URL": f"sqlite:///{shared.as_posix()}"}).fetch(None)
    assert found.health is not Health.BAD or not times
    json.dumps(dict(found.cursor))
    [entry.digest() for entry in found.entries]
    assert len(found.entries) + len(found.withdrawn) == (
        len(rows) if times else len(found.entries) + len(found.withdrawn)
    )


WINDOW = 120  # minutes
CHANGE = st.tuples(
    st.integers(0, 5),  # which row
    st.integers(0, 2),  # what it holds
    st.integers(0, 90),  # how many minutes its transaction stayed open
    st.integers(-30, 240),  # how many minutes its server's clock runs ahead of ours
    st.booleans(),  # whether its clerk writes the day alone
)
STEP = st.tuples(st.integers(0, 200), st.one_of(st.just(None), CHANGE))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("oa") / "oa.sqlite3"
    with sqlite3.connect(path) as raw:
        raw.execute(TABLE.format(id="INTEGER PRIMARY KEY", instant="TEXT"))
        raw.execute(VIEW)
    raw.close()
    return path


@settings(max_examples=100, deadline=None)
@given(steps=st.lists(STEP, max_size=25), most=st.sampled_from([1, 2, 3, 100]), remembered=st.sampled_from([0, 3, 100]))
def test_no_order_of_commits_loses_a_row_or_hands_an_unchanged_one_over_twice(
    shared: Path, steps: list[tuple[int, tuple[int, int, int, int, bool] | None]], most: int, remembered: int
) -> None:
    with pytest.MonkeyPatch.context() as patch, sqlite3.connect(shared) as raw:
        patch.setattr(sql, "BATCH", min(most, 2))
        patch.setattr(sql, "MOST_ROWS", most)
        patch.setattr(mapped, "REMEMBERED", remembered)
        raw.execute("DELETE FROM oa_docs")
        raw.commit()
        play(shared, raw, steps, strict=remembered == 100)
    raw.close()


def play(path: Path, raw: sqlite3.Connection, steps: list[Any], *, strict: bool) -> None:
    """Commits and looks as time goes on; in the end what was handed over last is what the view holds."""
    now, cursor, handed = [NOW], None, {}
    source = Sql(column(overlap_hours=WINDOW / 60), lambda: now[0], {"XXGK_OA_URL": f"sqlite:///{path.as_posix()}"})

    def look() -> Health:
        nonlocal cursor
        found = source.fetch(cursor)
        assert found.health is not Health.BAD, found.note
        cursor = json.loads(json.dumps(dict(found.cursor)))
        for entry in found.entries:
            assert not strict or handed.get(entry.own_key) != entry.title, "an unchanged row, handed over twice"
            handed[entry.own_key] = entry.title
        return found.health

    for minutes, change in steps:
        now[0] += timedelta(minutes=minutes)
        if change is None:
            look()
            continue
        key, holds, slow, ahead, day_alone = change
        stamp = now[0] - timedelta(minutes=slow) + timedelta(minutes=ahead, hours=8)
        written = f"{stamp:%Y-%m-%d}" if day_alone else f"{stamp:%Y-%m-%d %H:%M:%S}"
        row = (key, f"内容{holds}", "处", "类", "社会", "2026-09-01", "张", None, written, 0)
        raw.execute(f"INSERT OR REPLACE INTO oa_docs VALUES ({', '.join('?' * 10)})", row)
        raw.commit()
    ends = 0
    while ends < 2:  # the pass that is under way may have begun before the last commit
        ends += look() is not Health.PARTIAL
    there = {f"XXGK_OA_URL.v_xxgk_approved:{key}": title for key, title in raw.execute("SELECT id, title FROM oa_docs")}
    assert handed == there
