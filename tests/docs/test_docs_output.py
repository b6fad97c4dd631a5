"""The office's pages show real output: each `$ python bot.py …` in them is run here, in the page's order, and compared.

GOLDEN=write puts today's output into the page.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from click.testing import CliRunner

import bot
from tests.jobs.bench import Bench

PAGE = Path(__file__).resolve().parents[2] / "docs" / "推送之后.md"
BLOCK = re.compile(r"```\n\$ (python bot\.py [^\n]*)\n(.*?)```", re.DOTALL)
#: What the issue promises to this page.
PROMISED = ("log", "why", "uncertain", "retract", "correct", "recalls", "channels", "quota", "pause", "resume", "hand-off",
            "book")  # fmt: skip


def ran(command: str) -> str:
    """What the command prints, or the plain words of why it does not."""
    words = shlex.split(command.removeprefix("python bot.py"))
    found = CliRunner().invoke(bot.bot, words, prog_name="bot.py")
    said = found.output if found.exception is None or isinstance(found.exception, SystemExit) else str(found.exception)
    return "".join(f"{line.rstrip()}\n" for line in said.splitlines())


def hold(page: Path, written: list[tuple[str, str]]) -> None:
    """What stands in the page (first of each pair) is what was printed (second); GOLDEN=write puts it there."""
    if os.environ.get("GOLDEN") == "write":
        text = page.read_text(encoding="utf-8")
        for old, new in written:
            text = text.replace(old, new, 1)
        page.write_text(text, encoding="utf-8")
        return
    for old, new in written:
        assert old == new


def test_every_output_in_the_page_is_what_the_command_prints(office: Bench) -> None:
    page = PAGE.read_text(encoding="utf-8")
    written: list[tuple[str, str]] = []
    for found in BLOCK.finditer(page):
        written.append((found[0], f"```\n$ {found[1]}\n{ran(found[1])}```"))
        office.tick()
    assert len(written) >= len(PROMISED)
    hold(PAGE, written)


def test_every_command_that_was_promised_is_shown() -> None:
    shown = {found[1].split()[2] for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}
    assert set(PROMISED) <= shown
