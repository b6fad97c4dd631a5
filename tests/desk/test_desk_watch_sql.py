"""A view as the office meets it at the front door: looked at, checked, and wrong in plain lines without its address."""

from __future__ import annotations

import json
import sqlite3

import pytest

from tests.desk.conftest import Front

PART = """
[[watch]]
name = "OA公文"
kind = "sql"
place = "v_xxgk_approved"
url = "{url}"
sub_item = "重要改革举措和有关政策"
fixed = {{ "公开属性" = "主动公开", "审查结论" = "可以公开" }}
"""
ROW = (
    1,
    "关于印发章程的通知",
    "学校办公室",
    "学校工作的重大事项",
    "社会",
    "2020-09-01",
    "张审查",
    None,
    "2020-09-01 10:00:00",
)


@pytest.fixture
def oa(front: Front) -> Front:
    """A school that watches a view on SQLite with one row."""
    path = front.home / "oa.sqlite3"
    with sqlite3.connect(path) as raw:
        raw.execute(
            "CREATE TABLE v_xxgk_approved (id, title, dept, category, scope, approved_at, reviewer, url, updated_at)"
        )
        raw.execute(f"INSERT INTO v_xxgk_approved VALUES ({', '.join('?' * 9)})", ROW)
    raw.close()
    path.chmod(0o444)
    front.env["XXGK_OA_URL"] = f"sqlite:///{path.as_posix()}"
    return front


def watches(front: Front, url: str = "XXGK_OA_URL") -> None:
    path = front.home / "config" / "school.toml"
    path.write_text(path.read_text("utf-8") + PART.format(url=url), "utf-8")


def test_a_row_of_the_view_is_registered_by_one_round(oa: Front) -> None:
    watches(oa)
    done = oa("once", "watch")
    assert done.exit_code == 0, done.output
    assert "监看 OA公文：新增 1 条" in done.output
    assert "关于印发章程的通知" in oa("items").output
    assert "监看 OA公文：没有新的" in oa("once", "watch").output


def test_the_self_check_is_content_with_it(oa: Front) -> None:
    watches(oa)
    found = [each for each in json.loads(oa("check", "--json").output) if each["key"] == "watch.OA公文"]
    assert [each["ok"] for each in found] == [True, True]
    assert found[0]["text"] == "数据库视图 v_xxgk_approved"


@pytest.mark.parametrize("words", [("once", "watch"), ("check",)])
def test_an_address_in_school_toml_is_refused_in_a_plain_line_and_not_repeated(
    oa: Front, words: tuple[str, ...]
) -> None:
    watches(oa, "postgresql://oa:hunter2@10.0.0.1/oa")
    done = oa(*words)
    assert done.exit_code == 1
    assert "url 应是 .env 中的变量名" in done.output
    assert "Traceback" not in done.output
    assert "hunter2" not in done.output


def test_an_address_that_is_not_in_env_stops_nothing_else(oa: Front) -> None:
    watches(oa)
    oa.env.pop("XXGK_OA_URL")
    done = oa("once", "watch")
    assert done.exit_code == 1, "one of them was not read"
    assert ".env 中没有 XXGK_OA_URL" in done.output
    assert "监看 信息公开登记表" in done.output
