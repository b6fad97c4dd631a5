"""What docs/隐私与保密检查.md promises is what the guard does; the bench's corpus keeps to its goal."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from bench import spellings
from bench.guard import PRECISION_GOAL, Corpus, measure
from rules.guard import Kind, Part, scan

PAGE = (Path(__file__).parents[2] / "docs" / "隐私与保密检查.md").read_text(encoding="utf-8")
SECTIONS = {
    "身份证号码的写法": (Kind.ID, spellings.IDENTITY),
    "手机号码的写法": (Kind.PHONE, spellings.MOBILE),
    "银行卡号的写法": (Kind.CARD, spellings.CARD),
}


def rows(section: str) -> dict[str, str]:
    """The ways of writing in a section, each with its example."""
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    return {
        name: html.unescape(example)
        for name, example in re.findall(r"^\| (\S+) \|[^`\n]*`([^`]+)` \|$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("section", SECTIONS)
def test_every_spelling_of_the_page_is_tested_and_every_tested_one_is_on_the_page(section: str) -> None:
    assert list(rows(section)) == list(SECTIONS[section][1])


@pytest.mark.parametrize("section", SECTIONS)
def test_every_example_of_the_page_is_found(section: str) -> None:
    kind = SECTIONS[section][0]
    missed = {
        name for name, text in rows(section).items() if kind not in {hit.kind for hit in scan([Part("正文", text)])}
    }
    assert missed == set()


def test_the_page_names_every_kind_of_hit() -> None:
    named = re.findall(r"^\| (\S+) \|", PAGE.split("## 查什么\n")[1].split("\n## ")[0], re.MULTILINE)
    assert named[1:] == [kind.value for kind in Kind]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_corpus_is_found_whole_and_few_are_found_in_vain(seed: int) -> None:
    cases = Corpus(seed).cases(30)
    found = [frozenset(hit.kind for hit in scan(case.pieces, consultation=case.consultation)) for case in cases]
    right, missed, false = measure(cases, found)["合计"]
    assert missed == 0
    assert right / (right + false) >= PRECISION_GOAL
