"""The page on old reports shows real output, run here on the report of the tests.

GOLDEN=write puts today's output into the page.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rules.checkup import Kind
from tests.desk.test_desk_checkup import write
from tests.docs.test_docs_output import BLOCK, hold, ran
from tests.rules.old_reports import FAULTY, VOCATIONAL

PAGE = Path(__file__).resolve().parents[2] / "docs" / "旧报告体检.md"


def test_every_output_in_the_page_is_what_the_command_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "去年的报告.docx", FAULTY)
    write(tmp_path / "好的报告.txt", VOCATIONAL)
    page = PAGE.read_text(encoding="utf-8")
    written = [(found[0], f"```\n$ {found[1]}\n{ran(found[1])}```") for found in BLOCK.finditer(page)]
    assert len(written) == 2
    hold(PAGE, written)


def test_every_kind_of_finding_is_explained() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = "\n".join(re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE))
    assert [kind.value for kind in Kind if kind.value not in rows] == []
