"""The page on queries shows real output: each `$ python bot.py …` in it is run here, in the page's order, and compared.

GOLDEN=write puts today's output into the page.
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

from desk.log import COLUMNS
from desk.logsums import BY
from tests.docs.test_docs_output import BLOCK, hold, ran
from tests.jobs.bench import Bench

PAGE = Path(__file__).resolve().parents[2] / "docs" / "台账与查询.md"
README = PAGE.parent.parent / "README.zh-CN.md"
#: Digests hang on random keys: the page shows one of their length that nobody takes for his own.
_DIGEST = re.compile(r"\b[0-9a-f]{16,64}\b")


def test_every_output_in_the_page_is_what_the_command_prints(office: Bench) -> None:
    written = []
    for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        said = _DIGEST.sub(lambda digest: (4 * "0123456789abcdef")[: len(digest[0])], ran(found[1]))
        written.append((found[0], f"```\n$ {found[1]}\n{said}```"))
    assert len(written) >= 9
    hold(PAGE, written)
    assert Path("九月推送.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # Excel then reads it as UTF-8
    with zipfile.ZipFile("凭证.zip") as pack:
        assert {"SHA256SUMS.txt", "说明.txt", "item.json"} <= set(pack.namelist())


def test_every_group_is_told_in_the_page_and_every_field_in_the_readme(office: Bench) -> None:
    page, readme = (path.read_text(encoding="utf-8") for path in (PAGE, README))
    assert [word for name, word in BY.items() if f"| {word} | `{name}` |" not in page] == []
    assert [word for word, name in COLUMNS.items() if f"| {word} | `{name}` |" not in readme] == []
    row = json.loads(ran("python bot.py log --json --page 1"))["rows"][0]
    assert set(row) == {"key", *COLUMNS.values()}
