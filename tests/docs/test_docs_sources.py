"""The page about databases and interfaces: its worked example runs as it stands there, on every database it names."""

from __future__ import annotations

import re
import shutil
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from config.settings import Settings, load
from rules.item import examine
from rules.school import Column
from sources import make
from sources.base import Checked, Health
from store.db import Db
from tests.desk.conftest import SECRETS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "接入你的数据源-数据库与接口.md").read_text("utf-8")
PASSWORD = "Correct.Horse-1"
NOW = datetime(2026, 9, 10, 4, tzinfo=UTC)
TABLE = """
CREATE TABLE oa_documents (
  doc_id INTEGER PRIMARY KEY, subject VARCHAR(200), dept_name VARCHAR(50), main_class VARCHAR(100), sub_class VARCHAR(100),
  open_to VARCHAR(50), approved_on DATE, secrecy_reviewer VARCHAR(50), web_address VARCHAR(200), last_changed TIMESTAMP,
  state VARCHAR(20), secrecy_result VARCHAR(20), open_kind VARCHAR(20))
"""
ROWS = (
    (1, "关于印发章程的通知", "社会", "已归档", "可以公开", "主动公开"),
    (2, "已经撤回的通知", "社会", "已撤回", "可以公开", "主动公开"),
    (3, "没有通过审查的通知", "社会", "已归档", "不宜公开", "主动公开"),
    (4, "依申请公开的通知", "社会", "已归档", "可以公开", "依申请公开"),
    (5, "还在办理的通知", "社会", "办理中", "可以公开", "主动公开"),
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def settings(tmp_path: Path, *more: str) -> Settings:
    """The sample settings with these parts of the page added."""
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = folder / "school.toml"
    path.write_text("\n".join((path.read_text("utf-8"), *more)), "utf-8")
    return load(folder, SECRETS)


def watched(found: Settings, kind: str) -> Column:
    [column] = [each for each in found.school.columns if each.kind == kind]
    return column


def order(db: Db, *statements: str, **values: Any) -> None:
    with db.write() as conn:
        for statement in statements:
            conn.execute(text(statement), values)


def test_every_part_for_school_toml_is_taken_by_the_settings(tmp_path: Path) -> None:
    found = settings(tmp_path, *blocks("toml"))
    assert [each.kind for each in found.school.columns] == ["folder", "sql", "http_json", "entry"]
    for each in found.school.columns:
        make(each, lambda: NOW, {})


def test_the_samples_in_school_toml_are_taken_once_their_marks_are_gone(tmp_path: Path) -> None:
    sample = (ROOT / "config" / "school.toml").read_text("utf-8")
    found = re.findall(r"^# \[\[watch\]\]\n(?:# .*\n)+", sample, re.MULTILINE)
    parts = [re.sub(r"^# ", "", part, flags=re.MULTILINE) for part in found]
    columns = settings(tmp_path, *parts).school.columns
    assert {"sql", "http_json", "entry"} <= {each.kind for each in columns}
    for each in columns:
        make(each, lambda: NOW, {})


def test_the_worked_example_reads_what_was_approved_and_sees_what_was_taken_back(db: Db, tmp_path: Path) -> None:
    view, *grants = blocks("sql")
    order(db, "DROP VIEW IF EXISTS v_xxgk_approved", "DROP TABLE IF EXISTS oa_documents", TABLE, view)
    for row in ROWS:
        values = dict(zip(("id", "title", "open_to", "state", "result", "kind"), row, strict=True))
        order(
            db,
            "INSERT INTO oa_documents VALUES (:id, :title, '学校办公室', '学校工作的重大事项', '重要改革举措和有关政策', :open_to,"
            " '2026-09-01', '张审查', 'https://www.example.edu.cn/1.htm', '2026-09-10 10:00:00', :state, :result, :kind)",
            **values,
        )
    url, away = account(db, grants)
    found = settings(tmp_path, blocks("toml")[0])
    try:
        source = make(watched(found, "sql"), lambda: NOW, {"XXGK_OA_URL": url})
        assert isinstance(source, Checked)
        assert [finding.text for finding in source.check() if not finding.ok] == []
        read = source.fetch(None)
        assert (read.health, read.withdrawn) == (Health.GOOD, {"OA公文（唯一标识 2）"})
        [entry] = read.entries
        school = found.school
        assert entry.title == "关于印发章程的通知"
        assert examine(entry, school.taxonomy, school.audiences.parents, NOW.date()) == ()
        assert entry.review is not None and entry.review.basis == "OA公文流程中的保密审查"
    finally:
        if db.dialect == "sqlite":
            Path(str(db.url.database)).chmod(0o644)
        order(db, "DROP VIEW v_xxgk_approved", "DROP TABLE oa_documents", *away)


def account(db: Db, grants: list[str]) -> tuple[str, list[str]]:
    """The reader's account made as the page says, under a name of its own; its address, and what takes it away."""
    if db.dialect == "sqlite":
        Path(str(db.url.database)).chmod(0o444)
        return str(db.url), []
    name = f"xxgk_r_{uuid.uuid4().hex[:8]}"
    said = (
        grants[0 if db.dialect == "postgresql" else 1]
        .replace("xxgk_reader", name)
        .replace("换成自己的密码", PASSWORD)
        .replace("10.0.0.9", "127.0.0.1")
    )
    order(db, *(part for part in said.split(";") if part.strip()))
    address = db.url.set(username=name, password=PASSWORD).render_as_string(hide_password=False)
    dropped = [f"DROP ROLE {name}"] if db.dialect == "postgresql" else [f"DROP USER {name}@'127.0.0.1'"]
    return address, dropped


@pytest.mark.parametrize("command", re.findall(r"python bot\.py (\w+)", PAGE))
def test_only_commands_that_exist_are_named(command: str) -> None:
    from bot import bot

    assert command in bot.commands
